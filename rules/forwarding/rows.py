"""What the edge hands to the writer."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, field

from .datastreams import Destination
from .events import ReceivedEvent


@dataclass(slots=True)
class EventRow:
    """One event to be stored; it gets its id when it is written.

    Args:
        keys: What makes it the same event as another of its datastream; none: it is new in any case.
        received_at: Seconds since 1970.
    """

    destination: Destination
    name: str
    body: str
    request: str
    flags: str
    keys: tuple[str, ...]
    received_at: float
    id: int = 0


@dataclass(slots=True)
class Submission:
    """The events of one request: stored together or not at all."""

    rows: list[EventRow]
    stored: asyncio.Future[None]
    since: float
    failure: Exception | None = field(default=None)


def repeat_keys(event: ReceivedEvent, request_id: str) -> tuple[str, ...]:
    """What tells that an event was sent before: its id, and its place in a request that has an id.

    Source: contracts, "Receiving events": same ``xdm._id``, or same requestId and position.
    """
    keys = []
    if event.event_id:
        keys.append(_digest("id", event.event_id))
    if request_id:
        keys.append(_digest("request", f"{event.position}:{request_id}"))
    return tuple(keys)


def _digest(kind: str, text: str) -> str:
    return hashlib.sha256(f"{kind}:{text}".encode()).hexdigest()


def without_repeats(rows: Iterable[EventRow]) -> list[EventRow]:
    """The first of each event within one transaction."""
    met: set[tuple[int, str]] = set()
    first = []
    for row in rows:
        keys = [(row.destination.datastream_id, key) for key in row.keys]
        if keys and not met.isdisjoint(keys):
            continue
        met.update(keys)
        first.append(row)
    return first
