"""Builds one JSON object from names and values; a name may be a path into the object.

Source: Adobe, Cloud Connector 1.2.5, ``src/view/utils/entityVariablesConverter.js``.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from itertools import pairwise
from typing import Any

MOST_ITEMS = 1_000
_PATH = re.compile(r"[^.\[\]]+(?:\[\d{0,3}\])*(?:\.[^.\[\]]+(?:\[\d{0,3}\])*)*")
_STEP = re.compile(r"\[(\d*)\]|([^.\[\]]+)")


def as_object(pairs: Iterable[tuple[str, Any]]) -> dict[str, Any]:
    """Build one object of all pairs: ``a.b`` is ``b`` inside ``a``, ``a[0]`` an item, ``a[]`` the next item.

    A name that is not a path becomes a key unchanged. A later pair replaces an earlier one that conflicts.
    """
    made: dict[str, Any] = {}
    for name, value in pairs:
        _put(made, _steps(name), value)
    return made


def _steps(name: str) -> list[str | int]:
    """Split a name into keys and list indexes; -1 is the next index."""
    if not _PATH.fullmatch(name):
        return [name]
    found = _STEP.finditer(name)
    return [each[2] if each[2] is not None else int(each[1] or -1) for each in found]


def _put(holder: Any, steps: list[str | int], value: Any) -> None:
    for step, following in pairwise(steps):
        wanted = list if isinstance(following, int) else dict
        inner = _at(holder, step)
        holder = inner if isinstance(inner, wanted) else _set(holder, step, wanted())
    _set(holder, steps[-1], value)


def _at(holder: Any, step: Any) -> Any:
    if isinstance(holder, list):
        return holder[step] if 0 <= step < len(holder) else None
    return holder.get(step)


def _set(holder: Any, step: Any, value: Any) -> Any:
    if isinstance(holder, list):
        place = len(holder) if step < 0 else step
        holder += [None] * (place + 1 - len(holder))
        holder[place] = value
    else:
        holder[step] = value
    return value
