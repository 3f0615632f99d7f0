"""Leases, and recovery when a process dies or sleeps.

Source: docs/reference/failures.md, "Process and broker".
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
import time_machine
from django.db import OperationalError, transaction
from django.utils import timezone

from rules.delivery import claims
from rules.delivery.clock import database_now
from rules.delivery.ledger import balance
from rules.delivery.pipeline import Pipeline
from rules.delivery.work import deliver_due
from rules.models import Delivery, DeliveryAttempt, InboundEvent

from .conftest import FakeVendor, attempts, states

Accept = Callable[..., InboundEvent]


def _die_with(event: InboundEvent, times: int) -> None:
    """Claim an event as processes would that died with it."""
    InboundEvent.objects.filter(id=event.id).update(
        claims=times, lease_token="gone", lease_until=timezone.now() - timedelta(seconds=1)
    )


def test_a_leased_event_is_claimed_by_nobody_else_until_the_lease_ends(
    accept: Accept, vendor: FakeVendor
) -> None:
    accept()
    assert len(claims.claim_events(10, database_now())) == 1
    assert deliver_due() == 0
    with time_machine.travel(timezone.now() + timedelta(seconds=31), tick=True):
        assert deliver_due() == 1
    assert states(InboundEvent) == ["delivered"]


def test_what_was_claimed_by_another_process_meanwhile_is_left_to_it(
    accept: Accept, vendor: FakeVendor
) -> None:
    event = accept()
    pipeline = Pipeline()
    pipeline.step()
    InboundEvent.objects.filter(id=event.id).update(lease_token="another")
    while not pipeline.is_idle:
        pipeline.wait(1)
        pipeline.step(claim=False)
    event.refresh_from_db()
    assert (event.state, event.lease_token) == ("received", "another")
    assert (Delivery.objects.count(), DeliveryAttempt.objects.count()) == (0, 0)
    assert balance()["balanced"]


def test_a_waiting_delivery_claimed_by_another_process_is_left_to_it(
    accept: Accept, vendor: FakeVendor
) -> None:
    vendor.answer(500, 200)
    accept()
    deliver_due()
    Delivery.objects.update(next_at=timezone.now())
    pipeline = Pipeline()
    pipeline.step()
    Delivery.objects.update(lease_token="another")
    while not pipeline.is_idle:
        pipeline.wait(1)
        pipeline.step(claim=False)
    assert states(Delivery) == ["pending"]
    assert DeliveryAttempt.objects.count() == 1


def test_a_row_that_three_processes_did_not_survive_is_claimed_alone(
    accept: Accept, vendor: FakeVendor
) -> None:
    suspect, other = accept(), accept()
    _die_with(suspect, 3)
    with transaction.atomic():
        assert [event.id for event in claims.claim_events(10, database_now())] == [other.id]
        transaction.set_rollback(True)
    while deliver_due():
        pass
    assert states(InboundEvent) == ["delivered", "delivered"]
    assert sorted(len(ids) for ids in vendor.ids()) == [1, 1]


def test_a_row_that_nothing_survives_is_dead_and_counted(accept: Accept, vendor: FakeVendor) -> None:
    suspect = accept()
    _die_with(suspect, 6)
    accept()
    while deliver_due():
        pass
    suspect.refresh_from_db()
    assert (suspect.state, suspect.reason) == ("dead", "worker_crash")
    assert states(InboundEvent) == ["dead", "delivered"]
    assert balance()["balanced"]


def test_a_delivery_that_nothing_survives_ends_its_event(accept: Accept, vendor: FakeVendor) -> None:
    vendor.answer(500)
    accept()
    deliver_due()
    Delivery.objects.update(claims=6, lease_token="gone", lease_until=timezone.now() - timedelta(seconds=1))
    while deliver_due():
        pass
    assert (states(Delivery), states(InboundEvent)) == (["dead"], ["dead"])
    assert balance()["balanced"]


def test_what_is_given_back_is_free_and_the_claim_does_not_count(accept: Accept, vendor: FakeVendor) -> None:
    event = accept()
    [claimed] = claims.claim_events(1, database_now())
    claims.release(InboundEvent, [event.id], [claimed.lease_token])
    event.refresh_from_db()
    assert (event.lease_token, event.lease_until, event.claims) == ("", None, 0)


def test_an_outcome_that_the_database_refuses_costs_only_its_own_event(
    accept: Accept, vendor: FakeVendor, monkeypatch: object
) -> None:
    accept(), accept({"to": "x" * 10})
    from rules.delivery import pipeline as module

    real = module.record

    def record(tickets, waited, now):  # type: ignore[no-untyped-def]
        if any(ticket.flights[0].delivery.destination.startswith("x") for ticket in tickets):
            raise ValueError("refused")
        real(tickets, waited, now)

    monkeypatch.setattr(module, "record", record)  # type: ignore[attr-defined]
    deliver_due()
    assert states(InboundEvent) == ["delivered", "received"]


def test_a_process_that_ended_in_between_left_an_unknown_outcome(accept: Accept, vendor: FakeVendor) -> None:
    """Source: docs/reference/failures.md, "Process and broker"."""
    _die_with(accept(), 2)
    deliver_due()
    assert attempts() == ["unknown", "unknown", "delivered"]
    assert Delivery.objects.get().attempts == 3


def test_a_waiting_delivery_whose_process_ended_has_an_unknown_outcome(
    accept: Accept, vendor: FakeVendor
) -> None:
    vendor.answer(500, 200)
    accept()
    deliver_due()
    Delivery.objects.update(
        claims=1,
        lease_token="gone",
        lease_until=timezone.now() - timedelta(seconds=1),
        next_at=timezone.now(),
    )
    deliver_due()
    assert attempts() == ["retry", "unknown", "delivered"]


def test_what_was_claimed_when_the_database_went_away_is_claimed_again(
    accept: Accept, vendor: FakeVendor, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(ids: object) -> None:
        raise OperationalError("away")

    accept()
    pipeline = Pipeline()
    with monkeypatch.context() as patch:
        patch.setattr("rules.delivery.pipeline.runnable_builds", away)
        with pytest.raises(OperationalError):
            pipeline.step()
    assert pipeline.is_idle
    with time_machine.travel(timezone.now() + timedelta(seconds=31), tick=True):
        deliver_due()
    assert states(InboundEvent) == ["delivered"]
