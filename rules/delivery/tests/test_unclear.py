"""What the vendor would count twice is not sent again when nobody knows whether it arrived.

Source: docs/reference/meta.md, "Business messaging".
"""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.utils import timezone

from properties.catalog.outbound import Answer
from rules.delivery.work import deliver_due
from rules.models import Delivery, InboundEvent

from .conftest import FakeVendor, only_delivery, states

Accept = Callable[..., InboundEvent]
ONCE = {"email": "once"}


def test_without_an_answer_it_ends_and_says_that_it_may_have_arrived(
    accept: Accept, vendor: FakeVendor
) -> None:
    vendor.respond = lambda request: Answer(None, error="timeout")
    accept(ONCE)
    deliver_due()

    delivery = only_delivery()
    assert (delivery.state, delivery.code) == ("dead", "unclear")
    assert "twice" in delivery.message
    assert delivery.advice


@pytest.mark.parametrize(
    ("data", "answer"),
    [
        (ONCE, Answer(None, error="connection", is_sent=False)),
        (ONCE, Answer(429)),
        ({"email": "any"}, Answer(None, error="timeout")),
    ],
    ids=["it never left", "the vendor refused for now", "the vendor would notice"],
)
def test_it_waits_where_sending_again_cannot_count_twice(
    accept: Accept, vendor: FakeVendor, data: dict[str, str], answer: Answer
) -> None:
    vendor.respond = lambda request: answer
    accept(data)
    deliver_due()

    assert states(Delivery) == ["pending"]


def test_what_a_process_took_along_when_it_died_is_not_sent_again(accept: Accept, vendor: FakeVendor) -> None:
    event = accept(ONCE)
    InboundEvent.objects.filter(pk=event.pk).update(claims=1, lease_until=timezone.now())
    deliver_due()

    assert (only_delivery().code, vendor.requests) == ("unclear", [])
