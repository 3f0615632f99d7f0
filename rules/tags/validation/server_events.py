"""The events of a validation at the server: those that carry its token."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass

from properties.models import Environment
from rules.explain.outcome_words import ShownOutcome
from rules.explain.shown_outcomes import event_outcome
from rules.models import Delivery, InboundEvent, ValidationSession

MOST = 50
# More than a person causes in a quarter of an hour. Older events of Development are not looked at.
LOOKED_AT = 2_000


@dataclass(frozen=True, slots=True)
class SeenEvent:
    """An event of this session.

    Args:
        sent: Name and event id of what went to each destination.
        cookies: Names of the visitor's cookies that came with it.
    """

    event: InboundEvent
    outcome: ShownOutcome
    sent: Sequence[tuple[str, str]]
    cookies: frozenset[str]
    rules: Sequence[str]

    @property
    def name(self) -> str:
        return next((name for name, _ in self.sent if name), self.event.name)

    @property
    def server_event_id(self) -> str:
        return next((it for _, it in self.sent if it), "")


def events_of(session: ValidationSession, environment: Environment | None) -> list[SeenEvent]:
    """Return the events of a session, newest first. Three queries.

    Args:
        environment: Where the library sends; None if that is not on this server.
    """
    if environment is None:
        return []
    since = InboundEvent.objects.filter(
        environment_id=environment.pk, id__gte=InboundEvent.first_id_at(session.created_at)
    )
    newest = since.order_by("-id").values("id")[:LOOKED_AT]
    marked = InboundEvent.objects.filter(pk__in=newest, body__contains=f'"validation":"{session.token}"')
    events = list(marked.defer("trace").order_by("-id")[:MOST])
    deliveries: dict[int, list[Delivery]] = {it.pk: [] for it in events}
    found = Delivery.objects.filter(event_id__in=deliveries, replayed_at=None)
    for delivery in found.defer("payload", "envelope", "rule_state").order_by("id"):
        deliveries[delivery.event_id].append(delivery)
    return [_seen(it, deliveries[it.pk]) for it in events]


def _seen(event: InboundEvent, deliveries: Sequence[Delivery]) -> SeenEvent:
    return SeenEvent(
        event,
        event_outcome(event.state, event.reason, deliveries),
        [(it.name, it.server_event_id) for it in deliveries],
        _cookies(event.request_text()),
        [it.rule_name for it in deliveries],
    )


def _cookies(request: str) -> frozenset[str]:
    """Return the names of the cookies in ``arc.request``; empty if retention has removed it."""
    try:
        return frozenset(json.loads(request)["header"].get("cookies", {}))
    except (ValueError, KeyError, TypeError, AttributeError):
        return frozenset()
