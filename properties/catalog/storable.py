"""Checks which JSON values the database can store."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable
from typing import Any

MOST_LEVELS = 64
# PostgreSQL cannot store NUL or half a surrogate pair in JSON.
_REFUSED = re.compile("[\0\ud800-\udfff]")


def is_too_deep(value: Any) -> bool:
    """Return whether recursion over a value could fail. This function goes level by level instead."""
    level = [value]
    for _ in range(MOST_LEVELS):
        level = [inner for each in level if isinstance(each, dict | list) for inner in _members(each)]
    return any(isinstance(each, dict | list) for each in level)


def _members(value: dict[str, Any] | list[Any]) -> Iterable[Any]:
    return value.values() if isinstance(value, dict) else value


def cannot_be_stored(value: str | float) -> bool:
    """Return whether a number is infinite or NaN, or a text contains characters that JSON columns refuse."""
    return not math.isfinite(value) if isinstance(value, float) else bool(_REFUSED.search(value))


def is_storable(value: Any) -> bool:
    """Return whether everything in a JSON value can be stored, keys included. It must not be too deep."""
    if isinstance(value, str | float):
        return not cannot_be_stored(value)
    if isinstance(value, dict):
        return all(map(is_storable, (*value, *value.values())))
    return all(map(is_storable, value)) if isinstance(value, list) else True
