"""The counts per minute are those of the ledger, whatever happens to the events."""

from __future__ import annotations

import contextlib
from collections import Counter
from collections.abc import Callable, Mapping
from datetime import timedelta

import pytest
import time_machine
from django.db import transaction
from django.db.models import Sum
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from properties.catalog.outbound import Answer
from properties.models import Property
from rules.delivery import minute_counts
from rules.delivery.counted_outcomes import kind_of
from rules.delivery.minute_folding import fold_minutes
from rules.delivery.replay.choice import Eligible
from rules.delivery.replay.jobs import release, start
from rules.delivery.retention import forget
from rules.delivery.work import deliver_due
from rules.models import Delivery, InboundEvent, MinuteCount, Replay

from .conftest import FakeVendor
from .minute_sums import counted, ledger

Accept = Callable[..., InboundEvent]


def by_outcome(*, is_event: bool = False) -> dict[str, int]:
    rows = MinuteCount.objects.filter(is_event=is_event).values("outcome").annotate(total=Sum("count"))
    return {str(kind_of(row["outcome"])): row["total"] for row in rows if row["total"]}


def make_due() -> None:
    Delivery.objects.filter(state__in=["pending", "parked"]).update(next_at=timezone.now())


KINDS = st.sampled_from(
    [{}, {"refuse": True}, {"quiet": True}, {"bug": True}, {"to": "2"}, {"email": "a@b.c"}]
)
ANSWERS = st.sampled_from([200, 400, 401, 429, 500])
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("accept"), KINDS),
        st.tuples(st.just("deliver"), ANSWERS),
        st.tuples(st.just("replay"), st.none()),
        st.tuples(st.just("fold"), st.none()),
        st.tuples(st.just("crash"), ANSWERS),
    ),
    min_size=3,
    max_size=14,
)


def run(step: str, given: object, accept: Accept, vendor: FakeVendor, prop: Property) -> None:
    if step == "accept":
        accept(given)
    elif step == "replay":
        again = [it for it in InboundEvent.objects.all() if it.can_retry]
        with transaction.atomic():
            eligible = [Eligible(it.pk, it.build_id) for it in again]
            start(
                prop,
                eligible,
                build=Replay.Build.ORIGINAL,
                what="all",
                started_by="",
                key=str(timezone.now()),
            )
            release(timezone.now() + timedelta(hours=1))
    elif step == "fold":
        fold_minutes(timezone.now() + timedelta(days=3))
    else:
        vendor.answer(given)
        make_due()
        if step == "deliver":
            deliver_due()
        else:
            _die_before_the_commit()


def _die_before_the_commit() -> None:
    """Send, and lose the transaction with the outcomes, as a killed worker does; the leases then end."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(minute_counts, "add", _dies)
        with contextlib.suppress(KilledError):
            deliver_due()
    past = timezone.now() - timedelta(seconds=1)
    for model in (InboundEvent, Delivery):
        model.objects.filter(lease_until__isnull=False).update(lease_until=past)


class KilledError(BaseException):
    """Ends the worker where no code can react."""


def _dies(numbers: Mapping[minute_counts.CountKey, int], node: int) -> None:
    if numbers:
        raise KilledError


@given(STEPS)
@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_the_sum_over_all_minutes_is_the_ledger(
    accept: Accept, vendor: FakeVendor, prop: Property, steps: list[tuple[str, object]]
) -> None:
    with transaction.atomic():
        for step, given_ in steps:
            run(step, given_, accept, vendor, prop)
            assert counted(is_event=True) == ledger()
            rows = Delivery.objects.filter(replayed_at=None).values_list("state", flat=True)
            assert _without_gates(counted(is_event=False)) == _without_gates(Counter(rows))
        transaction.set_rollback(True)


def _without_gates(numbers: Mapping[str, int]) -> dict[str, int]:
    """Add *pending* and *parked*: an opened gate moves rows before they are counted."""
    waiting = numbers.get("pending", 0) + numbers.get("parked", 0)
    others = {state: number for state, number in numbers.items() if state not in ("pending", "parked")}
    return {**others, "waiting": waiting}


def test_each_outcome_of_a_delivery_is_counted_under_its_destination(
    accept: Accept, vendor: FakeVendor
) -> None:
    accept(), accept({"refuse": True}), accept({"quiet": True})
    deliver_due()
    vendor.answer(400)
    accept({"to": "2"})
    deliver_due()
    rows = MinuteCount.objects.filter(is_event=False).values_list("name", "target", "outcome", "count")
    assert sorted((name, target, str(kind_of(number)), count) for name, target, number, count in rows) == [
        ("", "acme::", "not_sent", 1),
        ("Sent", "acme::1", "delivered", 1),
        ("Sent", "acme::2", "refused", 1),
    ]
    expected = {"delivered": 1, "not_sent": 1, "no_match": 1, "refused": 1}
    assert by_outcome(is_event=True) == expected


def test_a_retry_that_arrives_moves_to_delivered_with_its_time(accept: Accept, vendor: FakeVendor) -> None:
    began = timezone.now()
    with time_machine.travel(began, tick=False):
        accept()
        vendor.answer(500)
        deliver_due()
    assert by_outcome() == by_outcome(is_event=True) == {"retrying": 1}
    vendor.answer(200)
    with time_machine.travel(began + timedelta(seconds=60), tick=False):
        make_due()
        deliver_due()
    assert by_outcome() == by_outcome(is_event=True) == {"delivered": 1}
    # 50 ms times the square root of two to the 21st is 72.4 s; to the 20th 51.2 s.
    assert MinuteCount.objects.get(is_event=False, count=1).bucket == 21


def test_a_closed_destination_holds_and_an_opened_one_delivers(accept: Accept, vendor: FakeVendor) -> None:
    vendor.answer(401)
    accept()
    deliver_due()
    assert by_outcome(is_event=True) == {"on_hold": 1}
    vendor.answer(200)
    with time_machine.travel(timezone.now() + timedelta(hours=1), tick=True):
        deliver_due()
    assert by_outcome() == by_outcome(is_event=True) == {"delivered": 1}


def test_a_lost_field_counts_as_delivered_without(accept: Accept, vendor: FakeVendor) -> None:
    refused = Answer(400, body='{"field": "email"}')
    vendor.answer(refused, 200)
    accept({"email": "a@example.com"})
    deliver_due()
    assert by_outcome() == by_outcome(is_event=True) == {"without": 1}


def test_a_retried_event_is_counted_once(accept: Accept, vendor: FakeVendor) -> None:
    vendor.answer(400)
    event = accept()
    deliver_due()
    assert by_outcome(is_event=True) == {"refused": 1}
    vendor.answer(200)
    start(event_property(event), [Eligible(event.pk, event.build_id or 0)], **BY_HAND)
    deliver_due()
    assert by_outcome() == by_outcome(is_event=True) == {"delivered": 1}


BY_HAND = {"build": Replay.Build.ORIGINAL, "what": "one", "started_by": "", "key": "k"}


def event_property(event: InboundEvent) -> Property:
    return Property.objects.get(pk=event.property_id)


def test_the_counts_survive_the_events(accept: Accept, vendor: FakeVendor) -> None:
    accept(), accept({"quiet": True})
    deliver_due()
    before = by_outcome(is_event=True)
    with time_machine.travel(timezone.now() + timedelta(days=8), tick=True):
        forget()
    assert not InboundEvent.objects.exists()
    assert by_outcome(is_event=True) == before == {"delivered": 1, "no_match": 1}
    rows = MinuteCount.objects.all()
    assert {(row.node, row.minute % 60) for row in rows} == {(MinuteCount.HOUR, 0)}


def test_counts_are_removed_after_thirteen_months_and_with_their_property(
    accept: Accept, vendor: FakeVendor, prop: Property
) -> None:
    accept()
    deliver_due()
    with time_machine.travel(timezone.now() + timedelta(days=395), tick=True):
        forget()
    assert MinuteCount.objects.exists()
    with time_machine.travel(timezone.now() + timedelta(days=398), tick=True):
        forget()
    assert not MinuteCount.objects.exists()
    accept()
    deliver_due()
    prop.delete()
    forget()
    assert not MinuteCount.objects.exists()
