"""A vendor that answers for each event of a request: accepted events are never sent twice.

Source: Pinterest, Conversions API v5, "Send conversions": 422 and a status for each event.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.utils import timezone

from properties.models import Property
from properties.secrets.credentials import store
from rules.delivery.ledger import balance
from rules.delivery.work import deliver_due
from rules.models import Build, Delivery, DeliveryAttempt, DestinationGate, InboundEvent
from tests.small_vendor import Got, SmallServer

from .conftest import attempts, make_build, states

Accept = Callable[..., InboundEvent]


@pytest.fixture
def build(prop: Property, server: SmallServer) -> Build:
    store(prop, "Key", "canary-key")
    return make_build(prop, "small::actions::events", url=server.url, secret={"$secret": "Key"})


def says(*verdicts: str, **fields: Any) -> Callable[[Got], tuple[int, Any]]:
    """Return these verdicts in the order of the events; the last one repeats for all that follow."""

    def respond(got: Got) -> tuple[int, Any]:
        found = [*verdicts, *[verdicts[-1]] * len(got.ids)][: len(got.ids)]
        return 422, {"events": [{"status": verdict, **fields} for verdict in found]}

    return respond


def later() -> Any:
    return time_machine.travel(timezone.now() + timedelta(minutes=2), tick=False)


def test_each_event_gets_its_own_outcome(accept: Accept, server: SmallServer) -> None:
    server.respond = says("PROCESSED", "FAILED", "LATER", "PROCESSED", error="not so")
    ids = [accept().pk for _ in range(4)]
    deliver_due()

    assert states(Delivery) == ["delivered", "dead", "pending", "delivered"]
    assert attempts() == ["delivered", "rejected", "retry", "delivered"]
    assert list(DeliveryAttempt.objects.order_by("id").values_list("code", flat=True))[1:3] == [
        "FAILED",
        "LATER",
    ]
    assert DeliveryAttempt.objects.values("post_id").distinct().count() == 1
    assert [it.event_id for it in Delivery.objects.order_by("id")] == ids
    assert balance()["balanced"]


def test_only_what_is_to_be_tried_again_is_sent_again(accept: Accept, server: SmallServer) -> None:
    server.respond = says("PROCESSED", "FAILED", "LATER", "PROCESSED")
    for _ in range(4):
        accept()
    deliver_due()
    server.respond = says("PROCESSED")
    with later():
        deliver_due()

    (first, second) = server.posted()
    assert second == [first[2]]
    assert states(Delivery) == ["delivered", "dead", "delivered", "delivered"]


def test_an_event_that_is_refused_for_an_optional_field_goes_once_more_without_it(
    accept: Accept, server: SmallServer
) -> None:
    def respond(got: Got) -> tuple[int, Any]:
        refused = {"status": "FAILED", "field": "email"}
        has_email = [b"email" in part for part in got.body.split(b"},{")]
        return 200, {"events": [refused if it else {"status": "PROCESSED"} for it in has_email]}

    server.respond = respond
    accept({"email": "a"})
    accept()
    accept({"email": "b"})
    deliver_due()

    first, second = server.posted()
    assert second == [first[0], first[2]]
    assert states(Delivery) == ["delivered"] * 3
    assert [len(it.warnings) for it in Delivery.objects.order_by("id")] == [1, 0, 1]


@pytest.mark.parametrize("count", [1, 3], ids=["too few", "too many"])
def test_a_wrong_number_of_outcomes_is_an_error_and_loses_nothing(
    accept: Accept, server: SmallServer, count: int
) -> None:
    server.respond = lambda got: (200, {"events": [{"status": "PROCESSED"}] * count})
    accept()
    accept()
    deliver_due()

    assert states(Delivery) == ["pending", "pending"]
    delivery = Delivery.objects.first()
    assert delivery is not None
    assert delivery.code == "outcome_count"
    assert delivery.message == f"The extension read {count} outcomes from an answer for 2 events."
    server.respond = says("PROCESSED")
    with later():
        deliver_due()
    assert states(Delivery) == ["delivered", "delivered"]


def test_an_event_that_waits_is_no_trouble_of_a_destination_that_took_another(
    accept: Accept, server: SmallServer
) -> None:
    server.respond = says("LATER", "PROCESSED")
    accept()
    accept()
    deliver_due()

    assert not DestinationGate.objects.exclude(state="open").exists()
    assert not DestinationGate.objects.filter(failures__gt=0).exists()


def test_one_event_that_needs_a_person_parks_the_destination(accept: Accept, server: SmallServer) -> None:
    server.respond = says("FORBIDDEN", "PROCESSED")
    accept()
    accept()
    deliver_due()

    assert states(Delivery) == ["parked", "delivered"]
    assert DestinationGate.objects.get().state == "parked"


def test_when_every_event_is_refused_alike_everything_is_kept(accept: Accept, server: SmallServer) -> None:
    """As with a vendor that refuses whole batches: the set-up is wrong."""
    server.respond = says("FAILED")
    for _ in range(8):
        accept()
    deliver_due()

    assert states(Delivery) == ["parked"] * 8
    assert len(server.requests) == 1


def test_an_answer_for_all_of_them_still_counts_for_all(accept: Accept, server: SmallServer) -> None:
    server.respond = lambda got: (401, {"message": "Who is there?"})
    accept()
    accept()
    deliver_due()

    assert states(Delivery) == ["parked", "parked"]
