"""Applies an outcome to a delivery, and the states of deliveries to their event."""

from __future__ import annotations

import logging
import random
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta

from properties.catalog.outbound import Outcome
from properties.catalog.secret_markers import MARK
from rules.engine import mask
from rules.models import Delivery, DestinationGate, InboundEvent, SentEvent

from . import later_answers
from .event_run import keep_to_resend
from .in_flight import InFlight, to_json
from .schedule import delay_seconds

logger = logging.getLogger(__name__)
PAUSE_SPREAD_SECONDS = 5.0
BUSY_SECONDS = 5.0
FIRST_SECONDS = 60.0
DUPLICATE = "duplicate"
HELD_BACK = "The same event reached this destination less than 48 hours ago. It was not sent again."
FIRST_UNDER_WAY_CODE = "first_under_way"
FIRST_UNDER_WAY = "The same event is already being sent there. This delivery waits for the result."
UNCLEAR_CODE = "unclear"
UNCLEAR = "It may have arrived. Sent again, it would count twice."
LOST = Outcome(
    "rejected",
    "key_lost",
    "Its encryption key is gone, so its stored request cannot be read.",
    "The event itself is kept. If you need it, send it to the endpoint again with a new event ID.",
)
UNCLEAR_ADVICE = "Look for it at the vendor. Retry it only if it is not there; otherwise it counts twice."
UNANSWERED_CODE = "no_answer"
UNANSWERED = "The vendor accepted it but did not answer in time. It was not sent again."
AWAITED_CODE = "accepted"
AWAITED = "The vendor has accepted it and is processing it. We ask for the answer."
# The vendor may have received these. Only a person may decide to send them again.
MAY_HAVE_ARRIVED = (UNCLEAR_CODE, UNANSWERED_CODE)
CRASHED = "worker_crash"
# Outcomes that neither a vendor nor a package decided.
OWN_CODES = frozenset({*MAY_HAVE_ARRIVED, LOST.code, CRASHED})
# An event has the worst state of its deliveries; a waiting delivery keeps it open.
WORST_FIRST = ("dead", "expired", "erased", "delivered", "no_match")
OPEN = frozenset({Delivery.State.PENDING, Delivery.State.PARKED})


def settle(flight: InFlight, outcome: Outcome, now: datetime) -> None:
    """Update the row with the outcome of an attempt.

    Args:
        now: Time of the database.
    """
    delivery = flight.delivery
    delivery.attempts += len(flight.posts)
    _describe(delivery, outcome)
    if outcome.kind == "delivered":
        _deliver(flight, now)
    elif outcome.kind == "rejected":
        _finish(flight, Delivery.State.DEAD, now)
    elif flight.receipt is not None and later_answers.is_over(flight.receipt, now):
        leave_unanswered(flight, now)
    elif outcome.kind == "misconfigured":
        _park(flight)
    elif flight.receipt is not None:
        _await_answer(flight, outcome, now)
    elif outcome.unclear and not may_repeat(flight):
        leave_unclear(flight, now)
    else:
        seconds = delay_seconds(max(delivery.attempts, 1), outcome.retry_after_seconds)
        _wait(flight, Delivery.State.PENDING, now + timedelta(seconds=seconds))


def put_off(flight: InFlight, now: datetime) -> None:
    """Postpone a delivery because a component of its rule could not run; the raised error decides for how
    long.
    """
    delivery, reason = flight.delivery, flight.put_off_for
    delivery.attempts, delivery.done_at = delivery.attempts + 1, None
    settle(flight, reason or Outcome("retry"), now)


def may_repeat(flight: InFlight) -> bool:
    """Return whether a repeat is safe: the vendor detects duplicates, or is only asked for its answer."""
    if flight.is_wait or flight.receipt is not None:
        return True
    judge = flight.action.may_repeat if flight.action else None
    try:
        return judge is None or judge(flight.payload)
    except Exception as error:
        # A bug of a package: it costs a retry, never a second count.
        logger.exception("Whether it may be sent again ended with %s", type(error).__name__)
        return False


def leave_unclear(flight: InFlight, now: datetime) -> None:
    """End a delivery that may have arrived and could count twice if sent again."""
    _describe(flight.delivery, Outcome("rejected", UNCLEAR_CODE, UNCLEAR, UNCLEAR_ADVICE))
    _finish(flight, Delivery.State.DEAD, now)


def leave_unanswered(flight: InFlight, now: datetime) -> None:
    """End a delivery whose answer did not come in the vendor's time."""
    _describe(flight.delivery, Outcome("rejected", UNANSWERED_CODE, UNANSWERED, UNCLEAR_ADVICE))
    _finish(flight, Delivery.State.DEAD, now)


def expire(flight: InFlight, now: datetime) -> None:
    """End a delivery that is too old: the vendor would refuse it and everything in the same request."""
    _describe(
        flight.delivery, Outcome("rejected", "expired", "It became too old before it could be delivered.")
    )
    _finish(flight, Delivery.State.EXPIRED, now)
    if flight.is_wait:
        # Clear this, so that nothing checks again whether the wait is over.
        flight.outcome = Outcome("rejected", "expired")


def lose(flight: InFlight, now: datetime) -> None:
    """End a delivery that cannot be sent because the operator removed the encryption key."""
    _describe(flight.delivery, LOST)
    _finish(flight, Delivery.State.DEAD, now)


def wait_at(flight: InFlight, gate: DestinationGate, now: datetime) -> None:
    """Keep a delivery unsent because its destination is closed."""
    if flight.receipt is not None and later_answers.is_over(flight.receipt, now):
        leave_unanswered(flight, now)
        return
    delivery = flight.delivery
    delivery.code, delivery.message, delivery.advice = gate.code, gate.message, gate.advice
    if gate.state == DestinationGate.State.PARKED:
        _park(flight)
    else:
        spread = random.uniform(0, PAUSE_SPREAD_SECONDS)  # noqa: S311 - spreads load, guards nothing
        _wait(flight, Delivery.State.PENDING, (gate.until or now) + timedelta(seconds=spread))


def wait_for_sender(flight: InFlight, now: datetime) -> None:
    """Keep a delivery unsent because its destination is slower than the events arrive."""
    flight.delivery.code, flight.delivery.message = (
        "busy",
        "The destination answers slowly. This delivery waits.",
    )
    _wait(flight, Delivery.State.PENDING, now + timedelta(seconds=BUSY_SECONDS))


def wait_for_turn(flight: InFlight, now: datetime) -> None:
    """Keep a delivery unsent, to be claimed in the next step."""
    _wait(flight, Delivery.State.PENDING, now)


def hold_back(flight: InFlight, first: SentEvent, now: datetime) -> None:
    """Hold a duplicate back; if the first event is still being sent, wait for its outcome."""
    if first.is_delivered:
        flight.delivery.duplicate_of = first.event_id
        _describe(flight.delivery, Outcome("rejected", DUPLICATE, HELD_BACK))
        _finish(flight, Delivery.State.DEAD, now)
    else:
        _describe(flight.delivery, Outcome("retry", FIRST_UNDER_WAY_CODE, FIRST_UNDER_WAY))
        _wait(flight, Delivery.State.PENDING, now + timedelta(seconds=FIRST_SECONDS))


def _describe(delivery: Delivery, outcome: Outcome) -> None:
    delivery.blamed_field = outcome.blamed_field[:255]
    delivery.code, delivery.reference = outcome.code[:60], outcome.reference[:255]
    delivery.message, delivery.advice = outcome.message, outcome.advice


def _deliver(flight: InFlight, now: datetime) -> None:
    masked = flight.action.masked if flight.action else ()
    payload = to_json(without_masked(flight.payload, masked))
    flight.delivery.payload = _named(payload, flight.markers) if MARK in payload else payload
    flight.delivery.envelope = flight.delivery.rule_state = ""
    _end(flight, Delivery.State.DELIVERED, now)


def _named(payload: str, markers: Mapping[str, str]) -> str:
    """Return JSON with the names of credentials instead of secret markers; it is never sent again."""
    for marker, name in markers.items():
        payload = payload.replace(marker, to_json(f"secret “{name}”")[1:-1])
    return payload


def _finish(flight: InFlight, state: str, now: datetime) -> None:
    keep_to_resend(flight)
    _end(flight, state, now)


def _await_answer(flight: InFlight, outcome: Outcome, now: datetime) -> None:
    """Wait for the answer of a vendor that has accepted the delivery: ask for it, and never send again."""
    assert flight.receipt is not None  # noqa: S101 - the caller has checked
    delivery = flight.delivery
    receipt = flight.receipt = later_answers.dated(flight.receipt, flight.action, now)
    if outcome.kind == "accepted":
        delivery.code, delivery.message = delivery.code or AWAITED_CODE, delivery.message or AWAITED
    delivery.reference = delivery.reference or receipt.id
    at = later_answers.next_question_at(receipt, outcome, delivery.attempts, now)
    _wait(flight, Delivery.State.PENDING, at)


def _end(flight: InFlight, state: str, now: datetime) -> None:
    flight.delivery.state, flight.delivery.done_at = state, now
    flight.delivery.next_at = flight.delivery.receipt = None
    flight.is_settled = True


def _park(flight: InFlight) -> None:
    """Park a delivery until its gate opens, it is too old, or its last question is due."""
    receipt = flight.receipt
    end = later_answers.last_question_at(receipt) if receipt else flight.delivery.expires_at
    _wait(flight, Delivery.State.PARKED, end)


def _wait(flight: InFlight, state: str, next_at: datetime | None) -> None:
    keep_to_resend(flight)
    flight.delivery.state, flight.delivery.next_at = state, next_at
    flight.is_settled = True


def without_masked(payload: object, paths: Iterable[str]) -> object:
    """Return a copy of a payload with the values at these dotted keys masked."""
    if not isinstance(payload, dict):
        return payload
    heads: dict[str, list[str]] = {}
    for path in paths:
        head, _, rest = path.partition(".")
        heads.setdefault(head, []).append(rest)
    return {key: _masked(value, heads[key]) if key in heads else value for key, value in payload.items()}


def _masked(value: object, rests: list[str]) -> object:
    return mask(value) if "" in rests else without_masked(value, rests)


def event_state(own: str, states: Iterable[str]) -> str:
    """Return the state of an event from its own state and those of its deliveries."""
    found = {own, *states}
    if found & OPEN:
        return InboundEvent.State.OPEN
    return next(state for state in WORST_FIRST if state in found)


def event_reason(own: str, deliveries: Iterable[tuple[str, str]], state: str) -> str:
    """Return the reason of an event's state: its own, else the code of the first delivery that decided it.

    Args:
        deliveries: (state, code) of each.
    """
    if own or state in (InboundEvent.State.DELIVERED, InboundEvent.State.OPEN):
        return own
    codes = [code or state for found, code in deliveries if found == state]
    return next((code for code in codes if code != DUPLICATE), DUPLICATE if codes else "")[:60]
