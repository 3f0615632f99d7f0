"""What an outcome makes of a delivery, and deliveries of an event."""

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
HELD_BACK = "The same event had reached this destination within 48 hours before; it was not sent again."
FIRST_UNDER_WAY = "The same event is on its way there already; this one waits for what comes of it."
UNCLEAR_CODE = "unclear"
UNCLEAR = "It may have arrived, and would count twice if it were sent again."
LOST = Outcome(
    "rejected",
    "key_lost",
    "The key that it was encrypted with is gone, and what was to be sent with it.",
    "The event itself is still here: send it to the endpoint again, under another ID, if it counts.",
)
UNCLEAR_ADVICE = "Look for it at the vendor. Retry it only if it is not there: it would count twice."
UNANSWERED_CODE = "no_answer"
UNANSWERED = "The vendor accepted it and did not say in time what came of it. It was not sent again."
AWAITED_CODE = "accepted"
AWAITED = "The vendor has accepted it and works on it. It is asked what came of it."
# The vendor may have these: only a person can decide to send them again.
MAY_HAVE_ARRIVED = (UNCLEAR_CODE, UNANSWERED_CODE)
# An event counts as the worst of its deliveries; any that waits keeps it open.
WORST_FIRST = ("dead", "expired", "erased", "delivered", "no_match")
OPEN = frozenset({Delivery.State.PENDING, Delivery.State.PARKED})


def settle(flight: InFlight, outcome: Outcome, now: datetime) -> None:
    """Bring the row up to date with the outcome of an attempt.

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
    """A component of its rule could not run: what it raised decides when it runs again."""
    delivery, reason = flight.delivery, flight.put_off_for
    delivery.attempts, delivery.done_at = delivery.attempts + 1, None
    settle(flight, reason or Outcome("retry"), now)


def may_repeat(flight: InFlight) -> bool:
    """Whether the vendor notices when it gets the same event twice; it may always be asked for its answer."""
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
    """Nobody knows whether it arrived, and sent again it might count twice."""
    _describe(flight.delivery, Outcome("rejected", UNCLEAR_CODE, UNCLEAR, UNCLEAR_ADVICE))
    _finish(flight, Delivery.State.DEAD, now)


def leave_unanswered(flight: InFlight, now: datetime) -> None:
    """The vendor has had its time."""
    _describe(flight.delivery, Outcome("rejected", UNANSWERED_CODE, UNANSWERED, UNCLEAR_ADVICE))
    _finish(flight, Delivery.State.DEAD, now)


def expire(flight: InFlight, now: datetime) -> None:
    """The vendor would refuse it now, and with it everything in the same request."""
    _describe(
        flight.delivery, Outcome("rejected", "expired", "It became too old before it could be delivered.")
    )
    _finish(flight, Delivery.State.EXPIRED, now)
    if flight.is_wait:
        # Nothing may be left that asks once more whether it is over.
        flight.outcome = Outcome("rejected", "expired")


def lose(flight: InFlight, now: datetime) -> None:
    """Nothing is left that could be sent: the operator has given up the key."""
    _describe(flight.delivery, LOST)
    _finish(flight, Delivery.State.DEAD, now)


def wait_at(flight: InFlight, gate: DestinationGate, now: datetime) -> None:
    """Keep it, unsent, because its destination is closed."""
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
    """Keep it, unsent, because its destination takes longer than events keep coming."""
    flight.delivery.code, flight.delivery.message = "busy", "The destination answers slowly; this one waits."
    _wait(flight, Delivery.State.PENDING, now + timedelta(seconds=BUSY_SECONDS))


def wait_for_turn(flight: InFlight, now: datetime) -> None:
    """Keep it, unsent, to be claimed in the next step."""
    _wait(flight, Delivery.State.PENDING, now)


def hold_back(flight: InFlight, first: SentEvent, now: datetime) -> None:
    """The same event is at its destination; or on its way there, then this one waits for what comes of it."""
    if first.is_delivered:
        flight.delivery.duplicate_of = first.event_id
        _describe(flight.delivery, Outcome("rejected", DUPLICATE, HELD_BACK))
        _finish(flight, Delivery.State.DEAD, now)
    else:
        _describe(flight.delivery, Outcome("retry", "first_under_way", FIRST_UNDER_WAY))
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
    """JSON with the names of credentials: nothing of it is sent again."""
    for marker, name in markers.items():
        payload = payload.replace(marker, to_json(f"secret “{name}”")[1:-1])
    return payload


def _finish(flight: InFlight, state: str, now: datetime) -> None:
    keep_to_resend(flight)
    _end(flight, state, now)


def _await_answer(flight: InFlight, outcome: Outcome, now: datetime) -> None:
    """The vendor has it: from now on it is asked, and nothing is sent again."""
    assert flight.receipt is not None  # noqa: S101 - the caller has looked
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
    """Nothing makes it due but the gate, or the day on which it is too old, or is asked a last time."""
    receipt = flight.receipt
    end = later_answers.last_question_at(receipt) if receipt else flight.delivery.expires_at
    _wait(flight, Delivery.State.PARKED, end)


def _wait(flight: InFlight, state: str, next_at: datetime | None) -> None:
    keep_to_resend(flight)
    flight.delivery.state, flight.delivery.next_at = state, next_at
    flight.is_settled = True


def without_masked(payload: object, paths: Iterable[str]) -> object:
    """A copy of a payload with the values at these dotted keys masked."""
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
    """The state of an event from its own and those of its deliveries."""
    found = {own, *states}
    if found & OPEN:
        return InboundEvent.State.OPEN
    return next(state for state in WORST_FIRST if state in found)


def event_reason(own: str, deliveries: Iterable[tuple[str, str]], state: str) -> str:
    """Why an event is what it is: its own reason, else the code of the first delivery that decided.

    Args:
        deliveries: (state, code) of each.
    """
    if own or state in (InboundEvent.State.DELIVERED, InboundEvent.State.OPEN):
        return own
    codes = [code or state for found, code in deliveries if found == state]
    return next((code for code in codes if code != DUPLICATE), DUPLICATE if codes else "")[:60]
