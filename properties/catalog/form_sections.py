"""Prepares a component form for its template: sections, inputs, groups and rows."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from django.forms.boundfield import BoundField

from .descriptor import ComponentType, Field, Section
from .errors import Problem
from .form_changes import CHANGE
from .form_conditions import shown_if
from .form_inputs import Input, InputGroup
from .form_layout import AS_JSON, Leaf, Node, Rows, input_text
from .form_levels import level_of
from .form_places import Places
from .references import secret_name
from .registry import delegate_of


class ShownForm(Protocol):
    """A form with one input for each leaf of ``nodes``; see :class:`ComponentForm`."""

    component_type: ComponentType
    prefix: str | None
    nodes: list[Node]
    secrets: Collection[str] | None
    places: Places | None
    suggested: Mapping[str, str]
    leaves: dict[str, Leaf]

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
    def is_shown(self, path: str, spec: Field) -> bool: ...


@dataclass(frozen=True, slots=True)
class SectionView:
    """A section with its inputs, and a count of those that are set.

    Args:
        short: Its title in the list of sections.
    """

    key: str
    title: str
    short: str
    help: str
    fields: list[Input | InputGroup]
    set_count: int
    total: int
    error_count: int
    help_page: str = ""

    @property
    def inputs(self) -> list[Input]:
        return list(inputs_in(self.fields))

    @property
    def summary(self) -> str:
        """How full it is, for the list of sections: ``5/18``, ``JSON``, or ``off`` without its check box."""
        first = self.inputs[0] if self.inputs else None
        if self.only_group and self.only_group.is_json:
            return "JSON"
        is_off = first is not None and first.kind == "boolean" and not self.set_count
        return "off" if is_off else f"{self.set_count}/{self.total}"

    @property
    def only_group(self) -> InputGroup | None:
        """The object that fills the section, if there is nothing else in it."""
        alone = self.fields[0] if len(self.fields) == 1 else None
        return alone if isinstance(alone, InputGroup) and alone.kind == "group" else None

    @property
    def later(self) -> list[str]:
        """The labels of fields that a long form does not show from the start."""
        return [it.spec.label for it in self.inputs if it.is_live and not it.is_first]


def inputs_in(items: Iterable[Any]) -> Iterator[Input]:
    """Yield the single inputs of a section, a group or rows."""
    for item in items:
        if isinstance(item, Input):
            yield item
        elif isinstance(item, InputGroup):
            yield from inputs_in([*item.fields, *item.more])
        else:
            yield from inputs_in(item)


def sections(form: ShownForm) -> list[SectionView]:
    """Return the sections of the component type; inputs without a section come first, without a headline."""
    described = form.component_type.sections
    keys = {section.key for section in described}
    loose = [node for node in form.nodes if node.spec.section not in keys]
    views = [_section(form, Section("", ""), loose)] if loose else []
    return views + [
        _section(form, it, [n for n in form.nodes if n.spec.section == it.key]) for it in described
    ]


def _section(form: ShownForm, section: Section, nodes: list[Node]) -> SectionView:
    fields = [_view(form, node) for node in nodes]
    return SectionView(
        section.key,
        section.title,
        section.short or section.title,
        section.help,
        fields,
        *_counts(form, *nodes),
        section.help_page,
    )


def is_set(form: ShownForm, leaf: Leaf) -> bool:
    """Return whether a field holds a value that differs from its default."""
    raw = form.raw(leaf.path)
    is_default = leaf.spec.default is not None and raw == input_text(leaf.spec.default)
    return (raw not in ("", "false") and not is_default) or bool(secret_name(leaf.stored))


def _view(form: ShownForm, node: Node, is_live: bool = True) -> Input | InputGroup:
    show_if = shown_if(form, node.path, node.spec)
    path, is_live = form.add_prefix(node.path), is_live and form.is_shown(node.path, node.spec)
    if isinstance(node, Leaf):
        return _input(form, node, show_if, is_live)
    if isinstance(node, Rows):
        rows = [[_view(form, item, is_live) for item in row] for row in node.rows]
        can_grow = not form.prefix and "[" not in node.path
        owner = delegate_of(form.component_type) if can_grow else ""
        return InputGroup("rows", path, node.spec, show_if, rows, owner=owner)
    more = [_input(form, leaf, "", is_live) for leaf in (node.own, node.whole) if leaf]
    fields = [_view(form, child, is_live) for child in node.nodes]
    # A credential would be shown in JSON.
    has_switch = bool(node.spec.properties) and not any(it.spec.type == "secret" for it in node.leaves())
    return InputGroup(
        "group",
        path,
        node.spec,
        show_if,
        fields,
        more,
        change=form.add_prefix(CHANGE) if has_switch else "",
        as_json=path + AS_JSON,
        is_json=node.is_json,
    )


def _counts(form: ShownForm, *nodes: Node) -> tuple[int, int, int]:
    """Count the inputs that are set, all inputs, and those with an error."""
    leaves = [leaf for node in nodes for leaf in node.leaves()]
    set_count = sum(is_set(form, leaf) for leaf in leaves)
    total = sum(leaf.role == "value" for leaf in leaves)
    return set_count, max(total, set_count), sum(leaf.path in form.errors for leaf in leaves)


def _input(form: ShownForm, leaf: Leaf, show_if: str, is_live: bool) -> Input:
    name = secret_name(leaf.stored)
    known = form.secrets if isinstance(form.secrets, Mapping) else {}
    return Input(
        kind=leaf.spec.type,
        path=leaf.path,
        spec=leaf.spec,
        bound=form[leaf.path],
        show_if=show_if,
        raw=form.raw(leaf.path),
        needed_for=tuple(_needed_for(form, leaf)),
        stored_secret=bool(name),
        last_four=known.get(name or "", ""),
        stored_where=form.places.stored_for.get(name or "", "") if form.places else "",
        remove="" if leaf.spec.required or not name else form.removal_name(leaf.path),
        removing=form.is_removed(leaf.path),
        advice=tuple(it for it in form.advice_now if it.path == leaf.path),
        change=form.add_prefix(CHANGE),
        is_suggested=form.raw(leaf.path) == form.suggested.get(leaf.path),
        level=level_of(form, leaf),
        is_set=is_set(form, leaf),
        is_live=is_live,
    )


def _needed_for(form: ShownForm, leaf: Leaf) -> Iterator[str]:
    """Yield the labels of the values of other fields that need this one; a check box has none."""
    for key, values in leaf.spec.required_for.items():
        labels = dict(form.leaves[key].spec.options) if key in form.leaves else {}
        yield from (labels.get(str(value), str(value)) for value in values if value is not True)
