"""Chooses which events can be replayed, by which build, and says why others cannot."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from django.db.models import BooleanField, Case, Q, QuerySet, When

from properties.catalog.errors import TOO_OLD
from properties.models import Property
from rules.models import Activation, Build, Delivery, InboundEvent, Replay, ReplayedEvent

from ..event_run import action_type
from ..outcomes import DUPLICATE, MAY_HAVE_ARRIVED

ROWS_AT_ONCE = 500
FAILED = (InboundEvent.State.DEAD, InboundEvent.State.EXPIRED)
# Why an event is not replayed.
REFUSALS = {
    "not_found": "no longer kept",
    "erased": "erased",
    "under_way": "still in progress",
    "delivered": "delivered already",
    "no_body": "without a stored body",
    "no_build": "without a build that could run them",
    TOO_OLD: "too old for the vendor",
}


class Eligible(NamedTuple):
    """An event that can be replayed."""

    event_id: int
    build_id: int


@dataclass(frozen=True, slots=True)
class ReplayChoice:
    """The result of checking some events.

    Args:
        eligible: In the order of their ids.
        refused: How many were refused, by reason: a key of ``REFUSALS``.
    """

    eligible: list[Eligible] = field(default_factory=list)
    refused: Counter[str] = field(default_factory=Counter)


def failed_ids(
    prop: Property, *, since: int = 0, cause: Q | None = None, code: str = "", limit: int | None = None
) -> list[int]:
    """Return ids of the newest events that failed; with a cause, also of events still in progress.

    Args:
        since: Only events with at least this id.
        cause: The query that matches their refused deliveries.
        code: The code of such a delivery, or the event's own reason.
        limit: The most ids to return.
    """
    events = InboundEvent.objects.filter(property_id=prop.pk, id__gte=since)
    if code:
        cause = Q(code=code)
    if cause is None:
        failed = events.filter(state__in=FAILED).exclude(reason=DUPLICATE)
    else:
        failed = events.filter(Q(pk__in=_with(prop, cause)) | Q(state__in=FAILED, reason=code or "-"))
    return list(failed.order_by("-id").values_list("id", flat=True)[:limit])


def may_have_arrived(ids: Sequence[int]) -> int:
    """Return how many of these events a vendor may already have, so that a replay would count twice."""
    found: set[int] = set()
    for start in range(0, len(ids), ROWS_AT_ONCE):
        part = ids[start : start + ROWS_AT_ONCE]
        rows = Delivery.objects.filter(event_id__in=part, code__in=MAY_HAVE_ARRIVED, replayed_at__isnull=True)
        found |= set(rows.filter(state=Delivery.State.DEAD).values_list("event_id", flat=True))
    return len(found)


def _with(prop: Property, cause: Q) -> QuerySet[Any]:
    unsent = (Delivery.State.DEAD, Delivery.State.EXPIRED)
    found = Delivery.objects.filter(cause, property_id=prop.pk, state__in=unsent, replayed_at__isnull=True)
    return found.values("event_id")


def choose(
    prop: Property, ids: Iterable[int], build: str, now: datetime, *, delivered_too: bool = False
) -> ReplayChoice:
    """Check events of a property.

    Args:
        build: One of ``Replay.Build``.
        now: Time of the database.
        delivered_too: Also choose delivered events, because a person named them.
    """
    choice, wanted = ReplayChoice(), sorted(set(ids))
    windows = Windows()
    for start in range(0, len(wanted), ROWS_AT_ONCE):
        part = wanted[start : start + ROWS_AT_ONCE]
        for event_id, refusal, build_id in _judged(prop, part, build, now, windows, delivered_too):
            if refusal:
                choice.refused[refusal] += 1
            else:
                choice.eligible.append(Eligible(event_id, build_id))
    return choice


def _judged(
    prop: Property, ids: Sequence[int], build: str, now: datetime, windows: Windows, delivered_too: bool
) -> Iterator[tuple[int, str, int]]:
    """Yield (id, why it is refused or "", build) of each event."""
    events = {it.pk: it for it in facts_of(ids, "trace") if it.property_id == prop.pk}
    waiting = ReplayedEvent.objects.filter(event_id__in=ids, state=ReplayedEvent.State.WAITING)
    under_way = set(waiting.values_list("event_id", flat=True))
    builds = _builds(prop, events.values(), build)
    judge = Judge(ids, now, windows)
    for event_id in ids:
        event, build_id = events.get(event_id), builds.get(event_id, 0)
        refusal = "under_way" if event_id in under_way else judge.refusal(event, build_id)
        if not refusal and event and event.state == InboundEvent.State.DELIVERED and not delivered_too:
            refusal = "delivered"
        yield event_id, refusal, build_id


def facts_of(ids: Sequence[int], *unread: str) -> QuerySet[InboundEvent]:
    """Return events without their bodies; ``has_body`` says whether the body is still stored."""
    has_body = Case(When(body="", then=False), default=True, output_field=BooleanField())
    found = InboundEvent.objects.filter(pk__in=ids).annotate(has_body=has_body)
    return found.defer("body", "request", *unread)


def _builds(prop: Property, events: Iterable[InboundEvent], build: str) -> dict[int, int]:
    """Return the build that would run each event, if there is one."""
    if build == Replay.Build.CURRENT:
        live = _live_builds(prop)
        return {it.pk: live[it.environment_id] for it in events if it.environment_id in live}
    events = list(events)
    ids = {it.build_id for it in events if it.build_id is not None}
    kept = set(Build.objects.filter(prop=prop, pk__in=ids).values_list("pk", flat=True))
    return {it.pk: it.build_id for it in events if it.build_id is not None and it.build_id in kept}


def _live_builds(prop: Property) -> dict[int, int]:
    """Return the live build of each environment."""
    rows = Activation.objects.filter(environment__prop=prop).order_by("id")
    return dict(rows.values_list("environment_id", "build_id"))


class Judge:
    """Says why an event cannot be replayed now.

    Args:
        ids: Of all events that it will check.
    """

    def __init__(self, ids: Sequence[int], now: datetime, windows: Windows) -> None:
        self._now, self._windows = now, windows
        self._ends: dict[int, list[datetime | None]] = defaultdict(list)
        rows = Delivery.objects.filter(event_id__in=ids, replayed_at__isnull=True)
        unsent = rows.exclude(state=Delivery.State.DELIVERED)
        for event_id, expires_at in unsent.values_list("event_id", "expires_at"):
            self._ends[event_id].append(expires_at)

    def refusal(self, event: InboundEvent | None, build_id: int) -> str:
        """Return a key of ``REFUSALS``, or "". Pass ``event`` as ``facts_of`` returns it."""
        if event is None:
            return "not_found"
        if event.state == InboundEvent.State.ERASED:
            return "erased"
        if event.state not in InboundEvent.FINAL:
            return "under_way"
        if not event.has_body:  # type: ignore[attr-defined]
            return "no_body"
        if not build_id:
            return "no_build"
        return TOO_OLD if self._is_too_old(event, build_id) else ""

    def _is_too_old(self, event: InboundEvent, build_id: int) -> bool:
        """Check the limits of its deliveries; if it has none, those of its actions.

        An event that a package found too old stays too old, unless another build reads its time from
        elsewhere.
        """
        if event.reason == TOO_OLD and event.build_id == build_id:
            return True
        ends = self._ends[event.pk]
        known = [end for end in ends if end is not None]
        if ends and len(known) == len(ends):
            return max(known) <= self._now
        window = self._windows.of(build_id)
        return window is not None and event.received_at + timedelta(seconds=window) <= self._now


class Windows:
    """How long after an event the vendors of a build accept it."""

    def __init__(self) -> None:
        self._known: dict[int, float | None] = {}

    def of(self, build_id: int) -> float | None:
        """Return seconds; None if an action of the build has no known limit, or the build has no actions."""
        if build_id not in self._known:
            document = Build.objects.filter(pk=build_id).values_list("document", flat=True).first()
            self._known[build_id] = _window(json.loads(document) if document else {})
        return self._known[build_id]


def _window(document: Mapping[str, Any]) -> float | None:
    actions = [action for rule in document.get("rules", []) for action in rule.get("actions", [])]
    found = [_takes_for(action) for action in actions]
    known = [seconds for seconds in found if seconds is not None]
    return max(known) if known and len(known) == len(found) else None


def _takes_for(action: Mapping[str, Any]) -> float | None:
    kind = action_type(action.get("modulePath", ""))
    return kind.takes_for(action.get("settings") or {}) if kind and kind.takes_for else None
