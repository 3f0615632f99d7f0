"""Destinations in trouble. Source: docs/reference/failures.md, "Circuit breaker" and "Vendors' answers"."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.utils import timezone

from properties.catalog.outbound import Answer
from properties.models import Property
from properties.saving import save_resource
from properties.secrets.credentials import store
from rules.delivery.destinations import gates
from rules.delivery.ledger import balance
from rules.delivery.work import deliver_due
from rules.models import Delivery, DestinationGate, InboundEvent

from .conftest import FakeVendor, make_build, states

Accept = Callable[..., InboundEvent]


def later(**delta: Any) -> Any:
    return time_machine.travel(timezone.now() + timedelta(**delta), tick=True)


def deliver_all() -> None:
    while deliver_due():
        pass


def test_a_refused_token_parks_the_destination_and_nothing_is_lost(
    accept: Accept, vendor: FakeVendor
) -> None:
    vendor.answer(401)
    accept()
    deliver_due()
    accept()
    deliver_due()
    assert states(Delivery) == ["parked", "parked"]
    assert len(vendor.requests) == 1
    assert (balance()["open"], balance()["balanced"]) == (2, True)


def test_another_destination_goes_on_while_one_is_parked(accept: Accept, vendor: FakeVendor) -> None:
    vendor.respond = lambda request: Answer(401 if request.url.endswith("/1") else 200)
    accept({"to": "1"}), accept({"to": "2"})
    deliver_due()
    accept({"to": "2"})
    deliver_due()
    assert states(InboundEvent) == ["open", "delivered", "delivered"]


def test_one_delivery_asks_a_parked_destination_every_quarter_of_an_hour(
    accept: Accept, vendor: FakeVendor
) -> None:
    vendor.answer(401)
    accept(), accept(), accept()
    deliver_due()
    assert [len(ids) for ids in vendor.ids()] == [3]
    with later(minutes=16):
        deliver_all()
        deliver_all()
    assert [len(ids) for ids in vendor.ids()] == [3, 1]
    with later(minutes=32):
        deliver_all()
    assert [len(ids) for ids in vendor.ids()] == [3, 1, 1]


def test_a_new_token_opens_a_parked_destination_at_once(
    prop: Property, accept: Accept, vendor: FakeVendor, django_capture_on_commit_callbacks: Any
) -> None:
    store(prop, "Acme Token", "old")
    build_id = make_build(prop, token={"$secret": "Acme Token"}).id
    vendor.answer(401, 200)
    for _ in range(3):
        accept(build_id=build_id)
    deliver_due()
    assert deliver_due() == 0
    store(prop, "Acme Token", "new")
    deliver_due()
    with later(seconds=3):
        deliver_all()
    assert set(states(InboundEvent)) == {"delivered"}
    assert vendor.token == "new"
    assert DestinationGate.objects.get().state == "open"


def test_saving_the_extension_tries_its_parked_destinations_at_once(
    prop: Property, accept: Accept, vendor: FakeVendor
) -> None:
    from properties.models import Extension

    vendor.answer(401, 200)
    accept()
    deliver_due()
    save_resource(Extension(prop=prop, package_name="acme", version="1.0.0"))
    deliver_all()
    with later(seconds=3):
        deliver_all()
    assert states(InboundEvent) == ["delivered"]


def test_gates_that_once_closed_cost_nothing_while_nothing_is_parked(
    prop: Property, django_assert_max_num_queries: Any
) -> None:
    for number in range(20):
        DestinationGate.objects.create(property_id=prop.pk, package_name="acme", destination=str(number))
    with django_assert_max_num_queries(1):
        assert gates.release_parked(timezone.now()) == 0


def test_throttling_pauses_the_whole_destination(accept: Accept, vendor: FakeVendor) -> None:
    vendor.answer(Answer(429, body='{"retry_after": 120}'), 200)
    accept()
    deliver_due()
    accept()
    deliver_due()
    assert len(vendor.requests) == 1
    assert states(Delivery) == ["pending", "pending"]
    with later(seconds=150):
        deliver_all()
    with later(seconds=300):
        deliver_all()
    assert states(InboundEvent) == ["delivered", "delivered"]


@pytest.mark.parametrize(("asked", "seconds"), [(1, 30), (99_999, 3_600)])
def test_a_pause_is_no_shorter_than_half_a_minute_and_no_longer_than_an_hour(
    accept: Accept, vendor: FakeVendor, asked: int, seconds: int
) -> None:
    vendor.answer(Answer(429, body=f'{{"retry_after": {asked}}}'))
    accept()
    deliver_due()
    until = DestinationGate.objects.get().until
    assert until is not None
    assert abs((until - timezone.now()).total_seconds() - seconds) < 5


def test_ten_failures_in_a_row_pause_a_destination_and_one_probe_opens_it(
    accept: Accept, vendor: FakeVendor
) -> None:
    vendor.answer(500)
    for _ in range(10):
        accept()
        deliver_due(limit=1)
    gate = DestinationGate.objects.get()
    assert (gate.state, gate.failures) == ("paused", 10)
    calls = len(vendor.requests)
    accept()
    deliver_due()
    assert len(vendor.requests) == calls
    vendor.answer(200)
    with later(seconds=40):
        deliver_due()
        assert [len(ids) for ids in vendor.ids()[calls:]] == [1]
        assert DestinationGate.objects.get().state == "open"
    with later(minutes=3):
        deliver_all()
    assert set(states(InboundEvent)) == {"delivered"}


def test_a_failed_probe_pauses_for_twice_as_long(accept: Accept, vendor: FakeVendor) -> None:
    vendor.answer(500)
    for _ in range(10):
        accept()
        deliver_due(limit=1)
    with later(seconds=40):
        deliver_due()
        until = DestinationGate.objects.get().until
        assert until is not None
        assert 55 < (until - timezone.now()).total_seconds() < 61


def test_a_parked_delivery_expires_when_the_vendor_would_not_take_it_any_more(
    accept: Accept, vendor: FakeVendor
) -> None:
    vendor.answer(401)
    accept({"expires_at": timezone.now().timestamp() + 300})
    deliver_due()
    with later(seconds=301):
        deliver_all()
    assert states(InboundEvent) == ["expired"]
    assert len(vendor.requests) == 1


def test_a_held_property_keeps_everything_until_its_simulator_runs(
    prop: Property, accept: Accept, vendor: FakeVendor, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    gates.hold_property(prop.id, message="The demo needs its simulator.")
    accept()
    deliver_all()
    assert (states(Delivery), vendor.requests) == (["parked"], [])
    monkeypatch.setenv(gates.SIMULATED, json.dumps(settings.INSTALLATION))
    deliver_all()
    with later(seconds=3):
        deliver_all()
    assert states(InboundEvent) == ["delivered"]


def test_a_vendor_that_nears_its_limit_is_left_alone_for_a_while(accept: Accept, vendor: FakeVendor) -> None:
    """Source: Meta, Rate Limiting (Marketing API): slow down when a percentage nears 100."""
    vendor.answer(Answer(200, body='{"pause": true, "retry_after": 120}'), 200)
    accept()
    deliver_due()
    gate = DestinationGate.objects.get()
    assert (gate.state, gate.failures) == ("paused", 0)
    accept()
    deliver_due()
    assert states(Delivery) == ["delivered", "pending"]
    with time_machine.travel(timezone.now() + timedelta(seconds=130), tick=True):
        deliver_due()
    assert states(Delivery) == ["delivered", "delivered"]
    assert DestinationGate.objects.get().state == "open"
