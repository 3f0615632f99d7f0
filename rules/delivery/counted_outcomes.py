"""The number under which an event or a delivery is counted: 100 times its state, plus the kind of outcome.

The state makes the counts comparable with the ledger, the kind is what pages show.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from rules.models import CountedAs, Delivery

from .outcome_kinds import OutcomeKind, delivery_kind, event_kind

STATES: Mapping[str, int] = {
    **{"open": 1, "delivered": 2, "no_match": 3, "dead": 4, "expired": 5, "erased": 6},
    **{"pending": 7, "parked": 8},
}
_NAMES = {number: state for state, number in STATES.items()}
_KINDS = {kind: CountedAs[kind.name].value for kind in OutcomeKind}
_STEP = 100


def delivery_number(delivery: Delivery) -> int:
    """Return the number of a delivery, as it is in memory."""
    return _number(delivery.state, delivery_kind(delivery))


def event_number(state: str, reason: str, deliveries: Iterable[Delivery]) -> int:
    """Return the number of an event whose rules have run.

    Args:
        state: As stored.
        reason: As stored.
        deliveries: Without those of earlier runs.
    """
    return _number(state, event_kind(state, reason, deliveries))


def _number(state: str, kind: OutcomeKind | None) -> int:
    return _STEP * STATES.get(state, 0) + (_KINDS[kind] if kind else 0)


def state_of(number: int) -> str:
    """Return the state in a number; "" if a newer version wrote it."""
    return _NAMES.get(number // _STEP, "")


def kind_of(number: int) -> OutcomeKind | None:
    """Return the kind of outcome in a number; None if a newer version wrote it."""
    found = number % _STEP
    return next((kind for kind, known in _KINDS.items() if known == found), None)
