"""Sending one batch: one request, and more only when the vendor refuses the batch as a whole."""

from __future__ import annotations

import logging
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from django.utils import timezone

from properties.catalog.errors import Misconfigured, SecretMissing
from properties.catalog.outbound import Answer, OutboundRequest, Outcome
from properties.http import transport
from rules.engine import mask_credentials

from .in_flight import InFlight, Post
from .refused_fields import lighten

logger = logging.getLogger(__name__)
ANSWER_CHARACTERS = 2_048
REFUSED_ALIKE = 8
NAMED_AT_ONCE = 4
PACKAGE_GONE = Outcome(
    "misconfigured",
    code="package_missing",
    message="The extension package of this action is not installed.",
    advice="Install the package again, or publish a build without it.",
)


def send_batch(flights: Sequence[InFlight], secrets: Mapping[str, str]) -> None:
    """Send the deliveries of one batch key and give each its outcome and the requests it was part of.

    A refused batch is split until the guilty are alone: first the one that the vendor names, else in halves.
    One that is refused for an optional field is sent once more without it; when the first eight are and
    nothing is taken as it is, all that is left goes without that field. When the first eight single
    deliveries that nobody named are refused alike and none was taken, the destination is set up wrongly:
    everything is kept.

    Args:
        secrets: Value by name, of their environment; a missing one parks the destination.

    Source: docs/reference/failures.md, "Splitting a refused batch".
    """
    _Search(list(flights), secrets).run()


@dataclass(slots=True)
class _Search:
    """The hunt for those that the vendor refuses."""

    flights: list[InFlight]
    secrets: Mapping[str, str]
    refused: list[InFlight] = field(default_factory=list)
    named: int = 0
    lightened: int = 0
    anything_taken: bool = False
    believe_blame: bool = True

    def run(self) -> None:
        parts = [self.flights]
        while parts:
            part = parts.pop()
            outcome = self._post(part)
            if outcome.kind == "rejected" and len(part) > 1:
                parts += self._split(part, outcome.blamed_index)
            elif outcome.kind == "rejected" and lighten(part[0], outcome):
                parts = self._again(part, parts, outcome)
            elif self._settle(part, outcome):
                self._end(parts, outcome)
                return

    def _settle(self, part: list[InFlight], outcome: Outcome) -> bool:
        """Give the part its outcome; True when that is the outcome of all that is left, too."""
        for flight in part:
            flight.outcome = outcome
        if outcome.kind == "delivered" and not all(flight.is_lighter for flight in part):
            self.anything_taken = True
            self.believe_blame = self.believe_blame and len(part) > 1
        elif outcome.kind == "rejected":
            self.refused += part
        return outcome.kind in ("retry", "misconfigured") or self._all_refused_alike()

    def _again(
        self, part: list[InFlight], parts: list[list[InFlight]], outcome: Outcome
    ) -> list[list[InFlight]]:
        """The parts to try once a delivery is lighter; a field with which none gets through goes from all."""
        self.lightened += 1
        if self.lightened < REFUSED_ALIKE or self.anything_taken:
            return [*parts, part]
        rest = [flight for part in parts for flight in part]
        for flight in rest:
            lighten(flight, outcome)
        return [rest, part] if rest else [part]

    def _all_refused_alike(self) -> bool:
        codes = {flight.outcome.code for flight in self.refused if flight.outcome}
        unnamed = len(self.refused) - self.named
        return unnamed >= REFUSED_ALIKE and len(codes) == 1 and not self.anything_taken

    def _end(self, parts: list[list[InFlight]], outcome: Outcome) -> None:
        if outcome.kind == "rejected":
            outcome = _wrong_setup(outcome)
            parts = [*parts, self.refused]
        for flight in (flight for part in parts for flight in part):
            flight.outcome = outcome

    def _split(self, part: list[InFlight], blamed: int | None) -> list[list[InFlight]]:
        """The parts to try, the first one last. The vendor's hint is believed until it was wrong once.

        Those that it names prove nothing about the others: after some of them halves must show a good one.
        """
        is_believed = self.believe_blame and (self.anything_taken or self.named < NAMED_AT_ONCE)
        if is_believed and blamed is not None and 0 <= blamed < len(part):
            self.named += 1
            return [part[:blamed] + part[blamed + 1 :], [part[blamed]]]
        middle = len(part) // 2
        return [part[middle:], part[:middle]]

    def _post(self, part: list[InFlight]) -> Outcome:
        started_at = timezone.now()
        answer, outcome = _exchange(part, self.secrets)
        if answer is not None:
            post = _post_of(part, started_at, answer, outcome)
            for flight in part:
                flight.posts.append(post)
                flight.answer = answer if flight.state is not None else None
        return outcome


def _exchange(part: list[InFlight], secrets: Mapping[str, str]) -> tuple[Answer | None, Outcome]:
    """One request. Without an answer nothing was sent."""
    answer = None
    try:
        if part[0].is_wait:
            if (secret := part[0].awaited_secret) is not None:
                _value(secrets, secret)
            return None, Outcome("delivered")
        answer = transport.send(_request(part), secrets=_carried(part, secrets))
        return answer, _storable(_read(part, answer))
    except Misconfigured as error:
        return answer, Outcome("misconfigured", code=error.code or "misconfigured", message=error.message)
    except Exception as error:
        # A bug of a package: kept and tried again, because the next version may do better.
        logger.exception("Sending to %s ended with %s", part[0].delivery.destination, type(error).__name__)
        message = f"{type(error).__name__} while the request was made or its answer read."
        return answer, Outcome("retry", code="internal_error", message=message, unclear=answer is not None)


def _request(part: list[InFlight]) -> OutboundRequest:
    action = part[0].action
    if action is None:
        raise Misconfigured(PACKAGE_GONE.message, code=PACKAGE_GONE.code)
    if action.batch_request is None:
        return OutboundRequest(**part[0].payload)
    return action.batch_request(part[0].envelope, [flight.payload for flight in part])


def _carried(part: list[InFlight], secrets: Mapping[str, str]) -> transport.Secrets:
    names: dict[str, str] = {}
    for flight in part:
        names.update(flight.markers)
    return transport.Secrets(names, lambda name: _value(secrets, name))


def _value(secrets: Mapping[str, str], name: str) -> str:
    if name not in secrets:
        raise SecretMissing(name)
    return secrets[name]


def _read(part: list[InFlight], answer: Answer) -> Outcome:
    action = part[0].action
    if action is not None and action.read_answer is not None:
        return action.read_answer(answer, len(part))
    if answer.status is not None and not answer.error and 200 <= answer.status < 300:
        return Outcome("delivered")
    return Outcome("retry", code=answer.error or str(answer.status))


def _storable(outcome: Outcome) -> Outcome:
    """A vendor's words without what a database refuses."""
    return replace(
        outcome,
        code=_plain(outcome.code),
        message=_told(outcome.message),
        advice=_plain(outcome.advice),
        reference=_plain(outcome.reference),
    )


def _told(text: str) -> str:
    """Words for people; a token that an answer brings is for the rule alone."""
    return mask_credentials(_plain(text))


def _plain(text: str) -> str:
    return text.encode("utf-8", "replace").decode().replace("\x00", "")


def _wrong_setup(outcome: Outcome) -> Outcome:
    advice = "Every event is refused in the same way: correct the extension or the rule, then save it."
    return replace(outcome, kind="misconfigured", advice=outcome.advice or advice)


def _post_of(part: list[InFlight], started_at: datetime, answer: Answer, outcome: Outcome) -> Post:
    return Post(
        id=uuid.uuid4().hex,
        started_at=started_at,
        duration_ms=round(answer.duration_seconds * 1000),
        sent_count=len(part),
        status=answer.status,
        outcome=outcome,
        answer=_told(answer.body)[:ANSWER_CHARACTERS],
    )
