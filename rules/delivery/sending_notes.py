"""What may not be sent twice is noted before it is sent.

A process that dies leaves its note behind: what was noted may have arrived, what was not certainly did not.
Where the vendor notices a repeated event, nothing is noted.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from datetime import datetime

from rules.models import SentEvent

from .clock import database_now
from .in_flight import Parcel, to_json
from .outcomes import may_repeat

KEY_LENGTH = 56


def note(parcels: Iterable[Parcel]) -> None:
    """Note those that may not be repeated. It is committed when this returns; only then are they sent."""
    once = [parcel for parcel in parcels if not may_repeat(parcel)]
    if not once:
        return
    now = database_now()
    for parcel in once:
        parcel.note_key = _key(parcel)
    SentEvent.objects.bulk_create([_row(parcel, now) for parcel in once], ignore_conflicts=True)


def is_noted(parcel: Parcel) -> bool:
    """Whether a process that took it was about to send it, or had sent it."""
    parcel.note_key = _key(parcel)
    return SentEvent.objects.filter(key=parcel.note_key).exists()


def forget(parcels: Iterable[Parcel]) -> None:
    """Remove the notes of parcels whose outcome is written. Call it in that transaction."""
    keys = [parcel.note_key for parcel in parcels if parcel.note_key]
    if keys:
        SentEvent.objects.filter(key__in=keys).delete()


def _key(parcel: Parcel) -> str:
    """The same when the event is run again: an action gives the same for the same event."""
    delivery = parcel.delivery
    told = [delivery.event_id, delivery.component_uid, delivery.destination, parcel.payload]
    return SentEvent.NOTE + hashlib.sha256(to_json(told).encode()).hexdigest()[:KEY_LENGTH]


def _row(parcel: Parcel, now: datetime) -> SentEvent:
    delivery = parcel.delivery
    return SentEvent(
        key=parcel.note_key, event_id=delivery.event_id, component_uid=delivery.component_uid, seen_at=now
    )
