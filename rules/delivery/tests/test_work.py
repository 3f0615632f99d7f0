"""One cycle: lease, run, send, write."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from cryptography.fernet import Fernet
from django.core.management import call_command
from django.core.management.base import SystemCheckError
from django.utils import timezone

from properties.catalog.outbound import Answer
from properties.models import Property
from properties.secrets.credentials import store
from properties.secrets.rotation import forget_unreadable
from rules.delivery.event_run import read_envelope
from rules.delivery.ledger import balance
from rules.delivery.work import deliver_due
from rules.models import Build, Delivery, DeliveryAttempt, InboundEvent

from .conftest import FakeVendor, attempts, make_build, only_delivery, states

Accept = Callable[..., InboundEvent]


def test_an_accepted_event_is_delivered_and_its_attempt_kept(accept: Accept, vendor: FakeVendor) -> None:
    event = accept()
    assert deliver_due() == 1
    event.refresh_from_db()
    assert (event.state, event.reason, event.lease_token) == ("delivered", "", "")
    assert event.done_at is not None
    assert (only_delivery().state, only_delivery().attempts, attempts()) == ("delivered", 1, ["delivered"])
    assert balance()["balanced"]


def test_nothing_due_moves_nothing(build: Build, vendor: FakeVendor) -> None:
    assert deliver_due() == 0


def test_events_of_one_batch_key_share_one_request(accept: Accept, vendor: FakeVendor) -> None:
    for _ in range(30):
        accept()
    deliver_due()
    assert [len(ids) for ids in vendor.ids()] == [30]
    assert DeliveryAttempt.objects.values("post_id").distinct().count() == 1


def test_events_for_two_destinations_are_two_requests(accept: Accept, vendor: FakeVendor) -> None:
    accept({"to": "1"}), accept({"to": "2"}), accept({"to": "1"})
    deliver_due()
    assert sorted(len(ids) for ids in vendor.ids()) == [1, 2]


def test_an_event_without_a_build_ends_as_no_match(accept: Accept, vendor: FakeVendor) -> None:
    event = accept(build_id=None)
    deliver_due()
    event.refresh_from_db()
    assert (event.state, event.reason) == ("no_match", "no_build")
    assert balance()["no_match"] == 1


def test_an_event_whose_build_was_changed_ends_as_dead(
    accept: Accept, build: Build, vendor: FakeVendor
) -> None:
    event = accept()
    Build.objects.filter(id=build.id).update(document="{}")
    deliver_due()
    event.refresh_from_db()
    assert (event.state, event.reason) == ("dead", "build_broken")


def test_an_event_that_no_action_sends_ends_as_no_match(accept: Accept, vendor: FakeVendor) -> None:
    event = accept({"quiet": True})
    deliver_due()
    event.refresh_from_db()
    assert (event.state, event.reason) == ("no_match", "nothing_to_send")


def test_what_the_package_refuses_is_dead_with_its_reason(accept: Accept, vendor: FakeVendor) -> None:
    event = accept({"refuse": True})
    deliver_due()
    event.refresh_from_db()
    assert (event.state, event.reason) == ("dead", "acme_refused")
    assert only_delivery().message == "The package would not send it."
    assert vendor.requests == []


def test_a_rule_that_fails_makes_its_event_dead_and_no_other(accept: Accept, vendor: FakeVendor) -> None:
    bad, good = accept({"bug": True}), accept()
    deliver_due()
    bad.refresh_from_db(), good.refresh_from_db()
    assert (bad.state, bad.reason, good.state) == ("dead", "rule_failed", "delivered")
    assert balance()["balanced"]


def test_an_event_that_cannot_be_read_is_dead_and_the_next_one_is_delivered(
    accept: Accept, vendor: FakeVendor
) -> None:
    accept(body="not JSON"), accept()
    deliver_due()
    assert states(InboundEvent) == ["dead", "delivered"]


def test_a_delivered_payload_is_kept_masked_and_without_its_envelope(
    accept: Accept, vendor: FakeVendor
) -> None:
    accept({"email": "jane@example.com"})
    deliver_due()
    delivery = only_delivery()
    assert "jane@example.com" not in delivery.payload
    assert json.loads(delivery.payload)["id"] > 0
    assert delivery.envelope == ""


def test_trouble_is_tried_again_with_the_same_bytes(accept: Accept, vendor: FakeVendor) -> None:
    vendor.answer(500, 200)
    event = accept({"email": "jane@example.com"})
    deliver_due()
    event.refresh_from_db()
    delivery = only_delivery()
    assert (event.state, delivery.state, delivery.code) == ("open", "pending", "500")
    assert delivery.next_at is not None
    # docs/reference/failures.md, "Retry schedule": first 5 s, jitter ± 20 %.
    assert 3.5 < (delivery.next_at - timezone.now()).total_seconds() < 6.1
    assert deliver_due() == 0
    with time_machine.travel(timezone.now() + timedelta(seconds=7), tick=True):
        assert deliver_due() == 1
    event.refresh_from_db()
    assert (event.state, only_delivery().state, attempts()) == (
        "delivered",
        "delivered",
        ["retry", "delivered"],
    )
    assert vendor.requests[0] == vendor.requests[1]
    assert balance()["balanced"]


def test_what_waits_is_encrypted_in_the_database(accept: Accept, vendor: FakeVendor) -> None:
    from django.db import connection

    vendor.answer(500)
    accept({"email": "jane@example.com"})
    deliver_due()
    with connection.cursor() as cursor:
        cursor.execute("SELECT payload, envelope FROM rules_delivery")
        payload, envelope = cursor.fetchone()
    assert payload.startswith("gAAAA")
    assert envelope.startswith("gAAAA")


def test_retry_after_counts_when_it_is_longer_than_the_schedule(accept: Accept, vendor: FakeVendor) -> None:
    vendor.answer(Answer(500, body='{"retry_after": 100}'))
    accept()
    deliver_due()
    next_at = only_delivery().next_at
    assert next_at is not None
    assert 98 < (next_at - timezone.now()).total_seconds() < 121


def test_what_became_too_old_expires_before_the_call(accept: Accept, vendor: FakeVendor) -> None:
    old, fresh = accept({"expires_at": timezone.now().timestamp() - 1}), accept()
    deliver_due()
    old.refresh_from_db(), fresh.refresh_from_db()
    assert (old.state, old.reason, fresh.state) == ("expired", "expired", "delivered")
    assert [len(ids) for ids in vendor.ids()] == [1]


def test_what_the_vendor_would_always_take_waits_for_seven_days(accept: Accept, vendor: FakeVendor) -> None:
    """Source: docs/reference/failures.md, "Retry schedule"."""
    vendor.answer(500)
    event = accept()
    deliver_due()
    for days, state in ((6, "open"), (7, "expired")):
        with time_machine.travel(timezone.now() + timedelta(days=days, seconds=1), tick=True):
            deliver_due()
        event.refresh_from_db()
        assert event.state == state


def test_a_test_event_is_not_tried_for_longer_than_ten_minutes(accept: Accept, vendor: FakeVendor) -> None:
    event = accept({"test": True})
    vendor.answer(500)
    deliver_due()
    with time_machine.travel(timezone.now() + timedelta(minutes=11), tick=True):
        deliver_due()
    event.refresh_from_db()
    assert (event.state, len(vendor.requests)) == ("expired", 1)


def test_an_event_with_one_refused_and_one_delivered_request_counts_as_dead(
    prop: Property, accept: Accept, build: Build, vendor: FakeVendor
) -> None:
    document = json.loads(build.document)
    second = {**document["rules"][0]["actions"][0], "id": "RC2", "settings": {"to": "2"}}
    document["rules"][0]["actions"].append(second)
    two = make_build(prop)
    import hashlib

    text = json.dumps(document)
    Build.objects.filter(id=two.id).update(document=text, checksum=hashlib.sha256(text.encode()).hexdigest())
    vendor.respond = lambda request: Answer(
        400 if request.url.endswith("/2") else 200, body='{"code": "100"}'
    )
    event = accept(build_id=two.id)
    deliver_due()
    event.refresh_from_db()
    assert (event.state, event.reason) == ("dead", "100")
    assert sorted(states(Delivery)) == ["dead", "delivered"]


def test_the_secret_is_put_in_when_the_request_is_sent_and_stands_in_no_row(
    prop: Property, accept: Accept, vendor: FakeVendor
) -> None:
    store(prop, "Acme Token", "s3cr3t-value")
    event = accept(build_id=make_build(prop, token={"$secret": "Acme Token"}).id)
    vendor.answer(500)
    deliver_due()
    assert vendor.token == "s3cr3t-value"
    assert "s3cr3t-value" not in only_delivery().envelope
    envelope, markers = read_envelope(only_delivery())
    assert markers == {envelope["token"]: "Acme Token"}
    event.refresh_from_db()
    assert "s3cr3t-value" not in event.trace


def test_a_missing_secret_parks_the_destination_and_keeps_everything(
    prop: Property, accept: Accept, monkeypatch: pytest.MonkeyPatch
) -> None:
    from properties.catalog.outbound import OutboundRequest

    monkeypatch.setattr(
        "properties.http.transport._exchange", lambda request, *_: pytest.fail(f"sent {OutboundRequest}")
    )
    event = accept(build_id=make_build(prop, token={"$secret": "Gone"}).id)
    deliver_due()
    event.refresh_from_db()
    assert (event.state, only_delivery().state, only_delivery().code) == ("open", "parked", "secret_missing")
    assert balance()["open"] == 1


def test_traces_of_failures_are_always_kept(
    accept: Accept, vendor: FakeVendor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        "rules.delivery.persistence._budget", type("None", (), {"allows": lambda self: False})()
    )
    fine, failed = accept(), accept({"refuse": True})
    deliver_due()
    fine.refresh_from_db(), failed.refresh_from_db()
    assert fine.trace == ""
    assert json.loads(failed.trace)["rules"][0]["status"] == "failed"


def test_the_newest_events_do_not_wait_behind_a_backlog(accept: Accept, vendor: FakeVendor) -> None:
    events = [accept() for _ in range(20)]
    deliver_due(limit=10)
    done = dict(InboundEvent.objects.values_list("id", "state"))
    delivered = [index for index, event in enumerate(events) if done[event.id] == "delivered"]
    # 80 % newest, 20 % oldest (docs/reference/failures.md, "Claims").
    assert delivered == [0, 1, *range(12, 20)]


def test_a_package_that_is_gone_parks_what_waits_for_it(
    accept: Accept, vendor: FakeVendor, monkeypatch: pytest.MonkeyPatch
) -> None:
    from properties.catalog import registry

    vendor.answer(500)
    accept()
    deliver_due()
    without: Any = {name: p for name, p in registry.packages().items() if name != "acme"}
    monkeypatch.setattr(registry, "packages", lambda: without)
    with time_machine.travel(timezone.now() + timedelta(seconds=7), tick=True):
        deliver_due()
    assert (only_delivery().state, only_delivery().code) == ("parked", "package_missing")


@pytest.mark.parametrize("status", [500, 401], ids=["waiting", "parked"])
def test_what_was_encrypted_with_a_key_that_is_given_up_ends_and_says_so(
    accept: Accept, vendor: FakeVendor, settings: Any, status: int
) -> None:
    vendor.answer(status, 200)
    accept()
    deliver_due()
    settings.ENCRYPTION_KEYS = [Fernet.generate_key().decode()]
    forget_unreadable()
    with time_machine.travel(timezone.now() + timedelta(minutes=16), tick=True):
        deliver_due()
    assert (only_delivery().state, only_delivery().code) == ("dead", "key_lost")
    assert (states(InboundEvent), len(vendor.requests)) == (["dead"], 1)
    assert balance()["balanced"]


def test_a_worker_without_the_key_of_what_waits_does_not_start(
    accept: Accept, vendor: FakeVendor, settings: Any
) -> None:
    vendor.answer(500)
    accept()
    deliver_due()
    settings.ENCRYPTION_KEYS = [Fernet.generate_key().decode()]
    with pytest.raises(SystemCheckError, match="rotate_keys --forget-unreadable"):
        call_command("deliver")
