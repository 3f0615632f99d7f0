"""What changed in the event log since a page was shown: new events, and rows that look different now."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from properties.models import Property
from properties.models.identifiers import row_id
from rules.models import InboundEvent

from .filters import EventLogFilter, filtered, floor_of
from .rows import PAGE_SIZE, EventLogRow, newest, rows_of

# Several processes accept events; one with a smaller id may be committed a moment later.
OVERLAP = 5_000 << InboundEvent.BITS_BELOW_TIME


@dataclass(frozen=True, slots=True)
class Cursor:
    """What a page has shown.

    Args:
        after: The newest id.
        watched: Id → fingerprint of rows that are not finished, or so young that another may appear below.
    """

    after: int = 0
    watched: Mapping[int, str] = field(default_factory=dict)

    @classmethod
    def of(cls, query: Mapping[str, str]) -> Cursor:
        """Read the address that the page asks."""
        pairs = (part.partition("-") for part in query.get("watch", "").split(",")[: 2 * PAGE_SIZE])
        watched = {found: mark for text, _, mark in pairs if (found := row_id(text))}
        return cls(row_id(query.get("after", "")) or 0, watched)

    def moved(self, rows: Sequence[EventLogRow]) -> Cursor:
        """The cursor once the page shows ``rows`` too."""
        after = max([self.after, *(row.event.pk for row in rows)])
        known = {**self.watched, **{row.event.pk: row.fingerprint for row in rows}}
        settled = {row.event.pk for row in rows if row.is_finished}
        kept = {pk: mark for pk, mark in known.items() if pk not in settled or pk > after - OVERLAP}
        return Cursor(after, dict(sorted(kept.items(), reverse=True)[: 2 * PAGE_SIZE]))

    @property
    def watch(self) -> str:
        """For the address."""
        return ",".join(f"{pk}-{mark}" for pk, mark in self.watched.items())


@dataclass(frozen=True, slots=True)
class Changes:
    """What a page has to show.

    Args:
        new: Newest first.
        changed: Rows that the page shows otherwise.
        is_flooded: More is new than fits: ``new`` replaces the whole list.
    """

    new: list[EventLogRow]
    changed: list[EventLogRow]
    is_flooded: bool = False

    def __bool__(self) -> bool:
        return bool(self.new or self.changed)


def changes(prop: Property, asked: EventLogFilter, cursor: Cursor, *, sees_bodies: bool) -> Changes:
    """Compare the log with what a page shows."""
    floor = floor_of(prop, asked, None)
    oldest = max(cursor.after - OVERLAP, floor or 0)
    found = filtered(prop, asked, sees_bodies=sees_bodies).filter(id__gt=oldest)
    events = newest(found.exclude(id__in=cursor.watched), PAGE_SIZE + 1)
    if len(events) > PAGE_SIZE:
        return Changes(rows_of(prop, events[:PAGE_SIZE]), [], is_flooded=True)
    return Changes(rows_of(prop, events), _changed(prop, cursor))


def _changed(prop: Property, cursor: Cursor) -> list[EventLogRow]:
    watched = filtered(prop, EventLogFilter(), sees_bodies=False).filter(id__in=cursor.watched)
    rows = rows_of(prop, newest(watched, len(cursor.watched)))
    return [row for row in rows if row.fingerprint != cursor.watched[row.event.pk]]
