"""The story of one event: all values that its page shows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from rules.models import Build, Delivery, DeliveryAttempt, InboundEvent

from .delivery_stories import DeliveryStory, delivery_stories
from .element_stories import ElementStory, element_stories
from .history import EarlierStory, earlier_stories
from .incoming import Incoming, incoming
from .outcome_words import ShownOutcome
from .rule_stories import RuleStory, rule_stories
from .sentences import sentence
from .shown_outcomes import event_outcome
from .shown_values import duration
from .traces import Origin, trace_of
from .why_boxes import WhyBox, why_box

MOST_NAMED = 3


@dataclass(frozen=True, slots=True)
class EventStory:
    """One event as its page shows it.

    Args:
        why: Its outcome, the reason, where the value came from, and the cure.
        traced: Origin of the trace; empty if there is no trace.
        earlier: Earlier runs, latest first.
    """

    event: InboundEvent
    outcome: ShownOutcome
    why: WhyBox
    build: Build | None
    incoming: Incoming
    traced: Origin
    rules: list[RuleStory]
    elements: list[ElementStory]
    deliveries: list[DeliveryStory]
    earlier: list[EarlierStory]

    @property
    def title(self) -> str:
        """Its name at the vendor, or the name under which it was received."""
        sent = next((it.name for it in self.deliveries if it.name), "")
        return sent or self.event.name or "without a name"

    @property
    def heading(self) -> str:
        """The title of its page: with the id at the vendor, so that two tabs differ."""
        return f"{self.title} {self.server_event_id}" if self.server_event_id else f"Event {self.title}"

    @property
    def server_event_id(self) -> str:
        return next((it.server_event_id for it in self.deliveries if it.server_event_id), "")

    @property
    def ran(self) -> list[RuleStory]:
        """The rules whose conditions were met, or that failed."""
        return [rule for rule in self.rules if rule.status != "condition_not_met"]

    @property
    def unmatched(self) -> list[RuleStory]:
        return [rule for rule in self.rules if rule.status == "condition_not_met"]

    @property
    def unmatched_names(self) -> str:
        """``Lead, AddToCart and 3 more``."""
        names = [rule.name for rule in self.unmatched]
        more = f" and {len(names) - MOST_NAMED} more" if len(names) > MOST_NAMED else ""
        return f"{', '.join(names[:MOST_NAMED])}{more}"

    @property
    def spent(self) -> str:
        """Time that all rules took, without sending."""
        return duration(sum(rule.microseconds for rule in self.rules))

    @property
    def notes(self) -> list[Mapping[str, str]]:
        """The warnings of all deliveries that the why box does not say."""
        found = {(it["label"], it["message"]): it for each in self.deliveries for it in each.warnings}
        return [it for (label, message), it in found.items() if (label, message) != self.why.said]

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
    outcome = event_outcome(event.state, event.reason, rows)
    elements = element_stories(trace)
    said = sentence(event.state, event.reason, rules, deliveries)
    return EventStory(
        event=event,
        outcome=outcome,
        why=why_box(outcome, said, deliveries, elements, trace),
        build=build,
        incoming=incoming(event, is_plain=is_plain),
        traced=trace.origin,
        rules=rules,
        elements=elements,
        deliveries=deliveries,
        earlier=earlier_stories(event.pk, past) if event.replays else [],
    )


def _deliveries(event: InboundEvent) -> tuple[list[Delivery], list[Delivery]]:
    """Return the deliveries that count, and those of earlier runs."""
    rows = list(Delivery.objects.filter(event_id=event.pk).order_by("id"))
    return [it for it in rows if it.replayed_at is None], [it for it in rows if it.replayed_at is not None]
