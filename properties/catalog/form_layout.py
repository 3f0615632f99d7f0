"""Lays out the settings of a component as a tree of inputs.

A leaf is one input. A group is an object with one input for each property, plus two: one for additional keys,
and one for a data element that replaces the whole object. Rows are a list of objects. Every leaf has a path,
such as ``additionalAccounts[0].accountId``: both the name of its input and its place in the settings.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from . import dotted
from .descriptor import Field
from .json_text import NotJson, read_text
from .tokens import whole_token

OWN_KEYS = "*"
WHOLE = "="
# Follows the path of an object that the page shows as JSON, in one input.
AS_JSON = "~json"


@dataclass(slots=True)
class Leaf:
    """One input.

    Args:
        role: ``value``; in a group also ``own`` for additional keys, ``whole`` for a data element that
            replaces it, and ``json`` for the object as JSON.
    """

    path: str
    spec: Field
    stored: Any = None
    role: str = "value"

    def leaves(self) -> Iterator[Leaf]:
        yield self


@dataclass(slots=True)
class Group:
    """An object: one node per property, additional keys, and one data element for the whole.

    As JSON, it has only ``own``, with all of it.
    """

    path: str
    spec: Field
    nodes: list[Node]
    own: Leaf
    whole: Leaf | None

    @property
    def is_json(self) -> bool:
        return self.whole is None

    def leaves(self) -> Iterator[Leaf]:
        for node in self.nodes:
            yield from node.leaves()
        yield self.own
        if self.whole:
            yield self.whole


@dataclass(slots=True)
class Rows:
    """A list of objects. The last row is empty, for a new object."""

    path: str
    spec: Field
    rows: list[list[Node]] = field(default_factory=list)

    def leaves(self) -> Iterator[Leaf]:
        for row in self.rows:
            for node in row:
                yield from node.leaves()


Node = Leaf | Group | Rows


def as_object(value: Any) -> dict[str, Any]:
    """Return ``value`` if it is an object or JSON text of one, else an empty object."""
    if isinstance(value, str) and not whole_token(value):
        try:
            value = read_text(value)
        except NotJson:
            return {}
    return dict(value) if isinstance(value, Mapping) else {}


def input_text(value: Any) -> str:
    """Return the text of a value's input; check boxes use ``true`` and ``false``."""
    return str(value).lower() if isinstance(value, bool) else str(value)


def layout(
    fields: Sequence[Field], settings: Any, names: Collection[str] = (), prefix: str = ""
) -> list[Node]:
    """Return the inputs of ``fields``.

    Args:
        fields: Fields of a component type, or of an object or row.
        settings: The stored object that they belong to.
        names: Paths that a person sent; they show how many rows there are.
        prefix: Path of that object, with a dot at the end.
    """
    return [_node(spec, dotted.get(settings, spec.key), names, f"{prefix}{spec.key}") for spec in fields]


def _node(spec: Field, stored: Any, names: Collection[str], path: str) -> Node:
    if spec.type == "object":
        return group_of(spec, stored, names, path)
    if spec.type == "rows":
        return _rows(spec, stored, names, path)
    return Leaf(path, spec, spec.default if stored is None else stored)


def group_of(spec: Field, stored: Any, names: Collection[str], path: str) -> Group:
    """Return the inputs of an object, as JSON if the page sent it so."""
    plain = replace(spec, key=path, type="json", required=False, default=None, show_if={}, required_for={})
    plain = replace(plain, recommended=False, recommended_for={}, help="")
    if f"{path}{AS_JSON}" in names:
        return Group(path, spec, [], Leaf(f"{path}.{OWN_KEYS}", plain, stored, "json"), None)
    known = as_object(stored)
    laid_out = {child.key.partition(".")[0] for child in spec.properties}
    own: Any = {key: value for key, value in known.items() if key not in laid_out}
    if not known and isinstance(stored, str) and not whole_token(stored):
        own = stored  # Text that cannot be read is kept, so that a person can correct it.
    return Group(
        path,
        spec,
        layout(spec.properties, known, names, f"{path}."),
        own=Leaf(f"{path}.{OWN_KEYS}", replace(plain, label=f"{spec.label}: more keys"), own or None, "own"),
        whole=Leaf(
            f"{path}.{WHOLE}",
            replace(plain, label=f"{spec.label} as one data element", type="text", only_tokens=True),
            stored if whole_token(stored) else None,
            "whole",
        ),
    )


def _rows(spec: Field, stored: Any, names: Collection[str], path: str) -> Rows:
    known = [row for row in stored if isinstance(row, Mapping)] if isinstance(stored, list) else []
    sent = [int(name[len(path) + 1 :].partition("]")[0]) for name in names if _is_row_of(name, path)]
    count = max([len(known), *(index + 1 for index in sent)]) if sent else len(known) + 1
    values = [*known, *({} for _ in range(count - len(known)))]
    rows = [layout(spec.properties, row, names, f"{path}[{i}].") for i, row in enumerate(values)]
    return Rows(path, spec, rows)


def _is_row_of(name: str, path: str) -> bool:
    """Return whether an input belongs to one of the first thousand rows of a list."""
    index = name[len(path) + 1 :].partition("]")[0]
    return name.startswith(f"{path}[") and index.isascii() and index.isdigit() and len(index) < 4
