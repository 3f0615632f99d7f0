"""Settings as what a component needs: a text, a number, a list; None for what is none."""

from __future__ import annotations

from typing import Any

from properties.catalog.javascript import is_number, number_text, to_number


def text_or_none(value: Any) -> str | None:
    """Text and finite numbers as text; anything else is no text."""
    if is_number(value):
        return number_text(value)
    return value if isinstance(value, str) else None


def as_number(value: Any) -> int | float | None:
    """A finite number, also out of a text that is not blank; anything else is none."""
    number: Any = to_number(value) if isinstance(value, str) and value.strip() else value
    return number if is_number(number) else None


def as_list(value: Any) -> list[Any]:
    """A list as it is, anything else as the only item of one."""
    return value if isinstance(value, list) else [value]


def rows_of(value: Any) -> list[dict[str, Any]]:
    """The rows of a setting of the type ``rows``; none for what is no list."""
    return [row for row in value if isinstance(row, dict)] if isinstance(value, list) else []
