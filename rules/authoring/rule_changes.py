"""What one revision of a rule changed, in words."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain

from properties.catalog.registry import find_type
from properties.resources.renaming import ChangedSetting
from properties.resources.revision_changes import EMPTY, Snapshot, labelled, settings_changes
from rules.publishing.compile import component_name

RULE_LABELS = {"name": "Name", "enabled": "Enabled"}
OPTION_LABELS = {
    "name": "Name",
    "negate": "Exception",
    "timeout": "Timeout in milliseconds",
    "delay_next": "Wait to run next action",
    "rule_order": "Order",
}
KINDS = {"events": "Events", "conditions": "Conditions", "actions": "Actions"}


def rule_changes(before: Snapshot, after: Snapshot) -> Iterator[ChangedSetting]:
    """Yield what differs between two snapshots of a rule."""
    rule = [{key: it.get(key) for key in RULE_LABELS} for it in (before, after)]
    yield from labelled(rule[0], rule[1], RULE_LABELS)
    yield from chain.from_iterable(_of_kind(kind, before, after) for kind in KINDS)


def _of_kind(kind: str, before: Snapshot, after: Snapshot) -> Iterator[ChangedSetting]:
    old, new = ({it["uid"]: it for it in snapshot.get(kind, ())} for snapshot in (before, after))
    for uid in {**old, **new}:
        yield from _component(KINDS[kind], old.get(uid), new.get(uid))
    left = [[uid for uid in each if uid in old and uid in new] for each in (old, new)]
    if left[0] != left[1]:
        names = [", ".join(component_name(new[uid]) for uid in order) for order in left]
        yield ChangedSetting(f"Order of {KINDS[kind].lower()}", *names)


def _component(kind: str, old: Snapshot | None, new: Snapshot | None) -> Iterator[ChangedSetting]:
    if old is None or new is None:
        yield ChangedSetting(kind, _sentence(old), _sentence(new))
        return
    above = f"{component_name(new)} › "
    yield from settings_changes(find_type(new["delegate"]), old["settings"], new["settings"], above)
    options = [{key: it.get(key) for key in OPTION_LABELS} for it in (old, new)]
    yield from labelled(options[0], options[1], OPTION_LABELS, above)


def _sentence(snapshot: Snapshot | None) -> str:
    """Return a component in one line: its summary, else its name."""
    if snapshot is None:
        return EMPTY
    kind = find_type(snapshot["delegate"])
    summary = kind.summary(snapshot["settings"]) if kind and kind.summary else ""
    return summary or component_name(snapshot)
