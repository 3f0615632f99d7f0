"""How a process ends its work when it stops or loses its database."""

from __future__ import annotations

import hashlib
import json
import threading
from collections.abc import Callable

import pytest
from django.db import OperationalError

from properties.catalog.outbound import Answer, OutboundRequest
from properties.models import Property
from properties.secrets.credentials import values_of
from rules.delivery.destinations.lanes import Lane
from rules.delivery.pipeline import Pipeline
from rules.models import Build, Delivery, InboundEvent
from tests.work import HANG_SECONDS, hang_limit

from .conftest import FakeVendor, make_build, states

Accept = Callable[..., InboundEvent]


@pytest.fixture
def two_actions(prop: Property) -> Build:
    build = make_build(prop)
    document = json.loads(build.document)
    [first] = document["rules"][0]["actions"]
    document["rules"][0]["actions"].append({**first, "id": "RC2", "settings": {"to": "2"}})
    build.document = json.dumps(document)
    build.checksum = hashlib.sha256(build.document.encode()).hexdigest()
    build.save()
    return build


@pytest.fixture
def slow(vendor: FakeVendor) -> threading.Event:
    """Return an event; the vendor answers once it is set."""
    may_answer = threading.Event()

    def respond(request: OutboundRequest) -> Answer:
        may_answer.wait(HANG_SECONDS)
        return Answer(200)

    vendor.respond = respond
    return may_answer


def _work_off(pipeline: Pipeline) -> None:
    while not pipeline.is_idle:
        if not pipeline.step(claim=False):
            pipeline.wait(1.0)


def test_what_another_action_of_an_event_has_not_sent_yet_waits_when_the_process_ends(
    accept: Accept,
    two_actions: Build,
    vendor: FakeVendor,
    slow: threading.Event,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(Lane, "senders", property(lambda lane: int(lane.gate_key.destination == "1")))
    event = accept(build_id=two_actions.id)
    pipeline = Pipeline()
    pipeline.step()
    threading.Timer(0.2, slow.set).start()
    with hang_limit():
        pipeline.finish(10 * HANG_SECONDS)

    event.refresh_from_db()
    assert (event.state, event.lease_token, len(vendor.requests)) == ("open", "", 1)
    assert dict(Delivery.objects.values_list("destination", "state")) == {"1": "delivered", "2": "pending"}


def test_what_is_still_under_way_when_the_process_ends_counts_as_taken(
    accept: Accept, vendor: FakeVendor, slow: threading.Event
) -> None:
    """The next worker must know that the request may have arrived."""
    event = accept()
    pipeline = Pipeline()
    pipeline.step()
    pipeline.finish(0.1)
    slow.set()

    event.refresh_from_db()
    assert (event.state, event.claims, bool(event.lease_until)) == ("received", 1, True)


def test_what_no_sender_has_taken_is_given_back_at_once(
    accept: Accept, vendor: FakeVendor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Lane, "senders", 0)
    event = accept()
    pipeline = Pipeline()
    pipeline.step()
    pipeline.finish(8)

    event.refresh_from_db()
    assert (event.state, event.claims, event.lease_token) == ("received", 0, "")


def test_a_database_that_goes_away_before_a_request_is_made_costs_nothing(
    accept: Accept, vendor: FakeVendor, monkeypatch: pytest.MonkeyPatch
) -> None:
    accept(), accept({"to": "2"})
    answers = iter([OperationalError("away")])

    def away_once(prop_id: int, environment_id: int) -> dict[str, str]:
        for error in answers:
            raise error
        return values_of(prop_id, environment_id)

    monkeypatch.setattr("rules.delivery.pipeline.values_of", away_once)
    pipeline = Pipeline()
    with pytest.raises(OperationalError):
        pipeline.step()
    _work_off(pipeline)

    assert (states(InboundEvent), len(vendor.requests)) == (["delivered", "delivered"], 2)
