"""Finds duplicates: the same event for the same destination within 48 hours of the first one.

The first delivered event leaves a mark; a later one is its duplicate. An action that holds duplicates back
marks an event before it is sent, so only one of two concurrent events is sent. The mark is removed if the
event does not arrive.

Source:
https://developers.facebook.com/docs/marketing-api/conversions-api/deduplicate-pixel-and-server-events
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db import connection, transaction

from rules.models import Delivery, SentEvent

from .in_flight import InFlight

WINDOW_HOURS = 48
ROWS_AT_ONCE = 1_000
MARKS = SentEvent._meta.db_table
UNSENT = frozenset({Delivery.State.DEAD, Delivery.State.EXPIRED, Delivery.State.ERASED})


def dedup_key(property_id: int, delegate: str, destination: str, identity: str) -> str:
    """Return the key of a mark; empty for an event without identity."""
    if not identity:
        return ""
    parts = [property_id, delegate.partition("::")[0], destination, identity]
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()


@transaction.atomic
def reserve(flights: Iterable[InFlight], now: datetime) -> Mapping[InFlight, SentEvent]:
    """Mark events whose action holds duplicates back, before they are sent.

    Returns:
        The flights that must not be sent now, each with the mark that blocks it.
    """
    holding = [it for it in flights if it.delivery.dedup_key and it.delivery.holds_duplicates]
    return _mark(holding, now, is_delivered=False) if holding else {}


def note(flights: Iterable[InFlight], now: datetime) -> None:
    """Mark delivered events, and record on each delivery whether it was a duplicate.

    Call it in the transaction that writes the outcomes, before the rows are written.
    """
    known = [flight for flight in flights if flight.delivery.dedup_key]
    delivered = [it for it in known if it.delivery.state == Delivery.State.DELIVERED]
    in_the_way = _mark(delivered, now, is_delivered=True)
    for flight in delivered:
        mark = in_the_way.get(flight)
        flight.delivery.duplicate_of = mark.event_id if mark else None
    _take_back([it for it in known if it.delivery.holds_duplicates and it.delivery.state in UNSENT])


def _mark(flights: Sequence[InFlight], now: datetime, *, is_delivered: bool) -> dict[InFlight, SentEvent]:
    """Set marks in the order of their keys; return the deliveries that another mark blocks."""
    first: dict[str, InFlight] = {}
    for flight in flights:
        first.setdefault(flight.delivery.dedup_key, flight)
    keys, set_keys = sorted(first), set[str]()
    for start in range(0, len(keys), ROWS_AT_ONCE):
        rows = [_row(first[key], now, is_delivered) for key in keys[start : start + ROWS_AT_ONCE]]
        set_keys |= _write(rows, now)
    others = [flight for key in keys if key not in set_keys for flight in [first[key]]]
    others += [flight for flight in flights if flight is not first[flight.delivery.dedup_key]]
    return _with_marks(others)


def _row(flight: InFlight, now: datetime, is_delivered: bool) -> tuple[Any, ...]:
    delivery = flight.delivery
    return delivery.dedup_key, delivery.event_id, delivery.component_uid, is_delivered, _stored(now)


def _write(rows: Sequence[tuple[Any, ...]], now: datetime) -> set[str]:
    """Set marks where there is no mark, an expired one, its own, or one of an event that has not arrived."""
    is_own = f"{MARKS}.event_id = excluded.event_id AND {MARKS}.component_uid = excluded.component_uid"
    statement = (
        f"INSERT INTO {MARKS} (key, event_id, component_uid, is_delivered, seen_at) VALUES"  # noqa: S608
        f" {', '.join(['(%s, %s, %s, %s, %s)'] * len(rows))}"
        " ON CONFLICT (key) DO UPDATE SET event_id = excluded.event_id,"
        " component_uid = excluded.component_uid, seen_at = excluded.seen_at,"
        f" is_delivered = excluded.is_delivered OR ({MARKS}.is_delivered AND {is_own})"
        f" WHERE {MARKS}.seen_at < %s OR ({is_own})"
        f" OR (excluded.is_delivered AND NOT {MARKS}.is_delivered) RETURNING key"
    )
    oldest = _stored(now - timedelta(hours=WINDOW_HOURS))
    with connection.cursor() as cursor:
        cursor.execute(statement, [*(value for row in rows for value in row), oldest])
        return {row[0] for row in cursor.fetchall()}


def _with_marks(flights: Sequence[InFlight]) -> dict[InFlight, SentEvent]:
    """Return the flights whose mark belongs to another event or another action."""
    marks = _marks(flight.delivery.dedup_key for flight in flights)
    found = {flight: mark for flight in flights if (mark := marks.get(flight.delivery.dedup_key))}
    return {flight: mark for flight, mark in found.items() if not _is_own(flight, mark)}


def _marks(keys: Iterable[str]) -> dict[str, SentEvent]:
    wanted = list(keys)
    parts = [wanted[start : start + ROWS_AT_ONCE] for start in range(0, len(wanted), ROWS_AT_ONCE)]
    return {mark.key: mark for part in parts for mark in SentEvent.objects.filter(key__in=part)}


def _is_own(flight: InFlight, mark: SentEvent) -> bool:
    own = (flight.delivery.event_id, flight.delivery.component_uid)
    return (mark.event_id, mark.component_uid) == own


def _take_back(flights: Sequence[InFlight]) -> None:
    """Remove the marks of events that did not arrive, so that they block no other event."""
    for mark in _marks(flight.delivery.dedup_key for flight in flights).values():
        if not mark.is_delivered and any(_is_own(flight, mark) for flight in flights):
            mark.delete()


def _stored(moment: datetime) -> Any:
    return connection.ops.adapt_datetimefield_value(moment)
