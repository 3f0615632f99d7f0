"""Properties as people run them: Adobe's engine and ours say the same of each event."""

from __future__ import annotations

import pytest

from .documents import call
from .engines import Adobe, Ours
from .shops import EVENTS, SHOPS

pytestmark = pytest.mark.node


@pytest.mark.parametrize("event", EVENTS)
@pytest.mark.parametrize("shop", SHOPS)
def test_both_engines_run_a_property_alike(shop: str, event: str, adobe: Adobe, ours: Ours) -> None:
    theirs, mine = (engine.run(SHOPS[shop], call(EVENTS[event])) for engine in (adobe, ours))
    assert mine.compared == theirs.compared


def test_every_way_that_a_rule_can_end_is_among_them(adobe: Adobe) -> None:
    ends = {
        shop: {status for event in EVENTS.values() for status in adobe.run(it, call(event)).statuses.values()}
        for shop, it in SHOPS.items()
    }
    assert set.union(*ends.values()) == {"success", "condition_not_met", "failed"}
    assert all(shop == "rules that fail" or "success" in found for shop, found in ends.items()), ends
