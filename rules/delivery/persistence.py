"""Writes outcomes: events, deliveries, attempts, gates, issues and counters in one transaction."""

from __future__ import annotations

import json
import logging
import time
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from django.db import connection
from django.db.models import QuerySet

from properties.catalog.outbound import Outcome
from rules.engine import continued_trace, masked_trace
from rules.models import Delivery, DeliveryAttempt, InboundEvent

from . import sending_notes
from .claims import EVENTS
from .counted_outcomes import delivery_number, event_number
from .customer_sightings import sightings
from .deduplication import note
from .destinations.gates import record_outcomes
from .in_flight import GateKey, InFlight, Post, Rest, Ticket
from .issue_causes import of_outcomes
from .issue_counts import count_occurrences
from .ledger_counters import count
from .log.log_writing import log_moved, log_tickets
from .minute_counts import MinuteChanges
from .outcomes import UNCLEAR_CODE, event_reason, event_state

logger = logging.getLogger(__name__)
TRACES_PER_SECOND = 20
FINAL = frozenset(InboundEvent.FINAL)
PLACE = ("id", "property_id", "environment_id")
UNKNOWN = "unknown"
UNKNOWN_MESSAGE = "The process that sent it ended before it recorded an outcome. It may have been sent"
SENT_AGAIN, LEFT = "; it is sent again unchanged.", "."
WRITTEN_FIELDS = (
    "state", "code", "message", "advice", "reference", "attempts", "claims", "payload", "envelope",
    "rule_state", "lease_token", "lease_until", "next_at", "done_at", "warnings", "blamed_field",
    "duplicate_of", "receipt", "counted_as",
)  # fmt: skip


def record(tickets: Sequence[Ticket], waited: Sequence[InFlight], now: datetime) -> None:
    """Write settled events and settled waiting deliveries. Call it inside a transaction.

    Rows that another process has claimed meanwhile stay unchanged: that process writes the result.

    Args:
        tickets: Events of this process whose flights are all settled.
        waited: Deliveries that were claimed without their event.
        now: Time of the database.
    """
    ours = _still_ours(tickets)
    flights = [flight for ticket in ours for flight in ticket.flights]
    waited = _waited_still_ours(waited)
    note([*flights, *waited], now)
    sending_notes.forget([*flights, *waited])
    minutes, ended = MinuteChanges(), _ends(ours)
    _write_new_deliveries([delivery for ticket in ours for delivery in ticket.deliveries], minutes)
    moved = Counter(_write_events(ended, now, minutes))
    log_tickets(ended, now)
    _write_waited(waited, minutes)
    _write_rests(waited, minutes)
    followers = [flight for it in waited if it.rest for flight in it.rest.flights]
    waiting_events = {flight.delivery.event_id for flight in waited}
    moved.update(move_events(waiting_events, now, minutes))
    log_moved([*waited, *followers], waiting_events, now)
    _write_attempts([*flights, *waited], now)
    record_outcomes(_outcomes_by_gate([*flights, *waited, *followers], now), now)
    count_occurrences(of_outcomes(ours, waited), now, [ticket.event for ticket in ours])
    count(moved, now)
    minutes.write()
    sightings.note(ours, now)


def _still_ours(tickets: Sequence[Ticket]) -> list[Ticket]:
    rows = InboundEvent.objects.filter(id__in=[ticket.event.id for ticket in tickets])
    held = dict(_locked(rows, "lease_token"))
    ours = [ticket for ticket in tickets if held.get(ticket.event.id) == ticket.event.lease_token]
    if len(ours) < len(tickets):
        logger.warning("%d events were claimed by another process meanwhile", len(tickets) - len(ours))
    return ours


def _waited_still_ours(flights: Sequence[InFlight]) -> list[InFlight]:
    rows = Delivery.objects.filter(id__in=[flight.delivery.id for flight in flights])
    held = dict(_locked(rows, "lease_token"))
    return [flight for flight in flights if held.get(flight.delivery.id) == flight.delivery.lease_token]


def _locked(rows: QuerySet[Any], field: str) -> Iterable[tuple[int, str]]:
    """Lock rows in the order of ids, so that two processes never deadlock."""
    return rows.select_for_update().order_by("id").values_list("id", field)


# Events


def _ends(tickets: Iterable[Ticket]) -> list[tuple[Ticket, str, str]]:
    """Return each event with the state and the reason to write."""
    rows = []
    for ticket in tickets:
        ends = [(delivery.state, delivery.code) for delivery in ticket.deliveries]
        ends += [(Delivery.State.DELIVERED.value, "")] * len(ticket.arrived)
        own = ticket.state
        state = event_state(own, [end for end, _ in ends])
        rows.append((ticket, state, event_reason(ticket.reason, ends, state)))
    return rows


def _write_events(
    ended: Sequence[tuple[Ticket, str, str]], now: datetime, minutes: MinuteChanges
) -> Iterable[str]:
    """Write events; return the final states that they reached."""
    rows = []
    for ticket, state, reason in ended:
        number = event_number(state, reason, ticket.deliveries)
        minutes.event(ticket.event, None, number)
        trace, done_at = _trace(ticket, state), now if state in FINAL else None
        rows.append((state, reason, trace, done_at, number, ticket.event.id))
    _update_events(rows)
    return [state for _, state, _ in ended if state in FINAL]


def _update_events(rows: Sequence[tuple[str, str, str, datetime | None, int, int]]) -> None:
    statement = (
        f"UPDATE {EVENTS} SET state = %s, reason = %s, trace = %s, done_at = %s, counted_as = %s,"  # noqa: S608
        " lease_token = '', lease_until = NULL, claims = 0 WHERE id = %s"
    )
    stored = connection.ops.adapt_datetimefield_value
    if rows:
        with connection.cursor() as cursor:
            cursor.executemany(
                statement,
                [
                    (state, reason, trace, stored(done_at) if done_at else None, counts_as, event_id)
                    for state, reason, trace, done_at, counts_as, event_id in rows
                ],
            )


def move_events(ids: Iterable[int], now: datetime, minutes: MinuteChanges) -> Iterable[str]:
    """Update open events from the states of their deliveries; return the final states that they reached."""
    if not ids:
        return []
    open_events = InboundEvent.objects.filter(id__in=ids, state=InboundEvent.State.OPEN)
    own = list(open_events.select_for_update().order_by("id").only(*PLACE, "reason", "counted_as"))
    ends = defaultdict(list)
    current = Delivery.objects.filter(event_id__in=[it.id for it in own], replayed_at__isnull=True)
    for delivery in current.only(
        "event_id", "state", "code", "attempts", "warnings", "receipt", "duplicate_of"
    ):
        ends[delivery.event_id].append(delivery)
    return [state for event in own if (state := _move(event, ends[event.id], now, minutes))]


def _move(event: InboundEvent, deliveries: list[Delivery], now: datetime, minutes: MinuteChanges) -> str:
    # An open event keeps a reason only if one of its rules failed.
    own = InboundEvent.State.DEAD if event.reason else InboundEvent.State.NO_MATCH
    ends = [(it.state, it.code) for it in deliveries]
    state = event_state(own, [end for end, _ in ends])
    reason = event_reason(event.reason, ends, state)
    was, event.counted_as = event.counted_as, event_number(state, reason, deliveries)
    minutes.event(event, was, event.counted_as)
    if state not in FINAL:
        if was != event.counted_as:
            InboundEvent.objects.filter(id=event.id).update(counted_as=event.counted_as)
        return ""
    ended = {"state": state, "reason": reason, "done_at": now, "counted_as": event.counted_as}
    InboundEvent.objects.filter(id=event.id).update(**ended)
    return state


# Rules that waited for an answer


def _write_rests(waited: Sequence[InFlight], minutes: MinuteChanges) -> None:
    """Write the result of the rest of a rule whose event was written before."""
    rests = [(flight.delivery.event_id, flight.rest) for flight in waited if flight.rest is not None]
    # Lock before reading: another process may write the result of another rule of the same event.
    open_events = (
        InboundEvent.objects.filter(state=InboundEvent.State.OPEN).select_for_update().order_by("id")
    )
    events = {it.id: it for it in open_events.filter(id__in=[event_id for event_id, _ in rests])}
    for event_id, rest in rests:
        _write_new_deliveries(rest.deliveries, minutes)
        if event_id in events:
            _go_on(events[event_id], rest)


def _go_on(event: InboundEvent, rest: Rest) -> None:
    event.reason = event.reason or rest.reason
    if rest.result is not None and (event.trace or rest.reason):
        stored = json.loads(event.trace) if event.trace else {}
        event.trace = _text(continued_trace(stored, masked_trace(rest.result)))
    event.save(update_fields=["reason", "trace"])


# Traces


class _TraceBudget:
    """Limits how many traces of successful production events are kept per second."""

    def __init__(self) -> None:
        self._second, self._used = 0, 0

    def allows(self) -> bool:
        second = int(time.monotonic())
        if second != self._second:
            self._second, self._used = second, 0
        self._used += 1
        return self._used <= TRACES_PER_SECOND


_budget = _TraceBudget()


def _trace(ticket: Ticket, state: str) -> str:
    """Return the trace to keep: always outside production, on a failure, or if it cannot be computed again;
    else for a share.
    """
    if ticket.result is None:
        return ""
    is_fine = state in (InboundEvent.State.DELIVERED, InboundEvent.State.NO_MATCH)
    may_do_without = is_fine and ticket.stage == "production" and ticket.result.is_repeatable
    if may_do_without and not _budget.allows():
        return ""
    return _text(masked_trace(ticket.result))


def _text(trace: dict[str, Any]) -> str:
    return json.dumps(trace, separators=(",", ":"))


# Deliveries


def _write_new_deliveries(deliveries: Sequence[Delivery], minutes: MinuteChanges) -> None:
    for delivery in deliveries:
        minutes.new_delivery(delivery)
        # A failed transaction may have set keys that do not exist in the database.
        delivery.pk, delivery._state.adding = None, True
    Delivery.objects.bulk_create(deliveries)


def _write_waited(flights: Sequence[InFlight], minutes: MinuteChanges) -> None:
    for flight in flights:
        delivery, was = flight.delivery, flight.delivery.counted_as
        now = None if flight.is_over else delivery_number(delivery)
        minutes.delivery(delivery, was, now)
        if flight.is_over:
            # Not by the related manager, which copies the key: the transaction may fail and be retried.
            Delivery.objects.filter(pk=delivery.pk).delete()
            DeliveryAttempt.objects.filter(delivery_id=delivery.pk).delete()
            continue
        delivery.claims, delivery.lease_until, delivery.counted_as = 0, None, now
        delivery.lease_token, held = "", delivery.lease_token
        delivery.save(update_fields=WRITTEN_FIELDS)
        # Kept in memory: the transaction may fail and be retried.
        delivery.lease_token, delivery.counted_as = held, was


def _write_attempts(flights: Iterable[InFlight], now: datetime) -> None:
    flights = [flight for flight in flights if not flight.is_wait]
    unknown = [_unknown(flight.delivery, now) for flight in flights for _ in range(flight.vanished)]
    known = [_attempt(flight.delivery.id, post) for flight in flights for post in flight.posts]
    DeliveryAttempt.objects.bulk_create([*unknown, *known])


def _unknown(delivery: Delivery, now: datetime) -> DeliveryAttempt:
    """Return the attempt of a process that died. Source: docs/reference/failures.md, "Process and broker"."""
    message = UNKNOWN_MESSAGE + (LEFT if delivery.code == UNCLEAR_CODE else SENT_AGAIN)
    return DeliveryAttempt(
        delivery_id=delivery.id, started_at=now, outcome=UNKNOWN, code=UNKNOWN, message=message
    )


def _attempt(delivery_id: int, post: Post) -> DeliveryAttempt:
    outcome = post.outcome
    return DeliveryAttempt(
        delivery_id=delivery_id,
        post_id=post.id,
        started_at=post.started_at,
        duration_ms=post.duration_ms,
        sent_count=post.sent_count,
        status=post.status,
        outcome=outcome.kind,
        code=outcome.code[:60],
        message=outcome.message,
        reference=outcome.reference[:255],
        answer=post.answer,
    )


def _outcomes_by_gate(flights: Sequence[InFlight], now: datetime) -> dict[GateKey, list[Outcome]]:
    """Return one outcome for each request, in the order of sending; a split batch counts by its final
    outcome.

    If one request has several outcomes, the one that says most about the destination counts.
    """
    found: dict[GateKey, dict[str, tuple[datetime, Outcome]]] = defaultdict(dict)
    for flight in flights:
        if flight.outcome is not None:
            last = flight.posts[-1] if flight.posts else None
            key, at = (last.id, last.started_at) if last else ("", now)
            posts = found[flight.gate_key]
            known = posts.get(key)
            if known is None or (known[1] is not flight.outcome and _says_more(flight.outcome, known[1])):
                posts[key] = (at, flight.outcome)
    return {key: [outcome for _, outcome in sorted(posts.values(), key=_at)] for key, posts in found.items()}


# One event to send later is not a sign of trouble if the destination accepted another one.
_SAYING_MOST = ("misconfigured", "delivered", "accepted", "rejected", "retry")


def _says_more(outcome: Outcome, than: Outcome) -> bool:
    if outcome.pause_destination is not than.pause_destination:
        return outcome.pause_destination and than.kind != "misconfigured"
    return _SAYING_MOST.index(outcome.kind) < _SAYING_MOST.index(than.kind)


def _at(post: tuple[datetime, Outcome]) -> datetime:
    return post[0]
