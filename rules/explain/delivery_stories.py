"""Deliveries of one event as pages show them: request, attempts, answers and the next step."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from properties.catalog.registry import find_package
from rules.delivery.destinations.gates import HELD
from rules.delivery.persistence import UNKNOWN
from rules.delivery.refused_fields import left_out
from rules.engine import mask_lookalikes
from rules.models import Delivery, DeliveryAttempt

from .outcome_words import ShownOutcome, attempt_outcome
from .refusals import RefusalExplanation, refusal_of
from .shown_outcomes import delivery_outcome
from .shown_requests import Envelopes, Shared, request_of_delivery, waits_for_secret
from .shown_values import parsed, shown_text
from .traces import Trace


@dataclass(frozen=True, slots=True)
class AttemptStory:
    """One attempt of a delivery.

    Args:
        status: HTTP status; empty if no answer could be read.
        shared: Number of other events in the same request.
        answer: The answer; JSON is indented over several lines.
    """

    number: int
    started_at: datetime
    duration_ms: int
    status: str
    outcome: ShownOutcome
    code: str
    message: str
    reference: str
    shared: int
    answer: str
    is_unknown: bool = False


@dataclass(frozen=True, slots=True)
class DeliveryStory:
    """One delivery of an event.

    Args:
        target: ``Acme Conversions (1234567890)``.
        package: Name of its extension.
        server_event_id: The event's id at the vendor; "" if it has none.
        request_line: ``POST https://…``; empty if there was nothing to send or the envelope is unknown.
        body: JSON of the request with only this event in it; credentials are masked.
        refusal: Why it was refused, in plain words; None if it was not refused.
        duplicate_of: The earlier inbound event that brought the same event to the destination.
        left_out: Fields that were removed because the vendor refused them.
        waits_for_secret: There is no request yet: the rule waits for the credential named as the target.
        is_put_off: There is no request yet: an action, or something it reads, failed to run and runs again.
        is_accepted: Nothing more is sent: the vendor accepted the event, and we ask for its answer.
    """

    id: int
    state: str
    outcome: ShownOutcome
    name: str
    target: str
    rule_uid: str
    rule_name: str
    code: str
    message: str
    advice: str
    reference: str
    warnings: list[Mapping[str, str]]
    next_at: datetime | None
    expires_at: datetime | None
    request_line: str = ""
    body: str = ""
    attempts: list[AttemptStory] = field(default_factory=list)
    refusal: RefusalExplanation | None = None
    duplicate_of: int | None = None
    left_out: list[str] = field(default_factory=list)
    waits_for_secret: bool = False
    is_put_off: bool = False
    is_accepted: bool = False
    server_event_id: str = ""
    package: str = ""
    component_uid: str = ""
    blamed_field: str = ""
    delegate: str = ""

    @property
    def curl(self) -> str:
        """The request as a command for a shell; credentials are only named. "" if its address is unknown."""
        method, _, address = self.request_line.partition(" ")
        if not address:
            return ""
        body = self.body.replace("'", "'\\''")
        return f"curl -X {method} '{address}' -H 'Content-Type: application/json' -d '{body}'"

    @property
    def can_retry(self) -> bool:
        """Whether a person may start an attempt now."""
        return self.state in (Delivery.State.PENDING, Delivery.State.PARKED) and self.code != HELD

    @property
    def was_sent(self) -> bool:
        return bool(self.attempts)


def delivery_stories(
    deliveries: Iterable[Delivery], attempts: Iterable[DeliveryAttempt], trace: Trace
) -> list[DeliveryStory]:
    """Return every delivery of one event with its attempts, in the order of the rules."""
    tries: dict[int, list[DeliveryAttempt]] = {}
    for attempt in attempts:
        tries.setdefault(attempt.delivery_id, []).append(attempt)
    envelopes = Envelopes(trace)
    return [
        _story(it, tries.get(it.pk, []), envelopes.of(it), refusal_of(it, trace.document))
        for it in deliveries
    ]


def target_of(delegate: str, destination: str) -> str:
    """Return a destination with the name of its extension, or the name of the awaited credential."""
    if waits_for_secret(delegate):
        return destination
    name = package_of(delegate)
    return f"{name} ({destination})" if destination else name


def package_of(delegate: str) -> str:
    """Return the name of an extension, also if its package is gone."""
    package = find_package(delegate)
    return package.display_name if package else delegate.partition("::")[0]


def _story(
    delivery: Delivery,
    attempts: Sequence[DeliveryAttempt],
    shared: Shared,
    refusal: RefusalExplanation | None,
) -> DeliveryStory:
    is_put_off = "again" in (parsed(delivery.rule_state) or {})
    request_line, body = ("", "") if is_put_off else request_of_delivery(delivery, *shared)
    return DeliveryStory(
        id=delivery.pk,
        state=delivery.state,
        outcome=delivery_outcome(delivery),
        name=delivery.name,
        target=target_of(delivery.delegate, delivery.destination),
        rule_uid=delivery.rule_uid,
        rule_name=delivery.rule_name,
        code=delivery.code,
        message=str(mask_lookalikes(delivery.message)),
        advice=delivery.advice,
        reference=delivery.reference,
        warnings=delivery.warnings,
        next_at=delivery.next_at if delivery.state == Delivery.State.PENDING else None,
        expires_at=delivery.expires_at,
        request_line=request_line,
        body=body,
        attempts=[_attempt(number, it) for number, it in enumerate(attempts, 1)],
        refusal=refusal,
        duplicate_of=delivery.duplicate_of,
        left_out=left_out(delivery.warnings),
        waits_for_secret=waits_for_secret(delivery.delegate),
        is_put_off=is_put_off,
        is_accepted=bool(delivery.receipt),
        server_event_id=str(mask_lookalikes(delivery.server_event_id)),
        package=package_of(delivery.delegate),
        component_uid=delivery.component_uid,
        blamed_field=delivery.blamed_field,
        delegate=delivery.delegate,
    )


def _attempt(number: int, attempt: DeliveryAttempt) -> AttemptStory:
    answer = parsed(attempt.answer)
    shown = attempt.answer if answer is None else shown_text(answer)
    return AttemptStory(
        number=number,
        started_at=attempt.started_at,
        duration_ms=attempt.duration_ms,
        status="" if attempt.status is None else str(attempt.status),
        outcome=attempt_outcome(attempt.outcome),
        code=attempt.code,
        message=str(mask_lookalikes(attempt.message)),
        reference=attempt.reference,
        shared=max(attempt.sent_count - 1, 0),
        answer=str(mask_lookalikes(shown)),
        is_unknown=attempt.outcome == UNKNOWN,
    )
