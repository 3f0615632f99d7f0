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
from .in_flight import Parcel, to_json
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


def settle(parcel: Parcel, outcome: Outcome, now: datetime) -> None:
    """Bring the row up to date with the outcome of an attempt.

    Args:
        now: Time of the database.
    """
    delivery = parcel.delivery
    delivery.attempts += len(parcel.posts)
    _describe(delivery, outcome)
    if outcome.kind == "delivered":
        _deliver(parcel, now)
    elif outcome.kind == "rejected":
        _finish(parcel, Delivery.State.DEAD, now)
    elif parcel.receipt is not None and later_answers.is_over(parcel.receipt, now):
        leave_unanswered(parcel, now)
    elif outcome.kind == "misconfigured":
        _park(parcel)
    elif parcel.receipt is not None:
        _await_answer(parcel, outcome, now)
    elif outcome.unclear and not may_repeat(parcel):
        leave_unclear(parcel, now)
    else:
        seconds = delay_seconds(max(delivery.attempts, 1), outcome.retry_after_seconds)
        _wait(parcel, Delivery.State.PENDING, now + timedelta(seconds=seconds))


def put_off(parcel: Parcel, now: datetime) -> None:
    """A component of its rule could not run: what it raised decides when it runs again."""
    delivery, reason = parcel.delivery, parcel.put_off_for
    delivery.attempts, delivery.done_at = delivery.attempts + 1, None
    settle(parcel, reason or Outcome("retry"), now)


def may_repeat(parcel: Parcel) -> bool:
    """Whether the vendor notices when it gets the same event twice; it may always be asked for its answer."""
    if parcel.is_wait or parcel.receipt is not None:
        return True
    judge = parcel.action.may_repeat if parcel.action else None
    try:
        return judge is None or judge(parcel.payload)
    except Exception as error:
        # A bug of a package: it costs a retry, never a second count.
        logger.exception("Whether it may be sent again ended with %s", type(error).__name__)
        return False


def leave_unclear(parcel: Parcel, now: datetime) -> None:
    """Nobody knows whether it arrived, and sent again it might count twice."""
    _describe(parcel.delivery, Outcome("rejected", UNCLEAR_CODE, UNCLEAR, UNCLEAR_ADVICE))
    _finish(parcel, Delivery.State.DEAD, now)


def leave_unanswered(parcel: Parcel, now: datetime) -> None:
    """The vendor has had its time."""
    _describe(parcel.delivery, Outcome("rejected", UNANSWERED_CODE, UNANSWERED, UNCLEAR_ADVICE))
    _finish(parcel, Delivery.State.DEAD, now)


def expire(parcel: Parcel, now: datetime) -> None:
    """The vendor would refuse it now, and with it everything in the same request."""
    _describe(
        parcel.delivery, Outcome("rejected", "expired", "It became too old before it could be delivered.")
    )
    _finish(parcel, Delivery.State.EXPIRED, now)
    if parcel.is_wait:
        # Nothing may be left that asks once more whether it is over.
        parcel.outcome = Outcome("rejected", "expired")


def lose(parcel: Parcel, now: datetime) -> None:
    """Nothing is left that could be sent: the operator has given up the key."""
    _describe(parcel.delivery, LOST)
    _finish(parcel, Delivery.State.DEAD, now)


def wait_at(parcel: Parcel, gate: DestinationGate, now: datetime) -> None:
    """Keep it, unsent, because its destination is closed."""
    if parcel.receipt is not None and later_answers.is_over(parcel.receipt, now):
        leave_unanswered(parcel, now)
        return
    delivery = parcel.delivery
    delivery.code, delivery.message, delivery.advice = gate.code, gate.message, gate.advice
    if gate.state == DestinationGate.State.PARKED:
        _park(parcel)
    else:
        spread = random.uniform(0, PAUSE_SPREAD_SECONDS)  # noqa: S311 - spreads load, guards nothing
        _wait(parcel, Delivery.State.PENDING, (gate.until or now) + timedelta(seconds=spread))


def wait_for_sender(parcel: Parcel, now: datetime) -> None:
    """Keep it, unsent, because its destination takes longer than events keep coming."""
    parcel.delivery.code, parcel.delivery.message = "busy", "The destination answers slowly; this one waits."
    _wait(parcel, Delivery.State.PENDING, now + timedelta(seconds=BUSY_SECONDS))


def wait_for_turn(parcel: Parcel, now: datetime) -> None:
    """Keep it, unsent, to be claimed in the next step."""
    _wait(parcel, Delivery.State.PENDING, now)


def hold_back(parcel: Parcel, first: SentEvent, now: datetime) -> None:
    """The same event is at its destination; or on its way there, then this one waits for what comes of it."""
    if first.is_delivered:
        parcel.delivery.duplicate_of = first.event_id
        _describe(parcel.delivery, Outcome("rejected", DUPLICATE, HELD_BACK))
        _finish(parcel, Delivery.State.DEAD, now)
    else:
        _describe(parcel.delivery, Outcome("retry", "first_under_way", FIRST_UNDER_WAY))
        _wait(parcel, Delivery.State.PENDING, now + timedelta(seconds=FIRST_SECONDS))


def _describe(delivery: Delivery, outcome: Outcome) -> None:
    delivery.blamed_field = outcome.blamed_field[:255]
    delivery.code, delivery.reference = outcome.code[:60], outcome.reference[:255]
    delivery.message, delivery.advice = outcome.message, outcome.advice


def _deliver(parcel: Parcel, now: datetime) -> None:
    masked = parcel.action.masked if parcel.action else ()
    payload = to_json(without_masked(parcel.payload, masked))
    parcel.delivery.payload = _named(payload, parcel.markers) if MARK in payload else payload
    parcel.delivery.envelope = parcel.delivery.rule_state = ""
    _end(parcel, Delivery.State.DELIVERED, now)


def _named(payload: str, markers: Mapping[str, str]) -> str:
    """JSON with the names of credentials: nothing of it is sent again."""
    for marker, name in markers.items():
        payload = payload.replace(marker, to_json(f"secret “{name}”")[1:-1])
    return payload


def _finish(parcel: Parcel, state: str, now: datetime) -> None:
    keep_to_resend(parcel)
    _end(parcel, state, now)


def _await_answer(parcel: Parcel, outcome: Outcome, now: datetime) -> None:
    """The vendor has it: from now on it is asked, and nothing is sent again."""
    assert parcel.receipt is not None  # noqa: S101 - the caller has looked
    delivery = parcel.delivery
    receipt = parcel.receipt = later_answers.dated(parcel.receipt, parcel.action, now)
    if outcome.kind == "accepted":
        delivery.code, delivery.message = delivery.code or AWAITED_CODE, delivery.message or AWAITED
    delivery.reference = delivery.reference or receipt.id
    at = later_answers.next_question_at(receipt, outcome, delivery.attempts, now)
    _wait(parcel, Delivery.State.PENDING, at)


def _end(parcel: Parcel, state: str, now: datetime) -> None:
    parcel.delivery.state, parcel.delivery.done_at = state, now
    parcel.delivery.next_at = parcel.delivery.receipt = None
    parcel.is_settled = True


def _park(parcel: Parcel) -> None:
    """Nothing makes it due but the gate, or the day on which it is too old, or is asked a last time."""
    receipt = parcel.receipt
    end = later_answers.last_question_at(receipt) if receipt else parcel.delivery.expires_at
    _wait(parcel, Delivery.State.PARKED, end)


def _wait(parcel: Parcel, state: str, next_at: datetime | None) -> None:
    keep_to_resend(parcel)
    parcel.delivery.state, parcel.delivery.next_at = state, next_at
    parcel.is_settled = True


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
