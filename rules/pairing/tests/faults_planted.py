"""Faults as sites have them, each in 20 of 5,000 pairs."""

from __future__ import annotations

from collections.abc import Callable

from rules.pairing.pair_faults import PairFault

from .corpus import HOUR, OTHER_PIXEL, Corpus, number_of, set_at, set_id

COUNT = 20
Plant = Callable[[Corpus], None]


def _case(corpus: Corpus) -> None:
    for browser, _ in corpus.untouched("Purchase", COUNT):
        set_id(browser, f"ORDER-{number_of(browser):06}")


def _space(corpus: Corpus) -> None:
    for browser, _ in corpus.untouched("Purchase", COUNT):
        set_id(browser, f" order-{number_of(browser):06}\n")


def _type(corpus: Corpus) -> None:
    """The shop keeps ids as decimal numbers: 100001 becomes "100001.0"."""
    for _, server in corpus.untouched("AddToCart", COUNT):
        set_id(server, f"{100_001 + number_of(server)}.0")


def _no_browser_id(corpus: Corpus) -> None:
    for browser, _ in corpus.untouched("Purchase", COUNT):
        set_id(browser, None)


def _no_server_id(corpus: Corpus) -> None:
    for _, server in corpus.untouched("Purchase", COUNT):
        set_id(server, None)


def _no_ids(corpus: Corpus) -> None:
    for browser, server in corpus.untouched("Purchase", COUNT):
        set_id(browser, None)
        set_id(server, None)


def _own_ids(corpus: Corpus) -> None:
    for browser, server in corpus.untouched("AddToCart", COUNT):
        set_id(browser, f"b-{browser.event_id}")
        set_id(server, f"s-{server.event_id}")


def _server_first(corpus: Corpus) -> None:
    for browser, server in corpus.untouched("Purchase", COUNT):
        set_id(browser, None)
        set_id(server, None)
        set_at(server, browser.at - 4_000)


def _name_case(corpus: Corpus) -> None:
    for _, server in corpus.untouched("Purchase", COUNT):
        server.name = "purchase"


def _name(corpus: Corpus) -> None:
    for _, server in corpus.untouched("Purchase", COUNT):
        server.name = "OrderCompleted"


def _late(corpus: Corpus) -> None:
    for _, server in corpus.untouched("Purchase", COUNT):
        set_at(server, server.at + 49 * HOUR)


def _destination(corpus: Corpus) -> None:
    for browser, _ in corpus.untouched("Purchase", COUNT):
        browser.destination = OTHER_PIXEL


def _reused(corpus: Corpus) -> None:
    """A cart id for two orders of the same cart."""
    pairs = corpus.untouched("Purchase", 2 * COUNT)
    for (browser, server), (later_browser, later_server) in zip(pairs[::2], pairs[1::2], strict=True):
        for copy, other in ((later_browser, browser), (later_server, server)):
            copy.id_hash, copy.plain_hash, copy.form = other.id_hash, other.plain_hash, other.form


def _browser_only(corpus: Corpus) -> None:
    for pair in corpus.untouched("Purchase", COUNT):
        pair[1] = None


def _server_only(corpus: Corpus) -> None:
    for pair in corpus.untouched("Purchase", COUNT):
        pair[0] = None


PLANTS: dict[PairFault, Plant] = {
    PairFault.CASE: _case,
    PairFault.SPACE: _space,
    PairFault.TYPE: _type,
    PairFault.NO_BROWSER_ID: _no_browser_id,
    PairFault.NO_SERVER_ID: _no_server_id,
    PairFault.NO_IDS: _no_ids,
    PairFault.OWN_IDS: _own_ids,
    PairFault.SERVER_FIRST: _server_first,
    PairFault.NAME_CASE: _name_case,
    PairFault.NAME: _name,
    PairFault.LATE: _late,
    PairFault.DESTINATION: _destination,
    PairFault.REUSED: _reused,
    PairFault.BROWSER_ONLY: _browser_only,
    PairFault.SERVER_ONLY: _server_only,
}
