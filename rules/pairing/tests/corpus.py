"""Traffic of a shop as a page and its server send it: clean, or with planted faults."""

from __future__ import annotations

from collections.abc import Iterator
from random import Random

from rules.delivery.log.copy_rows import plain_form
from rules.models import InboundEvent
from rules.pairing.known_copies import PAGE, SCRIPT, Copy

PIXEL, OTHER_PIXEL = "1234567890", "9876543210"
HOUR = 3_600_000
NOW = 1_800_000_000_000
SINCE = NOW - 7 * 24 * HOUR
NAMES = {"PageView": 0.6, "ViewContent": 0.2, "AddToCart": 0.12, "Purchase": 0.08}


def copy_of(
    at: int, side: int, name: str, event_id: str | None, number: int = 0, destination: str = PIXEL
) -> Copy:
    """A copy with the hashes of its texts; these are numbers that only tests make."""
    made = Copy((at << InboundEvent.BITS_BELOW_TIME) + number, side, destination, name)
    set_id(made, event_id)
    return made


def set_id(copy: Copy, event_id: str | None) -> None:
    if event_id is None:
        copy.id_hash = copy.plain_hash = None
        copy.form = 0
        return
    plain, copy.form = plain_form(event_id)
    copy.id_hash, copy.plain_hash = hash(("id", event_id)), hash(("id", plain))


def set_at(copy: Copy, at: int) -> None:
    copy.event_id = (at << InboundEvent.BITS_BELOW_TIME) + number_of(copy)


def number_of(copy: Copy) -> int:
    """Return the number of the pair in its corpus."""
    return copy.event_id % (1 << InboundEvent.BITS_BELOW_TIME)


class Corpus:
    """Pairs of copies in the order of time; each belongs to a visitor, each Purchase to an order.

    The page and its server event come in one inbound event, as a library of ours sends them, unless
    ``with_shop``: then the shop's server reports its own, seconds later.
    """

    def __init__(self, events: int = 5_000, seed: int = 1, side: int = PAGE) -> None:
        self.random = Random(seed)  # noqa: S311 - traffic is random, not secret
        self.side = side
        self.pairs = [self._pair(number, events) for number in range(events)]
        self._touched: set[int] = set()

    def _pair(self, number: int, events: int) -> list[Copy | None]:
        name = self.random.choices(tuple(NAMES), tuple(NAMES.values()))[0]
        at = SINCE + 60 * HOUR + number * (96 * HOUR // events)
        browser = copy_of(at, SCRIPT, name, None, number)
        server = copy_of(
            at if self.side == PAGE else at + self.random.randint(200, 9_000), self.side, name, None
        )
        server.event_id += number
        for copy in (browser, server):
            set_id(copy, self.usual_id(number, name))
            copy.browser_hash = hash(("browser", number % (events // 3)))
        if name == "Purchase":
            server.order_hash = hash(("order", number))
        return [browser, server]

    def usual_id(self, number: int, name: str) -> str:
        if name == "AddToCart":
            return str(100_001 + number)
        return f"order-{number:06}" if name == "Purchase" else f"3f2a-{number:08x}-b7"

    def untouched(self, name: str, count: int) -> list[list[Copy | None]]:
        """Take pairs of a name that nobody has changed, spread over the range."""
        free = [it for it in self.pairs if it[0].name == name and id(it) not in self._touched]
        found = free[:: max(len(free) // count, 1)][:count]
        self._touched |= {id(it) for it in found}
        return found

    def copies(self) -> list[Copy]:
        return sorted(self._all(), key=lambda it: it.event_id)

    def _all(self) -> Iterator[Copy]:
        yield from (copy for pair in self.pairs for copy in pair if copy)
