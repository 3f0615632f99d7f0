"""Reads a setting as text, a number or a list; None if it is something else."""

from __future__ import annotations

from typing import Any

from properties.catalog.javascript import is_number, number_text, to_number


def text_or_none(value: Any) -> str | None:
    """Return text and finite numbers as text; None for anything else."""
    if is_number(value):
        return number_text(value)
    return value if isinstance(value, str) else None


def as_number(value: Any) -> int | float | None:
    """Return a finite number, also from text that is not blank; None for anything else."""
    number: Any = to_number(value) if isinstance(value, str) and value.strip() else value
    return number if is_number(number) else None


def as_list(value: Any) -> list[Any]:
    """Return a list unchanged, anything else as a list of one."""
    return value if isinstance(value, list) else [value]


def rows_of(value: Any) -> list[dict[str, Any]]:
    """Return the rows of a setting of the type ``rows``; an empty list if it is not a list."""
    return [row for row in value if isinstance(row, dict)] if isinstance(value, list) else []
