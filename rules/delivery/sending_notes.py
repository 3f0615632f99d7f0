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
from .in_flight import InFlight, to_json
from .outcomes import may_repeat

KEY_LENGTH = 56


def note(flights: Iterable[InFlight]) -> None:
    """Note those that may not be repeated. It is committed when this returns; only then are they sent."""
    once = [flight for flight in flights if not may_repeat(flight)]
    if not once:
        return
    now = database_now()
    for flight in once:
        flight.note_key = _key(flight)
    SentEvent.objects.bulk_create([_row(flight, now) for flight in once], ignore_conflicts=True)


def is_noted(flight: InFlight) -> bool:
    """Whether a process that took it was about to send it, or had sent it."""
    flight.note_key = _key(flight)
    return SentEvent.objects.filter(key=flight.note_key).exists()


def forget(flights: Iterable[InFlight]) -> None:
    """Remove the notes of flights whose outcome is written. Call it in that transaction."""
    keys = [flight.note_key for flight in flights if flight.note_key]
    if keys:
        SentEvent.objects.filter(key__in=keys).delete()


def _key(flight: InFlight) -> str:
    """The same when the event is run again: an action gives the same for the same event."""
    delivery = flight.delivery
    told = [delivery.event_id, delivery.component_uid, delivery.destination, flight.payload]
    return SentEvent.NOTE + hashlib.sha256(to_json(told).encode()).hexdigest()[:KEY_LENGTH]


def _row(flight: InFlight, now: datetime) -> SentEvent:
    delivery = flight.delivery
    return SentEvent(
        key=flight.note_key, event_id=delivery.event_id, component_uid=delivery.component_uid, seen_at=now
    )
