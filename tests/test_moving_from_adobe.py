"""A property from Adobe, imported, built and run: it sends the same events as Adobe's extension.

The expected server events were made by running ``sendCapiData.js`` of Adobe's Meta Conversions API extension
1.7.0 with the values of the event, in a form where its normalisation and Meta's rules agree.
docs/coming_from_adobe.md lists the deliberate differences.
"""

from __future__ import annotations

import json
import time
from typing import Any

import pytest
from django.utils import timezone

from properties.catalog.outbound import Answer, OutboundRequest
from properties.http import transport
from properties.models import Property
from rules.delivery.work import deliver_due
from rules.documents.adobe import carry_out, plan_import
from rules.models import Build, InboundEvent
from rules.publishing.build import activate, build
from rules.publishing.libraries import add_all_changed, working_library
from tests.event_ids import next_event_id

NOW = int(time.time())
SEND = "facebook_conversions_api_extension::actions::send_capi_data"
CONFIGURATION = "facebook_conversions_api_extension::extensionConfiguration::config"
CLICK, BROWSER = f"fb.1.{NOW - 60}000.abc", f"fb.1.{NOW - 60}000.123"

VALUES = {
    "eventTime": NOW,
    "eventSourceUrl": "https://shop.example/thank-you",
    "eventId": "order-1",
    "email": " Mary@Shop.Example ",
    "phone": "+1 (650) 555-1212",
    "firstName": "Mary",
    "lastName": "Smith",
    "dob": "19900102",
    "gender": "f",
    "city": "Berlin",
    "state": "CA",
    "zip": "94025",
    "country": "US",
    "externalId": "customer-17",
    "clientIpAddress": "203.0.113.7",
    "clientUserAgent": "Mozilla/5.0",
    "fbc": CLICK,
    "fbp": BROWSER,
    "subscriptionId": "sub-1",
    "fbLoginId": 123_456,
    "leadId": 1_234_567_890_123_456,
    "value": 99.5,
    "ids": ["a", "b"],
}
FIELDS = [name for name in VALUES if name not in ("value", "ids")]
PURCHASE = {name: f"{{{{{name}}}}}" for name in FIELDS} | {
    "eventName": "Purchase",
    "actionSource": "website",
    "optOut": True,
    "lduEnabled": True,
    "partnerId": "p-1",
    "partnerName": "ramp",
    "isTestEvent": True,
    "testEventCode": "TEST123",
}
CUSTOM_DATA = {"value": "{{value}}", "currency": "USD", "content_ids": "{{ids}}", "order_id": "{{eventId}}"}
SENT = {
    "event_name": "Purchase",
    "event_time": NOW,
    "event_id": "order-1",
    "event_source_url": "https://shop.example/thank-you",
    "action_source": "website",
    "opt_out": True,
    "data_processing_options": ["LDU"],
    "data_processing_options_country": 0,
    "data_processing_options_state": 0,
    "user_data": {
        "client_ip_address": "203.0.113.7",
        "client_user_agent": "Mozilla/5.0",
        "country": "79adb2a2fce5c6ba215fe5f27f532d4e7edbac4b6a5e09e1ef3a08084a904621",
        "ct": "fb38a93fd89e1a5fc7852a5d7109e321d23a721a1899292273ac5a21dc4db378",
        "db": "19bb8a164e99b8549f5f5c9e810115de44d02402f68aefe2df61b4fddacfa085",
        "em": "942e0c4e0b34b00e4f40de2c553ccf04b5f464f38b3b2e60f13024b59287e8af",
        "external_id": "db2f1aab1da8bb83ccf19147343fbf6993905ccc53bc4a9005611ed1c1df0650",
        "fb_login_id": 123_456,
        "fbc": CLICK,
        "fbp": BROWSER,
        "fn": "6915771be1c5aa0c886870b6951b03d7eafc121fea0e80a5ea83beb7c449f4ec",
        "ge": "252f10c83610ebca1a059c0bae8255eba2f95be4d1d7bcfa89d7248a82d9f111",
        "lead_id": 1_234_567_890_123_456,
        "ln": "6627835f988e2c5e50533d491163072d3f4f41f5c8b04630150debb3722ca2dd",
        "ph": "e323ec626319ca94ee8bff2e4c87cf613be6ea19919ed1364124e16807ab3176",
        "st": "6959097001d10501ac7d54c0bdb8db61420f658f2922cc26e46d536119a31126",
        "subscription_id": "sub-1",
        "zp": "b9a9cf3cd3723a2e91b7c23ecf68456e872b6e5d86e5cab7f3d45a7302da32c7",
        "partner_name": "ramp",
        "partner_id": "p-1",
    },
    "custom_data": {"value": 99.5, "currency": "USD", "content_ids": ["a", "b"], "order_id": "order-1"},
}


def resource(kind: str, number: int, **attributes: Any) -> dict[str, Any]:
    prefix = {"extensions": "EX", "data_elements": "DE", "rules": "RL", "rule_components": "RC"}[kind]
    if "settings" in attributes:
        attributes["settings"] = json.dumps(attributes["settings"])
    return {"id": f"{prefix}{number:032x}", "type": kind, "attributes": attributes}


def listing(settings: dict[str, Any]) -> dict[str, Any]:
    """Return lists of the Reactor API: one rule with one action, and a data element for each value."""
    rule = resource("rules", 1, name="Purchase", enabled=True)
    configuration = {"pixelId": "1234567890", "accessToken": "EAABsbCS1234567890ZCZD"}
    path = "core::dataElements::path"
    return {
        "extensions": [
            resource(
                "extensions",
                1,
                name="facebook_conversions_api_extension",
                delegate_descriptor_id=CONFIGURATION,
                settings=configuration,
            )
        ],
        "data_elements": [
            resource(
                "data_elements",
                number,
                name=name,
                delegate_descriptor_id=path,
                settings={"path": f"arc.event.data.{name}"},
            )
            for number, name in enumerate(VALUES)
        ],
        "rules": [rule],
        "rule_components": {
            rule["id"]: [
                resource("rule_components", 1, name="Send", delegate_descriptor_id=SEND, settings=settings)
            ]
        },
    }


def production_build(prop: Property) -> Build:
    library = working_library(prop, None)
    add_all_changed(library)
    made = build(library, prop.environments.get(stage="production"), None)
    assert made.problems == []
    activate(made, None)
    return made


@pytest.fixture
def posts(monkeypatch: pytest.MonkeyPatch) -> list[OutboundRequest]:
    sent: list[OutboundRequest] = []

    def send(request: OutboundRequest, **_: Any) -> Answer:
        sent.append(request)
        body = {"events_received": len(request.body["data"]), "messages": [], "fbtrace_id": "A"}
        return Answer(200, {}, json.dumps(body))

    monkeypatch.setattr(transport, "send", send)
    return sent


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("custom_data", [CUSTOM_DATA, json.dumps(CUSTOM_DATA)], ids=["object", "text"])
def test_an_imported_action_sends_the_server_event_that_adobes_sends(
    posts: list[OutboundRequest], custom_data: Any
) -> None:
    """Custom Data as text is what earlier versions of Adobe's extension saved."""
    content = json.dumps(listing({**PURCHASE, "customData": custom_data})).encode()
    made = production_build(carry_out(plan_import(content, "Moved")).prop)
    now = timezone.now()
    InboundEvent.objects.create(
        id=next_event_id(),
        property_id=made.prop_id,
        environment_id=made.environment_id,
        datastream_id=1,
        build_id=made.id,
        received_at=now,
        body=json.dumps({"xdm": {}, "data": VALUES}),
        request=json.dumps({"header": {}}),
    )
    deliver_due()
    (request,) = posts
    assert request.url.endswith("/1234567890/events")
    assert request.body["test_event_code"] == "TEST123"
    (event,) = request.body["data"]
    assert event["user_data"] == SENT["user_data"]
    assert event == SENT
