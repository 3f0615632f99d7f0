"""An event that is refused for one optional field is sent again without it.

Source: docs/operating.md, "When a destination has trouble".
"""

from __future__ import annotations

import json
from collections.abc import Callable

from django.utils import timezone

from properties.catalog.outbound import Answer, OutboundRequest
from rules.delivery.work import deliver_due
from rules.models import Delivery, InboundEvent

from .conftest import FakeVendor, attempts, only_delivery, states

Accept = Callable[..., InboundEvent]
BAD = {"email": "bad"}


def _refuse_bad(request: OutboundRequest) -> Answer:
    """Refuse the whole request for one bad event, naming the field."""
    is_bad = any(payload.get("email") == "bad" for payload in request.body["data"])
    return Answer(400, body=json.dumps({"code": "100", "field": "email"})) if is_bad else Answer(200)


def test_it_arrives_without_the_field_and_says_so(accept: Accept, vendor: FakeVendor) -> None:
    vendor.respond = _refuse_bad
    accept(BAD)
    deliver_due()
    delivery = only_delivery()
    assert (delivery.state, delivery.attempts, attempts()) == ("delivered", 2, ["rejected", "delivered"])
    assert "email" not in json.loads(delivery.payload)
    assert [(it["label"], it["code"]) for it in delivery.warnings] == [("Email", "left_out")]


def test_the_others_of_its_request_keep_the_field(accept: Accept, vendor: FakeVendor) -> None:
    vendor.respond = _refuse_bad
    for number in range(50):
        accept(BAD if number == 20 else {"email": "good"})
    deliver_due()
    assert set(states(Delivery)) == {"delivered"}
    lost = [bool(warnings) for warnings in Delivery.objects.values_list("warnings", flat=True)]
    assert sum(lost) == 1
    # docs/reference/failures.md, "Splitting a refused batch": 2·log2(n)+1 calls, and one without the
    # field.
    assert len(vendor.requests) <= 14


def test_it_is_sent_without_a_field_only_once(accept: Accept, vendor: FakeVendor) -> None:
    vendor.respond = lambda request: Answer(400, body='{"code": "100", "field": "email"}')
    accept(BAD)
    deliver_due()
    assert (states(Delivery), attempts()) == (["dead"], ["rejected", "rejected"])
    assert only_delivery().blamed_field == "email"


def test_without_an_optional_field_to_leave_out_the_refusal_stands(
    accept: Accept, vendor: FakeVendor
) -> None:
    vendor.respond = lambda request: Answer(400, body='{"code": "100", "field": "id"}')
    accept(BAD)
    deliver_due()
    assert (states(Delivery), attempts()) == (["dead"], ["rejected"])


def test_trouble_on_the_second_way_keeps_the_lighter_one(accept: Accept, vendor: FakeVendor) -> None:
    vendor.answer(Answer(400, body='{"code": "100", "field": "email"}'), 500, 200)
    accept(BAD)
    deliver_due()
    Delivery.objects.update(next_at=timezone.now())
    deliver_due()
    assert states(Delivery) == ["delivered"]
    assert ["email" in request.body["data"][0] for request in vendor.requests] == [True, False, False]


def test_a_field_with_which_nothing_gets_through_goes_from_all_in_few_calls(
    accept: Accept, vendor: FakeVendor
) -> None:
    vendor.respond = _refuse_bad
    for _ in range(1000):
        accept(BAD)
    deliver_due(limit=1250)
    assert set(states(Delivery)) == {"delivered"}
    assert len(vendor.requests) <= 40
