"""The keys of the newest events as one tree, to make data elements from."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from properties.models import Property
from properties.resources.element_batches import read_paths
from properties.resources.element_names import suggested_name
from rules.engine import mask, mask_lookalikes
from rules.explain.incoming import TELLING_KEYS
from rules.explain.shown_values import as_line, type_name

from .recent_events import recent_events
from .samples import SampleEvent

MOST_KEYS = 600
DEEPEST = 12
LONGEST_EXAMPLE = 80
_PLAIN_KEY = re.compile(r"[^.\[\]{}\"\\]+")
ROOTS = (
    ("data", "arc.event.data", ("event", "data")),
    ("xdm", "arc.event.xdm", ("event", "xdm")),
    ("cookies", "arc.request.header.cookies", ("request", "header", "cookies")),
    ("headers", "arc.request.header.httpHeaders", ("request", "header", "httpHeaders")),
)


@dataclass(slots=True)
class ReceivedKey:
    """One key of the tree.

    Args:
        path: As a data element of the type Path takes it.
        depth: 0 for a root.
        kind: JSON type of the newest value.
        filled: Events, of ``seen``, in which it had a value.
        example: The newest value, masked unless the person may see it; empty for objects.
        element: Name of the data element that reads it already.
        name: Name that a new data element would get.
    """

    path: str
    key: str
    depth: int
    seen: int
    kind: str = ""
    filled: int = 0
    example: str = ""
    element: str = ""
    name: str = ""
    children: dict[str, ReceivedKey] = field(default_factory=dict)

    @property
    def percent(self) -> int:
        return self.filled * 100 // self.seen if self.seen else 0

    @property
    def is_branch(self) -> bool:
        return bool(self.children)


@dataclass(frozen=True, slots=True)
class ReceivedKeys:
    """All keys in the order of the page, and how many events they come from."""

    keys: list[ReceivedKey]
    seen: int
    is_cut: bool


def received_keys(
    prop: Property, events: Iterable[SampleEvent] | None = None, *, is_plain: bool = False
) -> ReceivedKeys:
    """Return the tree of keys of some events.

    Args:
        events: The newest received ones if None.
        is_plain: Show values as they are, to people who may see bodies.
    """
    found = recent_events(prop) if events is None else list(events)
    tree = _Tree(len(found), is_plain=is_plain)
    for event in found:
        tree.add(event.call)
    keys = [key for root in tree.roots.values() if root.filled for key in _flat(root)]
    _name(prop, keys)
    return ReceivedKeys(keys, len(found), tree.count >= MOST_KEYS)


class _Tree:
    def __init__(self, seen: int, *, is_plain: bool) -> None:
        self.seen, self.is_plain, self.count = seen, is_plain, 0
        self.roots = {key: ReceivedKey(path, key, 0, seen) for key, path, _ in ROOTS}

    def add(self, call: Mapping[str, Any]) -> None:
        for key, _, steps in ROOTS:
            value: Any = call
            for step in steps:
                value = value.get(step) if isinstance(value, Mapping) else None
            self._take(self.roots[key], value)

    def _take(self, node: ReceivedKey, value: Any) -> None:
        if value is None or value in ("", {}, []):
            return
        node.filled += 1
        node.kind = node.kind or type_name(value)
        if isinstance(value, dict) and node.depth < DEEPEST:
            for key, item in value.items():
                self._below(node, str(key), item)
        elif isinstance(value, list) and node.depth < DEEPEST and isinstance(value[0], dict | list | str):
            self._below(node, 0, value[0])
        elif not node.example:
            node.example = self._shown(node.key, value)

    def _below(self, node: ReceivedKey, key: str | int, value: Any) -> None:
        if key == "" or "{{" in str(key):
            return  # No path can name it.
        shown = "first item" if isinstance(key, int) else str(mask_lookalikes(key))
        child = node.children.get(str(key))
        if child is None and self.count < MOST_KEYS:
            self.count += 1
            child = ReceivedKey(node.path + _step(key), shown, node.depth + 1, self.seen)
            node.children[str(key)] = child
        if child is not None:
            self._take(child, value)

    def _shown(self, key: str, value: Any) -> str:
        if not self.is_plain:
            value = mask_lookalikes(value) if key in TELLING_KEYS else mask(value)
        text = as_line(value)
        return text if len(text) <= LONGEST_EXAMPLE else f"{text[:LONGEST_EXAMPLE]}…"


def _step(key: str | int) -> str:
    if isinstance(key, int):
        return f"[{key}]"
    return f".{key}" if _PLAIN_KEY.fullmatch(key) else f"[{json.dumps(key, ensure_ascii=False)}]"


def _flat(node: ReceivedKey) -> Iterator[ReceivedKey]:
    yield node
    for child in node.children.values():
        yield from _flat(child)


def _name(prop: Property, keys: Iterable[ReceivedKey]) -> None:
    read, taken = read_paths(prop), set(prop.dataelements.values_list("name", flat=True))
    for key in keys:
        key.element = read.get(key.path, "")
        if key.depth and not key.element:
            key.name = suggested_name(key.path, taken)
