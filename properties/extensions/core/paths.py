"""Reads a value by its path, such as ``arc.event.data.items[0].sku`` or ``arc.event.data["a.b"]``.

Only keys of objects and items of lists can be read, not the attributes of the host language. Brackets hold a
step. If that step leads nowhere, they are part of the key, so every key can be reached.

Source: docs/reference/adobe.md, "Edge Core" and "JavaScript semantics". Adobe's reader is
``src/lib/helpers/getValue.js`` of @adobe/reactor-extension-core-edge. It splits at dots, and brackets without
a number belong to the key.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from itertools import chain, islice, product
from typing import Any

from properties.catalog.descriptor import Read
from properties.catalog.generated_code import generated_function

Steps = tuple[str, ...]

_BRACKETS = r"""\["(?:[^"\\]|\\.)*"\]|\['(?:[^'\\]|\\.)*'\]|\[[^\[\]"'][^\[\]]*\]|\[\]"""
_SEGMENT = re.compile(rf"(?P<key>[^.\[]*)(?P<brackets>(?:{_BRACKETS})*)(?=\.|\Z)", re.DOTALL)
_STEP = re.compile(_BRACKETS, re.DOTALL)
_ESCAPED = re.compile(r"\\(.)", re.DOTALL)
_INDEX = re.compile(r"0|[1-9][0-9]{0,8}")
_MISSING = object()
MOST_IN_A_KEY, MOST_WAYS = 8, 64


def ways_of(path: str) -> tuple[Steps, ...]:
    """Return the keys and indexes of a path, once for each way to read it, the most likely way first.

    Any text is a path, as in Adobe's engine. In each further way, one more pair of brackets belongs to the
    key.
    """
    if "[" not in path:
        return (tuple(path.split(".")),)
    ways = islice(product(*map(_readings, _segments(path))), MOST_WAYS)
    return tuple(tuple(chain.from_iterable(parts)) for parts in ways)


def _segments(path: str) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Yield key and brackets of each part between two dots; a part that cannot be split is a key."""
    place = 0
    while place <= len(path):
        match = _SEGMENT.match(path, place)
        end = match.end() if match else _next_dot(path, place)
        yield (match["key"], tuple(_STEP.findall(match["brackets"]))) if match else (path[place:end], ())
        place = end + 1


def _next_dot(path: str, place: int) -> int:
    found = path.find(".", place)
    return len(path) if found < 0 else found


def _readings(segment: tuple[str, tuple[str, ...]]) -> Iterator[Steps]:
    key, brackets = segment
    inner = tuple(_unquoted(each[1:-1]) for each in brackets)
    yield (key, *inner) if key or not inner else inner
    for number, bracket in enumerate(brackets[:MOST_IN_A_KEY], 1):
        key += bracket
        yield (key, *inner[number:])


def _unquoted(step: str) -> str:
    return _ESCAPED.sub(r"\1", step[1:-1]) if step[:1] in ("'", '"') else step


def follow(value: Any, steps: Steps) -> Any:
    """Return the value at the end of ``steps``; None if they lead nowhere."""
    found = _walk(value, steps)
    return None if found is _MISSING else found


def _walk(value: Any, steps: Steps) -> Any:
    for step in steps:
        if isinstance(value, dict):
            value = value.get(step, _MISSING)
        elif isinstance(value, list) and _INDEX.fullmatch(step) and int(step) < len(value):
            value = value[int(step)]
        else:
            return _MISSING
    return value


def read(value: Any, ways: Iterable[Steps]) -> Any:
    """Return the value that the first successful way leads to; None if all lead nowhere."""
    for steps in ways:
        found = _walk(value, steps)
        if found is not _MISSING:
            return found
    return None


def reader(path: str) -> Read:
    """Return a function that reads a path of ``{"arc": …}`` from an ``arc``.

    A path through objects is one line of generated code, which takes half the time of a loop.
    """
    ways = [steps[1:] for steps in ways_of(path) if steps[0] == "arc"]
    if not ways:
        return lambda arc: None
    first, others = ways[0], ways[1:]
    missing: Read = (lambda arc: read(arc, others)) if others else (lambda arc: None)
    keys = {f"key_{number}": key for number, key in enumerate(first)}
    values = {**keys, "missing": missing, "slowly": lambda arc: read(arc, ways)}
    return generated_function("arc", _lookup(keys), values)


def _lookup(names: Iterable[str]) -> list[str]:
    """Return the code of ``arc[key_0][key_1]``, and the code for a path that leads nowhere."""
    return [
        "try:",
        f"    return arc{''.join(f'[{name}]' for name in names)}",
        "except KeyError:",
        "    return missing(arc)",
        "except TypeError:",
        "    return slowly(arc)",
    ]
