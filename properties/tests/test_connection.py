"""The connection test of an extension, with the input of its form before it is saved."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from properties.catalog.outbound import Answer, OutboundRequest
from properties.catalog.secret_markers import reveal
from properties.http import transport
from properties.models import AuditEvent, Property

PACKAGE = "meta-conversions-api"
TOKEN = "EAABtypedjustnow1234567890"


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> list[tuple[OutboundRequest, Any]]:
    """Return the requests that would have been sent. Each is answered with success."""
    found: list[tuple[OutboundRequest, Any]] = []

    def send(request: OutboundRequest, *, secrets: Any) -> Answer:
        found.append((request, secrets))
        return Answer(200, body=json.dumps({"events_received": 1, "fbtrace_id": "Abc"}))

    monkeypatch.setattr(transport, "send", send)
    return found


def press(client: Client, prop: Property, **fields: str) -> Any:
    data = {"pixelId": "1234567890", "accessToken": TOKEN, "inquiry-testEventCode": "TEST1"} | fields
    return client.post(reverse("properties:connection_test", args=[prop.uid, PACKAGE]), data)


def test_a_typed_token_is_tried_before_it_is_saved(
    owner_client: Client, prop: Property, sent: list[Any]
) -> None:
    page = press(owner_client, prop)
    assert "Connected" in page.content.decode()
    [(request, secrets)] = sent
    assert request.body["test_event_code"] == "TEST1"
    assert TOKEN not in json.dumps(request.body)
    seen: list[str] = []
    reveal(
        request.body["access_token"], secrets.names, lambda name: seen.append(secrets.value_of(name)) or ""
    )
    assert seen == [TOKEN]
    assert TOKEN not in page.content.decode()
    assert not prop.secrets.exists()
    assert not prop.extensions.filter(package_name=PACKAGE).exists()


def test_the_test_is_in_the_audit_log_without_what_was_typed(
    owner_client: Client, prop: Property, sent: list[Any]
) -> None:
    press(owner_client, prop)
    entry = AuditEvent.objects.get(type_of="extension.tested")
    assert TOKEN not in json.dumps(entry.entity)


def test_without_a_test_code_nothing_is_sent_until_a_person_agrees(
    owner_client: Client, prop: Property, sent: list[Any]
) -> None:
    """Source: Meta, Test Events: events count, with a code or without."""
    asked = press(owner_client, prop, **{"inquiry-testEventCode": ""})
    assert "Send it anyway" in asked.content.decode()
    assert sent == []
    press(owner_client, prop, **{"inquiry-testEventCode": "", "confirmed": "yes"})
    assert len(sent) == 1


def test_a_form_with_problems_sends_nothing_and_names_them(
    owner_client: Client, prop: Property, sent: list[Any]
) -> None:
    page = press(owner_client, prop, pixelId="")
    assert "Pixel ID is needed" in page.content.decode()
    assert sent == []


def test_who_may_not_manage_extensions_may_not_send(
    colleague_client: Client, stranger_client: Client, prop: Property, sent: list[Any]
) -> None:
    assert press(colleague_client, prop).status_code == 403
    assert press(stranger_client, prop).status_code == 404
    assert sent == []


def test_a_package_without_inquiry_has_none(owner_client: Client, prop: Property) -> None:
    assert (
        owner_client.post(reverse("properties:connection_test", args=[prop.uid, "core"])).status_code == 404
    )
    page = owner_client.get(reverse("properties:extension_edit", args=[prop.uid, prop.extensions.get().uid]))
    assert "test-connection" not in page.content.decode()


def test_a_token_that_was_typed_before_the_form_was_refused_is_tried(
    owner_client: Client, prop: Property, sent: list[Any]
) -> None:
    address = reverse("properties:extension_install", args=[prop.uid, PACKAGE])
    page = owner_client.post(address, {"pixelId": "", "accessToken": TOKEN})
    draft = page.context["typing"].draft
    assert f'name="typed" value="{draft.key}"' in page.content.decode()
    assert "Connected" in press(owner_client, prop, accessToken="", typed=draft.key).content.decode()
    [(request, secrets)] = sent
    seen: list[str] = []
    reveal(
        request.body["access_token"], secrets.names, lambda name: seen.append(secrets.value_of(name)) or ""
    )
    assert seen == [TOKEN]
