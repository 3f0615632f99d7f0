"""Ids that stand for more than one conversion: the vendor drops all but the first. Plain Python."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence

from .known_copies import Copy


def reused(copies: Sequence[Copy], within_seconds: int) -> Iterator[tuple[Copy, Copy]]:
    """Yield a copy of each further conversion with the same name and id, and a copy of the first one.

    Conversions are told apart by their orders; without these, by the browsers on one side.
    """
    groups: dict[tuple[str, str, int], list[Copy]] = defaultdict(list)
    for copy in copies:
        if copy.id_hash is not None:
            groups[copy.destination, copy.name, copy.id_hash].append(copy)
    for group in groups.values():
        if len(group) > 1:
            yield from _soon(_further(group), within_seconds)


def _further(group: Sequence[Copy]) -> Iterator[tuple[Copy, Copy]]:
    if any(it.order_hash is not None for it in group):
        yield from _others(group, lambda it: it.order_hash)
        return
    for side in {it.side for it in group}:
        yield from _others([it for it in group if it.side == side], lambda it: it.browser_hash)


def _others(group: Iterable[Copy], key: Callable[[Copy], int | None]) -> Iterator[tuple[Copy, Copy]]:
    """Yield the first copy with each further value, and the one with the first value."""
    firsts: dict[int, Copy] = {}
    for copy in sorted(group, key=lambda it: it.at):
        value = key(copy)
        if value is not None and value not in firsts:
            firsts[value] = copy
            if len(firsts) > 1:
                yield copy, next(iter(firsts.values()))


def _soon(found: Iterable[tuple[Copy, Copy]], within_seconds: int) -> Iterator[tuple[Copy, Copy]]:
    return ((copy, first) for copy, first in found if copy.at - first.at <= within_seconds * 1000)
