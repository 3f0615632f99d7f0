"""Sends one batch: one request, and more only if the vendor refuses the batch as a whole."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from properties.catalog.descriptor import ActionType
from properties.catalog.errors import SecretMissing
from properties.catalog.outbound import Answer, OutboundRequest, Outcome

from .batch_exchange import exchange, for_each, value_of
from .in_flight import InFlight
from .later_answers import ask, check_receipts, note_receipts
from .refused_fields import drop_refused_field

REFUSED_ALIKE = 8
NAMED_AT_ONCE = 4
TAKEN = ("delivered", "accepted")


def send_batch(flights: Sequence[InFlight], secrets: Mapping[str, str]) -> None:
    """Send the deliveries of one batch key and set each one's outcome and the requests it was part of.

    A refused batch is split until each refused delivery is alone: first by the index that the vendor names,
    otherwise in halves. A delivery that is refused for an optional field is sent once more without it. When
    the first eight are refused like this and no delivery is accepted unchanged, the field is removed from all
    that are left. When the first eight single deliveries that the vendor did not name are refused alike and
    none was accepted, the destination is set up wrongly: every delivery is kept.

    If the vendor answers for each event, each delivery gets its own outcome and nothing is split. For
    deliveries that the vendor has accepted but not decided, it is asked for its answer.

    Args:
        secrets: Value by name, of their environment. A missing secret parks the destination.

    Source: docs/reference/failures.md, "Splitting a refused batch".
    """
    if flights[0].receipt is None:
        _Search(list(flights), secrets).run()
    else:
        ask(flights, secrets)


@dataclass(slots=True)
class _Search:
    """One search for the deliveries that the vendor refuses."""

    flights: list[InFlight]
    secrets: Mapping[str, str]
    refused: list[InFlight] = field(default_factory=list)
    named: int = 0
    dropped: int = 0
    anything_accepted: bool = False
    believe_blame: bool = True

    def run(self) -> None:
        parts = [self.flights]
        while parts:
            part = parts.pop()
            outcome = self._post(part)
            if isinstance(outcome, list):
                parts += self._sort(part, outcome)
                if self._all_refused_alike():
                    self._end(parts, self.refused[-1].outcome or outcome[-1])
                    return
            elif outcome.kind == "rejected" and len(part) > 1:
                parts += self._split(part, outcome.blamed_index)
            elif outcome.kind == "rejected" and drop_refused_field(part[0], outcome):
                parts = self._again(part, parts, outcome)
            elif self._settle(part, outcome):
                self._end(parts, outcome)
                return

    def _sort(self, part: list[InFlight], outcomes: list[Outcome]) -> list[list[InFlight]]:
        """Set each flight's own outcome; return those that can be sent once more without a field, as one
        part.
        """
        again = []
        for flight, outcome in zip(part, outcomes, strict=True):
            flight.outcome = outcome
            if outcome.kind in TAKEN:
                self.anything_accepted = self.anything_accepted or not flight.lost_a_field
            elif outcome.kind == "rejected" and drop_refused_field(flight, outcome):
                again.append(flight)
            elif outcome.kind == "rejected":
                self.refused.append(flight)
        return [again] if again else []

    def _settle(self, part: list[InFlight], outcome: Outcome) -> bool:
        """Set the outcome of the part; return True if the outcome also applies to all remaining parts."""
        for flight in part:
            flight.outcome = outcome
        if outcome.kind in TAKEN and not all(flight.lost_a_field for flight in part):
            self.anything_accepted = True
            self.believe_blame = self.believe_blame and len(part) > 1
        elif outcome.kind == "rejected":
            self.refused += part
        return outcome.kind in ("retry", "misconfigured") or self._all_refused_alike()

    def _again(
        self, part: list[InFlight], parts: list[list[InFlight]], outcome: Outcome
    ) -> list[list[InFlight]]:
        """Return the parts to send after a field was removed; a field that blocks every delivery is removed
        from all.
        """
        self.dropped += 1
        if self.dropped < REFUSED_ALIKE or self.anything_accepted:
            return [*parts, part]
        rest = [flight for part in parts for flight in part]
        for flight in rest:
            drop_refused_field(flight, outcome)
        return [rest, part] if rest else [part]

    def _all_refused_alike(self) -> bool:
        codes = {flight.outcome.code for flight in self.refused if flight.outcome}
        unnamed = len(self.refused) - self.named
        return unnamed >= REFUSED_ALIKE and len(codes) == 1 and not self.anything_accepted

    def _end(self, parts: list[list[InFlight]], outcome: Outcome) -> None:
        if outcome.kind == "rejected":
            outcome = _wrong_setup(outcome)
            parts = [*parts, self.refused]
        for flight in (flight for part in parts for flight in part):
            flight.outcome = outcome

    def _split(self, part: list[InFlight], blamed: int | None) -> list[list[InFlight]]:
        """Return the two new parts, the next to send last. The vendor's index is believed until it was wrong
        once.

        Deliveries that the vendor names prove nothing about the others: after four of them, a split in halves
        must find an accepted one.
        """
        is_believed = self.believe_blame and (self.anything_accepted or self.named < NAMED_AT_ONCE)
        if is_believed and blamed is not None and 0 <= blamed < len(part):
            self.named += 1
            return [part[:blamed] + part[blamed + 1 :], [part[blamed]]]
        middle = len(part) // 2
        return [part[middle:], part[:middle]]

    def _post(self, part: list[InFlight]) -> Outcome | list[Outcome]:
        if part[0].is_wait:
            return _awaited(part[0], self.secrets)
        outcomes = exchange(
            part,
            self.secrets,
            lambda action: _request(action, part),
            lambda action, answer: _read(action, answer, len(part)),
        )
        note_receipts(part, outcomes)
        return outcomes


def _awaited(flight: InFlight, secrets: Mapping[str, str]) -> Outcome:
    """Check whether the secret that a rule waits for is available; nothing is sent."""
    try:
        if (secret := flight.awaited_secret) is not None:
            value_of(secrets, secret)
    except SecretMissing as error:
        return Outcome("misconfigured", code=error.code, message=error.message)
    return Outcome("delivered")


def _request(action: ActionType, part: list[InFlight]) -> OutboundRequest:
    if action.batch_request is None:
        return OutboundRequest.from_stored(part[0].payload)
    return action.batch_request(part[0].envelope, [flight.payload for flight in part])


def _read(action: ActionType, answer: Answer, count: int) -> Outcome | list[Outcome]:
    if action.read_answer is not None:
        outcomes = for_each(action.read_answer(answer, count), count)
        check_receipts(action, outcomes)
        return outcomes
    if answer.status is not None and not answer.error and 200 <= answer.status < 300:
        return Outcome("delivered")
    return Outcome("retry", code=answer.error or str(answer.status))


def _wrong_setup(outcome: Outcome) -> Outcome:
    advice = "Every event is refused in the same way: correct the extension or the rule, then save it."
    return replace(outcome, kind="misconfigured", advice=outcome.advice or advice)
