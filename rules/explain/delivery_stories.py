"""Deliveries of one event as pages show them: request, attempts, answers and the next step."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from types import MappingProxyType
from typing import Any

from properties.catalog.descriptor import ActionType
from properties.catalog.outbound import OutboundRequest
from properties.catalog.registry import find_package, find_type
from properties.catalog.secret_markers import without_markers
from rules.delivery.destinations.gates import HELD
from rules.delivery.event_run import read_envelope
from rules.delivery.outcomes import without_masked
from rules.delivery.persistence import UNKNOWN
from rules.delivery.refused_fields import left_out
from rules.engine import SECRETS, mask_lookalikes
from rules.models import Delivery, DeliveryAttempt

from .badges import Badge, badge
from .event_states import ATTEMPTS, Fate, delivery_badge
from .refusals import RefusalExplanation, refusal_of
from .shown_values import parsed, shown_text
from .traces import Trace

# A credential may come from an event instead of a stored secret; no marker hides it then.
_CREDENTIAL_KEY = re.compile(r"token|secret|proof|password|authorization|api_?key", re.IGNORECASE)
_SHOWN_CREDENTIAL = re.compile(r"secret “[^”]*”|•••• .*")
Shared = tuple[Mapping[str, Any] | None, Mapping[str, str]]


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
    badge: Badge
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
    badge: Badge
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
    envelopes = _Envelopes(trace)
    return [
        _story(it, tries.get(it.pk, []), envelopes.of(it), refusal_of(it, trace.document))
        for it in deliveries
    ]


def target_of(delegate: str, destination: str) -> str:
    """Return a destination with the name of its extension, or the name of the awaited credential."""
    if _waits_for_secret(delegate):
        return destination
    package = find_package(delegate)
    name = package.display_name if package else delegate.partition("::")[0]
    return f"{name} ({destination})" if destination else name


def _waits_for_secret(delegate: str) -> bool:
    return delegate.partition("::")[0] == SECRETS


def _story(
    delivery: Delivery,
    attempts: Sequence[DeliveryAttempt],
    shared: Shared,
    refusal: RefusalExplanation | None,
) -> DeliveryStory:
    is_put_off = "again" in (parsed(delivery.rule_state) or {})
    request_line, body = ("", "") if is_put_off else _request(delivery, *shared)
    return DeliveryStory(
        id=delivery.pk,
        state=delivery.state,
        badge=delivery_badge(Fate.of(delivery)),
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
        waits_for_secret=_waits_for_secret(delivery.delegate),
        is_put_off=is_put_off,
        is_accepted=bool(delivery.receipt),
        server_event_id=str(mask_lookalikes(delivery.server_event_id)),
    )


def _attempt(number: int, attempt: DeliveryAttempt) -> AttemptStory:
    answer = parsed(attempt.answer)
    shown = attempt.answer if answer is None else shown_text(answer)
    return AttemptStory(
        number=number,
        started_at=attempt.started_at,
        duration_ms=attempt.duration_ms,
        status="" if attempt.status is None else str(attempt.status),
        badge=badge(ATTEMPTS, attempt.outcome),
        code=attempt.code,
        message=str(mask_lookalikes(attempt.message)),
        reference=attempt.reference,
        shared=max(attempt.sent_count - 1, 0),
        answer=str(mask_lookalikes(shown)),
        is_unknown=attempt.outcome == UNKNOWN,
    )


class _Envelopes:
    """Envelopes: the parts of a request that its events share.

    A waiting delivery keeps its envelope; afterwards only the trace has it.
    """

    def __init__(self, trace: Trace) -> None:
        actions = [action for rule in trace.data.get("rules", []) for action in rule["actions"]]
        self._outputs = {action["id"]: action["output"] for action in actions}

    def of(self, delivery: Delivery) -> Shared:
        """Return the envelope, and the names of credentials by the markers that replace them."""
        envelope, markers = read_envelope(delivery)
        found = envelope or self._traced(delivery)
        return (without_credentials(found, markers) if isinstance(found, dict) else None), markers

    def _traced(self, delivery: Delivery) -> Any:
        output = self._outputs.get(delivery.component_uid)
        items = output if isinstance(output, list) else [output]
        matching = (
            it for it in items if isinstance(it, dict) and it.get("destination") == delivery.destination
        )
        return next(matching, {}).get("envelope")


def _request(
    delivery: Delivery, envelope: Mapping[str, Any] | None, markers: Mapping[str, str]
) -> tuple[str, str]:
    """Return the request line and the body of a request with only this event in it."""
    payload = parsed(delivery.payload)
    if not isinstance(payload, dict) or _waits_for_secret(delivery.delegate):
        return "", ""
    kind = find_type(delivery.delegate)
    action = kind if isinstance(kind, ActionType) else None
    payload = mask_lookalikes(without_masked(payload, action.masked if action else ()))
    if envelope is None or action is None or action.batch_request is None:
        return "", shown_text(without_credentials(payload, markers))
    request = action.batch_request(envelope, [payload])
    return request_line(request), shown_text(request.body)


def request_line(request: OutboundRequest, markers: Mapping[str, str] = MappingProxyType({})) -> str:
    """Return method and address for people; a credential in the address shows only its name."""
    address = mask_lookalikes(without_credentials(request.url, markers))
    hidden = {"secret_query": dict(request.secret_query)}
    query = without_credentials(hidden, markers)["secret_query"]
    joint = "&" if "?" in request.url else "?"
    return f"{request.method} {address}" + "".join(
        f"{'&' if place else joint}{name}={value}" for place, (name, value) in enumerate(query.items())
    )


def without_credentials(value: Any, markers: Mapping[str, str], key: str = "") -> Any:
    """Return a copy without credentials: markers become names, other values at such keys are hidden."""
    if isinstance(value, dict):
        inside = key == "secret_query"
        return {name: without_credentials(it, markers, key if inside else name) for name, it in value.items()}
    if isinstance(value, list):
        return [without_credentials(item, markers, key) for item in value]
    if not isinstance(value, str):
        return value
    text = without_markers(value, markers)
    is_hidden = bool(_CREDENTIAL_KEY.search(key)) and not _SHOWN_CREDENTIAL.fullmatch(text)
    return "•••• (hidden)" if is_hidden and text else text
