"""Reads a value of the event by its path, such as ``arc.event.data.items[0].sku``.

Only keys of objects and items of lists can be read, nothing that the host language adds to them.

Source: adobe-event-forwarding, "Edge Core", Path; "More behaviour": an index on a missing list gives nothing.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache
from typing import Any

from properties.catalog.descriptor import Read

Steps = tuple[str, ...]

_SEGMENT = re.compile(r"(?P<key>[^\[\]]+)(?P<indexes>(?:\[[^\[\]]*\])*)")
_INDEX = re.compile(r"0|[1-9][0-9]{0,8}")


def steps_of(path: str) -> Steps | None:
    """The keys and indexes of a path one after the other, or None when it can lead nowhere."""
    steps: list[str] = []
    for segment in path.split("."):
        match = _SEGMENT.fullmatch(segment)
        if match is None:
            return None
        steps += [match["key"], *match["indexes"][1:-1].split("][")] if match["indexes"] else [match["key"]]
    return tuple(steps)


def follow(value: Any, steps: Steps | None) -> Any:
    """What stands at the end of ``steps``; None as soon as there is nothing."""
    if steps is None:
        return None
    for step in steps:
        if isinstance(value, dict):
            value = value.get(step)
        elif isinstance(value, list) and _INDEX.fullmatch(step) and int(step) < len(value):
            value = value[int(step)]
        else:
            return None
    return value


def reader(steps: Steps | None) -> Read:
    """What reads these steps of ``{"arc": …}`` out of an ``arc``, quickly where they lead through objects."""
    if steps is None or steps[0] != "arc":
        return lambda arc: None
    keys = steps[1:]
    return _written_out(len(keys))(keys, follow)


@cache
def _written_out(depth: int) -> Callable[[Steps, Callable[[Any, Steps], Any]], Read]:
    """What makes a reader for so many keys, as one line instead of a loop: a third of the time."""
    names = [f"key_{number}" for number in range(depth)]
    lines = f"""
def make(keys, follow):
    [{", ".join(names)}] = keys
    def read(arc):
        try:
            return arc{"".join(f"[{name}]" for name in names)}
        except KeyError:
            return None
        except TypeError:
            return follow(arc, keys)
    return read
"""
    made: dict[str, Any] = {}
    exec(lines, made)  # noqa: S102 - holds our own lines and numbers only
    make: Callable[[Steps, Callable[[Any, Steps], Any]], Read] = made["make"]
    return make
