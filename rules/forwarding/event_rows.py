"""Event rows before they are inserted."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable

import msgspec


class EventRow(msgspec.Struct, gc=False):
    """One event before it is inserted; it gets its id when it is written.

    Args:
        received_at: Seconds since 1970.
        event_id: ``xdm._id`` from the sender; empty if it sent none.
        request_id: From the sender; empty if it sent none.
        position: Index of the event in the request, from 0.
        shared_request: The id of the last event of this request; None for a request with one event.
    """

    property_id: int
    environment_id: int
    datastream_id: int
    build_id: int | None
    name: str
    body: str
    request: str
    flags: str
    received_at: float
    event_id: str = ""
    request_id: str = ""
    position: int = 0
    id: int = 0
    shared_request: int | None = None

    def keys(self) -> list[str]:
        """Return the keys that identify the event in its datastream. Without a key, it is always new.

        Source: docs/reference/contracts.md, "Receiving events": the same ``xdm._id``, or the same
            requestId and position.
        """
        keys = [_digest("id", self.event_id)] if self.event_id else []
        return [*keys, _digest("request", f"{self.position}:{self.request_id}")] if self.request_id else keys


def _digest(kind: str, text: str) -> str:
    return hashlib.sha256(f"{kind}:{text}".encode()).hexdigest()


Keyed = tuple[EventRow, list[str]]
"""A row with its keys, which are computed once."""


def share_requests(rows: Iterable[EventRow]) -> dict[int, EventRow]:
    """Mark the rows of each request with several events. The rows must have their ids.

    Returns:
        The last row of each such request by its id: its ``request`` is stored once for all of them.
    """
    shared: dict[int, EventRow] = {}
    together: list[EventRow] = []
    for row in rows:
        # All rows of a parcel share one text object.
        if together and together[0].request is not row.request:
            _share(together, shared)
            together = []
        together.append(row)
    _share(together, shared)
    return shared


def _share(rows: list[EventRow], shared: dict[int, EventRow]) -> None:
    if len(rows) > 1:
        last = rows[-1]
        shared[last.id] = last
        for row in rows:
            row.shared_request = last.id


def without_repeats(rows: Iterable[EventRow]) -> list[Keyed]:
    """Return the first row of each event within one transaction."""
    met: set[tuple[int, str]] = set()
    first = []
    for row in rows:
        keys = row.keys()
        places = [(row.datastream_id, key) for key in keys]
        if places and not met.isdisjoint(places):
            continue
        met.update(places)
        first.append((row, keys))
    return first
