"""The pipeline: rows are leased, events run, requests sent and outcomes written.

One thread owns the database and the engine; senders only make requests. Each step writes everything that has
ended since the last one and claims new rows in the same transaction. Under load, batches become larger, not
more frequent.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from functools import cache
from queue import Empty, SimpleQueue

from django.db import DatabaseError, DataError, IntegrityError, transaction

from properties.catalog.outbound import Outcome
from properties.secrets.credentials import values_of
from rules.models import Delivery, DestinationGate, InboundEvent

from . import claims, deduplication, sending_notes
from .batch_sending import send_batch
from .clock import database_now
from .code_credentials import credentials_for, place_of
from .codes_of_events import codes_of
from .compiled_builds import runnable_builds
from .destinations import gates
from .destinations.lanes import Lanes
from .event_run import run_event, waiting_flight
from .in_flight import InFlight, Ticket
from .outcomes import (
    expire,
    hold_back,
    leave_unclear,
    lose,
    may_repeat,
    put_off,
    settle,
    wait_at,
    wait_for_sender,
    wait_for_turn,
)
from .persistence import record
from .poison_rows import end_poison_rows
from .replay.jobs import arrived_before, release
from .resumption import resume

logger = logging.getLogger(__name__)
EVENTS_AT_ONCE = 500
MOST_UNDER_WAY = 5_000
MOST_SENDERS = 64
SWEEP_SECONDS = 2.0
RENEW_SECONDS = 10.0


@cache
def _senders() -> ThreadPoolExecutor:
    """Return the threads of this process that make requests; each keeps its connections."""
    return ThreadPoolExecutor(MOST_SENDERS, thread_name_prefix="sender")


class Pipeline:
    """The work of one process.

    Args:
        limit: Most events, and most waiting deliveries, that one step claims.
        news: Set when a request has ended. A worker lets the doorbell set it too.
    """

    def __init__(self, limit: int = EVENTS_AT_ONCE, news: threading.Event | None = None) -> None:
        self.news = news or threading.Event()
        self._limit = limit
        self._lanes = Lanes()
        self._returned: SimpleQueue[list[InFlight]] = SimpleQueue()
        self._tickets: dict[int, Ticket] = {}
        self._waited: dict[int, InFlight] = {}
        self._answered: list[InFlight] = []
        self._swept_at = self._renewed_at = float("-inf")
        self._suspects = False

    @property
    def is_idle(self) -> bool:
        """Return whether nothing is claimed."""
        return not self._tickets and not self._waited

    def step(self, *, claim: bool = True) -> int:
        """Write outcomes, claim due rows, run them and queue them for the senders.

        Returns:
            How many rows moved. 0 means that there is nothing to do but wait.

        Raises:
            django.db.Error: The database is unavailable. Nothing is lost: call it again.
        """
        now = database_now()
        self._take_returned(now)
        self._resume(now)
        settled = self._settled()
        events, deliveries = self._write_and_claim(*settled, now, claim=claim)
        self._forget(*settled)
        try:
            self._run(events, now)
            self._load(deliveries)
            self._queue(self._unsent(events, deliveries), now)
        except DatabaseError:
            self._abandon(events, deliveries)
            raise
        self._send()
        return len(events) + len(deliveries) + len(settled[0]) + len(settled[1])

    def wait(self, seconds: float) -> None:
        """Wait for news, at most this long."""
        self.news.wait(seconds)
        self.news.clear()

    def finish(self, seconds: float) -> None:
        """Give back rows that no sender has taken, then write the rows that end within the time.

        Rows that do not end keep their leases until these expire: others must see that the request may have
        arrived.
        """
        deadline = time.monotonic() + seconds
        self._give_back(self._lanes.empty())
        while not self.is_idle and time.monotonic() < deadline:
            if not self.step(claim=False):
                self.wait(0.2)

    # Claiming and writing

    def _write_and_claim(
        self, tickets: list[Ticket], waited: list[InFlight], now: datetime, *, claim: bool
    ) -> tuple[list[InboundEvent], list[Delivery]]:
        try:
            with transaction.atomic():
                record(tickets, waited, now)
                return self._claim(now) if claim else ([], [])
        except (DataError, IntegrityError, ValueError) as error:
            logger.error("The outcomes could not be written together: %s", type(error).__name__)
            _write_one_by_one(tickets, waited, now)
            return [], []

    def _claim(self, now: datetime) -> tuple[list[InboundEvent], list[Delivery]]:
        self._sweep(now)
        if self._suspects:
            return self._claim_suspect(now)
        if len(self._tickets) + len(self._waited) >= MOST_UNDER_WAY:
            return [], []
        deliveries = claims.claim_deliveries(self._limit, now) + claims.claim_outdated(self._limit, now)
        for key in gates.due_probes(now):
            deliveries += claims.claim_parked(*key, now)
        return claims.claim_events(self._limit, now), deliveries

    def _claim_suspect(self, now: datetime) -> tuple[list[InboundEvent], list[Delivery]]:
        """Claim a row that may have crashed processes, only while nothing else is in progress."""
        if not self.is_idle:
            return [], []
        events, deliveries = claims.claim_suspect(now)
        self._suspects = bool(events or deliveries)
        return events, deliveries

    def _sweep(self, now: datetime) -> None:
        """Do the checks that not every step needs."""
        elapsed = time.monotonic()
        if elapsed - self._swept_at >= SWEEP_SECONDS:
            self._swept_at = elapsed
            end_poison_rows(now)
            release(now)
            self._suspects = self._suspects or claims.has_suspects(now)
            if gates.release_parked(now) >= gates.RELEASED_AT_ONCE:
                self._swept_at = float("-inf")
        if elapsed - self._renewed_at >= RENEW_SECONDS:
            self._renewed_at = elapsed
            self._renew(now)

    def _renew(self, now: datetime) -> None:
        claims.renew(InboundEvent, list(self._tickets), _event_tokens(self._tickets.values()), now)
        claims.renew(Delivery, list(self._waited), _delivery_tokens(self._waited.values()), now)

    # Running and sending

    def _run(self, events: Sequence[InboundEvent], now: datetime) -> None:
        builds = runnable_builds(event.build_id for event in events if event.build_id is not None)
        runs = [(event, builds.get(event.build_id) if event.build_id else None) for event in events]
        credentials, arrived, codes = credentials_for(runs), arrived_before(events), codes_of(events)
        for event, build in runs:
            more = arrived.get(event.id, frozenset()), codes.get(event.id)
            given = credentials.get(place_of(event)), *more
            self._tickets[event.id] = run_event(event, build, now, *given)

    def _load(self, deliveries: Sequence[Delivery]) -> None:
        self._waited.update({delivery.id: waiting_flight(delivery) for delivery in deliveries})

    def _abandon(self, events: Sequence[InboundEvent], deliveries: Sequence[Delivery]) -> None:
        """Stop renewing leases of rows that were claimed but could not be sent: they are claimed again."""
        for event in events:
            self._tickets.pop(event.id, None)
        for delivery in deliveries:
            self._waited.pop(delivery.id, None)

    def _unsent(self, events: Sequence[InboundEvent], deliveries: Sequence[Delivery]) -> list[InFlight]:
        fresh = [flight for event in events for flight in self._tickets[event.id].flights]
        return fresh + [self._waited[delivery.id] for delivery in deliveries]

    def _queue(self, flights: Sequence[InFlight], now: datetime) -> None:
        in_the_way = deduplication.reserve(flights, now)
        closed = gates.troubled_gates() if flights else {}
        for flight, first in in_the_way.items():
            hold_back(flight, first, now)
        # Check all flights before queueing one: if the database is unavailable, this step sends nothing.
        admitted = [it for it in flights if it not in in_the_way and _may_go(it, closed, now)]
        for flight in admitted:
            if not self._lanes.put(flight):
                wait_for_sender(flight, now)

    def _send(self) -> None:
        secrets = {place: values_of(*place) for place in self._lanes.ready_places()}
        batches = list(self._lanes.take())
        try:
            sending_notes.note(flight for batch in batches for flight in batch)
        except DatabaseError:
            self._lanes.put_back(batches)
            raise
        for batch in batches:
            first = batch[0].delivery
            _senders().submit(self._post, batch, secrets[first.property_id, first.environment_id])

    def _post(self, batch: list[InFlight], secrets: Mapping[str, str]) -> None:
        """Send one batch. Runs in a sender thread, which must not use the database."""
        try:
            send_batch(batch, secrets)
        except Exception as error:
            logger.exception("A sender ended with %s", type(error).__name__)
        for flight in batch:
            flight.outcome = flight.outcome or Outcome("retry", code="internal_error", unclear=True)
        self._returned.put(batch)
        self.news.set()

    # Ending

    def _take_returned(self, now: datetime) -> None:
        while True:
            try:
                batch = self._returned.get_nowait()
            except Empty:
                return
            self._lanes.done(batch[0])
            for flight in batch:
                settle(flight, flight.outcome or Outcome("retry"), now)
                if flight.state is not None and flight.delivery.state == Delivery.State.DELIVERED:
                    flight.is_settled = False
                    self._answered.append(flight)

    def _resume(self, now: datetime) -> None:
        """Run the actions that waited for an answer; the delivery is settled only after that."""
        while self._answered:
            flight = self._answered[-1]
            flight.rest = resume(flight, now)
            if flight.ticket and flight.rest:
                flight.ticket.go_on(flight.rest)
            flight.is_settled = True
            self._answered.pop()

    def _settled(self) -> tuple[list[Ticket], list[InFlight]]:
        tickets = [ticket for ticket in self._tickets.values() if ticket.is_settled]
        return tickets, [flight for flight in self._waited.values() if flight.is_settled]

    def _forget(self, tickets: Iterable[Ticket], waited: Iterable[InFlight]) -> None:
        for ticket in tickets:
            del self._tickets[ticket.event.id]
        for flight in waited:
            del self._waited[flight.delivery.id]

    def _give_back(self, unsent: Iterable[InFlight]) -> None:
        """Give back rows that were not started; the rest of a started event waits in its rows."""
        left, now = set(unsent), database_now()
        waited = [flight for flight in left if flight.ticket is None]
        tickets = [it for it in self._tickets.values() if it.flights and left.issuperset(it.flights)]
        self._release(tickets, waited)
        self._forget(tickets, waited)
        for flight in left:
            if flight.ticket and flight.ticket.event.id in self._tickets:
                wait_for_turn(flight, now)

    def _release(self, tickets: Sequence[Ticket], waited: Sequence[InFlight]) -> None:
        claims.release(InboundEvent, [ticket.event.id for ticket in tickets], _event_tokens(tickets))
        claims.release(Delivery, [flight.delivery.id for flight in waited], _delivery_tokens(waited))


def _may_go(flight: InFlight, closed: gates.Gates, now: datetime) -> bool:
    """Return whether the flight is sent now; otherwise settle it."""
    expires_at = flight.delivery.expires_at
    gate = gates.gate_for(closed, flight.gate_key)
    if flight.ticket is not None and flight.put_off_for is not None:
        _put_off(flight, gate, now)
    elif flight.is_lost:
        lose(flight, now)
    elif expires_at is not None and expires_at <= now and flight.receipt is None:
        expire(flight, now)
    elif flight.vanished and not may_repeat(flight) and _may_have_left(flight):
        leave_unclear(flight, now)
    elif gate is not None and not gates.take_probe(gate, now):
        wait_at(flight, gate, now)
    else:
        return True
    return False


def _may_have_left(flight: InFlight) -> bool:
    """Return whether a process that died may already have sent the flight."""
    if sending_notes.is_noted(flight):
        return True
    flight.delivery.attempts -= flight.vanished
    flight.vanished = 0
    return False


def _put_off(flight: InFlight, gate: DestinationGate | None, now: datetime) -> None:
    """Postpone a flight whose component has just run. A misconfiguration closes the gate once; repeats delay
    no probe.
    """
    reason = flight.put_off_for
    if gate is None and reason is not None and reason.kind == "misconfigured":
        flight.outcome = reason
    put_off(flight, now)


def _event_tokens(tickets: Iterable[Ticket]) -> set[str]:
    return {ticket.event.lease_token for ticket in tickets}


def _delivery_tokens(flights: Iterable[InFlight]) -> set[str]:
    return {flight.delivery.lease_token for flight in flights}


def _write_one_by_one(tickets: Iterable[Ticket], waited: Iterable[InFlight], now: datetime) -> None:
    """Write rows one at a time; a row that the database refuses loses only its own lease and claims."""
    for tickets_alone, waited_alone in [*(([t], []) for t in tickets), *(([], [w]) for w in waited)]:
        try:
            with transaction.atomic():
                record(tickets_alone, waited_alone, now)
        except (DataError, IntegrityError, ValueError) as error:
            logger.error("An outcome could not be written: %s", type(error).__name__)
