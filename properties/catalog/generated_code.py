"""Makes functions from source code that is generated while a build is compiled. Nothing else runs such code.

Source: docs/decisions/0008-a-fast-path-stays-only-if-it-pays.md.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from typing import Any

INDENT = " " * 8


def generated_function(parameters: str, body: Sequence[str], values: Mapping[str, Any]) -> Callable[..., Any]:
    """Return a function with these parameters and this body, which can use the values by name.

    Args:
        parameters: In Python's syntax, such as ``arc``.
        body: Lines of code. They hold only our own words and numbers. Text that somebody typed never appears
            in them; it is one of the values.
        values: By the names that the body uses.
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
