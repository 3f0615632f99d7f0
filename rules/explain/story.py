"""The story of one event: all values that its page shows."""

from __future__ import annotations

from dataclasses import dataclass

from rules.models import Build, Delivery, DeliveryAttempt, InboundEvent

from .badges import Badge
from .delivery_stories import DeliveryStory, delivery_stories
from .event_states import Fate, event_badge
from .history import EarlierStory, earlier_stories
from .incoming import Incoming, incoming
from .rule_stories import ElementStory, RuleStory, element_stories, rule_stories
from .sentences import sentence
from .traces import Origin, trace_of


@dataclass(frozen=True, slots=True)
class EventStory:
    """One event as its page shows it.

    Args:
        sentence: The outcome and the reason.
        advice: What a person can do; often empty.
        traced: Origin of the trace; empty if there is no trace.
        earlier: Earlier runs, latest first.
    """

    event: InboundEvent
    badge: Badge
    sentence: str
    advice: str
    build: Build | None
    incoming: Incoming
    traced: Origin
    rules: list[RuleStory]
    elements: list[ElementStory]
    deliveries: list[DeliveryStory]
    earlier: list[EarlierStory]

    @property
    def seconds(self) -> float | None:
        """Seconds between acceptance and outcome."""
        done = self.event.done_at
        return (done - self.event.received_at).total_seconds() if done else None

    @property
    def is_unfinished(self) -> bool:
        return self.event.state not in InboundEvent.FINAL


def event_story(event: InboundEvent, *, is_plain: bool) -> EventStory:
    """Return the story of an event.

    Args:
        is_plain: Whether the person may see customer data in the stored request.
    """
    build = Build.objects.filter(pk=event.build_id).first() if event.build_id else None
    trace = trace_of(event, build)
    rows, past = _deliveries(event)
    attempts = DeliveryAttempt.objects.filter(delivery_id__in=[it.pk for it in rows]).order_by("id")
    rules, deliveries = rule_stories(trace), delivery_stories(rows, attempts, trace)
    text, advice = sentence(event.state, event.reason, rules, deliveries)
    return EventStory(
        event=event,
        badge=event_badge(event.state, event.reason, map(Fate.of, rows)),
        sentence=text,
        advice=advice,
        build=build,
        incoming=incoming(event, is_plain=is_plain),
        traced=trace.origin,
        rules=rules,
        elements=element_stories(trace),
        deliveries=deliveries,
        earlier=earlier_stories(event.pk, past) if event.replays else [],
    )


def _deliveries(event: InboundEvent) -> tuple[list[Delivery], list[Delivery]]:
    """Return the deliveries that count, and those of earlier runs."""
    rows = list(Delivery.objects.filter(event_id=event.pk).order_by("id"))
    return [it for it in rows if it.replayed_at is None], [it for it in rows if it.replayed_at is not None]
