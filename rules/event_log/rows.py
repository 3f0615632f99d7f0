"""Rows of the event log: an event with what was sent for it, cheap enough for constant polling."""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from properties.models import Environment, Property
from rules.delivery.log.lines import worst_first
from rules.engine import mask_lookalikes
from rules.explain.delivery_stories import target_of
from rules.explain.outcome_words import ShownOutcome
from rules.explain.seen_values import failed_traces, with_value
from rules.explain.shown_outcomes import event_outcome
from rules.models import Delivery, InboundEvent, LoggedEvent

from .filters import EventLogFilter
from .found_events import newest
from .log_scope import LogScope, scope_of

PAGE_SIZE = 50


class ServerEvent(NamedTuple):
    """The event under its name and id at a vendor."""

    name: str
    id: str


@dataclass(frozen=True, slots=True)
class EventLogRow:
    """One event in the list. With several deliveries, the worst comes first in every list.

    Args:
        environment: Its name.
        value: What the event is worth; None if it says nothing or has no outcome yet.
        currency: Of the value, as the vendor writes it; or "".
        ms: How long the last request took; None if none was made.
    """

    event: InboundEvent
    environment: str
    outcome: ShownOutcome
    targets: list[str] = field(default_factory=list)
    rule_names: list[str] = field(default_factory=list)
    server_events: list[ServerEvent] = field(default_factory=list)
    value: float | None = None
    currency: str = ""
    ms: int | None = None

    @property
    def name(self) -> str:
        """The event's name at the vendor; "" if nothing was made for one."""
        return next((it.name for it in self.server_events if it.name), "")

    @property
    def server_event_id(self) -> str:
        """The event's id at the vendor, without customer data; or ""."""
        return next((it.id for it in self.server_events if it.id), "")

    @property
    def rule(self) -> str:
        """The name of the rule that made the delivery; or ""."""
        return next(iter(self.rule_names), "")

    @property
    def is_finished(self) -> bool:
        return self.event.state in InboundEvent.FINAL

    @property
    def can_retry(self) -> bool:
        """Whether it failed or matched no rule, and can be run again."""
        return self.event.can_retry

    @property
    def fingerprint(self) -> str:
        """A text that changes whenever the row looks different."""
        sent = (text for it in self.server_events for text in it)
        outcome = (self.outcome.word, self.outcome.reason, str(self.outcome.at), str(self.outcome.more))
        numbers = (str(self.value), self.currency, str(self.ms))
        shown = (self.event.state, *outcome, *numbers, *self.targets, *self.rule_names, *sent)
        return format(zlib.crc32("\n".join(shown).encode()), "x")


@dataclass(frozen=True, slots=True)
class EventLogPage:
    """Some rows, newest first.

    Args:
        older: Last id of this page, if there are more events.
        searched_to: The oldest id that was searched, if the search stopped there.
    """

    rows: list[EventLogRow]
    older: int | None = None
    searched_to: int | None = None


def page_of(
    prop: Property,
    asked: EventLogFilter,
    environment: Environment | None = None,
    *,
    sees_bodies: bool = False,
) -> EventLogPage:
    """Return one page of the log.

    Args:
        environment: The environment that the page shows; None reads it from the filter.
        sees_bodies: Whether the person may see customer data.
    """
    scope = scope_of(prop, asked, environment, sees_bodies=sees_bodies)
    found = newest(scope, PAGE_SIZE + 1)
    rows = rows_of(prop, events_of(scope, found.ids[:PAGE_SIZE]))
    if len(found.ids) > PAGE_SIZE:
        return EventLogPage(rows, older=found.ids[PAGE_SIZE - 1])
    return EventLogPage(rows, searched_to=found.searched_to)


def events_of(scope: LogScope, ids: Sequence[int]) -> list[InboundEvent]:
    """Return events of a scope, newest first, without the columns that only their own page shows."""
    found = InboundEvent.objects.filter(property_id=scope.prop.pk, pk__in=ids)
    if scope.environment_id is not None:
        found = found.filter(environment_id=scope.environment_id)
    return list(found.defer("body", "request", "trace").order_by("-id"))


def rows_of(prop: Property, events: Sequence[InboundEvent]) -> list[EventLogRow]:
    """Return the rows of these events."""
    names = dict(Environment.objects.filter(prop=prop).values_list("pk", "name"))
    ids = [event.pk for event in events]
    logged = LoggedEvent.objects.in_bulk(ids)
    deliveries: dict[int, list[Delivery]] = {}
    for delivery in _deliveries(ids):
        deliveries.setdefault(delivery.event_id, []).append(delivery)
    traces = failed_traces(it for found in deliveries.values() for it in found)
    return [
        _row(
            it,
            names.get(it.environment_id, ""),
            deliveries.get(it.pk, []),
            logged.get(it.pk),
            traces.get(it.pk, ""),
        )
        for it in events
    ]


def _deliveries(event_ids: Sequence[int]) -> Iterable[Delivery]:
    """Return deliveries without their encrypted parts, which only the page of one event shows."""
    return (
        Delivery.objects.filter(event_id__in=event_ids, replayed_at__isnull=True)
        .defer("payload", "envelope", "rule_state")
        .order_by("id")
    )


def _row(
    event: InboundEvent,
    environment: str,
    found: Sequence[Delivery],
    logged: LoggedEvent | None,
    trace: str,
) -> EventLogRow:
    deliveries = worst_first(found)
    outcome = event_outcome(event.state, event.reason, deliveries)
    return EventLogRow(
        event=event,
        environment=environment,
        outcome=with_value(outcome, deliveries[0], trace) if trace else outcome,
        targets=_unique(target_of(it.delegate, it.destination) for it in deliveries if it.destination),
        rule_names=_unique(it.rule_name for it in deliveries),
        server_events=_server_events(deliveries),
        value=logged.value if logged else None,
        currency=logged.currency if logged else "",
        ms=logged.ms if logged else None,
    )


def _server_events(deliveries: Iterable[Delivery]) -> list[ServerEvent]:
    found = ((it.name, str(mask_lookalikes(it.server_event_id))) for it in deliveries if it.server_event_id)
    return [ServerEvent(*it) for it in dict.fromkeys(found)]


def _unique(texts: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(texts))
