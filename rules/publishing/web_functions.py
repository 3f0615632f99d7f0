"""Turns code settings of web components into functions of a library. Plain Python."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from properties.catalog.descriptor import Field

from .javascript_literals import Script

# `<\/script` means the same in a text, a pattern or a comment, and does not end a script of a page.
_SCRIPT_END = re.compile("</(?=script)", re.IGNORECASE)

MakeFunction = Callable[[Field, str, str], Script]
"""(field, path in the settings, code) → the function."""


def function_source(code: str, parameters: Sequence[str]) -> Script:
    """Return a function with ``code`` as its body; the code may end in a comment."""
    return Script(f"function({','.join(parameters)}){{\n{inline_safe(code)}\n}}")


def inline_safe(code: str) -> str:
    """Return code that a page may hold in a script of its own."""
    return _SCRIPT_END.sub(r"<\\/", code)


def with_functions(fields: Sequence[Field], settings: Any, make: MakeFunction, path: str = "") -> Any:
    """Return settings with a function in the place of each code, also in rows and objects."""
    for field in fields:
        if _becomes_functions(field):
            at = f"{path}.{field.key}" if path else field.key
            settings = _changed(settings, field.key.split("."), _change(field, make, at))
    return settings


def _becomes_functions(field: Field) -> bool:
    return bool(field.parameters) or any(map(_becomes_functions, field.properties))


def _change(field: Field, make: MakeFunction, path: str) -> Callable[[Any], Any]:
    def change(value: Any) -> Any:
        if field.type == "code":
            return make(field, path, value) if isinstance(value, str) else value
        if field.type == "rows" and isinstance(value, list):
            return [
                with_functions(field.properties, row, make, f"{path}[{index}]")
                for index, row in enumerate(value)
            ]
        return with_functions(field.properties, value, make, path)

    return change


def _changed(holder: Any, keys: Sequence[str], change: Callable[[Any], Any]) -> Any:
    if not keys:
        return change(holder)
    if not isinstance(holder, Mapping) or keys[0] not in holder:
        return holder
    return {**holder, keys[0]: _changed(holder[keys[0]], keys[1:], change)}
