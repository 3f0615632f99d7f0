"""Notes on deliveries that may not be sent twice, written before they are sent.

A process that dies leaves its notes behind: a noted delivery may have arrived, any other certainly did not.
If the vendor detects repeated events, no note is written.
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
    """Note the flights that may not be repeated. Send them only after this has returned: then the notes are
    committed.
    """
    once = [flight for flight in flights if not may_repeat(flight)]
    if not once:
        return
    now = database_now()
    for flight in once:
        flight.note_key = _key(flight)
    SentEvent.objects.bulk_create([_row(flight, now) for flight in once], ignore_conflicts=True)


def is_noted(flight: InFlight) -> bool:
    """Return whether a process was about to send the flight, or had sent it."""
    flight.note_key = _key(flight)
    return SentEvent.objects.filter(key=flight.note_key).exists()


def forget(flights: Iterable[InFlight]) -> None:
    """Remove the notes of flights whose outcome is written. Call it in that transaction."""
    keys = [flight.note_key for flight in flights if flight.note_key]
    if keys:
        SentEvent.objects.filter(key__in=keys).delete()


def _key(flight: InFlight) -> str:
    """Return the key of the note. A second run of the event gives the same key, because its actions give the
    same payload.
    """
    delivery = flight.delivery
    parts = [delivery.event_id, delivery.component_uid, delivery.destination, flight.payload]
    return SentEvent.NOTE + hashlib.sha256(to_json(parts).encode()).hexdigest()[:KEY_LENGTH]


def _row(flight: InFlight, now: datetime) -> SentEvent:
    delivery = flight.delivery
    return SentEvent(
        key=flight.note_key, event_id=delivery.event_id, component_uid=delivery.component_uid, seen_at=now
    )
