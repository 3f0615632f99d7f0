"""A test event goes through the endpoint like any other, and the page follows it to its outcome."""

from __future__ import annotations

import asyncio
import json
import re
import threading
from collections.abc import Iterator
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.test import Client
from django.urls import reverse

from capi_admin import demo
from properties.catalog.outbound import Answer
from properties.http import transport
from properties.models import RIGHTS, AuditEvent, Datastream, Environment, Membership, Property
from properties.secrets import credentials
from rules.delivery.work import deliver_due
from rules.documents.applying import apply_document
from rules.forwarding import in_process_client
from rules.forwarding.app import Edge
from rules.models import InboundEvent

BROWSER = "Mozilla/5.0 (X11; Linux x86_64) Firefox/145.0"


@pytest.fixture
def edge(transactional_db: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[Edge]:
    """The edge of this process, in its own loop as under the server; it wakes no worker."""
    monkeypatch.setattr("rules.delivery.doorbell.ring", lambda: None)
    edge, loop = Edge(), asyncio.new_event_loop()
    monkeypatch.setattr(in_process_client, "application", edge)
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    asyncio.run_coroutine_threadsafe(edge.start(), loop).result(60)
    yield edge
    asyncio.run_coroutine_threadsafe(edge.stop(), loop).result(60)
    loop.call_soon_threadsafe(loop.stop)
    thread.join()
    loop.close()


@pytest.fixture
def meta(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """Meta accepts everything."""
    sent: list[Any] = []

    def send(request: Any, **_: Any) -> Answer:
        sent.append(request)
        return Answer(200, body='{"events_received": 1, "messages": [], "fbtrace_id": "A0"}')

    monkeypatch.setattr(transport, "send", send)
    return sent


@pytest.fixture
def prop(transactional_db: None) -> Property:
    return apply_document(demo.document(), publish="production").prop


@pytest.fixture
def production(prop: Property) -> Environment:
    return prop.environments.get(stage="production")


@pytest.fixture
def owner_client(owner: Any) -> Client:
    client = Client(HTTP_USER_AGENT=BROWSER, HTTP_HX_REQUEST="true")
    client.force_login(owner)
    return client


def address(environment: Environment) -> str:
    return reverse("rules:test_event", args=[environment.prop.uid, environment.uid])


def offered(owner_client: Client, environment: Environment) -> str:
    """Return the event that the page proposes."""
    return str(owner_client.get(address(environment)).context["text"])


def poll(owner_client: Client, part: str) -> str:
    [url] = re.findall(r'hx-get="([^"]+)"', part)
    return owner_client.get(url.replace("&amp;", "&")).content.decode()


@pytest.mark.machine_clock
def test_the_event_that_is_offered_is_followed_until_it_is_delivered_without_warnings(
    edge: Edge, owner_client: Client, production: Environment, meta: list[Any]
) -> None:
    answer = owner_client.post(address(production), {"event": offered(owner_client, production)})
    part = answer.content.decode()
    assert 'data-state="received"' in part or 'data-state="sent"' in part
    assert "<html" not in part
    deliver_due()
    end = poll(owner_client, part)
    assert 'data-state="delivered"' in end
    assert "hx-get" not in end
    event = InboundEvent.objects.get()
    assert reverse("rules:event_detail", args=[production.prop.uid, event.pk]) in end
    assert (event.environment_id, event.state) == (production.pk, "delivered")
    assert len(meta) == 1
    page = owner_client.get(
        reverse("rules:event_detail", args=[production.prop.uid, event.pk])
    ).content.decode()
    assert 'class="warnings"' not in page
    entry = AuditEvent.objects.get(type_of="environment.test_event_sent")
    assert (entry.actor_name, entry.entity["environment"]) == ("olivia", "Production")


def test_a_typed_time_of_sending_makes_each_event_another_one(
    edge: Edge, owner_client: Client, production: Environment
) -> None:
    owner_client.post(address(production), {"event": offered(owner_client, production)})
    body = json.loads(InboundEvent.objects.get().body)
    assert re.fullmatch(r"test-\d{10}", body["data"]["event_id"])


def test_a_datastream_that_needs_a_key_and_an_origin_gets_both(
    edge: Edge, owner_client: Client, production: Environment, prop: Property
) -> None:
    credentials.store(prop, "Key of the shop", "a-key-that-nobody-guesses", production)
    stream = production.datastream
    stream.access, stream.keys = "key", [credentials.reference("Key of the shop")]
    stream.allowed_origins = ["https://shop.example"]
    stream.save()
    part = owner_client.post(
        address(production), {"event": offered(owner_client, production)}
    ).content.decode()
    assert "Refused by the endpoint" not in part
    assert InboundEvent.objects.count() == 1
    assert "a-key-that-nobody-guesses" not in part + InboundEvent.objects.get().request


def test_a_datastream_whose_key_is_gone_refuses_and_the_page_leads_to_it(
    edge: Edge, owner_client: Client, production: Environment
) -> None:
    stream = production.datastream
    stream.access, stream.keys = "key", []
    stream.save()
    part = owner_client.post(
        address(production), {"event": offered(owner_client, production)}
    ).content.decode()
    assert "HTTP 401" in part
    assert "This datastream needs a key" in part
    assert reverse("properties:datastream_edit", args=[production.prop.uid, production.uid]) in part
    assert not AuditEvent.objects.filter(type_of="environment.test_event_sent").exists()


def test_an_event_whose_visitor_refuses_is_taken_and_not_stored(
    edge: Edge, owner_client: Client, production: Environment
) -> None:
    event = json.loads(offered(owner_client, production))
    # The string that IAB TCF 2.0 gives for a visitor who refuses all: the same as Adobe's tests send.
    refusal = "CO052oTO052oTDGAMBFRACBgAABAAAAAAAIYgEawAQEagAAAA"
    event["xdm"]["consentStrings"] = [
        {
            "consentStandard": "IAB TCF",
            "consentStandardVersion": "2.0",
            "consentStringValue": refusal,
            "gdprApplies": True,
        }
    ]
    part = owner_client.post(address(production), {"event": json.dumps(event)}).content.decode()
    assert "its visitor refused consent" in part
    assert "hx-get" not in part
    assert not InboundEvent.objects.exists()


@pytest.mark.parametrize("text", ["", "{", "[]", '{"xdm": 1}', '{"data": {"x": NaN}}', "{}" * 40_000])
def test_input_that_is_not_an_event_is_refused_in_place_and_kept(
    edge: Edge, owner_client: Client, production: Environment, text: str
) -> None:
    part = owner_client.post(address(production), {"event": text}).content.decode()
    assert 'data-state="no-event"' in part
    del owner_client.defaults["HTTP_HX_REQUEST"]
    page = owner_client.post(address(production), {"event": text})
    assert page.status_code == 422
    assert page.context["text"] == text
    assert 'data-state="no-event"' in page.content.decode()


@pytest.mark.machine_clock
def test_without_javascript_the_page_itself_shows_the_outcome(
    edge: Edge, owner_client: Client, production: Environment, meta: list[Any]
) -> None:
    del owner_client.defaults["HTTP_HX_REQUEST"]
    answer = owner_client.post(address(production), {"event": offered(owner_client, production)})
    assert answer.status_code == 302
    deliver_due()
    assert 'data-state="delivered"' in owner_client.get(answer["Location"]).content.decode()


def test_a_process_that_accepts_no_events_says_so(owner_client: Client, production: Environment) -> None:
    part = owner_client.post(
        address(production), {"event": offered(owner_client, production)}
    ).content.decode()
    assert "This process does not accept events" in part


def test_an_environment_without_a_build_says_so_before(owner_client: Client, prop: Property) -> None:
    staging = prop.environments.get(stage="staging")
    assert "runs no build yet" in owner_client.get(address(staging)).content.decode()


def test_nobody_follows_the_event_of_another_property(
    edge: Edge, owner_client: Client, production: Environment
) -> None:
    part = owner_client.post(
        address(production), {"event": offered(owner_client, production)}
    ).content.decode()
    [url] = re.findall(r'hx-get="([^"]+)"', part)
    other = Property.objects.create(name="Other")
    elsewhere = Environment.objects.create(prop=other, name="Production", stage="production")
    Datastream.objects.create(environment=elsewhere)
    Membership.objects.create(user=get_user_model().objects.get(), prop=other, rights=list(RIGHTS))
    stolen = (
        url.replace("&amp;", "&")
        .replace(production.prop.uid, other.uid)
        .replace(production.uid, elsewhere.uid)
    )
    assert 'data-state="sent"' in owner_client.get(stolen).content.decode()
