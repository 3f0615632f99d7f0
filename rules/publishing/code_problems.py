"""Finds syntax errors in custom code before it runs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Any

from properties.catalog.descriptor import ComponentType
from properties.catalog.element_usage import code_keys
from properties.catalog.errors import Problem
from rules.sandbox import ScriptError, shared_sandbox


def code_problems(component_type: ComponentType, settings: Any) -> Iterator[Problem]:
    """Yield one problem for each setting that is not JavaScript, with line and column. Nothing is run."""
    keys = code_keys(component_type) if isinstance(settings, Mapping) else ()
    for field in component_type.fields:
        source = settings.get(field.key) if field.key in keys else None
        if isinstance(source, str) and (reason := code_problem(source, field.parameters)):
            yield Problem(field.key, field.label, reason)


def code_problem(source: str, parameters: Sequence[str] = ()) -> str:
    """Return why ``source`` cannot run, with line and column, or "".

    Args:
        parameters: Arguments of the function that it becomes in a browser. Without them it is checked as
            custom code of the edge, which may ``await``.
    """
    try:
        return _syntax_problem(source, tuple(parameters))
    except ScriptError as error:
        return f"The code cannot be checked. {error}"


@lru_cache(maxsize=1024)
def _syntax_problem(source: str, parameters: tuple[str, ...]) -> str:
    """Return the syntax error of a source, or "". A sandbox that fails raises, so it is asked again."""
    sandbox = shared_sandbox().sandbox
    problem = sandbox.check_function(source, parameters) if parameters else sandbox.check_syntax(source)
    if problem is None:
        return ""
    place = f"Line {problem.line}, column {problem.column}: " if problem.line else ""
    return f"{place}{problem.message}"
