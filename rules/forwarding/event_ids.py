"""Ascending 64-bit ids: milliseconds since 1970 in the high bits, then the process, then a counter."""

from __future__ import annotations

import random
import time
from collections.abc import Callable

NODE_BITS = 8
SEQUENCE_BITS = 13
NODES = 1 << NODE_BITS
_TIME_SHIFT = NODE_BITS + SEQUENCE_BITS
_SEQUENCE_MASK = (1 << SEQUENCE_BITS) - 1


class Identifiers:
    """Makes ids that always ascend, even if the clock is set back.

    Args:
        node: Number of the process, from 0. At most 256 processes write to the same database.
        after: The highest id known so far.
        clock: Nanoseconds since 1970.
    """

    def __init__(self, node: int, after: int = 0, clock: Callable[[], int] = time.time_ns) -> None:
        self._node = node << SEQUENCE_BITS
        self._clock = clock
        self._millisecond = after >> _TIME_SHIFT
        self._sequence = _SEQUENCE_MASK if after else -1

    def next(self) -> int:
        now = self._clock() // 1_000_000
        if now > self._millisecond:
            self._millisecond, self._sequence = now, 0
        elif self._sequence < _SEQUENCE_MASK:
            self._sequence += 1
        else:
            self._millisecond, self._sequence = self._millisecond + 1, 0
        return self._millisecond << _TIME_SHIFT | self._node | self._sequence


# Names, not secrets: asking the system for each one would cost more than the rest of a request.
_random = random.Random(random.SystemRandom().getrandbits(256)).getrandbits  # noqa: S311


def new_uuid() -> str:
    """Return a random UUID, version 4."""
    digits = f"{_random(128):032x}"
    return f"{digits[:8]}-{digits[8:12]}-4{digits[13:16]}-{'89ab'[_random(2)]}{digits[17:20]}-{digits[20:]}"


def milliseconds_of(event_id: int) -> int:
    """Return when the id was made, in milliseconds since 1970."""
    return event_id >> _TIME_SHIFT
