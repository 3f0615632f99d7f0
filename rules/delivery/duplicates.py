"""The same event for the same destination once more: found within 48 hours of the first one.

The first that was delivered keeps a mark; a later one is a duplicate of it. An action that holds duplicates
back marks an event before it is sent, so that of two that are under way only one goes on; the mark is taken
back when the event does not arrive.

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

from .parcels import Parcel

WINDOW_HOURS = 48
ROWS_AT_ONCE = 1_000
MARKS = SentEvent._meta.db_table
UNSENT = frozenset({Delivery.State.DEAD, Delivery.State.EXPIRED, Delivery.State.ERASED})


def dedup_key(property_id: int, delegate: str, destination: str, identity: str) -> str:
    """What a mark is kept under; empty for an event without identity."""
    if not identity:
        return ""
    told = [property_id, delegate.partition("::")[0], destination, identity]
    return hashlib.sha256(json.dumps(told).encode()).hexdigest()


@transaction.atomic
def reserve(parcels: Iterable[Parcel], now: datetime) -> Mapping[Parcel, SentEvent]:
    """Mark events whose action holds duplicates back, before they are sent.

    Returns:
        Those that must not be sent now, with the mark that is in their way.
    """
    holding = [it for it in parcels if it.delivery.dedup_key and it.delivery.holds_duplicates]
    return _mark(holding, now, is_delivered=False) if holding else {}


def note(parcels: Iterable[Parcel], now: datetime) -> None:
    """Mark what was delivered and say of each delivery whether it was a duplicate.

    Call it in the transaction that writes the outcomes, before the rows are written.
    """
    known = [parcel for parcel in parcels if parcel.delivery.dedup_key]
    delivered = [it for it in known if it.delivery.state == Delivery.State.DELIVERED]
    in_the_way = _mark(delivered, now, is_delivered=True)
    for parcel in delivered:
        mark = in_the_way.get(parcel)
        parcel.delivery.duplicate_of = mark.event_id if mark else None
    _take_back([it for it in known if it.delivery.holds_duplicates and it.delivery.state in UNSENT])


def _mark(parcels: Sequence[Parcel], now: datetime, *, is_delivered: bool) -> dict[Parcel, SentEvent]:
    """Set marks in the order of their keys; returns the parcels that somebody else's mark keeps from it."""
    first: dict[str, Parcel] = {}
    for parcel in parcels:
        first.setdefault(parcel.delivery.dedup_key, parcel)
    keys, set_keys = sorted(first), set[str]()
    for start in range(0, len(keys), ROWS_AT_ONCE):
        rows = [_row(first[key], now, is_delivered) for key in keys[start : start + ROWS_AT_ONCE]]
        set_keys |= _write(rows, now)
    others = [parcel for key in keys if key not in set_keys for parcel in [first[key]]]
    others += [parcel for parcel in parcels if parcel is not first[parcel.delivery.dedup_key]]
    return _with_marks(others)


def _row(parcel: Parcel, now: datetime, is_delivered: bool) -> tuple[Any, ...]:
    delivery = parcel.delivery
    return delivery.dedup_key, delivery.event_id, delivery.component_uid, is_delivered, _stored(now)


def _write(rows: Sequence[tuple[Any, ...]], now: datetime) -> set[str]:
    """Set marks where none stands, or an old one, an own one, or one of an event that has not arrived."""
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


def _with_marks(parcels: Sequence[Parcel]) -> dict[Parcel, SentEvent]:
    """Those whose mark belongs to another event or another action."""
    marks = _marks(parcel.delivery.dedup_key for parcel in parcels)
    found = {parcel: mark for parcel in parcels if (mark := marks.get(parcel.delivery.dedup_key))}
    return {parcel: mark for parcel, mark in found.items() if not _is_own(parcel, mark)}


def _marks(keys: Iterable[str]) -> dict[str, SentEvent]:
    wanted = list(keys)
    parts = [wanted[start : start + ROWS_AT_ONCE] for start in range(0, len(wanted), ROWS_AT_ONCE)]
    return {mark.key: mark for part in parts for mark in SentEvent.objects.filter(key__in=part)}


def _is_own(parcel: Parcel, mark: SentEvent) -> bool:
    own = (parcel.delivery.event_id, parcel.delivery.component_uid)
    return (mark.event_id, mark.component_uid) == own


def _take_back(parcels: Sequence[Parcel]) -> None:
    """What did not arrive keeps no other from it."""
    for mark in _marks(parcel.delivery.dedup_key for parcel in parcels).values():
        if not mark.is_delivered and any(_is_own(parcel, mark) for parcel in parcels):
            mark.delete()


def _stored(moment: datetime) -> Any:
    return connection.ops.adapt_datetimefield_value(moment)
