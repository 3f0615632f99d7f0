"""Changes in the event log since a page was shown: new events and changed rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from properties.models import Environment, Property
from properties.models.identifiers import row_id
from rules.models import InboundEvent

from .filters import EventLogFilter
from .found_events import newest
from .log_scope import LogScope, scope_of
from .rows import PAGE_SIZE, EventLogRow, events_of, rows_of

# Several processes accept events: an event with a smaller id may be committed a moment later.
OVERLAP = 5_000 << InboundEvent.BITS_BELOW_TIME


@dataclass(frozen=True, slots=True)
class Cursor:
    """The events that a page has shown.

    Args:
        after: The newest id.
        watched: Id → fingerprint of rows that are unfinished, or so new that a row may still appear below.
    """

    after: int = 0
    watched: Mapping[int, str] = field(default_factory=dict)

    @classmethod
    def of(cls, query: Mapping[str, str]) -> Cursor:
        """Read the cursor from the address of a request."""
        pairs = (part.partition("-") for part in query.get("watch", "").split(",")[: 2 * PAGE_SIZE])
        watched = {found: mark for text, _, mark in pairs if (found := row_id(text))}
        return cls(row_id(query.get("after", "")) or 0, watched)

    def moved(self, rows: Sequence[EventLogRow]) -> Cursor:
        """Return the cursor after the page has shown ``rows``."""
        after = max([self.after, *(row.event.pk for row in rows)])
        known = {**self.watched, **{row.event.pk: row.fingerprint for row in rows}}
        settled = {row.event.pk for row in rows if row.is_finished}
        kept = {pk: mark for pk, mark in known.items() if pk not in settled or pk > after - OVERLAP}
        return Cursor(after, dict(sorted(kept.items(), reverse=True)[: 2 * PAGE_SIZE]))

    @property
    def watch(self) -> str:
        """The watched rows as text for the address."""
        return ",".join(f"{pk}-{mark}" for pk, mark in self.watched.items())


@dataclass(frozen=True, slots=True)
class Changes:
    """Rows that a page must add or replace.

    Args:
        new: New rows, newest first.
        changed: Rows that look different now.
        is_flooded: There are more new rows than fit: ``new`` replaces the whole list.
    """

    new: list[EventLogRow]
    changed: list[EventLogRow]
    is_flooded: bool = False

    def __bool__(self) -> bool:
        return bool(self.new or self.changed)


def changes(
    prop: Property,
    asked: EventLogFilter,
    cursor: Cursor,
    environment: Environment | None = None,
    *,
    sees_bodies: bool = False,
) -> Changes:
    """Compare the log with the rows that a page shows."""
    scope = scope_of(prop, asked, environment, sees_bodies=sees_bodies)
    recent = newest(scope.above(cursor.after - OVERLAP), PAGE_SIZE + 1 + len(cursor.watched))
    ids = [it for it in recent.ids if it not in cursor.watched]
    if len(ids) > PAGE_SIZE:
        return Changes(rows_of(prop, events_of(scope, ids[:PAGE_SIZE])), [], is_flooded=True)
    return Changes(rows_of(prop, events_of(scope, ids)), _changed(prop, scope, cursor))


def _changed(prop: Property, scope: LogScope, cursor: Cursor) -> list[EventLogRow]:
    rows = rows_of(prop, events_of(scope, list(cursor.watched)))
    return [row for row in rows if row.fingerprint != cursor.watched[row.event.pk]]
