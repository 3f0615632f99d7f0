"""Work in progress: a claimed event with everything to send for it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple

from properties.catalog.descriptor import ActionType
from properties.catalog.outbound import Answer, Outcome, ServerEventFacts
from rules.engine import RunResult
from rules.models import Delivery, InboundEvent

from .page_marks import FROM_A_SERVER, PageMarks

GO_ON_TOGETHER = 100
PUT_OFF_ADVICE = "Correct it and save; publish it if it is part of the build. Waiting events then continue."


class GateKey(NamedTuple):
    """The unit that is paused, parked and monitored."""

    property_id: int
    package_name: str
    destination: str


class Receipt(NamedTuple):
    """The receipt for a request that the vendor has accepted; the vendor is asked for its answer with it.

    Args:
        id: The vendor's id.
        place: Position of the event in the request.
        of: Number of events in the request.
        until: Unix seconds of the last question; 0 until it is settled.
    """

    id: str
    place: int
    of: int
    until: float = 0.0


@dataclass(frozen=True, slots=True)
class Post:
    """One request that was made, and what its answer means for every delivery in it.

    Args:
        id: Shared by the attempts of all deliveries in the request.
        duration_ms: From the first byte sent to the last byte read.
        answer: At most 2 KiB of the answer, without values of secrets.
    """

    id: str
    started_at: datetime
    duration_ms: int
    sent_count: int
    status: int | None
    outcome: Outcome
    answer: str


@dataclass(slots=True, eq=False)
class InFlight:
    """One delivery in progress.

    Args:
        delivery: Its row; without primary key until its first outcome is written.
        action: The type that made it, or None if its package is gone.
        ticket: The claimed event it belongs to; None for a delivery that waited.
        is_probe: It alone finds out whether a closed destination accepts events again.
        lost_a_field: It lost the field for which the vendor refused it.
        vanished: How often a process claimed it and died without recording an outcome.
        outcome: Set once known.
        posts: The requests it was part of.
        state: Where its rule continues after the answer, or after the obstacle is gone; else None.
        answer: The answer, if a rule waits for it.
        markers: Name of the credential by its secret marker in envelope and payload.
        rest: The result of the rest of its rule.
        receipt: Set if the vendor has accepted it and is asked for its answer; else None.
        note_key: Key of the note made before it was sent, because it may not be sent twice; else "".
        is_test: A person watches for it; False for a delivery that waited.
        test_code: The test code it carries; "" for a delivery that waited.
    """

    delivery: Delivery
    action: ActionType | None
    envelope: Mapping[str, Any]
    payload: Mapping[str, Any]
    ticket: Ticket | None = None
    is_probe: bool = False
    lost_a_field: bool = False
    vanished: int = 0
    outcome: Outcome | None = None
    posts: list[Post] = field(default_factory=list)
    is_settled: bool = False
    state: Mapping[str, Any] | None = None
    answer: Answer | None = None
    rest: Rest | None = None
    markers: Mapping[str, str] = field(default_factory=dict)
    receipt: Receipt | None = None
    note_key: str = ""
    is_test: bool = False
    test_code: str = ""

    @property
    def gate_key(self) -> GateKey:
        package_name = self.delivery.delegate.partition("::")[0]
        return GateKey(self.delivery.property_id, package_name, self.delivery.destination)

    @property
    def awaited_secret(self) -> str | None:
        """Return the name of the credential that its rule waits for; nothing is sent then."""
        return self.state.get("secret") if self.state is not None else None

    @property
    def put_off_for(self) -> Outcome | None:
        """Return the outcome that a component of its rule raised. The component runs again later; nothing is
        sent.
        """
        again = self.state.get("again") if self.state is not None else None
        if again is None:
            return None
        kind, code, message = again["kind"], again["code"] or again["kind"], again["message"]
        advice = PUT_OFF_ADVICE if kind == "misconfigured" else ""
        return Outcome(kind, code, message, advice, retry_after_seconds=again["after_seconds"])

    @property
    def is_wait(self) -> bool:
        """Return whether nothing is to be sent, because the rule waits for a secret or a component."""
        return self.state is not None and ("secret" in self.state or "again" in self.state)

    @property
    def most_together(self) -> int:
        """Return how many deliveries of its batch key share a request, or continue together without a
        request.
        """
        if self.is_wait:
            return GO_ON_TOGETHER
        # Deliveries that were accepted together are asked about together: as many as one request held.
        return self.action.max_batch if self.action else 1

    @property
    def is_lost(self) -> bool:
        """Return whether its stored data was encrypted with a key that is gone, and was therefore emptied."""
        return self.ticket is None and not (self.delivery.payload and self.delivery.envelope)

    @property
    def is_over(self) -> bool:
        """Return whether its row is finished: the wait is over and the rule has continued."""
        return self.is_wait and self.delivery.state == Delivery.State.DELIVERED

    @property
    def lease_token(self) -> str:
        return self.ticket.event.lease_token if self.ticket else self.delivery.lease_token


@dataclass(slots=True, eq=False)
class Rest:
    """The result of a rule's actions that waited for an answer.

    Args:
        flights: Settled as waiting for their turn.
        refused: Deliveries that the package refused before anything was sent.
        refused_facts: What the log shows of each of these; None if nothing is known.
        reason: Why the event counts as dead, or "".
        result: The engine's record, or None if nothing ran.
    """

    flights: list[InFlight] = field(default_factory=list)
    refused: list[Delivery] = field(default_factory=list)
    refused_facts: list[ServerEventFacts | None] = field(default_factory=list)
    reason: str = ""
    result: RunResult | None = None

    @property
    def deliveries(self) -> list[Delivery]:
        return [*(flight.delivery for flight in self.flights if not flight.is_over), *self.refused]


@dataclass(slots=True, eq=False)
class Ticket:
    """One claimed event.

    Args:
        state: What the event counts as apart from its deliveries: ``no_match`` or ``dead``.
        reason: Why, such as ``no_build`` or ``rule_failed``.
        refused: Deliveries that the package refused before anything was sent.
        refused_facts: What the log shows of each of these; None if nothing is known.
        result: The engine's record, or None if nothing ran.
        sender_id: The id that its sender gave the event, or "".
        arrived: (component, destination) pairs that an earlier run of the event delivered.
        page: What the page said of its own copies, and whether the event comes from a page at all.
    """

    event: InboundEvent
    state: str = InboundEvent.State.NO_MATCH
    reason: str = ""
    stage: str = ""
    flights: list[InFlight] = field(default_factory=list)
    refused: list[Delivery] = field(default_factory=list)
    refused_facts: list[ServerEventFacts | None] = field(default_factory=list)
    result: RunResult | None = None
    sender_id: str = ""
    arrived: frozenset[tuple[str, str]] = frozenset()
    page: PageMarks = FROM_A_SERVER

    @property
    def is_settled(self) -> bool:
        return all(flight.is_settled for flight in self.flights)

    def go_on(self, rest: Rest) -> None:
        """Add the result of the rest of one of its rules."""
        self.flights += rest.flights
        self.refused += rest.refused
        self.refused_facts += rest.refused_facts
        if rest.reason:
            self.state, self.reason = InboundEvent.State.DEAD, rest.reason
        if self.result is not None and rest.result is not None:
            self.result.go_on(rest.result)

    @property
    def deliveries(self) -> list[Delivery]:
        return [*(flight.delivery for flight in self.flights if not flight.is_over), *self.refused]


def to_json(value: Any) -> str:
    """Return compact JSON that keeps the order of keys: a waiting delivery is sent again byte for byte."""
    return json.dumps(value, separators=(",", ":"))
