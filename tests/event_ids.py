"""Ids for events that a test stores itself: those that the edge would have given them."""

from __future__ import annotations

from datetime import datetime

from rules.forwarding.identifiers import Identifiers

_now = Identifiers(node=0)


def next_event_id(at: datetime | None = None) -> int:
    """An id that no other event of the tests has; 19 digits, like that of every event since 2001.

    Args:
        at: When the event came, for one that came earlier; ids of one such moment are those of one node each.
    """
    return _now.next() if at is None else _earlier(at)


_nodes = iter(range(1, 1 << 30))


def _earlier(at: datetime) -> int:
    moment = Identifiers(node=next(_nodes) % 256, clock=lambda: int(at.timestamp() * 1_000_000_000))
    return moment.next()
