"""Adds up old minutes into hours, and removes counts that have been kept long enough."""

from __future__ import annotations

from collections import Counter
from datetime import datetime

from django.db import connection, transaction

from properties.models import Property
from rules.models import MinuteCount

from .ledger_counters import NODES
from .minute_counts import CountKey, add

MINUTES_KEPT_HOURS = 48
HOURS_KEPT_DAYS = 396
ROWS_AT_ONCE = 2_000


def fold_minutes(now: datetime) -> None:
    """Add up the minutes that are older than two days into hours.

    A correction that comes later is a row of its own minute, and is added to its hour the next time.
    """
    this_hour = int(now.timestamp()) // 3_600 * 60
    while _fold_some(this_hour - MINUTES_KEPT_HOURS * 60) == ROWS_AT_ONCE:
        pass


@transaction.atomic
def _fold_some(limit: int) -> int:
    old = MinuteCount.objects.filter(node__in=range(NODES), minute__lt=limit).order_by("minute")
    # A row that a worker corrects right now is left to the next time: nobody waits for anybody.
    skips = connection.features.has_select_for_update_skip_locked
    rows = list(
        old.select_for_update(skip_locked=skips).values_list("id", *CountKey._fields, "count")[:ROWS_AT_ONCE]
    )
    numbers: Counter[CountKey] = Counter()
    for _, *key, number in rows:
        minute = CountKey(*key)
        numbers[minute._replace(minute=minute.minute - minute.minute % 60)] += number
    add(numbers, MinuteCount.HOUR)
    MinuteCount.objects.filter(id__in=[row[0] for row in rows]).delete()
    return len(rows)


def forget_counts(now: datetime) -> None:
    """Remove counts of more than thirteen months ago, empty ones, and those of properties that are gone."""
    hours = MinuteCount.objects.filter(node=MinuteCount.HOUR)
    limit = int(now.timestamp()) // 60 - HOURS_KEPT_DAYS * 1_440
    while _forget(hours.filter(minute__lt=limit)) or _forget(hours.filter(count=0)):
        pass
    for property_id in _gone_properties():
        while _forget(MinuteCount.objects.filter(property_id=property_id)):
            pass


def _forget(rows: object) -> int:
    ids = list(rows.values_list("id", flat=True)[:ROWS_AT_ONCE])  # type: ignore[attr-defined]
    return MinuteCount.objects.filter(id__in=ids).delete()[0]


def _gone_properties() -> list[int]:
    met = set(_properties_met())
    return sorted(met - set(Property.objects.filter(id__in=met).values_list("id", flat=True)))


def _properties_met() -> list[int]:
    """Return the properties that have counts, each by one index lookup."""
    ids = MinuteCount.objects.order_by("property_id").values_list("property_id", flat=True)
    found: list[int] = []
    last = ids.first()
    while last is not None:
        found.append(last)
        last = ids.filter(property_id__gt=last).first()
    return found
