"""Events of a page and their copies at the server: one name and one event id make a pair. Plain Python."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from properties.catalog.site_checks import BrowserCall


@dataclass(frozen=True, slots=True)
class Pairs:
    """How the events of a page fit those of the server.

    Args:
        calls: Number of events in the page.
        paired: How many of them have a copy with the same name and id.
        other_names: Events whose copy has the id and another name: ``AddToCart is Add at the server``.
        without_id: Names of events that have no id.
        missing: Names of events without a copy.
    """

    calls: int
    paired: int
    other_names: Sequence[str]
    without_id: Sequence[str]
    missing: Sequence[str]


def pairs_of(calls: Sequence[BrowserCall], sent: Iterable[tuple[str, str]]) -> Pairs:
    """Return how events of a page fit the (name, id) of events at the server."""
    names: dict[str, set[str]] = {}
    for name, event_id in sent:
        names.setdefault(event_id, set()).add(name)
    with_id = [call for call in calls if call.id]
    paired = [call for call in with_id if call.name in names.get(call.id, ())]
    others = [call for call in with_id if call.id in names and call not in paired]
    return Pairs(
        calls=len(calls),
        paired=len(paired),
        other_names=[f"{it.name} is {' and '.join(sorted(names[it.id]))} at the server" for it in others],
        without_id=_unique(call.name for call in calls if not call.id),
        missing=_unique(call.name for call in with_id if call.id not in names),
    )


def _unique(names: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(names))
