"""Which JSON values the database takes."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable
from typing import Any

MOST_LEVELS = 64
# PostgreSQL keeps neither NUL nor half a surrogate pair in JSON.
_REFUSED = re.compile("[\0\ud800-\udfff]")


def is_too_deep(value: Any) -> bool:
    """Whether a walk by recursion could fail; this one goes level by level."""
    level = [value]
    for _ in range(MOST_LEVELS):
        level = [inner for each in level if isinstance(each, dict | list) for inner in _members(each)]
    return any(isinstance(each, dict | list) for each in level)


def _members(value: dict[str, Any] | list[Any]) -> Iterable[Any]:
    return value.values() if isinstance(value, dict) else value


def cannot_be_stored(value: str | float) -> bool:
    """Whether a number is infinite or none, or a text has what JSON columns refuse."""
    return not math.isfinite(value) if isinstance(value, float) else bool(_REFUSED.search(value))


def is_storable(value: Any) -> bool:
    """Whether nothing in a JSON value that is not too deep ``cannot_be_stored``, keys of objects included."""
    if isinstance(value, str | float):
        return not cannot_be_stored(value)
    if isinstance(value, dict):
        return all(map(is_storable, (*value, *value.values())))
    return all(map(is_storable, value)) if isinstance(value, list) else True
