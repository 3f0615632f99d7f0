"""Duplicates: the same event for the same destination again.

Source: Meta, Handling Duplicate Pixel and Conversions API Events: later ones within 48 hours are dropped.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.utils import timezone

from properties.catalog.outbound import Answer
from properties.models import Property
from rules.delivery.deduplication import note
from rules.delivery.in_flight import InFlight
from rules.delivery.ledger import balance
from rules.delivery.retention import forget
from rules.delivery.work import deliver_due
from rules.models import Delivery, InboundEvent, SentEvent

from .conftest import FakeVendor, make_build, states

Accept = Callable[..., InboundEvent]
ORDER = {"identity": "order-1 Purchase"}


@pytest.fixture
def holding(prop: Property) -> dict[str, Any]:
    """Return fields of events whose build holds duplicates back."""
    return {"build_id": make_build(prop, on_duplicate="hold").pk}


def duplicates() -> list[int | None]:
    return list(Delivery.objects.order_by("event_id").values_list("duplicate_of", flat=True))


def test_the_later_one_is_delivered_and_marked(accept: Accept, vendor: FakeVendor) -> None:
    first = accept(ORDER)
    deliver_due()
    accept(ORDER)
    deliver_due()
    assert states(InboundEvent) == ["delivered", "delivered"]
    assert duplicates() == [None, first.pk]


def test_of_two_in_one_request_the_first_is_no_duplicate(accept: Accept, vendor: FakeVendor) -> None:
    first, _, _ = accept(ORDER), accept(ORDER), accept({"identity": "order-2 Purchase"})
    deliver_due()
    assert duplicates() == [None, first.pk, None]


def test_events_without_identity_and_other_destinations_are_no_duplicates(
    accept: Accept, vendor: FakeVendor
) -> None:
    accept(), accept(), accept(ORDER), accept({**ORDER, "to": "2"})
    deliver_due()
    assert duplicates() == [None] * 4


def test_after_48_hours_the_same_event_is_a_new_one(accept: Accept, vendor: FakeVendor) -> None:
    now = timezone.now()
    for hours in (0, 49, 50):
        with time_machine.travel(now + timedelta(hours=hours), tick=False):
            accept(ORDER)
            deliver_due()
    assert [found is None for found in duplicates()] == [True, True, False]


def test_an_event_that_is_tried_again_is_no_duplicate_of_itself(accept: Accept, vendor: FakeVendor) -> None:
    vendor.answer(500, 200)
    accept(ORDER)
    deliver_due()
    Delivery.objects.update(next_at=timezone.now())
    deliver_due()
    assert (states(Delivery), duplicates()) == (["delivered"], [None])


def test_an_event_that_was_refused_makes_no_duplicates(accept: Accept, vendor: FakeVendor) -> None:
    vendor.answer(400, 200)
    accept(ORDER)
    deliver_due()
    accept(ORDER)
    deliver_due()
    assert (states(Delivery), duplicates()) == (["dead", "delivered"], [None, None])


def test_a_duplicate_is_held_back_when_the_action_says_so(
    accept: Accept, vendor: FakeVendor, holding: dict[str, Any]
) -> None:
    first = accept(ORDER, **holding)
    deliver_due()
    later = accept(ORDER, **holding)
    deliver_due()
    later.refresh_from_db()
    assert (later.state, later.reason) == ("dead", "duplicate")
    assert duplicates() == [None, first.pk]
    assert len(vendor.requests) == 1
    assert balance()["balanced"]


def test_of_two_at_once_only_one_goes_and_the_other_waits_for_it(
    accept: Accept, vendor: FakeVendor, holding: dict[str, Any]
) -> None:
    accept(ORDER, **holding), accept(ORDER, **holding)
    deliver_due()
    assert vendor.ids() == [[vendor.ids()[0][0]]]
    assert sorted(states(Delivery)) == ["delivered", "pending"]
    Delivery.objects.filter(state="pending").update(next_at=timezone.now())
    deliver_due()
    assert sorted(states(Delivery)) == ["dead", "delivered"]
    assert len(vendor.requests) == 1


def test_what_waits_for_the_first_is_sent_when_the_first_is_refused(
    accept: Accept, vendor: FakeVendor, holding: dict[str, Any]
) -> None:
    vendor.answer(400, 200)
    accept(ORDER, **holding), accept(ORDER, **holding)
    deliver_due()
    Delivery.objects.filter(state="pending").update(next_at=timezone.now())
    deliver_due()
    assert sorted(states(InboundEvent)) == ["dead", "delivered"]
    assert duplicates() == [None, None]


def test_a_real_failure_is_the_reason_of_an_event_that_has_a_held_duplicate_too(
    accept: Accept, vendor: FakeVendor, holding: dict[str, Any]
) -> None:
    event = accept(ORDER, **holding, state="open")
    for code in ("duplicate", "100"):
        Delivery.objects.create(
            event_id=event.pk,
            property_id=1,
            environment_id=1,
            state="dead",
            code=code,
            created_at=timezone.now(),
        )
    from rules.delivery.minute_counts import MinuteChanges
    from rules.delivery.persistence import move_events

    move_events({event.pk}, timezone.now(), MinuteChanges())
    event.refresh_from_db()
    assert event.reason == "100"


def test_marks_are_forgotten_after_two_days(accept: Accept, vendor: FakeVendor) -> None:
    accept(ORDER)
    deliver_due()
    with time_machine.travel(timezone.now() + timedelta(hours=49)):
        forget()
    assert not SentEvent.objects.exists()


def test_a_held_event_is_not_sent_when_its_destination_answers_slowly(
    accept: Accept, vendor: FakeVendor, holding: dict[str, Any]
) -> None:
    """An unclear answer does not refuse the event: the first is retried, and the second keeps waiting."""
    vendor.answer(Answer(None, error="timeout"))
    accept(ORDER, **holding), accept(ORDER, **holding)
    deliver_due()
    assert states(Delivery) == ["pending", "pending"]
    assert sorted(Delivery.objects.values_list("attempts", flat=True)) == [0, 1]


def test_thousands_of_events_are_marked_in_one_step(prop: Property) -> None:
    def flights(first_id: int) -> list[InFlight]:
        rows = [
            Delivery(
                event_id=first_id + number,
                component_uid="RC1",
                dedup_key=f"key {number}",
                state=Delivery.State.DELIVERED,
            )
            for number in range(2_001)
        ]
        return [InFlight(row, None, {}, {}) for row in rows]

    first, again = flights(10_000), flights(20_000)
    note(first, timezone.now())
    note(again, timezone.now())
    assert [it.delivery.duplicate_of for it in first] == [None] * 2_001
    assert [it.delivery.duplicate_of for it in again] == [it.delivery.event_id for it in first]
