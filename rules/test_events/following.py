"""What became of a test event, from the answer of the endpoint to its outcome."""

from __future__ import annotations

import time
from dataclasses import dataclass

from properties.models import Environment
from rules.event_log.rows import EventLogRow, rows_of
from rules.models import InboundEvent

# Between the clock of the page and the id that the edge gives.
BEFORE_SECONDS, AFTER_SECONDS = 2, 20
# As long as somebody may wait before a page; the event goes on without it.
PATIENCE_SECONDS = 120
SLOW_SECONDS = 15


@dataclass(frozen=True, slots=True)
class SentTestEvent:
    """A test event under way.

    Args:
        request_id: Of the request that carried it.
        at: Unix seconds when it was sent.
        is_kept: False when the endpoint took it and stores nothing, because its visitor refused consent.
        event_id: Of the stored event, once it is known.
    """

    request_id: str
    at: int
    is_kept: bool = True
    event_id: int | None = None

    @property
    def seconds(self) -> float:
        """Since it was sent."""
        return time.time() - self.at


@dataclass(frozen=True, slots=True)
class Following:
    """What a page shows of a test event now.

    Args:
        row: As in the event log; None while it is not stored.
        is_over: Nothing more will come, or nobody waits that long.
        is_slow: It takes longer than it should.
    """

    sent: SentTestEvent
    row: EventLogRow | None
    is_over: bool
    is_slow: bool


def follow(environment: Environment, sent: SentTestEvent) -> Following:
    """Look for the event and its state."""
    event = _event_of(environment, sent) if sent.is_kept else None
    row = rows_of(environment.prop, [event])[0] if event else None
    is_over = not sent.is_kept or bool(row and row.is_finished) or sent.seconds > PATIENCE_SECONDS
    return Following(sent, row, is_over, is_slow=not is_over and sent.seconds > SLOW_SECONDS)


def _event_of(environment: Environment, sent: SentTestEvent) -> InboundEvent | None:
    found = InboundEvent.objects.filter(property_id=environment.prop_id, environment_id=environment.pk)
    if sent.event_id is not None:
        found = found.filter(pk=sent.event_id)
    else:
        around = (_id_at(sent.at - BEFORE_SECONDS), _id_at(sent.at + AFTER_SECONDS))
        named = f'"requestId":"{sent.request_id}"'
        found = found.filter(id__gte=around[0], id__lt=around[1], request__contains=named)
    return found.defer("body", "request", "trace").order_by("id").first()


def _id_at(second: int) -> int:
    return (second * 1000) << InboundEvent.BITS_BELOW_TIME
