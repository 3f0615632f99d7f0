"""Values at dotted keys, such as ``user.email``."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

_OBJECT = (dict, Mapping)  # dict first: nearly all holders are one, and the check of Mapping is slow.


def get(holder: Any, key: str) -> Any:
    """Return the value at a dotted key; None if it is missing or a part on the way is not an object."""
    for part in key.split("."):
        if not isinstance(holder, _OBJECT):
            return None
        holder = holder.get(part)
    return holder


def put(holder: dict[str, Any], key: str, value: Any) -> None:
    """Set the value at a dotted key, and create the objects on the way."""
    *parents, last = key.split(".")
    for part in parents:
        holder = holder.setdefault(part, {})
    holder[last] = value


def holder_of(settings: Any, key: str) -> tuple[dict[str, Any] | None, str]:
    """Return the object that holds a dotted key (None if it does not exist), and the key's last part."""
    above, _, last = key.rpartition(".")
    holder = get(settings, above) if above else settings
    return (holder if isinstance(holder, dict) else None), last
