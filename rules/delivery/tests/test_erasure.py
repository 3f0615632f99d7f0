"""After a property is deleted, nothing is sent for it, and soon nothing is stored."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone

from properties.models import Property
from properties.resources.creation import create_property
from rules.delivery.ledger import balance
from rules.delivery.pipeline import Pipeline
from rules.delivery.retention import forget
from rules.delivery.work import deliver_due
from rules.models import Build, Delivery, DestinationGate, InboundEvent, InboundRequest

from .conftest import FakeVendor, make_build, states

Accept = Callable[..., InboundEvent]


@pytest.fixture
def other(db: None) -> Build:
    return make_build(create_property("Another shop"))


def _one_of_each(accept: Accept, vendor: FakeVendor, other: Build) -> None:
    """Store one delivered, retrying, parked and received event, and a waiting event of another property."""
    accept()
    deliver_due()
    vendor.answer(500)
    accept({"to": "2"})
    deliver_due()
    vendor.answer(401)
    accept({"to": "3"})
    deliver_due()
    vendor.answer(500)
    accept(property_id=other.prop_id, environment_id=other.environment_id, build_id=other.id)
    deliver_due()
    accept()
    assert states(Delivery) == ["delivered", "pending", "parked", "pending"]


def test_what_waits_is_erased_and_the_ledger_balances(
    accept: Accept, vendor: FakeVendor, prop: Property, other: Build
) -> None:
    _one_of_each(accept, vendor, other)
    prop.delete()
    assert states(Delivery) == ["delivered", "erased", "erased", "pending"]
    counted = balance()
    assert (counted["delivered"], counted["erased"], counted["open"]) == (1, 3, 1)
    assert counted["balanced"]
    erased = InboundEvent.objects.filter(state="erased").values_list("body", "request", "trace", "reason")
    assert set(erased) == {("", "", "", "property_deleted")}
    kept = Delivery.objects.filter(state="erased").values_list("payload", "envelope", "rule_state")
    assert set(kept) == {("", "", "")}
    assert set(DestinationGate.objects.values_list("property_id", flat=True)) <= {other.prop_id}


def test_nothing_of_it_is_sent_any_more(
    accept: Accept, vendor: FakeVendor, prop: Property, other: Build
) -> None:
    _one_of_each(accept, vendor, other)
    before = len(vendor.requests)
    prop.delete()
    vendor.answer(200)
    with time_machine.travel(timezone.now() + timedelta(hours=1), tick=True):
        deliver_due()
    assert len(vendor.requests) == before + 1
    assert states(Delivery) == ["delivered", "erased", "erased", "delivered"]


def test_what_has_ended_is_forgotten_at_the_next_look(
    accept: Accept, vendor: FakeVendor, prop: Property, other: Build
) -> None:
    _one_of_each(accept, vendor, other)
    assert forget() == 0
    prop.delete()
    assert forget() == 4
    assert list(InboundEvent.objects.values_list("property_id", flat=True)) == [other.prop_id]
    assert states(Delivery) == ["pending"]
    counted = balance()
    assert (counted["accepted"], counted["erased"], counted["balanced"]) == (5, 3, True)


def test_what_came_with_many_events_goes_when_they_go(
    accept: Accept, vendor: FakeVendor, prop: Property
) -> None:
    events = [accept(request="{}") for _ in range(2)]
    shared = InboundRequest.objects.create(
        id=events[-1].id, property_id=prop.pk, content='{"header": {"requestId": "r1"}}'
    )
    InboundEvent.objects.update(shared_request=shared.id)
    deliver_due()
    assert InboundEvent.objects.latest("id").call()["request"]["header"] == {"requestId": "r1"}
    with time_machine.travel(timezone.now() + timedelta(days=8), tick=True):
        forget()
    assert not InboundEvent.objects.exists()
    assert not InboundRequest.objects.exists()


def test_what_came_with_many_events_is_erased_with_the_property(accept: Accept, prop: Property) -> None:
    event = accept(request="{}")
    InboundRequest.objects.create(id=event.id, property_id=prop.pk, content="{}")
    prop.delete()
    assert not InboundRequest.objects.exists()


def test_a_worker_that_is_just_sending_writes_nothing_of_it(
    accept: Accept, vendor: FakeVendor, prop: Property
) -> None:
    accept()
    pipeline = Pipeline()
    pipeline.step()
    prop.delete()
    while not pipeline.is_idle:
        pipeline.step(claim=False)
        pipeline.wait(1.0)
    assert (states(InboundEvent), states(Delivery)) == (["erased"], [])
    assert balance()["balanced"]
