"""Changes that a button of a form makes: an object as keys or as JSON, and the cure of a problem.

The form is sent, not saved, and the page shows it changed, with everything else that was typed. ``CHANGE``
names the button. Its value is ``json <path>``, ``keys <path>`` or ``set <path> <text>``.
"""

from __future__ import annotations

import copy
from collections.abc import Iterator, Mapping
from typing import Any, Protocol

from django.core.exceptions import ValidationError
from django.forms.boundfield import BoundField

from . import dotted
from .descriptor import Field
from .form_fields import make_field, write_json
from .form_layout import AS_JSON, WHOLE, Group, Leaf, Node, Rows, group_of
from .settings_shape import shape_problems
from .tokens import whole_token

CHANGE = "~change"


class ChangedForm(Protocol):
    """A form that was sent; see :class:`ComponentForm`."""

    data: Any
    nodes: list[Node]
    leaves: dict[str, Leaf]
    fields: dict[str, Any]
    cleaned_data: dict[str, Any]

    def is_valid(self) -> bool: ...
    def __getitem__(self, path: str) -> BoundField: ...
    def add_prefix(self, path: str) -> str: ...
    def raw(self, path: str) -> str: ...
    def value_of(self, node: Node) -> Any: ...


def change_asked(form: ChangedForm) -> tuple[str, str, str]:
    """Return what a button of the form asks for: ``json``, ``keys`` or ``set``; the path; and the text."""
    what, _, rest = str(form.data.get(form.add_prefix(CHANGE), "")).partition(" ")
    path, _, text = rest.partition(" ")
    return what, path, text


def changed_data(form: ChangedForm) -> Any:
    """Return the sent data after the change, or unchanged if the input cannot be converted."""
    what, path, text = change_asked(form)
    group = _groups(form.nodes).get(path)
    if what == "set":
        return _sent(form, dict(_set(form, path, text)))
    if group is None or group.is_json == (what == "json"):
        return form.data
    return _sent(form, _to_json(form, group) if what == "json" else _to_keys(form, group))


def _sent(form: ChangedForm, changes: Mapping[str, str | None]) -> Any:
    """Return the data with other texts; None takes an input out."""
    data = copy.deepcopy(form.data)
    for path, text in changes.items():
        if text is None:
            data.pop(form.add_prefix(path), None)
        else:
            data[form.add_prefix(path)] = text
    return data


def _groups(nodes: list[Node]) -> dict[str, Group]:
    found: dict[str, Group] = {}
    for node in nodes:
        for inner in node.rows if isinstance(node, Rows) else [node.nodes] if isinstance(node, Group) else []:
            found |= _groups(inner)
        if isinstance(node, Group):
            found[node.path] = node
    return found


def _to_json(form: ChangedForm, group: Group) -> dict[str, str | None]:
    form.is_valid()
    typed = {leaf.path: _typed(form, leaf) for leaf in group.leaves()}
    token = form.raw(f"{group.path}.{WHOLE}")
    if any(leaf.role == "own" and isinstance(typed[leaf.path], str) for leaf in group.leaves()):
        return {}  # Further keys that are not JSON.
    form.cleaned_data |= typed | {f"{group.path}.{WHOLE}": None}
    value = form.value_of(group)
    if token and value:
        return {}  # A data element for the whole beside keys: a person decides.
    text = token or (write_json(value) if value else "")
    return {f"{group.path}{AS_JSON}": "1", group.own.path: text}


def _typed(form: ChangedForm, leaf: Leaf) -> Any:
    """Return the value of an input, or its text if it is not valid."""
    try:
        return form.fields[leaf.path].clean(form[leaf.path].data)
    except ValidationError:
        return form.raw(leaf.path) or None


def _to_keys(form: ChangedForm, group: Group) -> dict[str, str | None]:
    text = form.raw(group.own.path)
    try:
        value = form.fields[group.own.path].clean(text) or {}
    except ValidationError:
        return {}
    changes = {f"{group.path}{AS_JSON}": None, group.own.path: ""}
    return changes | dict(_laid_out(group.spec, group.path, value))


def _laid_out(spec: Field, path: str, value: Any) -> Iterator[tuple[str, str | None]]:
    """Yield the text of each input of an object. A value that does not fit its input stays JSON."""
    loose = {} if whole_token(value) else dict(_unfit(spec, value))
    held = value if whole_token(value) else {key: each for key, each in value.items() if key not in loose}
    group = group_of(spec, held, (), path)
    for leaf in group.leaves():
        shown = make_field(leaf.spec, elements=None, stored=leaf.stored, role=leaf.role).show(leaf.stored)
        yield leaf.path, {True: "true", False: None}[shown] if isinstance(shown, bool) else shown
    if loose:
        own = group.own.stored if isinstance(group.own.stored, dict) else {}
        yield group.own.path, write_json(own | loose)


def _unfit(spec: Field, value: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    for key, each in value.items():
        fields = [field for field in spec.properties if field.key.partition(".")[0] == key]
        if fields and any(shape_problems(fields, {key: each})):
            yield key, each


def _set(form: ChangedForm, path: str, text: str) -> Iterator[tuple[str, str]]:
    if path in form.leaves:
        yield path, text
    for name, group in _groups(form.nodes).items():
        if group.is_json and path.startswith(f"{name}."):
            yield from _set_inside(form, group, path.removeprefix(f"{name}."), text)


def _set_inside(form: ChangedForm, group: Group, key: str, text: str) -> Iterator[tuple[str, str]]:
    try:
        value = form.fields[group.own.path].clean(form.raw(group.own.path)) or {}
    except ValidationError:
        return
    if isinstance(value, dict):
        dotted.put(value, key, text)
        yield group.own.path, write_json(value)
