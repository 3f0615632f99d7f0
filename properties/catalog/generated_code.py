"""Straight-line code that is written while a build is compiled. This is the only place that runs such code.

Source: docs/decisions/0008-a-fast-path-stays-only-if-it-pays.md.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from typing import Any

INDENT = " " * 8


def generated_function(parameters: str, body: Sequence[str], values: Mapping[str, Any]) -> Callable[..., Any]:
    """Return a function with these parameters and this body, in which each value has its name.

    Args:
        parameters: As Python writes them, such as ``arc``.
        body: Lines of code. They hold our own words and numbers. A text that somebody typed is never in them:
            it is one of the values.
        values: By names that the body uses.
    """
    head = [f"def make({', '.join(values)}):", f"    def run({parameters}):"]
    source = "\n".join([*head, *(INDENT + line for line in body), "    return run"])
    function: Callable[..., Any] = _maker(source)(**values)
    return function


@lru_cache(maxsize=256)
def _maker(source: str) -> Callable[..., Any]:
    names: dict[str, Any] = {}
    exec(source, names)  # noqa: S102 - holds our own words and numbers only, see above
    maker: Callable[..., Any] = names["make"]
    return maker
