"""Needs of vendors other than Meta, as the event log shows them, and the credentials that it hides."""

from __future__ import annotations

import base64
import hmac
import json
import logging
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.apps import apps
from django.contrib.auth import get_user_model
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from properties.models import Property, Secret
from properties.resources.creation import create_property
from properties.secrets.credentials import store
from rules.delivery.tests.conftest import make_build
from rules.delivery.work import deliver_due
from rules.models import Delivery, DeliveryAttempt, InboundEvent
from tests.event_ids import next_event_id
from tests.small_vendor import SmallServer, install, serving

CANARY = "canary/secret+4711 ä"
SPELLED = ("canary/secret", "canary%2Fsecret")


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[SmallServer]:
    install(monkeypatch)
    with serving() as listening:
        yield listening


@pytest.fixture
def shop(client: Client, db: None) -> Property:
    """A property whose owner opens the pages."""
    owner = get_user_model().objects.create_user("olga")
    client.force_login(owner)
    prop = create_property("Small shop", actor=owner)
    store(prop, "GA", CANARY)
    return prop


def accept(prop: Property, server: SmallServer, action: str) -> InboundEvent:
    build = make_build(prop, f"small::actions::{action}", url=server.url, secret={"$secret": "GA"})
    return InboundEvent.objects.create(
        id=next_event_id(),
        property_id=prop.pk,
        environment_id=build.environment_id,
        datastream_id=1,
        build_id=build.pk,
        received_at=timezone.now(),
        body=json.dumps({"xdm": {}, "data": {"id": 7}}),
        request=json.dumps({"header": {}}),
    )


def page_of(client: Client, event: InboundEvent, prop: Property) -> str:
    answer = client.get(reverse("rules:event_detail", args=[prop.uid, event.pk]))
    assert answer.status_code == 200
    return answer.content.decode()


def kept() -> str:
    """Everything in the database, decrypted, except the secrets themselves."""
    models = [model for model in apps.get_models() if model is not Secret]
    return "".join(f"{row}" for model in models for row in model._default_manager.values())


def in_an_hour() -> Any:
    return time_machine.travel(timezone.now() + timedelta(hours=1))


def test_a_credential_in_the_query_is_sent_and_is_nowhere_else(
    client: Client, shop: Property, server: SmallServer, caplog: pytest.LogCaptureFixture
) -> None:
    """Source: Google, Measurement Protocol, "Send events": api_secret is a parameter of the address."""
    event = accept(shop, server, "collect")
    server.respond = lambda got: (503, {"you asked for": got.path})
    with caplog.at_level(logging.DEBUG):
        deliver_due()
    waiting = page_of(client, event, shop)
    server.respond = lambda got: (200, {})
    with caplog.at_level(logging.DEBUG), in_an_hour():
        deliver_due()
    delivered = page_of(client, event, shop)

    assert "api_secret=canary%2Fsecret%2B4711%20%C3%A4" in server.requests[0].path
    assert [it.path for it in server.requests] == [server.requests[0].path] * 2
    assert DeliveryAttempt.objects.order_by("id").values_list("answer", flat=True)[0].count("[secret]") == 1
    for page in (waiting, delivered):
        assert f"POST {server.url}/collect?measurement_id=G-1&amp;api_secret=secret “GA”" in page
    logged = caplog.text + "".join(f"{record.__dict__}" for record in caplog.records)
    for text in (waiting, delivered, kept(), logged):
        assert not any(spelled in text for spelled in SPELLED)


def test_a_webhook_is_signed_again_for_each_attempt_over_the_same_bytes(
    client: Client, shop: Property, server: SmallServer
) -> None:
    """Source: Standard Webhooks, "Signature scheme"."""
    event = accept(shop, server, "hook")
    server.respond = lambda got: (503, {})
    deliver_due()
    server.respond = lambda got: (200, {})
    with in_an_hour():
        deliver_due()

    first, second = server.requests
    assert first.body == second.body == b'[{"id":7}]'
    assert int(second.headers["webhook-timestamp"]) - int(first.headers["webhook-timestamp"]) >= 3_600
    for got in (first, second):
        message = f"msg_1.{got.headers['webhook-timestamp']}.".encode() + got.body
        expected = base64.b64encode(hmac.digest(CANARY.encode(), message, "sha256")).decode()
        assert got.headers["webhook-signature"] == f"v1,{expected}"
        assert got.headers["webhook-id"] == "msg_1"
    assert Delivery.objects.get().state == "delivered"
    assert not any(spelled in page_of(client, event, shop) + kept() for spelled in SPELLED)


def test_the_page_says_that_the_answer_is_awaited(
    client: Client, shop: Property, server: SmallServer
) -> None:
    event = accept(shop, server, "ingest")
    server.respond = lambda got: (200, {"requestId": "req-1"})
    deliver_due()
    page = page_of(client, event, shop)

    for shown in (
        'title="Sending waiting for the answer"',
        "Asked next",
        "Ask now",
        "<code>req-1</code>",
    ):
        assert shown in page, shown
    assert "Kept until" not in page


def test_the_page_says_that_the_outcome_is_unknown(
    client: Client, shop: Property, server: SmallServer
) -> None:
    event = accept(shop, server, "collect")
    server.respond = lambda got: None
    deliver_due()
    page = page_of(client, event, shop)

    assert 'title="Not sent again, it may have arrived"' in page
    assert "Retry it only if it is not there" in page
