"""Finds the copy that is nearest in time, among those that share a key. Plain Python."""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable
from operator import attrgetter

from .known_copies import Copy

# An id that thousands of events share must not cost thousands of looks for each of them.
LOOKED_AT = 10
_AT = attrgetter("at")


class Index:
    """Copies by a key, in the order of time.

    Args:
        key: Returns the key of a copy; None leaves it out.
    """

    def __init__(self, copies: Iterable[Copy], key: Callable[[Copy], Hashable | None]) -> None:
        self._key = key
        self._found: dict[Hashable, list[Copy]] = defaultdict(list)
        for copy in sorted(copies, key=_AT):
            if (value := key(copy)) is not None:
                self._found[value].append(copy)

    def nearest(self, copy: Copy, fits: Callable[[Copy], bool]) -> Copy | None:
        """Return the nearest copy with the same key that fits."""
        value = self._key(copy)
        others = self._found.get(value, []) if value is not None else []
        place = bisect_left(others, copy.at, key=_AT)
        near = [it for it in others[max(place - LOOKED_AT, 0) : place + LOOKED_AT] if fits(it)]
        return min(near, key=lambda it: abs(it.at - copy.at), default=None)
