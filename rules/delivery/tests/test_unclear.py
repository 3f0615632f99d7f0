"""An event that could count twice is not sent again when nobody knows whether it arrived.

Source: docs/reference/meta.md, "Business messaging".
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.db import OperationalError, connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from properties.catalog import registry
from properties.catalog.outbound import Answer, Outcome
from properties.models import Property
from properties.secrets.credentials import store
from rules.delivery import sending_notes
from rules.delivery.pipeline import Pipeline
from rules.delivery.retention import forget
from rules.delivery.work import deliver_due
from rules.models import Build, Delivery, InboundEvent, SentEvent
from tests.small_vendor import Got, SmallServer

from .conftest import ACME, FakeVendor, attempts, make_build, only_delivery, states

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


def _die_before(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    """Let a process claim everything and die at this point; its lease then expires."""

    def die(*_: object, **__: object) -> None:
        raise SystemExit

    with monkeypatch.context() as patched:
        patched.setattr(Pipeline, name, die)
        with pytest.raises(SystemExit):
            deliver_due()
    InboundEvent.objects.update(lease_until=timezone.now())


def test_what_a_process_took_along_and_did_not_send_is_sent(
    accept: Accept, vendor: FakeVendor, monkeypatch: pytest.MonkeyPatch
) -> None:
    accept(ONCE)
    _die_before(monkeypatch, "_send")
    deliver_due()

    assert (states(Delivery), len(vendor.requests), attempts()) == (["delivered"], 1, ["delivered"])
    assert only_delivery().attempts == 1


def test_what_a_process_was_about_to_send_when_it_died_is_not_sent_again(
    accept: Accept, vendor: FakeVendor, monkeypatch: pytest.MonkeyPatch
) -> None:
    accept(ONCE)
    sending = Pipeline._send

    def send_and_die(pipeline: Pipeline) -> None:
        monkeypatch.setattr(Pipeline, "_send", sending)
        pipeline._send()
        raise SystemExit

    monkeypatch.setattr(Pipeline, "_send", send_and_die)
    with pytest.raises(SystemExit):
        deliver_due()
    InboundEvent.objects.update(lease_until=timezone.now())
    deliver_due()

    assert (states(Delivery), only_delivery().code) == (["dead"], "unclear")
    assert len(vendor.requests) <= 1
    assert attempts() == ["unknown"]
    assert not SentEvent.objects.exists()


def test_a_note_is_gone_with_the_outcome_and_none_is_made_where_the_vendor_notices(
    accept: Accept, vendor: FakeVendor
) -> None:
    accept({"email": "any"})
    with CaptureQueriesContext(connection) as queries:
        deliver_due()
    assert not [it for it in queries if "INSERT" in it["sql"] and SentEvent._meta.db_table in it["sql"]]
    accept(ONCE)
    with CaptureQueriesContext(connection) as queries:
        deliver_due()
    assert [it for it in queries if "INSERT" in it["sql"] and SentEvent._meta.db_table in it["sql"]]
    assert (states(Delivery), SentEvent.objects.count()) == (["delivered"] * 2, 0)


def test_while_the_database_cannot_take_the_note_nothing_is_sent(
    accept: Accept, vendor: FakeVendor, monkeypatch: pytest.MonkeyPatch
) -> None:
    accept(ONCE)

    def away(*_: object) -> None:
        raise OperationalError("away")

    pipeline = Pipeline()
    with monkeypatch.context() as patched:
        patched.setattr(sending_notes, "note", away)
        with pytest.raises(OperationalError):
            pipeline.step()
    assert vendor.requests == []
    while not pipeline.is_idle:
        pipeline.step()
        pipeline.wait(0.1)

    assert (states(Delivery), len(vendor.requests)) == (["delivered"], 1)


def test_a_package_that_forgets_to_say_that_it_is_unclear_counts_nothing_twice(
    accept: Accept, vendor: FakeVendor, monkeypatch: pytest.MonkeyPatch
) -> None:
    action = replace(ACME.actions[0], read_answer=lambda answer, count: Outcome("retry", code="silence"))
    found = {"acme": replace(ACME, actions=[action])}
    monkeypatch.setattr(registry, "packages", lambda: found)
    vendor.respond = lambda request: Answer(None, error="timeout")
    accept(ONCE)
    deliver_due()

    assert (states(Delivery), only_delivery().code) == (["dead"], "unclear")


def test_a_bug_where_a_package_says_what_may_be_repeated_stops_no_worker(
    accept: Accept, vendor: FakeVendor, monkeypatch: pytest.MonkeyPatch
) -> None:
    def judge(payload: object) -> bool:
        raise KeyError("bug")

    found = {"acme": replace(ACME, actions=[replace(ACME.actions[0], may_repeat=judge)])}
    monkeypatch.setattr(registry, "packages", lambda: found)
    accept()
    deliver_due()

    assert states(Delivery) == ["delivered"]


def test_a_note_outlives_the_marks_of_duplicates(db: None) -> None:
    now = timezone.now()
    ages = {"sending:young": 3, "sending:old": 8, "mark": 3}
    for key, days in ages.items():
        seen_at = now - timedelta(days=days)
        SentEvent.objects.create(key=key, event_id=1, component_uid="RC1", seen_at=seen_at)
    forget()

    assert list(SentEvent.objects.values_list("key", flat=True)) == ["sending:young"]


# At a server that listens


@pytest.fixture
def collecting(prop: Property, server: SmallServer) -> Build:
    store(prop, "GA", "canary-secret")
    return make_build(prop, "small::actions::collect", url=server.url, secret={"$secret": "GA"})


@pytest.mark.parametrize("silence", ["closed", "late"])
def test_a_server_that_got_it_and_says_nothing_gets_it_once(
    accept: Accept, server: SmallServer, collecting: Build, silence: str
) -> None:
    def respond(got: Got) -> tuple[int, Any] | None:
        if silence == "late":
            time.sleep(1)
            return 200, {}
        return None

    server.respond = respond
    accept(build_id=collecting.pk)
    deliver_due()
    with time_machine.travel(timezone.now() + timedelta(hours=1)):
        deliver_due()

    assert (states(Delivery), only_delivery().code, len(server.requests)) == (["dead"], "unclear", 1)


@pytest.mark.parametrize("status", [429, 503])
def test_a_server_that_refuses_for_now_gets_it_again(
    accept: Accept, server: SmallServer, collecting: Build, status: int
) -> None:
    server.respond = lambda got: (status, {})
    accept(build_id=collecting.pk)
    deliver_due()
    assert states(Delivery) == ["pending"]
    server.respond = lambda got: (200, {})
    with time_machine.travel(timezone.now() + timedelta(hours=1)):
        deliver_due()

    assert (states(Delivery), len(server.requests)) == (["delivered"], 2)


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1:1", "http://nowhere.invalid"], ids=["refused", "no such host"]
)
def test_what_never_left_is_sent_again(accept: Accept, server: SmallServer, prop: Property, url: str) -> None:
    store(prop, "GA", "canary-secret")
    build = make_build(prop, "small::actions::collect", url=url, secret={"$secret": "GA"})
    accept(build_id=build.pk)
    deliver_due()

    assert states(Delivery) == ["pending"]
