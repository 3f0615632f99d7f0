"""Follows a test event from the answer of the endpoint to its outcome."""

from __future__ import annotations

import time
from dataclasses import dataclass

from properties.models import Environment
from rules.event_log.rows import EventLogRow, rows_of
from rules.models import InboundEvent

# Tolerance between the clock of the page and the id from the edge.
BEFORE_SECONDS, AFTER_SECONDS = 2, 20
# How long the page waits. The event continues without it.
PATIENCE_SECONDS = 120
SLOW_SECONDS = 15


@dataclass(frozen=True, slots=True)
class SentTestEvent:
    """A test event that was sent.

    Args:
        request_id: Id of the request that carried it.
        at: Time of sending, in Unix seconds.
        is_kept: False if the endpoint accepted it without storing it, because its visitor refused consent.
        event_id: Id of the stored event, once it is known.
    """

    request_id: str
    at: int
    is_kept: bool = True
    event_id: int | None = None

    @property
    def seconds(self) -> float:
        """Seconds since it was sent."""
        return time.time() - self.at


@dataclass(frozen=True, slots=True)
class Following:
    """The state of a test event, as a page shows it.

    Args:
        row: Its row of the event log; None while it is not stored.
        is_over: The state is final, or the page stops waiting.
        is_slow: It takes longer than it should.
    """

    sent: SentTestEvent
    row: EventLogRow | None
    is_over: bool
    is_slow: bool


def follow(environment: Environment, sent: SentTestEvent) -> Following:
    """Return the current state of a test event."""
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
