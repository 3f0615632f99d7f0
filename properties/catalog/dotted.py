"""Values at dotted keys, such as ``user.email``."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

_OBJECT = (dict, Mapping)  # Nearly all are a dict, which is found without asking Mapping.


def get(holder: Any, key: str) -> Any:
    """The value at a dotted key; None if there is none, or no object on the way."""
    for part in key.split("."):
        if not isinstance(holder, _OBJECT):
            return None
        holder = holder.get(part)
    return holder


def put(holder: dict[str, Any], key: str, value: Any) -> None:
    """Set the value at a dotted key, making objects on the way."""
    *parents, last = key.split(".")
    for part in parents:
        holder = holder.setdefault(part, {})
    holder[last] = value


def holder_of(settings: Any, key: str) -> tuple[dict[str, Any] | None, str]:
    """The object that holds a dotted key, and the last part of the key. None if there is no such object."""
    above, _, last = key.rpartition(".")
    holder = get(settings, above) if above else settings
    return (holder if isinstance(holder, dict) else None), last
