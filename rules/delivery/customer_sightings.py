"""Notes in which form customer data arrives: counts per hour and keyed fingerprints, never a value.

At most some events a second are looked at, so it costs next to nothing under load.
"""

from __future__ import annotations

import hmac
import logging
import os
import time
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from functools import lru_cache
from hashlib import sha256
from typing import Any, NamedTuple

from django.conf import settings
from django.db import connection

from properties.catalog import dotted
from properties.catalog.customer_data.facts import CustomerFact
from properties.catalog.descriptor import ActionType
from properties.catalog.outbound import BatchItem
from properties.catalog.tokens import tokens_in
from rules.engine import ComponentRun
from rules.models import CustomerDataCount, CustomerPrint

from .in_flight import Ticket
from .ledger_counters import NODES

logger = logging.getLogger(__name__)
EVENTS_A_SECOND = 20
# Events whose fingerprints one process writes for one environment; the counts go on.
PRINTED_AN_HOUR = 200
KEPT_DAYS = 7
SECONDS_AN_HOUR = 3_600
BROWSER, SERVER = "browser", "server"
_TABLE = CustomerDataCount._meta.db_table
_KEY = "property_id, environment_id, hour, component_uid, path, source, side, form, node"
_UNIQUE = _KEY.removeprefix("property_id, ")
_INSERT = f"INSERT INTO {_TABLE} ({_KEY}, count, example_event_id) VALUES "  # noqa: S608 - our own columns
_ADD = (
    f" ON CONFLICT ({_UNIQUE}) DO UPDATE SET count = {_TABLE}.count + excluded.count,"
    " example_event_id = excluded.example_event_id"
)
_ROW = f"({', '.join(['%s'] * 11)})"


class StreamPlace(NamedTuple):
    """Where a value comes from, in the order of the columns."""

    property_id: int
    environment_id: int
    hour: int
    component_uid: str
    path: str
    source: str
    side: str


class CustomerSightings:
    """What this process may still look at."""

    def __init__(self) -> None:
        self._second, self._looked = 0, 0
        self._hour, self._printed = 0, Counter[int]()

    def note(self, tickets: Iterable[Ticket], now: datetime) -> None:
        """Write what some events say. Call it inside the transaction that writes their outcomes."""
        counts: Counter[tuple[StreamPlace, str]] = Counter()
        examples: dict[tuple[StreamPlace, str], int] = {}
        prints: list[CustomerPrint] = []
        for ticket in tickets:
            runs = list(_actions(ticket))
            if not runs or not self._may_look():
                continue
            found = list(_seen(ticket, runs, now))
            for stream, fact in found:
                if fact.form:
                    counts[stream, fact.form] += 1
                    examples[stream, fact.form] = ticket.event.id
            if any(fact.role for _, fact in found) and self._may_print(ticket.event.environment_id, now):
                prints += [_print(stream, fact, ticket.event.id) for stream, fact in found if fact.role]
        _add(counts, examples)
        CustomerPrint.objects.bulk_create(prints)

    def _may_look(self) -> bool:
        second = int(time.monotonic())
        if second != self._second:
            self._second, self._looked = second, 0
        self._looked += 1
        return self._looked <= EVENTS_A_SECOND

    def _may_print(self, environment_id: int, now: datetime) -> bool:
        hour = hour_of(now)
        if hour != self._hour:
            self._hour, self._printed = hour, Counter()
        self._printed[environment_id] += 1
        return self._printed[environment_id] <= PRINTED_AN_HOUR

    def forget(self) -> None:
        """Begin anew, for tests."""
        self.__init__()  # type: ignore[misc]


sightings = CustomerSightings()


def hour_of(moment: datetime) -> int:
    """Return the hours since 1970."""
    return int(moment.timestamp()) // SECONDS_AN_HOUR


def _actions(ticket: Ticket) -> Iterator[ComponentRun]:
    """Yield the actions of an event that ran and can tell about customer data."""
    if ticket.result is not None:
        for rule in ticket.result.runs.values():
            for run in rule.actions:
                kind = run.component.type
                if isinstance(kind, ActionType) and kind.customer_facts and run.settings is not None:
                    yield run


def _seen(
    ticket: Ticket, runs: Sequence[ComponentRun], now: datetime
) -> Iterator[tuple[StreamPlace, CustomerFact]]:
    event, side = ticket.event, _side(ticket)
    for run in runs:
        for fact in _facts(run):
            source = _source(run.component.settings, fact.path)
            where = event.property_id, event.environment_id, hour_of(now), run.id
            yield StreamPlace(*where, fact.path[: CustomerDataCount.PATH_LENGTH], source, side), fact


def _facts(run: ComponentRun) -> list[CustomerFact]:
    """Return what a package says about the values of an action. Never raises."""
    kind: Any = run.component.type
    output = run.output[0] if isinstance(run.output, list) and run.output else run.output
    item = output if isinstance(output, BatchItem) else run.unsent
    try:
        return list(kind.customer_facts(run.settings, item.payload if item else {}))
    except Exception as error:
        # A bug of a package: only these counts lack something. Its text may hold the value.
        logger.error("The facts of customer data ended with %s", type(error).__name__)
        return []


def _source(template: Mapping[str, Any], path: str) -> str:
    names = dict.fromkeys(tokens_in(dotted.get(template, path)))
    return ", ".join(names)[: CustomerDataCount.SOURCE_LENGTH]


def _side(ticket: Ticket) -> str:
    """Return where an event came from: browsers say from which site, servers do not."""
    assert ticket.result is not None  # noqa: S101 - the caller has checked
    header = ticket.result.arc["request"].get("header") or {}
    return BROWSER if (header.get("httpHeaders") or {}).get("origin") else SERVER


def _print(stream: StreamPlace, fact: CustomerFact, event_id: int) -> CustomerPrint:
    twice = sha256(fact.digest.encode()).hexdigest()
    return CustomerPrint(
        **stream._asdict(),
        event_id=event_id,
        form=fact.form,
        role=fact.role,
        print=fingerprint(stream.property_id, fact.digest),
        twice=fingerprint(stream.property_id, twice),
    )


def fingerprint(property_id: int, text: str) -> int:
    """Return 64 bits of an HMAC, as the database stores them. Two properties never share one."""
    digest = hmac.digest(
        _key(settings.SECRET_KEY), f"{property_id}:{text}".encode(errors="replace"), "sha256"
    )
    return int.from_bytes(digest[:8], "big", signed=True)


@lru_cache(maxsize=2)
def _key(secret: str) -> bytes:
    return sha256(f"customer data:{secret}".encode()).digest()


def _add(
    counts: Mapping[tuple[StreamPlace, str], int], examples: Mapping[tuple[StreamPlace, str], int]
) -> None:
    """Add counts in one statement, in one order everywhere: two processes never wait for each other."""
    node = os.getpid() % NODES
    rows = [(*key[0], key[1], node, counts[key], examples[key]) for key in sorted(counts)]
    if rows:
        with connection.cursor() as cursor:
            values = [value for row in rows for value in row]
            cursor.execute(_INSERT + ", ".join([_ROW] * len(rows)) + _ADD, values)


def forget_sightings(now: datetime) -> None:
    """Remove what is older than the events that it names."""
    before = hour_of(now) - KEPT_DAYS * 24
    CustomerDataCount.objects.filter(hour__lt=before).delete()
    CustomerPrint.objects.filter(hour__lt=before).delete()
