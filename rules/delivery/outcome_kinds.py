"""The kind of outcome of events and deliveries: what filters, counts and pages group them by.

Source: docs/states.md, "What the states mean".
"""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum

from rules.models import Delivery, InboundEvent

from .outcomes import DUPLICATE, FIRST_UNDER_WAY_CODE, OWN_CODES
from .refused_fields import lost_fields


class OutcomeKind(StrEnum):
    """What became of an event or a delivery, worst first. ``SENDING`` is progress: no outcome yet."""

    REFUSED = "refused"
    NOT_SENT = "not_sent"
    ON_HOLD = "on_hold"
    RETRYING = "retrying"
    SENDING = "sending"
    WITHOUT = "without"
    DUPLICATE = "duplicate"
    DELIVERED = "delivered"
    NO_MATCH = "no_match"


def delivery_kind(delivery: Delivery) -> OutcomeKind | None:
    """Return the kind of one delivery; None if a newer version wrote its state."""
    if delivery.state == Delivery.State.DELIVERED:
        return _arrived(delivery)
    if delivery.state == Delivery.State.PENDING:
        return _waiting(delivery)
    if delivery.state == Delivery.State.DEAD:
        return _ended(delivery)
    return _OF_DELIVERIES.get(delivery.state)


def event_kind(state: str, reason: str, deliveries: Iterable[Delivery] = ()) -> OutcomeKind | None:
    """Return the kind of an event: the worst of its own and those of its deliveries.

    Args:
        state: As stored.
        reason: As stored.
        deliveries: Without those of earlier runs.
    """
    found = [kind for it in deliveries if (kind := delivery_kind(it))]
    own = own_kind(state, reason, found)
    return worst([own, *found] if own else found)


def own_kind(state: str, reason: str, found: Iterable[OutcomeKind]) -> OutcomeKind | None:
    """Return the kind that an event has by itself; None if its deliveries explain its state.

    Args:
        found: Kinds of its deliveries.
    """
    if reason == DUPLICATE:
        return OutcomeKind.DUPLICATE
    kind = _OF_EVENTS.get(state)
    return None if kind is None or _EXPLAINED_BY[kind] & set(found) else kind


def worst(kinds: Iterable[OutcomeKind]) -> OutcomeKind | None:
    """Return the worst of these kinds; None if there is none."""
    found = set(kinds)
    return next((kind for kind in OutcomeKind if kind in found), None)


def _arrived(delivery: Delivery) -> OutcomeKind:
    if delivery.duplicate_of:
        return OutcomeKind.DUPLICATE
    return OutcomeKind.WITHOUT if lost_fields(delivery.warnings) else OutcomeKind.DELIVERED


def _waiting(delivery: Delivery) -> OutcomeKind:
    if delivery.receipt:
        return OutcomeKind.SENDING
    if delivery.code == FIRST_UNDER_WAY_CODE:
        return OutcomeKind.DUPLICATE
    return OutcomeKind.RETRYING if delivery.attempts or delivery.code else OutcomeKind.SENDING


def _ended(delivery: Delivery) -> OutcomeKind:
    if delivery.code == DUPLICATE:
        return OutcomeKind.DUPLICATE
    was_refused = delivery.attempts and delivery.code not in OWN_CODES
    return OutcomeKind.REFUSED if was_refused else OutcomeKind.NOT_SENT


_OF_DELIVERIES: dict[str, OutcomeKind] = {
    Delivery.State.PARKED: OutcomeKind.ON_HOLD,
    Delivery.State.EXPIRED: OutcomeKind.NOT_SENT,
    Delivery.State.ERASED: OutcomeKind.NOT_SENT,
}
_OF_EVENTS: dict[str, OutcomeKind] = {
    InboundEvent.State.RECEIVED: OutcomeKind.SENDING,
    InboundEvent.State.OPEN: OutcomeKind.SENDING,
    InboundEvent.State.DELIVERED: OutcomeKind.DELIVERED,
    InboundEvent.State.NO_MATCH: OutcomeKind.NO_MATCH,
    InboundEvent.State.DEAD: OutcomeKind.NOT_SENT,
    InboundEvent.State.EXPIRED: OutcomeKind.NOT_SENT,
    InboundEvent.State.ERASED: OutcomeKind.NOT_SENT,
}
_OPEN = {OutcomeKind.ON_HOLD, OutcomeKind.RETRYING, OutcomeKind.SENDING, OutcomeKind.DUPLICATE}
_ENDED = {OutcomeKind.REFUSED, OutcomeKind.NOT_SENT, OutcomeKind.DUPLICATE}
_EXPLAINED_BY = {
    OutcomeKind.SENDING: _OPEN,
    OutcomeKind.DELIVERED: {OutcomeKind.DELIVERED, OutcomeKind.WITHOUT, OutcomeKind.DUPLICATE},
    OutcomeKind.NO_MATCH: set(OutcomeKind),
    OutcomeKind.NOT_SENT: _ENDED,
}
