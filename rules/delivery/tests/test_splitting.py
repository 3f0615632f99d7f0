"""A refused batch is split until each refused event is alone.

Source: docs/reference/failures.md, "Splitting a refused batch".
"""

from __future__ import annotations

import json
import random
from collections.abc import Callable

import pytest

from properties.catalog.outbound import Answer, OutboundRequest
from rules.delivery.work import deliver_due
from rules.models import Delivery, DestinationGate, InboundEvent

from .conftest import FakeVendor, states

Accept = Callable[..., InboundEvent]


def _refusing(vendor: FakeVendor, guilty: set[int], *, names_them: bool = False, code: str = "100") -> None:
    """Refuse the whole request for one bad event, as Meta does."""

    def respond(request: OutboundRequest) -> Answer:
        ids = [payload["id"] for payload in request.body["data"]]
        bad = [index for index, event in enumerate(ids) if event in guilty]
        if not bad:
            return Answer(200)
        return Answer(400, body=json.dumps({"code": code, **({"blamed": bad[0]} if names_them else {})}))

    vendor.respond = respond


def _id(event: InboundEvent) -> int:
    found: int = json.loads(event.body)["data"]["id"]
    return found


@pytest.mark.parametrize(
    ("guilty", "names_them", "most_calls"), [(1, False, 21), (1, True, 3), (10, False, 160), (10, True, 50)]
)
def test_only_the_guilty_die_and_the_calls_stay_few(
    accept: Accept, vendor: FakeVendor, guilty: int, names_them: bool, most_calls: int
) -> None:
    events = [accept() for _ in range(1000)]
    chosen = random.Random(7).sample(events, guilty)  # noqa: S311 - the same ones in each run
    bad = {_id(event) for event in chosen}
    _refusing(vendor, bad, names_them=names_them)
    deliver_due(limit=1250)
    assert len(vendor.requests) <= most_calls
    dead = InboundEvent.objects.filter(state="dead")
    assert {_id(event) for event in dead} == bad
    assert InboundEvent.objects.filter(state="delivered").count() == 1000 - guilty


@pytest.mark.parametrize("names_them", [False, True])
def test_a_batch_that_is_refused_throughout_is_parked_and_nothing_dies(
    accept: Accept, vendor: FakeVendor, names_them: bool
) -> None:
    events = [accept() for _ in range(1000)]
    _refusing(vendor, {_id(event) for event in events}, names_them=names_them)
    deliver_due(limit=1250)
    # docs/reference/failures.md, "Splitting a refused batch": stops after at most 32 calls.
    assert len(vendor.requests) <= 32
    assert set(states(Delivery)) == {"parked"}
    assert DestinationGate.objects.get().state == "parked"


def test_a_hint_that_was_wrong_is_not_believed_again(accept: Accept, vendor: FakeVendor) -> None:
    events = [accept() for _ in range(100)]
    guilty = _id(events[50])

    def respond(request: OutboundRequest) -> Answer:
        ids = [payload["id"] for payload in request.body["data"]]
        return Answer(400, body='{"code": "100", "blamed": 0}') if guilty in ids else Answer(200)

    vendor.respond = respond
    deliver_due()
    assert len(vendor.requests) <= 2 + 2 * 7 + 1
    assert states(InboundEvent).count("dead") == 1


def test_trouble_while_splitting_keeps_what_is_left(accept: Accept, vendor: FakeVendor) -> None:
    for _ in range(8):
        accept()
    vendor.answer(400, 200, 500)
    deliver_due()
    assert states(Delivery) == ["delivered"] * 4 + ["pending"] * 4
    assert len(vendor.requests) == 3
