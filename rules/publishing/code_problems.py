"""Finds syntax errors in custom code before it runs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
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
        if isinstance(source, str) and (reason := _reason(source)):
            yield Problem(field.key, field.label, reason)


def _reason(source: str) -> str:
    try:
        return _syntax_problem(source)
    except ScriptError as error:
        return f"The code cannot be checked. {error}"


@lru_cache(maxsize=1024)
def _syntax_problem(source: str) -> str:
    """Return the syntax error of a source, or "". A sandbox that fails raises, so it is asked again."""
    problem = shared_sandbox().sandbox.check_syntax(source)
    if problem is None:
        return ""
    place = f"Line {problem.line}, column {problem.column}: " if problem.line else ""
    return f"{place}{problem.message}"
