"""Prepares a component form for its template: sections, inputs, groups and rows."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from django.forms.boundfield import BoundField

from .descriptor import ComponentType, Field
from .errors import Problem
from .form_layout import Leaf, Node, Rows
from .form_places import Places
from .references import secret_name


class ShownForm(Protocol):
    """A form with one input for each leaf of ``nodes``; see :class:`ComponentForm`."""

    component_type: ComponentType
    nodes: list[Node]
    secrets: Collection[str] | None
    places: Places | None
    suggested: Mapping[str, str]

    @property
    def errors(self) -> Collection[str]: ...
    @property
    def advice_now(self) -> list[Problem]: ...
    def __getitem__(self, path: str) -> BoundField: ...
    def add_prefix(self, path: str) -> str: ...
    def raw(self, path: str) -> str: ...
    def conditions(self, path: str, spec: Field) -> dict[str, list[str]]: ...
    def removal_name(self, path: str) -> str: ...
    def is_removed(self, path: str) -> bool: ...


@dataclass(frozen=True, slots=True)
class Input:
    """One input, prepared for a template."""

    kind: str
    path: str
    spec: Field
    bound: BoundField
    show_if: Mapping[str, list[str]]
    stored_secret: bool = False
    last_four: str = ""
    stored_where: str = ""
    remove: str = ""
    removing: bool = False
    advice: tuple[str, ...] = ()
    is_suggested: bool = False

    @property
    def show_if_json(self) -> str:
        return json.dumps(self.show_if)

    @property
    def is_wide(self) -> bool:
        return self.spec.type in ("json", "textarea", "code", "content")

    @property
    def badge(self) -> str:
        """Return when the field is required, in words: ``needed for Purchase``."""
        values = [str(value) for listed in self.spec.required_for.values() for value in listed]
        return f"needed for {', '.join(values)}" if values and "True" not in values else ""

    @property
    def takes_tokens(self) -> bool:
        return self.spec.tokens and self.spec.type not in ("boolean", "choice", "code", "stored_secret")


@dataclass(frozen=True, slots=True)
class InputGroup:
    """An object (``kind`` is ``group``) or a list of rows (``kind`` is ``rows``), prepared for a template."""

    kind: str
    path: str
    spec: Field
    show_if: Mapping[str, list[str]]
    fields: list[Any]
    more: list[Input]
    more_open: bool = False
    is_open: bool = True
    set_count: int = 0
    total: int = 0
    error_count: int = 0

    @property
    def show_if_json(self) -> str:
        return json.dumps(self.show_if)


@dataclass(frozen=True, slots=True)
class SectionView:
    """A section with its inputs, and a count of those that are set."""

    key: str
    title: str
    help: str
    open: bool
    fields: list[Input | InputGroup]
    set_count: int
    total: int
    error_count: int


def sections(form: ShownForm) -> list[SectionView]:
    """Return the sections of the component type; inputs without a section come first, without a headline."""
    described = form.component_type.sections
    keys = {section.key for section in described}
    loose = [node for node in form.nodes if node.spec.section not in keys]
    views = [_section(form, "", "", "", True, loose)] if loose else []
    for s in described:
        nodes = [node for node in form.nodes if node.spec.section == s.key]
        views.append(_section(form, s.key, s.title, s.help, s.open, nodes))
    return views


def _section(
    form: ShownForm, key: str, title: str, text: str, is_open: bool, nodes: list[Node]
) -> SectionView:
    set_count, total, error_count = _counts(form, *nodes)
    fields = [_view(form, node, is_alone=len(nodes) == 1) for node in nodes]
    return SectionView(key, title, text, is_open or error_count > 0, fields, set_count, total, error_count)


def _is_set(form: ShownForm, leaf: Leaf) -> bool:
    return form.raw(leaf.path) not in ("", "false") or bool(secret_name(leaf.stored))


def _view(form: ShownForm, node: Node, *, is_alone: bool = False) -> Input | InputGroup:
    conditions = form.conditions(node.path, node.spec)
    show_if = {form.add_prefix(path): values for path, values in conditions.items()}
    path = form.add_prefix(node.path)
    if isinstance(node, Leaf):
        return _input(form, node, show_if)
    if isinstance(node, Rows):
        rows = [[_view(form, item) for item in row] for row in node.rows]
        return InputGroup("rows", path, node.spec, show_if, rows, [])
    more = [_input(form, node.own, {}), _input(form, node.whole, {})]
    more_open = any(item.bound.errors or item.bound.value() for item in more)
    fields = [_view(form, child) for child in node.nodes]
    set_count, total, error_count = _counts(form, node)
    is_open = is_alone or set_count > 0 or error_count > 0
    return InputGroup(
        "group", path, node.spec, show_if, fields, more, more_open, is_open, set_count, total, error_count
    )


def _counts(form: ShownForm, *nodes: Node) -> tuple[int, int, int]:
    """Count the inputs that are set, all inputs, and those with an error."""
    leaves = [leaf for node in nodes for leaf in node.leaves()]
    set_count = sum(_is_set(form, leaf) for leaf in leaves)
    total = sum(leaf.role == "value" for leaf in leaves)
    return set_count, max(total, set_count), sum(leaf.path in form.errors for leaf in leaves)


def _input(form: ShownForm, leaf: Leaf, show_if: Mapping[str, list[str]]) -> Input:
    name = secret_name(leaf.stored)
    known = form.secrets if isinstance(form.secrets, Mapping) else {}
    return Input(
        kind=leaf.spec.type,
        path=leaf.path,
        spec=leaf.spec,
        bound=form[leaf.path],
        show_if=show_if,
        stored_secret=bool(name),
        last_four=known.get(name or "", ""),
        stored_where=form.places.stored_for.get(name or "", "") if form.places else "",
        remove="" if leaf.spec.required or not name else form.removal_name(leaf.path),
        removing=form.is_removed(leaf.path),
        advice=tuple(it.message for it in form.advice_now if it.path == leaf.path),
        is_suggested=form.raw(leaf.path) == form.suggested.get(leaf.path),
    )
