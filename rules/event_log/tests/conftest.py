"""A published property, received events, and a Meta with answers set by the test."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from properties.catalog.outbound import Answer, OutboundRequest
from properties.http import transport
from properties.models import Property
from rules.delivery.work import deliver_due
from rules.explain.refusals import CauseKey
from rules.models import Build, Delivery, InboundEvent
from tests.event_ids import next_event_id
from tests.pages import page_text

TOKEN = "EAABwzLixnjYBO1234567890canary4f2a"
PIXEL = "1234567890"
EMAIL = "mary@shop.example"
# Meta, Customer Information Parameters, sample hash of "em".
JOHN, JOHN_HASH = "john_smith@gmail.com", "62a14e44f765419d10fea99367361a727c12365e2520f32218d505ed9aa0f62f"
# docs/property_documents.md: one rule that sends purchases to Meta.
DOCUMENT: dict[str, Any] = {
    "format": "capi-admin/property/v1",
    "property": {"name": "Shop", "platform": "edge"},
    "extensions": [
        {"package": "core"},
        {"package": "meta-conversions-api", "settings": {"pixelId": PIXEL, "accessToken": TOKEN}},
    ],
    "data_elements": [
        {"name": name, "delegate": "core::dataElements::path", "settings": {"path": path}}
        for name, path in {
            "Event Name": "arc.event.data.event",
            "Event ID": "arc.event.data.event_id",
            "Email": "arc.event.data.user.email",
            "Value": "arc.event.data.value",
            "Currency": "arc.event.data.currency",
        }.items()
    ],
    "rules": [
        {
            "name": "Purchase",
            "conditions": [
                {
                    "delegate": "core::conditions::value-comparison",
                    "settings": {
                        "leftOperand": "{{Event Name}}",
                        "comparison": {"operator": "equals"},
                        "rightOperand": "Purchase",
                    },
                }
            ],
            "actions": [
                {
                    "delegate": "meta-conversions-api::actions::send-conversions-api-event",
                    "settings": {
                        "eventName": "Purchase",
                        "actionSource": "website",
                        "eventSourceUrl": "https://shop.example/thank-you",
                        "eventId": "{{Event ID}}",
                        "email": "{{Email}}",
                        "clientUserAgent": "Mozilla/5.0",
                        "customData": {"value": "{{Value}}", "currency": "{{Currency}}"},
                    },
                }
            ],
        }
    ],
}
PURCHASE = {
    "event": "Purchase",
    "event_id": "order-1",
    "value": 9.5,
    "currency": "EUR",
    "user": {"email": EMAIL},
}

Accept = Callable[..., InboundEvent]


@pytest.fixture
def prop(db: None, tmp_path: Path) -> Property:
    """A property whose production environment runs a build; development and staging do not."""
    file = tmp_path / "shop.json"
    file.write_text(json.dumps(DOCUMENT))
    call_command("apply", str(file), publish="production", stdout=StringIO())
    return Property.objects.get(name="Shop")


@pytest.fixture
def accept(prop: Property) -> Accept:
    """Store an event as the edge does."""

    def accept(
        data: Mapping[str, Any] | None = None, stage: str = "production", **fields: Any
    ) -> InboundEvent:
        environment = prop.environments.get(stage=stage)
        activation = environment.activations.first()
        now, data = timezone.now(), dict(PURCHASE if data is None else data)
        header = {"httpHeaders": {"referer": [f"https://shop.example/?email={EMAIL}"]}}
        given = {
            "id": next_event_id(),
            "property_id": prop.pk,
            "environment_id": environment.pk,
            "datastream_id": environment.datastream.pk,
            "build_id": activation.build_id if activation else None,
            "name": str(data.get("event", "")),
            "received_at": now,
            "body": json.dumps({"xdm": {}, "data": data}),
            "request": json.dumps({"header": header}),
        }
        return InboundEvent.objects.create(**(given | fields))

    return accept


@pytest.fixture
def hold(prop: Property, accept: Accept) -> Callable[..., InboundEvent]:
    """Run an event whose only action waits for a person; other parts of the build as keywords."""

    def hold(rule: str, action: Mapping[str, Any], **parts: Any) -> InboundEvent:
        build = make_build(prop, {"id": "RL1", "name": rule, "conditions": [], "actions": [action]}, **parts)
        event = accept(build_id=build.pk)
        while deliver_due():
            pass
        event.refresh_from_db()
        assert event.state == "open"
        return event

    return hold


def make_build(prop: Property, rule: Mapping[str, Any], **parts: Any) -> Build:
    given = {"buildInfo": {"environment": "production"}, "environment": {"stage": "production"}}
    document = json.dumps({**given, "dataElements": {}, "rules": [rule], **parts})
    return Build.objects.create(
        prop=prop,
        environment=prop.environments.get(stage="production"),
        status=Build.Status.SUCCEEDED,
        document=document,
        checksum=hashlib.sha256(document.encode()).hexdigest(),
    )


def cause_of(event: InboundEvent) -> str:
    """Return the cause of the refusal of an event, as addresses name it."""
    refused = Delivery.objects.get(event_id=event.pk, state="dead", replayed_at__isnull=True)
    return str(CauseKey(refused.component_uid, refused.code, refused.blamed_field))


def page_of(client: Client, name: str, *args: object) -> str:
    answer = client.get(reverse(name, args=args))
    assert answer.status_code == 200
    return page_text(answer)


def overview_of(client: Client, prop: Property, **query: str) -> str:
    """Return what the overview shows of an environment, without its frame."""
    answer = client.get(
        reverse("rules:overview", args=[prop.uid]), {"env": "prod", "part": "figures", **query}
    )
    assert answer.status_code == 200
    return page_text(answer)


@dataclass
class FakeMeta:
    """A Meta that answers as the test has set."""

    answer: Answer = field(default_factory=lambda: accepted(1))
    requests: list[OutboundRequest] = field(default_factory=list)

    def send(self, request: OutboundRequest, *, secrets: transport.Secrets = transport.NO_SECRETS) -> Answer:
        self.requests.append(request)
        return self.answer

    def refuse(self, code: int, message: str, status: int = 400, **more: Any) -> None:
        error = {"message": message, "type": "OAuthException", "code": code, "fbtrace_id": "Atrace1", **more}
        self.answer = Answer(status, body=json.dumps({"error": error}))


def accepted(count: int) -> Answer:
    """Meta's answer to events that it accepted. Source: Meta, Using the API."""
    return Answer(200, body=json.dumps({"events_received": count, "messages": [], "fbtrace_id": "Atrace0"}))


@pytest.fixture
def meta(monkeypatch: pytest.MonkeyPatch) -> FakeMeta:
    fake = FakeMeta()
    monkeypatch.setattr(transport, "send", fake.send)
    return fake


@pytest.fixture
def delivered(accept: Accept, meta: FakeMeta) -> InboundEvent:
    """A purchase that Meta accepted."""
    event = accept()
    deliver_due()
    event.refresh_from_db()
    assert event.state == "delivered"
    return event
