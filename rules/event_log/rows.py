"""Rows of the event log: an event with destinations and rules, cheap enough for constant polling."""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from django.db.models import QuerySet

from properties.models import Environment, Property
from rules.delivery.refused_fields import left_out
from rules.engine import mask_lookalikes
from rules.explain.badges import Badge
from rules.explain.delivery_stories import target_of
from rules.explain.event_states import Fate, event_badge
from rules.explain.sentences import short_reason
from rules.models import Delivery, InboundEvent

from .filters import EventLogFilter, filtered, floor_of

PAGE_SIZE = 50
MOST_COUNTED = 10_000
WORST_FIRST = ("dead", "expired", "parked", "pending", "erased", "delivered")


class ServerEvent(NamedTuple):
    """The event under its name and id at a vendor."""

    name: str
    id: str


@dataclass(frozen=True, slots=True)
class EventLogRow:
    """One event in the list."""

    event: InboundEvent
    environment: str
    badge: Badge
    reason: str
    targets: list[str] = field(default_factory=list)
    rule_names: list[str] = field(default_factory=list)
    server_events: list[ServerEvent] = field(default_factory=list)

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
        shown = (self.event.state, self.badge.label, self.reason, *self.targets, *self.rule_names, *sent)
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


def page_of(prop: Property, asked: EventLogFilter, *, sees_bodies: bool) -> EventLogPage:
    """Return one page of the log."""
    found = filtered(prop, asked, sees_bodies=sees_bodies)
    if asked.before is not None:
        found = found.filter(id__lt=asked.before)
    floor = floor_of(prop, asked, asked.before)
    if floor is not None:
        found = found.filter(id__gte=floor)
    events = newest(found, PAGE_SIZE + 1)
    rows = rows_of(prop, events[:PAGE_SIZE])
    if len(events) > PAGE_SIZE:
        return EventLogPage(rows, older=events[PAGE_SIZE - 1].pk)
    return EventLogPage(rows, searched_to=floor)


def newest(found: QuerySet[InboundEvent], limit: int) -> list[InboundEvent]:
    """Return the newest events, without the columns that only their own page shows."""
    return list(found.defer("body", "request", "trace").order_by("-id")[:limit])


def capped_count(found: QuerySet[InboundEvent]) -> int:
    """Count events up to ``MOST_COUNTED`` + 1, which means that there are more."""
    return found.order_by("-id").values("id")[: MOST_COUNTED + 1].count()


def counted(prop: Property, asked: EventLogFilter, *, sees_bodies: bool) -> str:
    """Return the number of events that fit, in words."""
    found = filtered(prop, asked, sees_bodies=sees_bodies)
    floor = floor_of(prop, asked, None)
    count = capped_count(found if floor is None else found.filter(id__gte=floor))
    if count > MOST_COUNTED:
        return f"More than {MOST_COUNTED:,} events"
    return f"{count:,} event{'' if count == 1 else 's'}"


def rows_of(prop: Property, events: Sequence[InboundEvent]) -> list[EventLogRow]:
    """Return the rows of these events."""
    names = dict(Environment.objects.filter(prop=prop).values_list("pk", "name"))
    deliveries: dict[int, list[Delivery]] = {}
    for delivery in _deliveries([event.pk for event in events]):
        deliveries.setdefault(delivery.event_id, []).append(delivery)
    return [_row(it, names.get(it.environment_id, ""), deliveries.get(it.pk, [])) for it in events]


def _deliveries(event_ids: Sequence[int]) -> Iterable[Delivery]:
    """Return deliveries without their encrypted parts, which only the page of one event shows."""
    return (
        Delivery.objects.filter(event_id__in=event_ids, replayed_at__isnull=True)
        .defer("payload", "envelope", "rule_state")
        .order_by("id")
    )


def _row(event: InboundEvent, environment: str, deliveries: Sequence[Delivery]) -> EventLogRow:
    return EventLogRow(
        event=event,
        environment=environment,
        badge=event_badge(event.state, event.reason, map(Fate.of, deliveries)),
        reason=_reason(event, deliveries),
        targets=_unique(target_of(it.delegate, it.destination) for it in deliveries if it.destination),
        rule_names=_unique(it.rule_name for it in deliveries),
        server_events=_server_events(deliveries),
    )


def _server_events(deliveries: Iterable[Delivery]) -> list[ServerEvent]:
    found = ((it.name, str(mask_lookalikes(it.server_event_id))) for it in deliveries if it.server_event_id)
    return [ServerEvent(*it) for it in dict.fromkeys(found)]


def _reason(event: InboundEvent, deliveries: Sequence[Delivery]) -> str:
    """Return the reason of the delivery that decided the outcome, or the event's own reason."""
    if event.state == InboundEvent.State.DELIVERED:
        return " ".join(_unique(_remark(it) for it in deliveries)).strip()
    if event.state == InboundEvent.State.RECEIVED:
        return ""
    deciding = min(deliveries, key=lambda it: WORST_FIRST.index(it.state), default=None)
    if deciding is None or deciding.state == Delivery.State.DELIVERED:
        return short_reason(event.state, event.reason)
    attempt = f" (attempt {deciding.attempts})" if deciding.state == Delivery.State.PENDING else ""
    return f"{mask_lookalikes(deciding.message) or deciding.code.replace('_', ' ')}{attempt}"


def _remark(delivery: Delivery) -> str:
    """Return a remark about a delivery that arrived."""
    lost = left_out(delivery.warnings)
    without = f"Without {' and '.join(lost)}." if lost else ""
    same = "Duplicate: the same event had already reached the destination." if delivery.duplicate_of else ""
    return f"{without} {same}".strip()


def _unique(texts: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(texts))
