"""Lanes: every destination has its own queue and its own few senders.

A slow destination does not delay the others. Events that arrive while the senders are busy share the next
request. A fresh event never waits behind a retry.
"""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from ..in_flight import GateKey, InFlight

FRESH_SENDERS = 8
WAITING_SENDERS = 1
LONGEST_QUEUE = 2_000


# Deliveries may share a request if environment, batch key and receipt are equal. A credential is never
# used for another environment.
Alike = tuple[int, str, str]


class Lane(NamedTuple):
    """A destination, either for fresh events or for retries."""

    gate_key: GateKey
    is_fresh: bool

    @property
    def senders(self) -> int:
        return FRESH_SENDERS if self.is_fresh else WAITING_SENDERS


class Lanes:
    """Deliveries that wait for a sender, and how many requests each lane has in progress."""

    def __init__(self) -> None:
        self._queues: dict[Lane, dict[Alike, deque[InFlight]]] = {}
        self._busy: Counter[Lane] = Counter()
        self._queued: Counter[Lane] = Counter()

    def put(self, flight: InFlight) -> bool:
        """Queue a delivery; return False if its lane is full."""
        lane = lane_of(flight)
        if self._queued[lane] >= LONGEST_QUEUE:
            return False
        self._queued[lane] += 1
        receipt = flight.receipt.id if flight.receipt else ""
        alike = flight.delivery.environment_id, flight.delivery.batch_key, receipt
        self._queues.setdefault(lane, {}).setdefault(alike, deque()).append(flight)
        return True

    def ready_places(self) -> set[tuple[int, int]]:
        """Return the (property, environment) pairs whose credentials ``take`` needs now."""
        ready = (lane for lane in self._queues if self._busy[lane] < lane.senders)
        return {(lane.gate_key.property_id, of) for lane in ready for of, *_ in self._queues[lane]}

    def take(self) -> Iterator[list[InFlight]]:
        """Yield a batch for every sender that is free now."""
        for lane in list(self._queues):
            while lane in self._queues and self._busy[lane] < lane.senders:
                self._busy[lane] += 1
                yield self._next(lane)

    def put_back(self, batches: Iterable[list[InFlight]]) -> None:
        """Queue batches again that were taken but not sent."""
        for batch in batches:
            self.done(batch[0])
            for flight in batch:
                self.put(flight)

    def done(self, flight: InFlight) -> None:
        """Record that a request of the flight's lane has ended."""
        self._busy[lane_of(flight)] -= 1
        self._busy += Counter()

    def empty(self) -> list[InFlight]:
        """Remove and return everything that waits."""
        waiting = [p for queues in self._queues.values() for queue in queues.values() for p in queue]
        self._queues, self._queued = {}, Counter()
        return waiting

    def _next(self, lane: Lane) -> list[InFlight]:
        queues = self._queues[lane]
        alike, queue = next(iter(queues.items()))
        batch = [queue.popleft() for _ in range(min(queue[0].most_together, len(queue)))]
        self._queued[lane] -= len(batch)
        del queues[alike]
        if queue:
            # Move it to the end: another batch key of the destination is next.
            queues[alike] = queue
        if not queues:
            del self._queues[lane], self._queued[lane]
        return batch


def lane_of(flight: InFlight) -> Lane:
    return Lane(flight.gate_key, is_fresh=flight.ticket is not None and not flight.ticket.event.replays)
