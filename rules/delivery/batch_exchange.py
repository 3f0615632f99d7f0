"""Makes and sends one request for some deliveries, and reads an outcome for each of them from the answer."""

from __future__ import annotations

import logging
import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from django.utils import timezone

from properties.catalog.descriptor import ActionType
from properties.catalog.errors import Misconfigured, SecretMissing
from properties.catalog.outbound import Answer, OutboundRequest, Outcome, Outcomes
from properties.http import transport
from rules.engine import mask_credentials

from .in_flight import InFlight, Post

logger = logging.getLogger(__name__)
ANSWER_CHARACTERS = 2_048
PACKAGE_GONE = Outcome(
    "misconfigured",
    code="package_missing",
    message="The extension package of this action is not installed.",
    advice="Install the package again, or publish a build without it.",
)
MISCOUNTED = "outcome_count"

Make = Callable[[ActionType], OutboundRequest]
Read = Callable[[ActionType, Answer], Outcome | list[Outcome]]


def exchange(
    part: Sequence[InFlight], secrets: Mapping[str, str], make: Make, read: Read
) -> Outcome | list[Outcome]:
    """Send one request for some flights, and record it on each of them.

    Args:
        secrets: Value by name.
        make: Builds the request.
        read: Reads the outcome from the answer: one for all flights, or one for each.
    """
    started_at = timezone.now()
    answer, outcomes = _exchange(part, secrets, make, read)
    if answer is None:
        return outcomes
    first = outcomes[0] if isinstance(outcomes, list) else outcomes
    post = _post_of(part, started_at, answer, first)
    for place, flight in enumerate(part):
        own = replace(post, outcome=outcomes[place]) if isinstance(outcomes, list) else post
        flight.posts.append(own)
        flight.answer = answer if flight.state is not None else None
    return outcomes


def _exchange(
    part: Sequence[InFlight], secrets: Mapping[str, str], make: Make, read: Read
) -> tuple[Answer | None, Outcome | list[Outcome]]:
    """Return the answer and the outcome. If the answer is None, nothing was sent."""
    answer, action = None, part[0].action
    try:
        if action is None:
            raise Misconfigured(PACKAGE_GONE.message, code=PACKAGE_GONE.code)
        answer = transport.send(make(action), secrets=_carried(part, secrets))
        outcomes = read(action, answer)
        if isinstance(outcomes, list):
            return answer, [_kept(it, answer) for it in outcomes]
        return answer, _kept(outcomes, answer)
    except Misconfigured as error:
        return answer, Outcome("misconfigured", code=error.code or "misconfigured", message=error.message)
    except Exception as error:
        # A bug of a package: the delivery is retried, because the next version may be correct.
        logger.exception("Sending to %s ended with %s", part[0].delivery.destination, type(error).__name__)
        message = f"{type(error).__name__} while the request was made or its answer read."
        return answer, Outcome("retry", code="internal_error", message=message, unclear=answer is not None)


def for_each(outcomes: Outcomes, count: int) -> Outcome | list[Outcome]:
    """Check the outcomes that a package read from an answer to a request with ``count`` events.

    Returns:
        An outcome for all of them, or a list with ``count`` outcomes. If the list is longer or shorter,
        nobody knows which event each outcome is about, so the outcome is unclear.
    """
    if isinstance(outcomes, Outcome):
        return outcomes
    found = list(outcomes)
    if len(found) == count and all(isinstance(outcome, Outcome) for outcome in found):
        return found[0] if count == 1 else found
    return Outcome(
        "retry",
        code=MISCOUNTED,
        message=f"The extension read {len(found)} outcomes from an answer for {count} events.",
        advice="This is a bug of the extension: install a newer version.",
        unclear=True,
    )


def value_of(secrets: Mapping[str, str], name: str) -> str:
    """Return the value of a credential.

    Raises:
        SecretMissing: It has no value that works now.
    """
    if name not in secrets:
        raise SecretMissing(name)
    return secrets[name]


def _carried(part: Sequence[InFlight], secrets: Mapping[str, str]) -> transport.Secrets:
    names: dict[str, str] = {}
    for flight in part:
        names.update(flight.markers)
    return transport.Secrets(names, lambda name: value_of(secrets, name))


def _kept(outcome: Outcome, answer: Answer) -> Outcome:
    """Remove characters that databases refuse; set ``unclear`` only if nobody knows whether it arrived."""
    is_silent = answer.status is None and answer.is_sent
    return replace(
        outcome,
        code=_plain(outcome.code),
        message=_masked(outcome.message),
        advice=_plain(outcome.advice),
        reference=_plain(outcome.reference or outcome.receipt),
        receipt=_plain(outcome.receipt),
        unclear=outcome.unclear or (is_silent and outcome.kind == "retry"),
    )


def _masked(text: str) -> str:
    """Text for people. Only the rule may see a token in an answer."""
    return mask_credentials(_plain(text))


def _plain(text: str) -> str:
    return text.encode("utf-8", "replace").decode().replace("\x00", "")


def _post_of(part: Sequence[InFlight], started_at: datetime, answer: Answer, outcome: Outcome) -> Post:
    return Post(
        id=uuid.uuid4().hex,
        started_at=started_at,
        duration_ms=round(answer.duration_seconds * 1000),
        sent_count=len(part),
        status=answer.status,
        outcome=outcome,
        answer=_masked(answer.body)[:ANSWER_CHARACTERS],
    )
