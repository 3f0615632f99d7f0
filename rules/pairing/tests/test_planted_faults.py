"""Every fault is found, alone and beside any other; clean traffic has none.

Expected results: Meta, Handling Duplicate Pixel and Conversions API Events.
"""

from __future__ import annotations

from collections import Counter
from itertools import combinations

import pytest

from properties.catalog.pairing import PairingRules
from rules.pairing.findings import Examination, examine
from rules.pairing.known_copies import PAGE, SERVER
from rules.pairing.pair_faults import PairFault

from .corpus import NOW, SINCE, Corpus
from .faults_planted import COUNT, PLANTS

RULES = PairingRules(
    vendor="Meta", browser="Meta Pixel", within_seconds=48 * 3600, browser_first_without_id=True
)
# Each of these is counted once, or not at all.
COUNTED_ONCE = {
    PairFault.NO_IDS,
    PairFault.DESTINATION,
    PairFault.REUSED,
    PairFault.BROWSER_ONLY,
    PairFault.SERVER_ONLY,
}


def examined(corpus: Corpus) -> Examination:
    return examine(corpus.copies(), RULES, SINCE, NOW)


def counts(found: Examination) -> Counter[PairFault]:
    total: Counter[PairFault] = Counter()
    for finding in found.findings:
        total[finding.fault] += finding.count
    return total


@pytest.mark.parametrize("side", [PAGE, SERVER])
def test_clean_traffic_has_no_findings(side: int) -> None:
    found = examined(Corpus(side=side))
    assert found.findings == []
    assert all(it.browser_paired == it.browser == it.server == it.server_paired for it in found.lines)
    assert sum(it.twice for it in found.lines) == 0


@pytest.mark.parametrize("side", [PAGE, SERVER])
@pytest.mark.parametrize("fault", PLANTS)
def test_each_fault_is_found_alone(fault: PairFault, side: int) -> None:
    corpus = Corpus(side=side)
    PLANTS[fault](corpus)
    assert counts(examined(corpus)) == {fault: COUNT}


@pytest.mark.parametrize(("one", "other"), list(combinations(PLANTS, 2)))
def test_each_fault_is_found_beside_every_other(one: PairFault, other: PairFault) -> None:
    corpus = Corpus()
    PLANTS[one](corpus)
    PLANTS[other](corpus)
    assert counts(examined(corpus)) == {one: COUNT, other: COUNT}


def test_all_faults_at_once_are_told_apart() -> None:
    corpus = Corpus(12_000)
    for plant in PLANTS.values():
        plant(corpus)
    assert counts(examined(corpus)) == dict.fromkeys(PLANTS, COUNT)


@pytest.mark.parametrize("fault", PLANTS)
def test_it_says_which_faults_make_the_vendor_count_twice(fault: PairFault) -> None:
    corpus = Corpus(side=SERVER)
    PLANTS[fault](corpus)
    twice = sum(it.twice for it in examined(corpus).findings)
    # Without a common id, the browser id still makes a pair, because the page comes first.
    is_recognised = fault in {
        *COUNTED_ONCE,
        PairFault.NO_BROWSER_ID,
        PairFault.NO_SERVER_ID,
        PairFault.OWN_IDS,
    }
    assert twice == (0 if is_recognised else COUNT)
