"""Ends rows that crash every process that claims them."""

from __future__ import annotations

from collections import Counter
from datetime import datetime

from rules.models import Delivery, InboundEvent

from .claims import condemned
from .ledger_counters import count
from .persistence import move_events

REASON = "worker_crash"
MESSAGE = (
    "The process ended six times while it worked on this one. The last three times it worked on nothing else."
)


def condemn(now: datetime) -> None:
    """End rows whose claims vanished alone three times. Call it inside a transaction."""
    events, deliveries = condemned(now)
    for event in events:
        InboundEvent.objects.filter(id=event.id).update(
            state=InboundEvent.State.DEAD, reason=REASON, done_at=now, lease_token="", lease_until=None
        )
    for delivery in deliveries:
        Delivery.objects.filter(id=delivery.id).update(
            state=Delivery.State.DEAD,
            code=REASON,
            message=MESSAGE,
            done_at=now,
            lease_token="",
            lease_until=None,
        )
    moved = Counter([InboundEvent.State.DEAD.value] * len(events))
    moved.update(move_events({delivery.event_id for delivery in deliveries}, now))
    count(moved, now)
