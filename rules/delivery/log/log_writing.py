"""Writes the rows of the event log, many at once, in the transaction that writes the outcomes."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import connection
from django.db.models import Q, QuerySet

from rules.models import Delivery, InboundEvent, LoggedDelivery, LoggedEvent, LogGroup

from ..clock import database_now
from ..event_run import facts_of
from ..in_flight import InFlight, Ticket
from .copy_rows import write_copies
from .groups import groups
from .lines import LogLine, Sent, line_of
from .rows_sql import insert_rows, insert_terms
from .terms import day_of, terms_of

# The library of Development marks the events of a person who validates the site.
_VALIDATION = re.compile(r'"validation":"([0-9a-f]{32})"')


def validation_token(body: str) -> str:
    """Return the token of the validation that an event belongs to, or ""."""
    found = _VALIDATION.search(body) if '"validation":"' in body else None
    return found[1] if found else ""


def log_tickets(ended: Iterable[tuple[Ticket, str, str]], now: datetime) -> None:
    """Write the rows of events that have run.

    Args:
        ended: Each event with its state and its reason, as they are written.
    """
    lines, copied = [], []
    for ticket, state, reason in ended:
        sent = _sent_of(ticket)
        lines.append(_line(ticket, sent, state, reason))
        if sent or ticket.page.copies:
            copied.append((ticket, sent))
    write(lines, now)
    write_copies(copied)


def _sent_of(ticket: Ticket) -> list[Sent]:
    """Return the deliveries of an event, also those of an earlier run that arrived."""
    sent = [_sent_by(flight) for flight in ticket.flights if not flight.is_over]
    if ticket.refused:
        sent += [Sent(*it) for it in zip(ticket.refused, ticket.refused_facts, strict=True)]
    if ticket.arrived:
        earlier = current_deliveries([ticket.event.id]).filter(state=Delivery.State.DELIVERED)
        sent += [Sent(it) for it in earlier.defer("payload", "envelope", "rule_state")]
    return sent


def _line(ticket: Ticket, sent: Sequence[Sent], state: str, reason: str) -> LogLine:
    line = line_of(ticket.event, state, reason, sent, ticket.sender_id)
    if token := validation_token(ticket.event.body):
        line.ids = (*line.ids, token)
    return line


def _sent_by(flight: InFlight) -> Sent:
    last = flight.posts[-1].duration_ms if flight.posts else None
    return Sent(
        flight.delivery, facts_of(flight.action, flight.payload), last, flight.is_test, flight.test_code
    )


def log_moved(flights: Iterable[InFlight], event_ids: Collection[int], now: datetime | None = None) -> None:
    """Write the rows of events again whose deliveries have changed.

    Args:
        flights: Deliveries at hand, whose payload and answer are known.
        event_ids: All these events.
    """
    if event_ids:
        lines = lines_as_stored(event_ids, {it.delivery.pk: _sent_by(it) for it in flights})
        _keep_earlier(lines)
        write(lines, now or database_now())


def lines_as_stored(event_ids: Collection[int], at_hand: dict[int, Sent]) -> list[LogLine]:
    """Return the rows of events from what is stored of them.

    Args:
        at_hand: More about some deliveries, by their id.
    """
    deliveries = current_deliveries(event_ids).defer("payload", "envelope", "rule_state")
    sent = [(at_hand.get(it.pk) or Sent(it))._replace(delivery=it) for it in deliveries]
    return lines_of(InboundEvent.objects.filter(pk__in=event_ids).defer("body", "request", "trace"), sent, {})


def lines_of(
    events: Iterable[InboundEvent], sent: Iterable[Sent], sender_ids: Mapping[int, str]
) -> list[LogLine]:
    """Return the rows of events with these deliveries."""
    by_event: dict[int, list[Sent]] = defaultdict(list)
    for each in sent:
        by_event[each.delivery.event_id].append(each)
    return [line_of(it, it.state, it.reason, by_event[it.pk], sender_ids.get(it.pk, "")) for it in events]


def current_deliveries(event_ids: Iterable[int]) -> QuerySet[Delivery]:
    """Return the deliveries of events without those of earlier runs."""
    return Delivery.objects.filter(event_id__in=event_ids, replayed_at__isnull=True).order_by("id")


def _keep_earlier(lines: Sequence[LogLine]) -> None:
    """Take over from earlier rows what is not at hand: a value, the time of a request, that it was a test."""
    found = {it.pk: it for it in LoggedEvent.objects.filter(pk__in=[line.event_id for line in lines])}
    known = LogGroup.objects.filter(
        Q(is_test=True) | ~Q(test_code=""), pk__in={it.group_id for it in found.values()}
    )
    tests = {pk: (is_test, code) for pk, is_test, code in known.values_list("id", "is_test", "test_code")}
    for line in lines:
        if (earlier := found.get(line.event_id)) is None:
            continue
        if not line.has_facts:
            line.value, line.currency = earlier.value, earlier.currency
        line.ms = earlier.ms if line.ms is None else line.ms
        if earlier.group_id in tests:
            was_test, code = tests[earlier.group_id]
            is_test, code = line.group.is_test or was_test, line.group.test_code or code
            line.group = line.group._replace(is_test=is_test, test_code=code)


def write(lines: Sequence[LogLine], now: datetime, *, replace: bool = True) -> None:
    """Write rows. Call it inside a transaction.

    Args:
        replace: Replace earlier rows of the same events; otherwise these stay.
    """
    if not lines:
        return
    ids = groups.ids((key for it in lines for key in (it.group, *it.further)), now)
    insert_rows([_row(it, ids[it.group]) for it in lines], replace=replace)
    insert_terms([row for it in lines for row in _terms(it)])
    _write_further(lines, ids)


def _row(line: LogLine, group_id: int) -> tuple[Any, ...]:
    return (
        line.event_id,
        line.group.environment_id,
        group_id,
        line.value,
        line.currency,
        line.ms,
    )


def _terms(line: LogLine) -> Iterable[tuple[int, int, int]]:
    # An index of deliveries finds the id at the vendor.
    ids = [text for text in line.ids if text != line.server_event_id]
    if not (ids or line.emails):
        return ()
    event_id = line.event_id
    day = day_of(event_id)
    return [(day, it, event_id) for it in terms_of(line.group.property_id, ids, line.emails)]


def _write_further(lines: Iterable[LogLine], ids: dict[Any, int]) -> None:
    several = [it for it in lines if it.further]
    if several:
        LoggedDelivery.objects.filter(event_id__in=[it.event_id for it in several]).delete()
        rows = [(it.event_id, ids[key]) for it in several for key in it.further]
        LoggedDelivery.objects.bulk_create([LoggedDelivery(event_id=e, group_id=g) for e, g in rows])


def forget_rows(event_ids: Iterable[int]) -> None:
    """Remove the rows of events that are removed, or run again. Terms stay until their day is over."""
    ids = list(event_ids)
    LoggedEvent.objects.filter(pk__in=ids).delete()
    LoggedDelivery.objects.filter(event_id__in=ids).delete()


def forget_terms(now: datetime, limit: int = 1_000) -> int:
    """Remove terms of days of which no event is left; return how many."""
    oldest = InboundEvent.objects.order_by("id").values_list("id", flat=True).first()
    day = day_of(oldest if oldest is not None else InboundEvent.first_id_at(now))
    statement = (
        "DELETE FROM rules_searchterm WHERE (day, hash, event_id) IN"
        " (SELECT day, hash, event_id FROM rules_searchterm WHERE day < %s ORDER BY day LIMIT %s)"
    )
    with connection.cursor() as cursor:
        cursor.execute(statement, [day, limit])
        return int(cursor.rowcount)
