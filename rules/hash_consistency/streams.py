"""The customer data of one environment by stream: a field of an action, what it reads, and the side."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple

from django.db.models import Max, Sum

from properties.models import Environment
from rules.delivery.customer_sightings import KEPT_DAYS, hour_of
from rules.models import CustomerDataCount, CustomerPrint

MOST_PRINTS = 20_000


class StreamKey(NamedTuple):
    """What the values of one stream share."""

    component_uid: str
    path: str
    source: str
    side: str


@dataclass(slots=True)
class CustomerStream:
    """One stream with the number of values in each form, and an event for each."""

    key: StreamKey
    forms: Counter[str] = field(default_factory=Counter)
    examples: dict[str, int] = field(default_factory=dict)

    @property
    def total(self) -> int:
        return sum(self.forms.values())


def streams_of(environment: Environment, now: datetime) -> list[CustomerStream]:
    """Return the streams of the last days."""
    rows = CustomerDataCount.objects.filter(
        environment_id=environment.pk, hour__gte=hour_of(now) - KEPT_DAYS * 24
    )
    found: dict[StreamKey, CustomerStream] = {}
    names = (*StreamKey._fields, "form")
    totals = rows.order_by(*names).values_list(*names).annotate(Sum("count"), Max("example_event_id"))
    for *columns, form, number, event_id in totals:
        key = StreamKey(*columns)
        stream = found.setdefault(key, CustomerStream(key))
        stream.forms[form], stream.examples[form] = number, event_id
    return list(found.values())


Prints = dict[int, list[CustomerPrint]]


def prints_of(environment: Environment) -> Prints:
    """Return the newest fingerprints, by event."""
    found: Prints = defaultdict(list)
    rows = CustomerPrint.objects.filter(environment_id=environment.pk).order_by("-id")
    for row in rows[:MOST_PRINTS]:
        found[row.event_id].append(row)
    return found


def key_of(row: Any) -> StreamKey:
    return StreamKey(row.component_uid, row.path, row.source, row.side)


def by_stream(prints: Prints, roles: Sequence[str]) -> dict[StreamKey, list[CustomerPrint]]:
    """Return the fingerprints with one of these roles, by stream."""
    found: dict[StreamKey, list[CustomerPrint]] = defaultdict(list)
    for rows in prints.values():
        for row in rows:
            if row.role in roles:
                found[key_of(row)].append(row)
    return found


def one_of(rows: Iterable[CustomerPrint], role: str) -> CustomerPrint | None:
    """Return the first fingerprint of one event with a role."""
    return next((row for row in rows if row.role == role), None)
