"""Finds the partner of each copy: the one that the vendor recognises, else the one that was meant.

Plain Python. Each step looks only at what the steps before have left.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial

from properties.catalog.pairing import PairingRules

from .known_copies import Copy
from .nearest import Index
from .pair_faults import PairFault, differences, of_names

# Two events of one visitor with ids of their own are copies of one only if they come together.
SOON_SECONDS = 600


@dataclass(frozen=True, slots=True)
class Pair:
    """Two copies of one event.

    Args:
        faults: Empty if the vendor recognises them by name and id.
        counts_twice: Whether the vendor counts both.
        is_by_other_key: The vendor recognises them without a common id.
    """

    browser: Copy
    server: Copy
    faults: frozenset[PairFault] = frozenset()
    counts_twice: bool = False
    is_by_other_key: bool = False

    @property
    def at(self) -> int:
        """Return when the later copy reached us, in milliseconds since 1970."""
        return max(self.browser.at, self.server.at)

    @property
    def gap(self) -> int:
        """Return the milliseconds from the copy of the browser to that of the server."""
        return self.server.at - self.browser.at


def match(browser: Sequence[Copy], server: Sequence[Copy], rules: PairingRules) -> list[Pair]:
    """Return the pairs of copies. It marks them as matched; every copy is new."""
    window = rules.within_seconds * 1000
    pairs = list(_by_name_and_id(browser, server, window))
    pairs += _by_plain_id(browser, server, window, lambda it: (it.destination, it.plain_hash))
    # Only what nobody has matched: one event may go to several destinations.
    pairs += _by_plain_id(_left(browser), _left(server), window, lambda it: it.plain_hash)
    for key in _OTHER_KEYS:
        pairs += _by_other_key(_left(browser), _left(server), rules, key)
    return pairs


def _left(copies: Sequence[Copy]) -> list[Copy]:
    return [it for it in copies if not it.is_matched]


def _by_name_and_id(browser: Sequence[Copy], server: Sequence[Copy], window: int) -> Iterator[Pair]:
    def key(copy: Copy) -> Hashable | None:
        return (copy.destination, copy.name, copy.id_hash) if copy.id_hash is not None else None

    for pair in _each_nearest(browser, server, key, lambda _, __: True):
        is_late = abs(pair.gap) > window
        pair.browser.is_paired |= not is_late
        pair.server.is_paired |= not is_late
        yield Pair(pair.browser, pair.server, frozenset({PairFault.LATE}), True) if is_late else pair


def _by_plain_id(
    browser: Sequence[Copy], server: Sequence[Copy], window: int, key: Callable[[Copy], Hashable]
) -> Iterator[Pair]:
    """Yield pairs whose ids are the same but for blanks, letter case or zeros, or whose names differ.

    The same id under another name is another event, unless neither has a partner of its own.
    """

    def with_id(copy: Copy) -> Hashable | None:
        return key(copy) if copy.plain_hash is not None else None

    def fits(one: Copy, other: Copy) -> bool:
        return not other.is_matched or one.name == other.name

    for pair in _each_nearest(_left(browser), server, with_id, fits, browser):
        faults = differences(pair.browser, pair.server)
        if abs(pair.gap) > window:
            faults.add(PairFault.LATE)
        # At two destinations, each counts one copy.
        yield Pair(pair.browser, pair.server, frozenset(faults), PairFault.DESTINATION not in faults)


def _each_nearest(
    browser: Sequence[Copy],
    server: Sequence[Copy],
    key: Callable[[Copy], Hashable | None],
    fits: Callable[[Copy, Copy], bool],
    all_browser: Sequence[Copy] | None = None,
) -> Iterator[Pair]:
    """Yield a pair for each copy of the browser, then for each copy of a server that is left."""
    index = Index(server, key)
    for copy in browser:
        if not copy.is_matched and (other := index.nearest(copy, partial(fits, copy))):
            yield _matched(copy, other)
    index = Index(browser if all_browser is None else all_browser, key)
    for copy in _left(server):
        if other := index.nearest(copy, partial(fits, copy)):
            yield _matched(other, copy)


def _matched(browser: Copy, server: Copy) -> Pair:
    browser.is_matched = server.is_matched = True
    return Pair(browser, server)


# What tells that two copies are one event although their ids do not: the best first.
_OTHER_KEYS: tuple[Callable[[Copy], int | None], ...] = (
    lambda copy: copy.event_id,
    lambda copy: copy.order_hash,
    lambda copy: copy.browser_hash,
    lambda copy: copy.person_hash,
)


def _by_other_key(
    browser: Sequence[Copy], server: Sequence[Copy], rules: PairingRules, key: Callable[[Copy], int | None]
) -> Iterator[Pair]:
    """Yield pairs that share the inbound event, the order, the browser or the person, and the name."""

    def whole_key(copy: Copy) -> Hashable | None:
        value = key(copy)
        return (copy.destination, copy.name.casefold(), value) if value is not None else None

    def fits(one: Copy, other: Copy) -> bool:
        has_ids = one.id_hash is not None and other.id_hash is not None
        most = SOON_SECONDS if has_ids else rules.within_seconds
        is_near = abs(one.at - other.at) <= most * 1000
        return is_near and not other.is_matched and not _are_other_orders(one, other)

    index = Index(server, whole_key)
    for copy in browser:
        if other := index.nearest(copy, partial(fits, copy)):
            yield _without_id(_matched(copy, other), rules)


def _are_other_orders(one: Copy, other: Copy) -> bool:
    return None not in (one.order_hash, other.order_hash) and one.order_hash != other.order_hash


def _without_id(pair: Pair, rules: PairingRules) -> Pair:
    """Return a pair without a common id, with what is wrong and whether the vendor recognises it still."""
    browser, server = pair.browser, pair.server
    shares_key = rules.browser_first_without_id and _share_a_key(browser, server)
    is_recognised = shares_key and browser.at <= server.at and browser.name == server.name
    faults = {_of_missing_ids(browser, server)}
    if shares_key and server.at < browser.at and PairFault.OWN_IDS not in faults:
        faults = {PairFault.SERVER_FIRST}
    if browser.name != server.name:
        faults.add(of_names(browser, server))
    return Pair(browser, server, frozenset(faults), not is_recognised, is_recognised)


def _share_a_key(browser: Copy, server: Copy) -> bool:
    keys = ((browser.browser_hash, server.browser_hash), (browser.person_hash, server.person_hash))
    return any(one is not None and one == other for one, other in keys)


def _of_missing_ids(browser: Copy, server: Copy) -> PairFault:
    if browser.id_hash is not None and server.id_hash is not None:
        return PairFault.OWN_IDS
    if browser.id_hash is not None:
        return PairFault.NO_SERVER_ID
    return PairFault.NO_BROWSER_ID if server.id_hash is not None else PairFault.NO_IDS
