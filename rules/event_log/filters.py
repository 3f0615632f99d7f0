"""Filters of the event log and its position in the list, all in the address."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.db.models import Exists, OuterRef, Q, QuerySet

from properties.models import Environment, Property
from properties.models.identifiers import row_id
from rules.explain.refusals import CauseKey
from rules.models import Delivery, InboundEvent, Replay, ReplayedEvent

# No index serves every filter: the page searches this many events, then asks before it continues.
SEARCHED_AT_ONCE = 20_000
MOST_WITH_ONE_ID = 500
NAMES = ("environment", "state", "name", "id", "cause", "replay")


@dataclass(frozen=True, slots=True)
class EventLogFilter:
    """The filters that a person chose.

    Args:
        environment: uid of an environment.
        state: One of ``InboundEvent.State``.
        name: Part of the event's name, here or at a vendor.
        id: Our id of the event, or its id at a vendor; for people who may see bodies, also the id from its
            sender.
        cause: Cause of refusals, as ``CauseKey`` writes it.
        replay: uid of a replay.
        before: Only events with a smaller id.
    """

    environment: str = ""
    state: str = ""
    name: str = ""
    id: str = ""
    cause: str = ""
    replay: str = ""
    before: int | None = None

    @classmethod
    def of(cls, query: Mapping[str, str]) -> EventLogFilter:
        """Read the address of a page; invalid values are ignored."""
        values = {name: query.get(name, "").strip().replace("\0", "")[:255] for name in NAMES}
        if values["state"] not in InboundEvent.State.values:
            values["state"] = ""
        if CauseKey.read(values["cause"]) is None:
            values["cause"] = ""
        return cls(**values, before=row_id(query.get("before", "")))

    @property
    def is_active(self) -> bool:
        return any(getattr(self, name) for name in NAMES)

    def query(self, **more: object) -> str:
        """Return a query with these filters, without the position in the list."""
        own = {name: getattr(self, name) for name in NAMES}
        return urlencode({name: value for name, value in {**own, **more}.items() if value})


def filtered(prop: Property, asked: EventLogFilter, *, sees_bodies: bool) -> QuerySet[InboundEvent]:
    """Return the events of a property that fit, from any time, unordered."""
    found = InboundEvent.objects.filter(property_id=prop.pk)
    if asked.environment:
        found = found.filter(environment_id__in=Environment.objects.filter(prop=prop, uid=asked.environment))
    if asked.state:
        found = found.filter(state=asked.state)
    if asked.name:
        found = found.filter(Q(name__icontains=asked.name) | Exists(_sent_as(asked.name)))
    if cause := CauseKey.read(asked.cause):
        found = found.filter(pk__in=_refused(prop, cause))
    if asked.replay:
        found = found.filter(pk__in=_replayed(prop, asked.replay))
    return _with_id(prop, found, asked.id, sees_bodies=sees_bodies) if asked.id else found


def _refused(prop: Property, cause: CauseKey) -> QuerySet[Any]:
    """Return ids of events that were refused for one cause."""
    refused = Delivery.objects.filter(
        property_id=prop.pk, state=Delivery.State.DEAD, replayed_at__isnull=True, **cause._asdict()
    )
    return refused.values("event_id")


def _replayed(prop: Property, uid: str) -> QuerySet[Any]:
    replays = Replay.objects.filter(property_id=prop.pk, uid=uid).values("pk")
    return ReplayedEvent.objects.filter(replay_id__in=replays).values("event_id")


def _with_id(
    prop: Property, found: QuerySet[InboundEvent], text: str, *, sees_bodies: bool
) -> QuerySet[InboundEvent]:
    """Search our id, then the vendor's, both indexed, then the sender's; the first that fits counts."""
    exact = _with_exact_id(prop, text)
    if exact is not None or not sees_bodies:
        return found.filter(pk__in=exact or [])
    return found.filter(body__contains=json.dumps(text, ensure_ascii=False))


def _with_exact_id(prop: Property, text: str) -> list[int] | None:
    """Return the newest events with this id, here or at a vendor, or None. Only indexes are read."""
    number = row_id(text)
    if number and InboundEvent.objects.filter(property_id=prop.pk, pk=number).exists():
        return [number]
    sent = Delivery.objects.filter(property_id=prop.pk, server_event_id=text[:255])
    return list(sent.order_by("-id").values_list("event_id", flat=True)[:MOST_WITH_ONE_ID]) or None


def _sent_as(name: str) -> QuerySet[Delivery]:
    """Return deliveries with this name. The query runs for each event of a search, which is limited."""
    return Delivery.objects.filter(event_id=OuterRef("pk"), name__icontains=name)


def floor_of(prop: Property, asked: EventLogFilter, before: int | None) -> int | None:
    """Return the oldest id that a search with these filters covers; None if it reaches the end."""
    if not asked.is_active or (asked.id and _with_exact_id(prop, asked.id) is not None):
        return None
    return search_floor(prop, before)


def search_floor(prop: Property, before: int | None) -> int | None:
    """Return the oldest id that one search covers; None if it reaches the end."""
    ids = InboundEvent.objects.filter(property_id=prop.pk).order_by("-id").values_list("id", flat=True)
    if before is not None:
        ids = ids.filter(id__lt=before)
    last = list(ids[SEARCHED_AT_ONCE - 1 : SEARCHED_AT_ONCE])
    return last[0] if last else None
