"""What the working library changes in production, thing by thing and field by field."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any

from properties.audit.differences import differences
from properties.catalog.descriptor import ComponentType
from properties.catalog.form_layout import layout
from properties.catalog.registry import find_package, find_type
from properties.models import Property, Revision
from rules.models import Build

from .compile import component_name
from .content import COMPONENT_NOUNS
from .libraries import open_library, present_uids, revision_name, revisions_in, revisions_numbered

KINDS = {"extension": "Extension", "data_element": "Data element", "rule": "Rule"}
ICONS = {"extension": "puzzle", "data_element": "braces", "rule": "rule"}
MOST_FIELDS = 12
# Words for the values beside the settings. What is missing here is shown by its name, without underscores.
LABELS = {
    "package": "Extension",
    "delegate": "Type",
    "negate": "Exception",
    "delay_next": "Next action waits",
}
UNSHOWN = ("uid", *COMPONENT_NOUNS, "settings")
Snapshot = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class FieldChange:
    """One field with its live value and its new value; "" is an empty field."""

    label: str
    before: str
    after: str
    component: str = ""


@dataclass(frozen=True, slots=True)
class ThingChanges:
    """A resource in the working library, and how it differs from production.

    Args:
        number: Of the revision that the library holds.
        taken_for: Name of the resource that needed it, if nobody added it by hand.
        fields: What differs; empty for a resource that production does not have.
        more: How many fields are not listed.
    """

    uid: str
    kind: str
    name: str
    number: int
    taken_for: str
    is_new: bool
    fields: Sequence[FieldChange] = ()
    more: int = 0

    @property
    def noun(self) -> str:
        return KINDS[self.kind]

    @property
    def icon(self) -> str:
        return ICONS[self.kind]

    @property
    def words(self) -> str:
        """Say how much differs."""
        if self.is_new:
            return "new"
        count = len(self.fields) + self.more
        return f"{count} field{'' if count == 1 else 's'}" if count else "as in Production"


def library_changes(prop: Property, live: Build | None) -> list[ThingChanges]:
    """Return the resources that the working library holds, with what they change in the live build.

    The number of database queries does not depend on how many there are.
    """
    library, present = open_library(prop), present_uids(prop)
    held = [revision for revision in revisions_in(library) if revision.resource_uid in present]
    names = {revision.resource_uid: revision_name(revision) for revision in held}
    taken = dict(library.resources.values_list("resource_uid", "taken_for")) if library else {}
    old = _live_revisions(live, names)
    return [_thing(it, old.get(it.resource_uid), names.get(taken[it.resource_uid], "")) for it in held]


def _live_revisions(live: Build | None, uids: Mapping[str, str]) -> dict[str, Revision]:
    entries = live.revisions if live else []
    return revisions_numbered({it["uid"]: it["number"] for it in entries if it["uid"] in uids})


def _thing(new: Revision, old: Revision | None, taken_for: str) -> ThingChanges:
    found = [*field_changes(new.kind, old.snapshot, new.snapshot)] if old else []
    return ThingChanges(
        uid=new.resource_uid,
        kind=new.kind,
        name=revision_name(new),
        number=new.number,
        taken_for=taken_for,
        is_new=old is None,
        fields=found[:MOST_FIELDS],
        more=len(found[MOST_FIELDS:]),
    )


def field_changes(kind: str, old: Snapshot, new: Snapshot) -> Iterator[FieldChange]:
    """Yield the fields that differ between two snapshots of a resource. Customer data and keys are masked."""
    yield from _plain(_facts(old), _facts(new), LABELS)
    if kind == "rule":
        yield from chain.from_iterable(_components(word, old, new) for word in COMPONENT_NOUNS)
    elif kind == "data_element":
        yield from _settings(find_type(new["delegate"]), old, new)
    else:
        package = find_package(f"{new['package']}::")
        yield from _settings(package.configuration if package else None, old, new)


def _components(word: str, old: Snapshot, new: Snapshot) -> Iterator[FieldChange]:
    before, after = ({it["uid"]: it for it in snapshot.get(word, ())} for snapshot in (old, new))
    for uid in {**before, **after}:
        yield from _component(COMPONENT_NOUNS[word], before.get(uid), after.get(uid))


def _component(word: str, old: Snapshot | None, new: Snapshot | None) -> Iterator[FieldChange]:
    if old is None or new is None:
        yield FieldChange(word, _sentence(old), _sentence(new))
        return
    name = component_name(new)
    yield from _plain(_facts(old), _facts(new), LABELS, name)
    yield from _settings(find_type(new["delegate"]), old, new, name)


def _sentence(component: Snapshot | None) -> str:
    if component is None:
        return ""
    kind = find_type(component["delegate"])
    said = kind.summary(component["settings"]) if kind and kind.summary else ""
    return said or component_name(component)


def _facts(snapshot: Snapshot) -> dict[str, Any]:
    return {key: value for key, value in snapshot.items() if key not in UNSHOWN}


def _settings(
    form: ComponentType | None, old: Snapshot, new: Snapshot, component: str = ""
) -> Iterator[FieldChange]:
    before, after = old.get("settings") or {}, new.get("settings") or {}
    yield from _plain(before, after, _labels(form, before, after), component)


def _labels(form: ComponentType | None, *settings: Any) -> dict[str, str]:
    """Return the labels of the inputs by their paths."""
    nodes = chain.from_iterable(layout(form.fields, each) for each in settings) if form else ()
    return {leaf.path: leaf.spec.label for node in nodes for leaf in node.leaves()}


def _plain(old: Any, new: Any, labels: Mapping[str, str], component: str = "") -> Iterator[FieldChange]:
    found = differences(old, new)
    for path in {**found["before"], **found["after"]}:
        plain = path.removesuffix(".$secret")
        label = labels.get(plain) or plain.replace("_", " ").capitalize()
        yield FieldChange(label, _text(found["before"].get(path)), _text(found["after"].get(path)), component)


def _text(value: Any) -> str:
    if value is None or value in ("", [], {}):
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
