"""Batches that the Graph simulator refuses: few calls, only the bad events refused, nothing lost.

Source: docs/reference/failures.md, "Splitting a refused batch": one bad event in 1,000 takes at most 21
calls, ten at most 160; all bad with
the same error stop after at most 32 and park.
"""

from __future__ import annotations

import importlib
import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.utils import timezone

from properties.resources.creation import create_property
from rules.delivery.work import deliver_due
from rules.models import Delivery, DeliveryAttempt, DestinationGate, InboundEvent
from tests.event_ids import next_event_id

DELEGATE = "meta-conversions-api::actions::send-conversions-api-event"
# Meta, Customer Information Parameters: the documented hash of john_smith@gmail.com.
HASH = "62a14e44f765419d10fea99367361a727c12365e2520f32218d505ed9aa0f62f"
BATCH = 400

Wait = Callable[[int, dict[str, Any]], None]


@pytest.fixture
def graph() -> Iterator[Any]:
    with importlib.import_module("properties.extensions.meta_conversions_api.simulator").Simulator() as graph:
        yield graph


@pytest.fixture
def wait(transactional_db: None, graph: Any, settings: Any) -> Wait:
    """Let an event wait for Meta with the given server event, because the action would not send a bad one."""
    prop, now = create_property("Shop"), timezone.now()
    settings.INSTALLATION = {"META_GRAPH_URL": graph.url, "META_GRAPH_VERSION": "v25.0"}
    # The address of the first attempt; waiting deliveries go to the current address.
    envelope = {
        "graph_url": "https://graph.facebook.com",
        "version": "v24.0",
        "pixel_id": "1234567890",
        "access_token": "EAAB-test",
        "partner_agent": "capi_admin_1_0",
    }

    def wait(number: int, changes: dict[str, Any]) -> None:
        event_id = next_event_id()
        row = {"property_id": prop.pk, "environment_id": 1, "received_at": now, "state": "open"}
        InboundEvent.objects.create(id=event_id, datastream_id=1, body="{}", request="{}", **row)
        payload = {
            "event_name": "PageView",
            "event_time": int(now.timestamp()),
            "action_source": "website",
            "event_id": f"e-{number}",
            "event_source_url": "https://shop.example/",
            "user_data": {"em": HASH, "client_user_agent": "Mozilla/5.0"},
            "data_processing_options": [],
            **changes,
        }
        Delivery.objects.create(
            event_id=event_id,
            property_id=prop.pk,
            environment_id=1,
            delegate=DELEGATE,
            destination="1234567890",
            batch_key="one",
            envelope=json.dumps(envelope),
            payload=json.dumps(payload),
            next_at=now,
            created_at=now,
        )

    return wait


@pytest.mark.parametrize(("bad", "most_calls"), [(1, 21), (10, 160)])
def test_only_the_guilty_are_dead_and_meta_says_why(
    wait: Wait, graph: Any, bad: int, most_calls: int
) -> None:
    step = BATCH // bad
    for number in range(BATCH):
        wait(number, {"event_name": ""} if number % step == step // 2 else {})
    deliver_due(limit=BATCH)
    assert len(graph.requests) <= most_calls
    dead = Delivery.objects.filter(state="dead")
    assert {delivery.blamed_field for delivery in dead} == {"event_name"}
    assert (dead.count(), Delivery.objects.filter(state="delivered").count()) == (bad, BATCH - bad)


def test_a_batch_that_is_bad_throughout_parks_and_nothing_dies(wait: Wait, graph: Any) -> None:
    for number in range(BATCH):
        wait(number, {"event_name": ""})
    deliver_due(limit=BATCH)
    assert len(graph.requests) <= 32
    assert set(Delivery.objects.values_list("state", flat=True)) == {"parked"}
    assert DestinationGate.objects.get().state == "parked"


def test_a_bad_click_id_costs_the_click_id_and_not_the_event(wait: Wait, graph: Any) -> None:
    """Meta never accepts a hashed click id. Source: Meta, Customer Information Parameters, "fbc"."""
    bad = {"user_data": {"em": HASH, "client_user_agent": "Mozilla/5.0", "fbc": HASH}}
    for number in range(20):
        wait(number, bad if number == 7 else {})
    deliver_due(limit=BATCH)
    assert set(Delivery.objects.values_list("state", flat=True)) == {"delivered"}
    [lighter] = Delivery.objects.exclude(warnings=[])
    assert [warning["label"] for warning in lighter.warnings] == ["Click ID (fbc)"]
    assert "fbc" not in json.loads(lighter.payload)["user_data"]
    outcomes = DeliveryAttempt.objects.filter(delivery_id=lighter.pk).order_by("id")
    assert list(outcomes.values_list("outcome", flat=True)) == ["rejected", "rejected", "delivered"]


def test_a_field_that_meta_names_in_its_text_alone_costs_the_field_and_not_the_event(
    wait: Wait, graph: Any
) -> None:
    """Source: facebookincubator/ConversionsAPI-Tag-for-GoogleTagManager issue 20."""
    graph.inject("field", share=1, field="custom_data.contents")
    for number in range(20):
        data = {"custom_data": {"contents": [{"id": "A"}], "status": "paid"}}
        wait(number, data if number in (3, 11) else {})
    deliver_due(limit=BATCH)
    assert set(Delivery.objects.values_list("state", flat=True)) == {"delivered"}
    lighter = Delivery.objects.exclude(warnings=[])
    assert [[(it["label"], it["code"]) for it in row.warnings] for row in lighter] == [
        [("Contents", "left_out")]
    ] * 2
    assert [json.loads(row.payload)["custom_data"] for row in lighter] == [{"status": "paid"}] * 2
    assert {row["status"] for row in graph.requests[-1:]} == {200}


def test_a_field_that_all_events_need_ends_them_as_refused_with_the_field_named(
    wait: Wait, graph: Any
) -> None:
    graph.inject("field", share=1, field="event_id")
    wait(0, {})
    deliver_due(limit=BATCH)
    dead = Delivery.objects.get()
    assert (dead.state, dead.code, dead.blamed_field) == ("dead", "100/2804001", "event_id")
