"""What one revision changed, field by field, with the labels of the forms."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from properties.audit.differences import differences
from properties.catalog.descriptor import ComponentType
from properties.catalog.form_layout import layout
from properties.catalog.registry import find_type
from properties.models import Property, Revision

from .renaming import ChangedSetting

EMPTY = "empty"
ELEMENT_LABELS = {
    "name": "Name",
    "default_value": "Default value",
    "clean_text": "Clean text",
    "force_lower_case": "Force lower case",
    "storage_duration": "Storage duration",
    "enabled": "Enabled",
}
MOST = 50
Snapshot = Mapping[str, Any]
Compare = Callable[[Snapshot, Snapshot], Iterator[ChangedSetting]]


@dataclass(frozen=True, slots=True)
class RevisionLine:
    """One revision in the list of a resource.

    Args:
        changes: What it changed, against the one before; empty for the first one.
        is_newest: It is the working copy.
    """

    revision: Revision
    changes: Sequence[ChangedSetting]
    is_first: bool
    is_newest: bool

    @property
    def person(self) -> str:
        user = self.revision.created_by
        return user.get_username() if user else ""


def revision_lines(prop: Property, uid: str, compare: Compare) -> list[RevisionLine]:
    """Return the newest revisions of a resource, newest first.

    Args:
        compare: Yields the changes between two snapshots of its kind.
    """
    rows = Revision.objects.filter(prop=prop, resource_uid=uid).select_related("created_by")
    found = list(rows.order_by("-number")[: MOST + 1])
    pairs = zip(found, [*found[1:], None], strict=True)
    lines = [_line(now, before, found[0], compare) for now, before in pairs]
    return lines[:MOST]


def _line(now: Revision, before: Revision | None, newest: Revision, compare: Compare) -> RevisionLine:
    changes = [*compare(before.snapshot, now.snapshot)] if before else []
    return RevisionLine(now, changes, before is None, now == newest)


def element_changes(before: Snapshot, after: Snapshot) -> Iterator[ChangedSetting]:
    """Yield what differs between two snapshots of a data element."""
    kind = find_type(after["delegate"])
    yield from settings_changes(kind, before["settings"], after["settings"])
    rest = [{key: it.get(key) for key in ELEMENT_LABELS} for it in (before, after)]
    yield from labelled(rest[0], rest[1], ELEMENT_LABELS)


def settings_changes(
    kind: ComponentType | None, before: Any, after: Any, above: str = ""
) -> Iterator[ChangedSetting]:
    """Yield the settings that differ, with the labels of their inputs. Customer data is masked.

    Args:
        above: Goes before each label, such as the title of a component.
    """
    fields = kind.fields if kind else ()
    nodes = [node for settings in (before, after) for node in layout(fields, settings)]
    labels = {leaf.path: leaf.spec.label for node in nodes for leaf in node.leaves()}
    yield from labelled(before, after, labels, above)


def labelled(before: Any, after: Any, labels: Mapping[str, str], above: str = "") -> Iterator[ChangedSetting]:
    """Yield the values that differ, each with its label, or its path if it has none."""
    found = differences(before, after)
    for path in {**found["before"], **found["after"]}:
        label = labels.get(path.removesuffix(".$secret"), path)
        yield ChangedSetting(
            above + label, _shown(found["before"].get(path)), _shown(found["after"].get(path))
        )


def _shown(value: Any) -> str:
    if value is None or value in ("", [], {}):
        return EMPTY
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
