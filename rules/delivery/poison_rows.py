"""Ends rows that crash every process that claims them."""

from __future__ import annotations

from collections import Counter
from datetime import datetime
from typing import Any

from rules.models import Delivery, InboundEvent

from .claims import poisoned
from .counted_outcomes import delivery_number, event_number
from .issue_causes import of_deliveries, of_event
from .issue_counts import count_occurrences
from .ledger_counters import count
from .log.log_writing import log_moved
from .minute_counts import MinuteChanges
from .outcomes import CRASHED
from .persistence import move_events

MESSAGE = (
    "The process ended six times while it worked on this one. The last three times it worked on nothing else."
)


def end_poison_rows(now: datetime) -> None:
    """End rows whose claims vanished alone three times. Call it inside a transaction."""
    events, deliveries = poisoned(now)
    minutes = MinuteChanges()
    ended = {"done_at": now, "lease_token": "", "lease_until": None}
    for event in events:
        _end_event(event, ended, minutes)
    for delivery in deliveries:
        _end_delivery(delivery, ended, minutes)
    whole = [of_event(event, CRASHED) for event in events]
    count_occurrences([*whole, *of_deliveries(deliveries)], now)
    moved = Counter([InboundEvent.State.DEAD.value] * len(events))
    moved.update(move_events({delivery.event_id for delivery in deliveries}, now, minutes))
    log_moved([], [*(event.id for event in events), *(delivery.event_id for delivery in deliveries)])
    count(moved, now)
    minutes.write()


def _end_event(event: InboundEvent, ended: dict[str, Any], minutes: MinuteChanges) -> None:
    state = InboundEvent.State.DEAD
    number = event_number(state, CRASHED, ())
    minutes.event(event, event.counted_as, number)
    InboundEvent.objects.filter(id=event.id).update(state=state, reason=CRASHED, counted_as=number, **ended)


def _end_delivery(delivery: Delivery, ended: dict[str, Any], minutes: MinuteChanges) -> None:
    delivery.state, delivery.code, delivery.message = Delivery.State.DEAD, CRASHED, MESSAGE
    number = delivery_number(delivery)
    minutes.delivery(delivery, delivery.counted_as, number)
    words = {"state": delivery.state, "code": CRASHED, "message": MESSAGE, "counted_as": number}
    Delivery.objects.filter(id=delivery.id).update(**words, **ended)
