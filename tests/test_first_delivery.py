"""The recorded request of the real Web SDK, through edge, rules and delivery, to the Graph simulator."""

from __future__ import annotations

import importlib
import json
from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client

from capi_admin.demo import document
from properties.models import Datastream
from rules.delivery.ledger import balance
from rules.delivery.work import deliver_due
from rules.documents import apply_document
from rules.forwarding.app import Edge
from rules.forwarding.tests.conftest import EdgeClient
from rules.models import Delivery, InboundEvent

from .recordings import recording

KEPT = recording("web_sdk_purchase")
# Meta, Customer Information Parameters: the documented hash of john_smith@gmail.com.
JOHN_SMITH = "62a14e44f765419d10fea99367361a727c12365e2520f32218d505ed9aa0f62f"
ALIAS = "the-id-that-the-site-uses-already"


@pytest.fixture
def graph(settings: Any) -> Iterator[Any]:
    simulator = importlib.import_module("properties.extensions.meta_conversions_api.simulator").Simulator()
    with simulator:
        settings.INSTALLATION = {**settings.INSTALLATION, "META_GRAPH_URL": simulator.url}
        yield simulator


@pytest.fixture
def edge(transactional_db: None, settings: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[EdgeClient]:
    """The edge behind one trusted proxy, with the example shop published."""
    settings.TRUSTED_PROXY_COUNT = 1
    monkeypatch.setattr("rules.delivery.doorbell.ring", lambda: None)
    apply_document({**document(), "datastreams": {"production": {"aliases": [ALIAS]}}}, publish="production")
    with EdgeClient(Edge()) as running:
        yield running


def send(edge: EdgeClient, body: Any = KEPT["body"], request_id: str = "first") -> None:
    path = f"/ee/v1/interact?configId={ALIAS}&requestId={request_id}"
    assert edge.post(path, body, KEPT["headers"]).status == 200


def changed(**data: Any) -> Any:
    body = json.loads(json.dumps(KEPT["body"]))
    body["events"][0]["data"] |= data
    return body


def test_the_purchase_arrives_as_meta_asks_for_it(edge: EdgeClient, graph: Any) -> None:
    send(edge)
    deliver_due()
    [request] = graph.requests
    [event] = request["body"]["data"]
    assert request["status"] == 200
    assert event["user_data"]["em"] == JOHN_SMITH
    assert event["user_data"]["client_ip_address"] == KEPT["headers"]["x-forwarded-for"]
    assert event["user_data"]["client_user_agent"] == KEPT["headers"]["user-agent"]
    assert event["user_data"]["fbp"] == "fb.1.1596403881668.1116446470"
    assert event["event_id"] == "order-1001"
    assert event["event_source_url"] == "https://www.shop.example/thank-you"
    assert InboundEvent.objects.get().state == "delivered"
    assert Delivery.objects.get().reference == request["response"]["fbtrace_id"]


def test_the_same_request_sent_again_is_delivered_once(edge: EdgeClient, graph: Any) -> None:
    send(edge)
    send(edge)
    deliver_due()
    assert len(graph.requests) == 1
    assert balance()["accepted"] == 1


def test_a_purchase_without_currency_is_named_in_the_log_and_not_sent(
    edge: EdgeClient, graph: Any, admin_client: Client
) -> None:
    send(edge, changed(currency=None))
    deliver_due()
    event = InboundEvent.objects.get()
    assert (event.state, event.reason) == ("dead", "purchase_incomplete")
    assert graph.requests == []
    uid = Datastream.objects.get(aliases__alias=ALIAS).environment.prop.uid
    page = admin_client.get(f"/p/{uid}/events/{event.pk}/").content.decode()
    assert "Purchase needs a currency code" in page


def test_an_event_that_no_rule_asks_for_says_which_condition_was_not_met(
    edge: EdgeClient, graph: Any, admin_client: Client
) -> None:
    send(edge, changed(event="Something else"))
    deliver_due()
    event = InboundEvent.objects.get()
    assert event.state == "no_match"
    uid = Datastream.objects.get(aliases__alias=ALIAS).environment.prop.uid
    page = admin_client.get(f"/p/{uid}/events/{event.pk}/").content.decode()
    assert "Something else" in page
    assert "was not met" in page


def test_the_access_token_is_only_in_the_request(edge: EdgeClient, graph: Any, admin_client: Client) -> None:
    token = document()["extensions"][1]["settings"]["accessToken"]
    send(edge)
    deliver_due()
    assert graph.requests[0]["body"]["access_token"] == token
    assert token not in graph.requests[0]["path"]
    event, uid = InboundEvent.objects.get(), Datastream.objects.get(aliases__alias=ALIAS).environment.prop.uid
    for page in ("", "extensions/", "environments/", "publishing/", "events/", f"events/{event.pk}/"):
        assert token not in admin_client.get(f"/p/{uid}/{page}").content.decode()
    assert token not in event.trace + event.body + event.request


def test_an_event_that_meta_cannot_accept_now_is_retried_with_the_same_bytes(
    edge: EdgeClient, graph: Any
) -> None:
    graph.inject("unavailable", count=1)
    send(edge)
    deliver_due()
    delivery = Delivery.objects.get()
    assert (delivery.state, delivery.attempts) == ("pending", 1)
    Delivery.objects.update(next_at=delivery.created_at)
    deliver_due()
    assert Delivery.objects.get().state == "delivered"
    first, second = graph.requests
    assert first["body"] == second["body"]


def test_a_refused_token_parks_the_destination_and_loses_nothing(edge: EdgeClient, graph: Any) -> None:
    graph.inject("token", count=1)
    send(edge)
    deliver_due()
    assert Delivery.objects.get().state == "parked"
    assert balance()["open"] == 1
    assert balance()["balanced"]


def test_rules_see_the_request_as_adobe_s_engine_gives_it(edge: EdgeClient) -> None:
    """Source: docs/reference/adobe.md, "What a module receives": `arc.request`."""
    send(edge)
    request = InboundEvent.objects.get().call()["request"]
    assert request["body"]["data"]["event_id"] == "order-1001"
    assert request["header"]["httpHeaders"]["user-agent"] == [KEPT["headers"]["user-agent"]]
    assert request["header"]["configId"] == ALIAS
