"""Counts per minute, changed in the transaction that changes the events and deliveries.

Each row remembers what it is counted as (``counted_as``). A change of outcome takes one off the old count and
adds one to the new, so the sum over all minutes is always that of the rows that were ever written.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Mapping
from typing import NamedTuple, Protocol

from django.db import connection

from rules.models import Delivery, InboundEvent, MinuteCount

from .counted_outcomes import delivery_number, state_of
from .latency_buckets import bucket_of
from .ledger_counters import NODES

ROWS_AT_ONCE = 500
MILLISECONDS_A_MINUTE = 60_000
# Columns of a delivery that say where it is counted.
COUNTED = (
    *("event_id", "property_id", "environment_id", "name", "delegate", "destination", "done_at"),
    "counted_as",
)
_TABLE = MinuteCount._meta.db_table
_KEY = "property_id, environment_id, is_event, minute, name, target, outcome, bucket, node"
_INSERT = f"INSERT INTO {_TABLE} ({_KEY}, count) VALUES "  # noqa: S608 - names of our own columns
_ADD = f" ON CONFLICT ({_KEY}) DO UPDATE SET count = {_TABLE}.count + excluded.count"
_ROW = "(%s, %s, %s, %s, %s, %s, %s, %s, %s, %s)"


class _Placed(Protocol):
    """An event, or the columns of one, with its place."""

    id: int
    property_id: int
    environment_id: int


class CountKey(NamedTuple):
    """What a count is about, in the order of the columns."""

    property_id: int
    environment_id: int
    is_event: bool
    minute: int
    name: str
    target: str
    outcome: int
    bucket: int


class MinuteChanges:
    """Changes of one transaction, written together."""

    def __init__(self) -> None:
        self._numbers: Counter[CountKey] = Counter()

    def event(self, event: _Placed, was: int | None, now: int | None) -> None:
        """Count an event as ``now`` and no longer as ``was``; None stands for *not counted*."""
        if was != now:
            for outcome, number in ((was, -1), (now, 1)):
                if outcome is not None:
                    self._numbers[_event_key(event, outcome)] += number

    def delivery(self, delivery: Delivery, was: int | None, now: int | None) -> None:
        """Count a delivery as ``now`` and no longer as ``was``; None stands for *not counted*."""
        if was != now:
            for outcome, number in ((was, -1), (now, 1)):
                if outcome is not None:
                    self._numbers[_delivery_key(delivery, outcome)] += number

    def new_delivery(self, delivery: Delivery) -> None:
        """Count a delivery whose row is about to be written."""
        delivery.counted_as = delivery_number(delivery)
        self.delivery(delivery, None, delivery.counted_as)

    def write(self) -> None:
        """Write the changes. Call it inside the transaction that writes the rows."""
        add(self._numbers, os.getpid() % NODES)


def minute_of(event_id: int) -> int:
    """Return the minute since 1970 in which an event was accepted; its id holds the time."""
    return (event_id >> InboundEvent.BITS_BELOW_TIME) // MILLISECONDS_A_MINUTE


def _event_key(event: _Placed, outcome: int) -> CountKey:
    place = (event.property_id, event.environment_id)
    return CountKey(*place, True, minute_of(event.id), "", "", outcome, MinuteCount.NO_BUCKET)


def _delivery_key(delivery: Delivery, outcome: int) -> CountKey:
    package = delivery.delegate.partition("::")[0]
    return CountKey(
        delivery.property_id,
        delivery.environment_id,
        False,
        minute_of(delivery.event_id),
        delivery.name[: MinuteCount.NAME_LENGTH],
        f"{package}::{delivery.destination}"[: MinuteCount.TARGET_LENGTH],
        outcome,
        _bucket(delivery, outcome),
    )


def _bucket(delivery: Delivery, outcome: int) -> int:
    if delivery.done_at is None or state_of(outcome) != Delivery.State.DELIVERED:
        return MinuteCount.NO_BUCKET
    accepted_at = (delivery.event_id >> InboundEvent.BITS_BELOW_TIME) / 1000
    return bucket_of(delivery.done_at.timestamp() - accepted_at)


def add(numbers: Mapping[CountKey, int], node: int) -> None:
    """Add to the counts of one node, in one order everywhere: two processes never wait for each other."""
    rows = [(*key, node, number) for key, number in sorted(numbers.items()) if number]
    for first in range(0, len(rows), ROWS_AT_ONCE):
        part = rows[first : first + ROWS_AT_ONCE]
        with connection.cursor() as cursor:
            values = [value for row in part for value in row]
            cursor.execute(_INSERT + ", ".join([_ROW] * len(part)) + _ADD, values)
