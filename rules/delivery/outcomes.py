"""What an outcome makes of a delivery, and deliveries of an event."""

from __future__ import annotations

import random
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta

from properties.catalog.outbound import Outcome
from properties.catalog.secret_markers import MARK
from rules.engine import mask
from rules.models import Delivery, DestinationGate, InboundEvent, SentEvent

from .event_run import keep_to_resend
from .in_flight import Parcel, to_json
from .schedule import delay_seconds

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
UNCLEAR_ADVICE = "Look for it at the vendor, and send it again if it is not there."
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
    elif outcome.kind == "misconfigured":
        _park(parcel)
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
    """Whether the vendor notices when it gets the same event twice."""
    if parcel.is_wait:
        return True
    judge = parcel.action.may_repeat if parcel.action else None
    return judge is None or judge(parcel.payload)


def leave_unclear(parcel: Parcel, now: datetime) -> None:
    """Nobody knows whether it arrived, and sent again it might count twice."""
    _describe(parcel.delivery, Outcome("rejected", UNCLEAR_CODE, UNCLEAR, UNCLEAR_ADVICE))
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


def _end(parcel: Parcel, state: str, now: datetime) -> None:
    parcel.delivery.state, parcel.delivery.done_at = state, now
    parcel.delivery.next_at = None
    parcel.is_settled = True


def _park(parcel: Parcel) -> None:
    """Nothing makes it due but the gate, or the day on which it is too old."""
    _wait(parcel, Delivery.State.PARKED, parcel.delivery.expires_at)


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
