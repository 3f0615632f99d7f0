"""One event to several pixels: each with its own credentials, delivery and outcome."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.utils import timezone

from properties.models import Property
from rules.delivery.work import deliver_due
from rules.documents import apply_document, export_document
from rules.models import Build, Delivery, InboundEvent
from tests.event_ids import next_event_id

from . import action

DOCUMENT = {
    "format": "capi-admin/property/v1",
    "property": {"name": "Shop", "platform": "edge"},
    "extensions": [
        {"package": "core"},
        {
            "package": action.PACKAGE,
            "settings": {
                "pixelId": "111",
                "accessToken": "EAAB-first",
                "appSecret": "the secret of the app",
                "additionalPixels": [
                    {"pixelId": "222", "accessToken": "EAAB-second"},
                    {"pixelId": "333", "accessToken": "BAD-third", "appSecret": "another secret"},
                ],
            },
        },
    ],
    "rules": [
        {
            "name": "Every event",
            "actions": [
                {
                    "delegate": action.DELEGATE,
                    "settings": {
                        "eventName": "Lead",
                        "actionSource": "email",
                        "eventId": "lead-1",
                        "email": ["john_smith@gmail.com", "b@example.com"],
                    },
                }
            ],
        }
    ],
}


@pytest.fixture
def graph(settings: Any) -> Iterator[Any]:
    with action.simulator.Simulator() as simulator:
        settings.INSTALLATION = {**settings.INSTALLATION, "META_GRAPH_URL": simulator.url}
        yield simulator


@pytest.fixture
def deliver(transactional_db: None, monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """Publish the document and deliver one event."""
    monkeypatch.setattr("rules.delivery.doorbell.ring", lambda: None)

    def deliver() -> None:
        apply_document(DOCUMENT, publish="production")
        build, now = Build.objects.get(), timezone.now()
        InboundEvent.objects.create(
            id=next_event_id(),
            property_id=build.prop_id,
            environment_id=build.environment_id,
            datastream_id=1,
            build_id=build.pk,
            received_at=now,
            body='{"xdm": {}, "data": {}}',
            request='{"header": {}}',
        )
        deliver_due()

    return deliver


def test_each_pixel_gets_the_event_with_its_token_and_has_its_own_outcome(
    deliver: Callable[[], None], graph: Any
) -> None:
    deliver()

    found = {request["path"].split("/")[2]: request["body"]["access_token"] for request in graph.requests}
    assert found == {"111": "EAAB-first", "222": "EAAB-second", "333": "BAD-third"}
    states = dict(Delivery.objects.values_list("destination", "state"))
    assert states == {"111": "delivered", "222": "delivered", "333": "parked"}
    payloads = [request["body"]["data"] for request in graph.requests]
    assert payloads[0] == payloads[1] == payloads[2]


def test_the_proof_is_the_hmac_of_the_token_with_the_secret_beside_it(
    deliver: Callable[[], None], graph: Any
) -> None:
    # Source: Meta, Securing Graph API calls.
    deliver()

    proofs = {
        request["body"]["access_token"]: request["body"].get("appsecret_proof") for request in graph.requests
    }
    assert proofs == {
        "EAAB-first": hmac.new(b"the secret of the app", b"EAAB-first", hashlib.sha256).hexdigest(),
        "EAAB-second": None,
        "BAD-third": hmac.new(b"another secret", b"BAD-third", hashlib.sha256).hexdigest(),
    }


def test_no_credential_leaves_with_an_export_or_a_build(deliver: Callable[[], None], graph: Any) -> None:
    deliver()
    prop = Property.objects.get()
    exported = export_document(prop)
    written = json.dumps([exported, Build.objects.get().document])

    assert not [text for text in ("EAAB", "BAD-third", "secret of the app") if text in written]
    rows = exported["extensions"][1]["settings"]["additionalPixels"]
    names = [row["accessToken"]["$secret"] for row in rows]
    assert len(set(names)) == 2
    apply_document(exported)
    assert export_document(prop) == exported
