"""Replays: which events, by which build, once, behind fresh ones, with the ledger right all the time.

Source: docs/operating.md, "Sending again"; docs/reference/contracts.md, "Replay".
"""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import transaction
from django.utils import timezone

from properties.models import Property
from rules.delivery.clock import database_now
from rules.delivery.ledger import balance
from rules.delivery.pipeline import Pipeline
from rules.delivery.replay import jobs
from rules.delivery.replay.choice import choose, failed_ids
from rules.delivery.retention import forget
from rules.delivery.work import deliver_due, work_off
from rules.models import Activation, Build, Delivery, DeliveryAttempt, InboundEvent, Replay, ReplayedEvent
from tests.event_ids import next_event_id

from .conftest import FakeVendor, make_build, states, work

Accept = Callable[..., InboundEvent]


@pytest.fixture
def refused(accept: Accept, vendor: FakeVendor) -> Callable[..., list[InboundEvent]]:
    """Return a function that makes events which the vendor refuses; it accepts all later ones."""

    def refuse(count: int = 1, **data: Any) -> list[InboundEvent]:
        vendor.answer(400)
        events = []
        for _ in range(count):
            # One at a time: eight that are refused alike would park the destination.
            events.append(accept(data))
            deliver_due()
        vendor.answer(200)
        vendor.requests.clear()
        return events

    return refuse


def replay(prop: Property, *events: InboundEvent, build: str = "original", key: str = "1") -> Replay:
    ids = [event.pk for event in events] or failed_ids(prop)
    chosen = choose(prop, ids, build, database_now(), delivered_too=True)
    return jobs.start(prop, chosen.eligible, build=build, what="some", started_by="olivia", key=key)


def state_of(event: InboundEvent) -> str:
    event.refresh_from_db()
    return str(event.state)


def test_a_refused_event_is_sent_again_as_it_was(
    prop: Property, vendor: FakeVendor, refused: Callable[..., list[InboundEvent]]
) -> None:
    (event,) = refused(identity="order-1")
    number = json.loads(event.body)["data"]["id"]
    assert (state_of(event), balance()["dead"]) == ("dead", 1)
    job = replay(prop)
    assert (job.total, balance()["balanced"]) == (1, True)
    work()
    assert vendor.ids() == [[number]]
    assert state_of(event) == "delivered"
    counted = balance()
    assert (counted["balanced"], counted["dead"], counted["delivered"]) == (True, 0, 1)
    job.refresh_from_db()
    assert (job.state, jobs.progress(job)) == ("done", {"delivered": 1})


def test_what_had_become_of_it_stays(
    prop: Property, vendor: FakeVendor, refused: Callable[..., list[InboundEvent]]
) -> None:
    (event,) = refused()
    replay(prop)
    work()
    earlier, now = Delivery.objects.order_by("id")
    assert (earlier.state, earlier.replayed_at is not None) == ("dead", True)
    assert (now.state, now.replayed_at) == ("delivered", None)
    assert DeliveryAttempt.objects.filter(delivery_id=earlier.pk).count() == 1
    row = ReplayedEvent.objects.get()
    assert (row.earlier_state, row.earlier_reason, row.earlier_build_id) == ("dead", "400", event.build_id)


def test_what_had_arrived_is_not_sent_again(prop: Property, accept: Accept, vendor: FakeVendor) -> None:
    document = json.loads(Build.objects.get(pk=accept().build_id).document)
    InboundEvent.objects.all().delete()
    second = {"id": "RC2", "name": "", "modulePath": "acme::actions::send", "settings": {"to": "2"}}
    document["rules"][0]["actions"].append(second)
    build = _stored(prop, document)
    vendor.respond = lambda request: _answer(400 if request.url.endswith("/2") else 200)
    event = accept(build_id=build.pk)
    work()
    assert state_of(event) == "dead"
    vendor.answer(200)
    vendor.requests.clear()
    replay(prop)
    work()
    assert [request.url for request in vendor.requests] == ["https://acme.example/2"]
    assert state_of(event) == "delivered"


def test_an_event_that_was_delivered_is_sent_again_whole_when_somebody_names_it(
    prop: Property, accept: Accept, vendor: FakeVendor
) -> None:
    event = accept()
    work()
    replay(prop, event)
    work()
    assert len(vendor.requests) == 2
    assert vendor.ids()[0] == vendor.ids()[1]
    assert balance()["delivered"] == 1


def _answer(status: int) -> Any:
    from properties.catalog.outbound import Answer

    return Answer(status)


def _stored(prop: Property, document: dict[str, Any]) -> Build:
    made = make_build(prop)
    import hashlib

    made.document = json.dumps(document)
    made.checksum = hashlib.sha256(made.document.encode()).hexdigest()
    made.save()
    return made


def test_the_live_build_runs_it_when_that_is_asked_for(
    prop: Property, vendor: FakeVendor, refused: Callable[..., list[InboundEvent]]
) -> None:
    (event,) = refused()
    mended = make_build(prop, to="mended")
    Activation.objects.create(environment=mended.environment, build=mended)
    replay(prop, build="current")
    work()
    assert [request.url for request in vendor.requests] == ["https://acme.example/mended"]
    event.refresh_from_db()
    assert (event.state, event.build_id) == ("delivered", mended.pk)


def test_each_event_that_is_not_run_again_has_its_reason(
    prop: Property, accept: Accept, vendor: FakeVendor, refused: Callable[..., list[InboundEvent]]
) -> None:
    fine, erased, empty, without = refused(4)
    (late,) = refused(1, expires_at=timezone.now().timestamp() + 60)
    Delivery.objects.filter(event_id=late.pk).update(expires_at=timezone.now() - timedelta(seconds=1))
    InboundEvent.objects.filter(pk=erased.pk).update(state="erased", body="")
    InboundEvent.objects.filter(pk=empty.pk).update(body="")
    InboundEvent.objects.filter(pk=without.pk).update(build_id=None)
    delivered = accept()
    work()
    open_event, unknown = accept(state="open"), next_event_id()
    all_ids = [it.pk for it in (fine, erased, empty, without, late, delivered, open_event)]
    found = choose(prop, [*all_ids, unknown], "original", database_now())
    assert [it.event_id for it in found.eligible] == [fine.pk]
    assert found.refused == dict.fromkeys(
        ["erased", "no_body", "no_build", "too_old", "delivered", "under_way", "not_found"], 1
    )


def test_what_its_package_found_too_old_is_refused_until_another_build_reads_its_time(
    prop: Property, accept: Accept
) -> None:
    event = accept({"late": True})
    work()
    assert state_of(event) == "dead"
    original = choose(prop, [event.pk], "original", database_now())
    assert (original.eligible, original.refused) == ([], {"too_old": 1})
    same = Build.objects.get(pk=event.build_id)
    Activation.objects.create(environment=same.environment, build=same)
    assert choose(prop, [event.pk], "current", database_now()).refused == {"too_old": 1}
    mended = make_build(prop, to="mended")
    Activation.objects.create(environment=mended.environment, build=mended)
    assert len(choose(prop, [event.pk], "current", database_now()).eligible) == 1


def test_an_event_of_another_property_is_not_found(
    prop: Property, refused: Callable[..., list[InboundEvent]]
) -> None:
    (event,) = refused()
    InboundEvent.objects.update(property_id=prop.pk + 1)
    assert choose(prop, [event.pk], "original", database_now()).refused == {"not_found": 1}


def test_what_becomes_too_old_before_its_turn_is_not_sent(
    prop: Property, vendor: FakeVendor, refused: Callable[..., list[InboundEvent]]
) -> None:
    (event,) = refused()
    job = replay(prop)
    Delivery.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    work()
    assert (vendor.requests, state_of(event)) == ([], "dead")
    assert (ReplayedEvent.objects.get().reason, jobs.progress(job)) == ("too_old", {"refused": 1})
    assert balance()["balanced"]


def test_a_double_click_and_two_people_send_once(
    prop: Property, vendor: FakeVendor, refused: Callable[..., list[InboundEvent]]
) -> None:
    refused()
    chosen = choose(prop, failed_ids(prop), "original", database_now()).eligible
    given = {"build": "original", "what": "some"}
    first = jobs.start(prop, chosen, **given, started_by="olivia", key="form of olivia")
    again = jobs.start(prop, chosen, **given, started_by="olivia", key="form of olivia")
    other = jobs.start(prop, chosen, **given, started_by="carl", key="form of carl")
    assert again.pk == first.pk
    assert (first.total, other.total, other.state) == (1, 0, "done")
    assert choose(prop, failed_ids(prop), "original", database_now()).refused == {"under_way": 1}
    work()
    late = jobs.start(prop, chosen, **given, started_by="olivia", key="form of olivia")
    work()
    assert late.pk == first.pk
    assert len(vendor.requests) == 1


def test_events_are_run_again_a_part_at_a_time(
    prop: Property,
    vendor: FakeVendor,
    refused: Callable[..., list[InboundEvent]],
    monkeypatch: pytest.MonkeyPatch,
    later: Callable[[float], None],
) -> None:
    monkeypatch.setattr(jobs, "EVENTS_AT_ONCE", 2)
    refused(5)
    job = replay(prop)
    for done in (2, 4, 5):
        work()
        assert jobs.progress(job).get("delivered") == done
        assert balance()["balanced"]
        later(jobs.STEP_SECONDS + 0.1)
    job.refresh_from_db()
    assert job.state == "done"


def test_whoever_works_off_what_is_due_ends_when_the_whole_replay_is_done(
    prop: Property,
    refused: Callable[..., list[InboundEvent]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(jobs, "EVENTS_AT_ONCE", 2)
    monkeypatch.setattr(jobs, "STEP_SECONDS", 0.1)
    refused(5)
    replay(prop)
    work_off(60)
    assert states(InboundEvent) == ["delivered"] * 5


def test_a_cancelled_replay_runs_no_more_events(
    prop: Property,
    vendor: FakeVendor,
    refused: Callable[..., list[InboundEvent]],
    monkeypatch: pytest.MonkeyPatch,
    later: Callable[[float], None],
) -> None:
    monkeypatch.setattr(jobs, "EVENTS_AT_ONCE", 2)
    refused(5)
    job = replay(prop)
    work()
    assert jobs.cancel(job) == 3
    assert jobs.cancel(job) == 0
    later(10)
    work()
    assert sorted(states(InboundEvent)) == ["dead"] * 3 + ["delivered"] * 2
    assert jobs.progress(job) == {"cancelled": 3, "delivered": 2}
    # They can be asked for once more.
    assert len(choose(prop, failed_ids(prop), "original", database_now()).eligible) == 3
    assert balance()["balanced"]


def test_a_replay_waits_while_many_fresh_events_do(
    prop: Property,
    accept: Accept,
    refused: Callable[..., list[InboundEvent]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(jobs, "MOST_FRESH", 2)
    refused()
    replay(prop)
    accept()
    accept()
    with transaction.atomic():
        assert jobs.release(database_now()) == 0
    InboundEvent.objects.filter(state="received").first().delete()  # type: ignore[union-attr]
    with transaction.atomic():
        assert jobs.release(database_now()) == 1


def test_a_worker_that_dies_in_the_middle_loses_nothing(
    prop: Property,
    vendor: FakeVendor,
    refused: Callable[..., list[InboundEvent]],
    monkeypatch: pytest.MonkeyPatch,
    later: Callable[[float], None],
) -> None:
    refused(3)
    replay(prop)
    with monkeypatch.context() as patch:
        # Killed after the events are received again, before any of them is sent.
        patch.setattr(Pipeline, "_send", lambda self: (_ for _ in ()).throw(SystemExit))
        with pytest.raises(SystemExit):
            deliver_due()
    assert states(InboundEvent) == ["received"] * 3
    assert balance()["balanced"]
    later(40)
    work()
    assert states(InboundEvent) == ["delivered"] * 3
    assert balance()["balanced"]


def test_a_worker_that_dies_while_it_takes_a_part_leaves_everything_as_it_was(
    prop: Property, refused: Callable[..., list[InboundEvent]], monkeypatch: pytest.MonkeyPatch
) -> None:
    refused(3)
    job = replay(prop)
    with monkeypatch.context() as patch:
        patch.setattr(jobs, "count", lambda *_: (_ for _ in ()).throw(SystemExit))
        with pytest.raises(SystemExit), transaction.atomic():
            jobs.release(database_now())
    assert states(InboundEvent) == ["dead"] * 3
    assert jobs.progress(job) == {"waiting": 3}
    assert balance()["balanced"]
    work()
    assert states(InboundEvent) == ["delivered"] * 3


def test_an_event_that_is_refused_again_is_failed_again(
    prop: Property, vendor: FakeVendor, refused: Callable[..., list[InboundEvent]]
) -> None:
    (event,) = refused()
    vendor.answer(400)
    job = replay(prop)
    work()
    assert (state_of(event), jobs.progress(job)) == ("dead", {"dead": 1})
    assert balance()["dead"] == 1
    assert balance()["balanced"]


def test_retention_forgets_a_replay_with_its_events(
    prop: Property, refused: Callable[..., list[InboundEvent]], later: Callable[[float], None]
) -> None:
    refused()
    replay(prop)
    work()
    later(15 * 86_400)
    assert forget() == 1
    assert (Replay.objects.count(), ReplayedEvent.objects.count()) == (0, 0)
    assert balance()["balanced"]


def test_what_waits_for_its_turn_ends_with_its_property(
    prop: Property, refused: Callable[..., list[InboundEvent]]
) -> None:
    refused()
    job = replay(prop)
    prop.delete()
    job.refresh_from_db()
    assert (job.state, ReplayedEvent.objects.get().state) == ("cancelled", "cancelled")
    work()
    assert balance()["balanced"]
