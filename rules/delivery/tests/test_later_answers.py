"""Answers that come later: the vendor is asked, and an accepted event is never sent again.

Source: Google, Data Manager API, events.ingest; Google, Data Manager API, requestStatus.retrieve.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.utils import timezone

from properties.catalog import registry
from properties.models import Property
from properties.secrets.credentials import store
from rules.delivery.destinations.manual_retry import retry_delivery
from rules.delivery.ledger import balance
from rules.delivery.work import deliver_due
from rules.models import Build, Delivery, DestinationGate, InboundEvent
from tests.small_vendor import Got, SmallServer

from .conftest import attempts, in_seconds, make_build, only_delivery, states

Accept = Callable[..., InboundEvent]
MINUTE = 60


@pytest.fixture
def build(prop: Property, server: SmallServer) -> Build:
    store(prop, "Key", "canary-key")
    return make_build(prop, "small::actions::ingest", url=server.url, secret={"$secret": "Key"})


def answers(server: SmallServer, *said: Any, status: int = 200, after: float | None = 300) -> None:
    """Accept every request; answer questions with these in turn, and repeat the last one for ever."""
    left = list(said)

    def respond(got: Got) -> tuple[int, Any]:
        if got.method == "POST":
            return 200, {"requestId": "req-1", "after": after}
        return status, left.pop(0) if len(left) > 1 else left[0]

    server.respond = respond


def at(seconds: float, since: datetime) -> Any:
    return time_machine.travel(since + timedelta(seconds=seconds), tick=False)


def test_what_was_accepted_is_asked_for_at_its_time_and_not_sent_again(
    accept: Accept, server: SmallServer
) -> None:
    answers(server, {"status": "PROCESSED"})
    start = timezone.now()
    accept()
    accept()
    deliver_due()

    assert states(Delivery) == ["pending", "pending"]
    assert states(InboundEvent) == ["open", "open"]
    delivery = Delivery.objects.first()
    assert delivery is not None
    assert (delivery.code, delivery.reference) == ("accepted", "req-1")
    assert 295 <= in_seconds(delivery.next_at, start) <= 330
    with at(4 * MINUTE, start):
        deliver_due()
    assert server.asked() == []
    with at(6 * MINUTE, start):
        deliver_due()

    assert server.asked() == ["/status?requestId=req-1"]
    assert server.requests[-1].headers["Authorization"] == "Bearer canary-key"
    assert (states(Delivery), states(InboundEvent)) == (["delivered"] * 2, ["delivered"] * 2)
    assert len(server.posted()) == 1
    assert attempts() == ["accepted", "accepted", "delivered", "delivered"]
    assert balance()["balanced"]


def test_while_the_vendor_works_it_is_asked_again(accept: Accept, server: SmallServer) -> None:
    answers(server, {"status": "PROCESSING"}, {"status": "PROCESSING"}, {"status": "PROCESSED"})
    start = timezone.now()
    accept()
    deliver_due()
    for minutes in (6, 8, 10):
        with at(minutes * MINUTE, start):
            deliver_due()

    assert (len(server.asked()), len(server.posted()), states(Delivery)) == (3, 1, ["delivered"])
    assert not DestinationGate.objects.filter(failures__gt=0).exists()


def test_the_answer_for_each_event_goes_to_its_event(accept: Accept, server: SmallServer) -> None:
    """Also if they are claimed separately: each knows its place in the request."""
    answers(server, {"events": [{"status": "PROCESSED"}, {"status": "FAILED"}, {"status": "PROCESSED"}]})
    start = timezone.now()
    for _ in range(3):
        accept()
    deliver_due()
    with at(6 * MINUTE, start):
        deliver_due(limit=2)
        deliver_due(limit=2)

    assert states(Delivery) == ["delivered", "dead", "delivered"]
    assert (len(server.posted()), len(server.asked())) == (1, 2)


@pytest.mark.parametrize("count", [1, 3])
def test_a_wrong_number_of_outcomes_is_asked_for_again(
    accept: Accept, server: SmallServer, count: int
) -> None:
    answers(server, {"events": [{"status": "PROCESSED"}] * count}, {"status": "PROCESSED"})
    start = timezone.now()
    accept()
    accept()
    deliver_due()
    with at(6 * MINUTE, start):
        deliver_due()
    assert states(Delivery) == ["pending", "pending"]
    assert only_codes() == {"outcome_count"}
    with at(20 * MINUTE, start):
        deliver_due()
    assert (states(Delivery), len(server.posted())) == (["delivered"] * 2, 1)


def only_codes() -> set[str]:
    return set(Delivery.objects.values_list("code", flat=True))


def test_trouble_while_asking_never_sends_the_events_again(accept: Accept, server: SmallServer) -> None:
    start = timezone.now()
    answers(server, {}, status=503)
    accept()
    deliver_due()
    with at(6 * MINUTE, start):
        deliver_due()
    assert (states(Delivery), only_delivery().code) == (["pending"], "http_503")
    assert DestinationGate.objects.get().failures == 1
    server.respond = lambda got: None
    with at(20 * MINUTE, start):
        deliver_due()
    answers(server, {"status": "PROCESSED"})
    with at(50 * MINUTE, start):
        deliver_due()

    assert (states(Delivery), len(server.posted()), len(server.asked())) == (["delivered"], 1, 3)


def test_a_credential_that_no_longer_works_parks_the_question(accept: Accept, server: SmallServer) -> None:
    start = timezone.now()
    answers(server, {}, status=401)
    accept()
    deliver_due()
    with at(6 * MINUTE, start):
        deliver_due()
    assert states(Delivery) == ["parked"]
    answers(server, {"status": "PROCESSED"})
    with at(25 * MINUTE, start):
        deliver_due()

    assert (states(Delivery), len(server.posted())) == (["delivered"], 1)


def test_when_the_time_is_over_it_is_asked_a_last_time_and_ends(accept: Accept, server: SmallServer) -> None:
    answers(server, {"status": "PROCESSING"})
    start = timezone.now()
    accept()
    deliver_due()
    for minutes in (59, 61):
        with at(minutes * MINUTE, start):
            deliver_due()

    delivery = only_delivery()
    assert (delivery.state, delivery.code, delivery.receipt) == ("dead", "no_answer", None)
    assert "did not answer in time" in delivery.message
    assert "Retry it only if it is not there" in delivery.advice
    assert (len(server.asked()), len(server.posted())) == (2, 1)
    assert states(InboundEvent) == ["dead"]


def test_a_question_ends_at_a_destination_that_stays_closed(accept: Accept, server: SmallServer) -> None:
    start = timezone.now()
    answers(server, {"status": "PROCESSED"})
    accept()
    deliver_due()
    far = start + timedelta(days=1)
    DestinationGate.objects.update_or_create(
        property_id=only_delivery().property_id,
        package_name="small",
        destination="1",
        defaults={"state": "paused", "until": far},
    )
    with at(61 * MINUTE, start):
        deliver_due()

    assert (states(Delivery), only_delivery().code, server.asked()) == (["dead"], "no_answer", [])


def test_what_was_accepted_does_not_become_too_old(accept: Accept, server: SmallServer) -> None:
    """The vendor has the event, so its age limit no longer matters."""
    start = timezone.now()
    answers(server, {"status": "PROCESSED"})
    accept({"expires_at": start.timestamp() + 60})
    deliver_due()
    with at(6 * MINUTE, start):
        deliver_due()

    assert states(Delivery) == ["delivered"]


def test_a_person_can_ask_at_once(accept: Accept, server: SmallServer) -> None:
    answers(server, {"status": "PROCESSED"})
    accept()
    deliver_due()
    assert retry_delivery(only_delivery())
    deliver_due()

    assert (states(Delivery), len(server.posted())) == (["delivered"], 1)


@pytest.mark.parametrize("receipt", ["", "r" * 256])
def test_an_answer_that_nobody_could_ask_with_is_a_bug_of_the_package(
    accept: Accept, server: SmallServer, receipt: str
) -> None:
    server.respond = lambda got: (200, {"requestId": receipt})
    accept()
    deliver_due()

    assert (states(Delivery), only_delivery().code) == (["pending"], "internal_error")


def test_without_its_package_the_question_waits_for_it(
    accept: Accept, server: SmallServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    start = timezone.now()
    answers(server, {"status": "PROCESSED"})
    accept()
    deliver_due()
    there = registry.packages
    monkeypatch.setattr(registry, "packages", lambda: {k: v for k, v in there().items() if k != "small"})
    with at(6 * MINUTE, start):
        deliver_due()
    assert (states(Delivery), only_delivery().code) == (["parked"], "package_missing")
    monkeypatch.setattr(registry, "packages", there)
    with at(25 * MINUTE, start):
        deliver_due()
    assert (states(Delivery), len(server.posted())) == (["delivered"], 1)
