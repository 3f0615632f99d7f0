"""Examines copies: what is wrong with them, how often, and how each event name fares. Plain Python."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from properties.catalog.pairing import PairingRules

from .browser_and_server import split
from .known_copies import Copy
from .matching import Pair, match
from .pair_faults import PairFault
from .reuse import reused

# A copy this young may still get its partner.
GRACE_SECONDS = 600
_ORDER = {fault: place for place, fault in enumerate(PairFault)}


@dataclass(frozen=True, slots=True)
class PairFinding:
    """One fault of one event name.

    Args:
        other_name: Name at the server, if it differs.
        count: Events with this fault.
        of: Events of this name in the range.
        twice: How many of them the vendor counts twice.
        example: The newest copy of these.
        partner: The other copy; None if there is none.
    """

    fault: PairFault
    destination: str
    name: str
    other_name: str
    count: int
    of: int
    twice: int
    example: Copy
    partner: Copy | None = None

    @property
    def share(self) -> float:
        """Return the share of events with this fault, from 0 to 1."""
        return min(self.count / self.of, 1.0) if self.of else 1.0


@dataclass(slots=True)
class NameLine:
    """How the copies of one event name at one destination fare in the range.

    Args:
        browser, server: Number of copies.
        browser_paired, server_paired: How many of them have a partner with the same name and id.
        by_other_key: Pairs that the vendor recognises without a common id.
        twice: Events that the vendor counts twice.
        waiting: Copies without a partner that came moments ago.
        gaps: Milliseconds from the browser's copy to the server's, of each pair by name and id.
        with_key: (side, key) → copies that have ``id``, ``browser`` or ``person``; side is 0 or 1.
        covered: Key → copies of the browser that share it with a copy of a server.
    """

    destination: str
    name: str
    browser: int = 0
    server: int = 0
    browser_paired: int = 0
    server_paired: int = 0
    by_other_key: int = 0
    twice: int = 0
    waiting: int = 0
    gaps: list[int] = field(default_factory=list)
    with_key: dict[tuple[int, str], int] = field(default_factory=lambda: defaultdict(int))
    covered: dict[str, int] = field(default_factory=lambda: defaultdict(int))


@dataclass(frozen=True, slots=True)
class Examination:
    """What is known of the copies of a range.

    Args:
        findings: The most frequent first.
        lines: One for each destination and name, the most frequent first.
        knows_browser: Whether any copy of a browser is known.
    """

    findings: Sequence[PairFinding]
    lines: Sequence[NameLine]
    knows_browser: bool


def examine(copies: Sequence[Copy], rules: PairingRules, since: int, now: int) -> Examination:
    """Return what is wrong with copies.

    Args:
        copies: Those of the range, and older ones among which there may be partners.
        since, now: Begin and end of the range, in milliseconds since 1970.
    """
    browser, server = split(copies)
    pairs = [it for it in match(browser, server, rules) if it.at >= since]
    lines = _Lines(since)
    for side, group in enumerate((browser, server)):
        for copy in group:
            lines.count(copy, side)
    for pair in pairs:
        lines.count_pair(pair)
    found = _Found(lines)
    for pair in pairs:
        for fault in pair.faults:
            found.add(fault, pair.browser, pair.server, twice=pair.counts_twice)
    for copy, first in reused(copies, rules.within_seconds):
        if copy.at >= since:
            found.add(PairFault.REUSED, copy, first)
    for fault, copy in _alone(browser, server, since):
        if copy.at > now - GRACE_SECONDS * 1000:
            lines.of(copy).waiting += 1
        else:
            found.add(fault, copy)
    return Examination(found.all(), lines.all(), bool(browser))


def _alone(browser: Sequence[Copy], server: Sequence[Copy], since: int) -> Iterator[tuple[PairFault, Copy]]:
    """Yield the copies without a partner, of names that both sides send."""
    kinds = [{(it.destination, it.name.casefold()) for it in group} for group in (browser, server)]
    both = kinds[0] & kinds[1]
    for fault, group in ((PairFault.BROWSER_ONLY, browser), (PairFault.SERVER_ONLY, server)):
        for copy in group:
            is_alone = not copy.is_matched and copy.at >= since
            if is_alone and (copy.destination, copy.name.casefold()) in both:
                yield fault, copy


class _Lines:
    def __init__(self, since: int) -> None:
        self._since = since
        self._lines: dict[tuple[str, str], NameLine] = {}

    def of(self, copy: Copy) -> NameLine:
        key = copy.destination, copy.name
        if key not in self._lines:
            self._lines[key] = NameLine(*key)
        return self._lines[key]

    def count(self, copy: Copy, side: int) -> None:
        if copy.at < self._since:
            return
        line = self.of(copy)
        if side == 0:
            line.browser += 1
            line.browser_paired += copy.is_paired
        else:
            line.server += 1
            line.server_paired += copy.is_paired
        for key, value in _keys(copy):
            line.with_key[side, key] += value is not None

    def count_pair(self, pair: Pair) -> None:
        line = self.of(pair.browser)
        line.by_other_key += pair.is_by_other_key
        line.twice += pair.counts_twice
        if not pair.faults:
            line.gaps.append(pair.gap)
        if pair.browser.at >= self._since:
            for (key, one), (_, other) in zip(_keys(pair.browser), _keys(pair.server), strict=True):
                line.covered[key] += one is not None and one == other

    def all(self) -> list[NameLine]:
        found = [it for it in self._lines.values() if it.browser or it.server]
        return sorted(found, key=lambda it: (-it.browser - it.server, it.name, it.destination))


def _keys(copy: Copy) -> Iterable[tuple[str, int | None]]:
    return (("id", copy.id_hash), ("browser", copy.browser_hash), ("person", copy.person_hash))


_Key = tuple[PairFault, str, str, str]


class _Found:
    def __init__(self, lines: _Lines) -> None:
        self._lines = lines
        self._found: dict[_Key, list[tuple[Copy, Copy | None, bool]]] = defaultdict(list)

    def add(self, fault: PairFault, copy: Copy, partner: Copy | None = None, *, twice: bool = False) -> None:
        other = partner.name if partner and partner.name != copy.name else ""
        self._found[fault, copy.destination, copy.name, other].append((copy, partner, twice))

    def all(self) -> list[PairFinding]:
        found = [self._finding(*it) for it in self._found.items()]
        return sorted(found, key=lambda it: (-it.count, _ORDER[it.fault], it.name))

    def _finding(self, key: _Key, met: Sequence[tuple[Copy, Copy | None, bool]]) -> PairFinding:
        example, partner, _ = max(met, key=lambda it: it[0].event_id)
        line = self._lines.of(example)
        of = line.server if key[0] == PairFault.SERVER_ONLY else max(line.browser, line.server)
        return PairFinding(*key, len(met), of, sum(it[2] for it in met), example, partner)
