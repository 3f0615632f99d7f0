"""Answers that come later: an accepted event is asked about, and never sent again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta

from properties.catalog.descriptor import ActionType
from properties.catalog.errors import Misconfigured
from properties.catalog.outbound import LONGEST_RECEIPT, Answer, OutboundRequest, Outcome

from .batch_exchange import PACKAGE_GONE, exchange, for_each
from .in_flight import InFlight, Receipt
from .schedule import delay_seconds

SHORTEST_SECONDS = 1.0


def check_receipts(action: ActionType, outcomes: Outcome | list[Outcome]) -> None:
    """Refuse an outcome that nobody could ask about later.

    Raises:
        LookupError: The action returns ``accepted`` but cannot ask, or returns no receipt to ask with.
    """
    for outcome in outcomes if isinstance(outcomes, list) else [outcomes]:
        if outcome.kind == "accepted":
            if action.follow_up is None or action.read_follow_up is None:
                raise LookupError(f"{action.title} returns accepted, but has no follow_up.")
            if not 0 < len(outcome.receipt) <= LONGEST_RECEIPT:
                raise LookupError(f"{action.title} returns accepted without a receipt that can be kept.")


def note_receipts(part: Sequence[InFlight], outcomes: Outcome | list[Outcome]) -> None:
    """Store on each accepted flight its receipt and its place in the request."""
    for place, flight in enumerate(part):
        outcome = outcomes[place] if isinstance(outcomes, list) else outcomes
        if outcome.kind == "accepted":
            flight.receipt = Receipt(outcome.receipt, place, len(part))


def ask(flights: Sequence[InFlight], secrets: Mapping[str, str]) -> None:
    """Ask for the result of flights that share a receipt, and set each one's outcome.

    Args:
        secrets: Value by name, of the environment of the flights.
    """
    outcomes = exchange(
        flights,
        secrets,
        lambda action: _question(action, flights[0]),
        lambda action, answer: _read(action, answer, flights),
    )
    for place, flight in enumerate(flights):
        flight.outcome = outcomes[place] if isinstance(outcomes, list) else outcomes


def _question(action: ActionType, flight: InFlight) -> OutboundRequest:
    assert flight.receipt is not None  # noqa: S101 - the caller has checked
    if action.follow_up is None or action.read_follow_up is None:
        raise Misconfigured(PACKAGE_GONE.message, code=PACKAGE_GONE.code)
    return action.follow_up(flight.envelope, flight.receipt.id)


def _read(action: ActionType, answer: Answer, flights: Sequence[InFlight]) -> Outcome | list[Outcome]:
    receipts = [flight.receipt for flight in flights if flight.receipt]
    assert action.read_follow_up is not None  # noqa: S101 - the question was made
    count = receipts[0].of
    outcomes = for_each(action.read_follow_up(answer, count), count)
    return [outcomes[it.place] for it in receipts] if isinstance(outcomes, list) else outcomes


def dated(receipt: Receipt, action: ActionType | None, now: datetime) -> Receipt:
    """Return the receipt with the time of its last question."""
    if receipt.until or action is None:
        return receipt
    return receipt._replace(until=now.timestamp() + action.answer_within)


def is_over(receipt: Receipt, now: datetime) -> bool:
    """Return whether the time in which the vendor answers is over."""
    return 0 < receipt.until <= now.timestamp()


def last_question_at(receipt: Receipt) -> datetime:
    return datetime.fromtimestamp(receipt.until, UTC)


def next_question_at(receipt: Receipt, outcome: Outcome, attempts: int, now: datetime) -> datetime:
    """Return the time of the next question: from the package, else from the schedule, never after the last
    one.
    """
    asked = outcome.retry_after_seconds
    seconds = delay_seconds(max(attempts, 1)) if asked is None else max(asked, SHORTEST_SECONDS)
    return min(now + timedelta(seconds=seconds), last_question_at(receipt))
