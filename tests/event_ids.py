"""Ids for events that a test stores itself, like those of the edge."""

from __future__ import annotations

import itertools
import time
from datetime import datetime

from rules.forwarding.event_ids import NODES, Identifiers, milliseconds_of

_nodes = itertools.cycle(range(NODES))
_maker, _newest = Identifiers(node=next(_nodes)), 0


def next_event_id(at: datetime | None = None) -> int:
    """Return an id that no other event of the tests has; 19 digits, like that of every event since 2007.

    Args:
        at: The time of receipt, for an earlier event.
    """
    global _maker, _newest
    if at is not None:
        return Identifiers(node=next(_nodes), clock=lambda: int(at.timestamp() * 1e9)).next()
    if milliseconds_of(_newest) > time.time() * 1000:
        # Another test was in the future; this one is a process of its own, which knows nothing of it.
        _maker = Identifiers(node=next(_nodes))
    _newest = _maker.next()
    return _newest
