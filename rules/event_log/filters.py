"""Which events the log shows: filters and place in the list, all of it in the address."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.db.models import QuerySet

from properties.models import Environment, Property
from properties.models.identifiers import row_id
from rules.explain.refusals import CauseKey
from rules.models import Delivery, InboundEvent

# No index serves every filter; so many of the newest events are searched, then the page asks before going on.
SEARCHED_AT_ONCE = 20_000
NAMES = ("environment", "state", "name", "id", "cause")


@dataclass(frozen=True, slots=True)
class Filter:
    """What the person asked for.

    Args:
        environment: uid of an environment.
        state: One of ``InboundEvent.State``.
        name: Part of the event's name.
        id: Our id of the event; or, for those who may see bodies, an id that its sender gave it.
        cause: Of refusals, as ``CauseKey`` writes it.
        before: Only events with a smaller id.
    """

    environment: str = ""
    state: str = ""
    name: str = ""
    id: str = ""
    cause: str = ""
    before: int | None = None

    @classmethod
    def of(cls, query: Mapping[str, str]) -> Filter:
        """Read the address of a page; what makes no sense filters nothing."""
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
        """The address's query with these filters, without the place in the list."""
        own = {name: getattr(self, name) for name in NAMES}
        return urlencode({name: value for name, value in {**own, **more}.items() if value})


def filtered(prop: Property, asked: Filter, *, sees_bodies: bool) -> QuerySet[InboundEvent]:
    """Events of a property that fit, from any time and in no order."""
    found = InboundEvent.objects.filter(property_id=prop.pk)
    if asked.environment:
        found = found.filter(environment_id__in=Environment.objects.filter(prop=prop, uid=asked.environment))
    if asked.state:
        found = found.filter(state=asked.state)
    if asked.name:
        found = found.filter(name__icontains=asked.name)
    if cause := CauseKey.read(asked.cause):
        found = found.filter(pk__in=_refused(prop, cause))
    return _with_id(found, asked.id, sees_bodies=sees_bodies) if asked.id else found


def _refused(prop: Property, cause: CauseKey) -> QuerySet[Any]:
    """Ids of events that were refused for one cause."""
    refused = Delivery.objects.filter(property_id=prop.pk, state=Delivery.State.DEAD, **cause._asdict())
    return refused.values("event_id")


def _with_id(found: QuerySet[InboundEvent], text: str, *, sees_bodies: bool) -> QuerySet[InboundEvent]:
    by_number = found.filter(pk=row_id(text) or 0)
    if not sees_bodies or by_number.exists():
        return by_number
    return found.filter(body__contains=json.dumps(text, ensure_ascii=False))


def search_floor(prop: Property, before: int | None) -> int | None:
    """The oldest id that one search looks at; None when it reaches the end."""
    ids = InboundEvent.objects.filter(property_id=prop.pk).order_by("-id").values_list("id", flat=True)
    if before is not None:
        ids = ids.filter(id__lt=before)
    last = list(ids[SEARCHED_AT_ONCE - 1 : SEARCHED_AT_ONCE])
    return last[0] if last else None
