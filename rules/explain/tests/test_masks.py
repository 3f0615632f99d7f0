"""Pages hide credentials from everybody, and customer data from people who do not develop."""

from __future__ import annotations

import json
from typing import Any

from django.utils import timezone

from properties.catalog.secret_markers import RunMarkers
from rules.explain.incoming import incoming
from rules.explain.shown_requests import without_credentials
from rules.models import InboundEvent
from tests.event_ids import next_event_id


def event(data: Any, **header: Any) -> InboundEvent:
    return InboundEvent(
        id=next_event_id(),
        received_at=timezone.now(),
        body=json.dumps({"xdm": {"_id": "a1", "eventType": "purchase"}, "data": data}),
        request=json.dumps({"header": header}),
    )


marker = RunMarkers()


def test_a_marker_becomes_the_name_of_its_secret() -> None:
    envelope = {"access_token": marker("Meta Token"), "partner_agent": "capi_admin_1_0"}
    shown = without_credentials(envelope, marker.names)
    assert shown == {"access_token": "secret “Meta Token”", "partner_agent": "capi_admin_1_0"}


def test_a_marker_inside_other_text_becomes_its_name_too() -> None:
    shown = without_credentials({"headers": {"Authorization": f"Bearer {marker('Key')}"}}, marker.names)
    assert shown == {"headers": {"Authorization": "•••• (hidden)"}}
    assert without_credentials([f"x {marker('Key')}"], marker.names) == ["x secret “Key”"]


def test_a_credential_that_came_from_the_event_is_hidden_by_its_key() -> None:
    shown = without_credentials(
        {"access_token": "EAAB123", "appsecret_proof": "abc", "test_event_code": "T1"}, {}
    )
    assert shown == {
        "access_token": "•••• (hidden)",
        "appsecret_proof": "•••• (hidden)",
        "test_event_code": "T1",
    }


def test_without_the_right_only_the_description_of_the_event_stays_plain() -> None:
    data = {
        "event": "Purchase",
        "value": 9.5,
        "user": {"email": "mary@shop.example", "name": "Mary", "zip": 94025},
    }
    shown = json.loads(incoming(event(data), is_plain=False).data)
    assert shown == {
        "event": "Purchase",
        "value": 9.5,
        "user": {"email": "m…@s…", "name": "•••• (4 characters)", "zip": "•••• (number)"},
    }
    assert json.loads(incoming(event(data), is_plain=True).data) == data


def test_an_address_where_an_event_name_belongs_is_hidden() -> None:
    assert "mary@" not in incoming(event({"event": "mary@shop.example"}), is_plain=False).data


def test_cookies_and_queries_are_for_people_who_develop() -> None:
    headers = {"referer": ["https://shop.example/?name=Mary"], "cookie": ["_fbp=fb.1.1.2"]}
    stored = event({}, httpHeaders=headers, cookies={"_fbp": "fb.1.1.2"})
    masked, plain = incoming(stored, is_plain=False), incoming(stored, is_plain=True)
    assert [fact.value for fact in masked.headers] == ["https://shop.example/"]
    assert [fact.value for fact in masked.cookies] == ["•••• (8 characters)"]
    assert [fact.value for fact in plain.headers] == ["https://shop.example/?name=Mary"]
    assert [fact.value for fact in plain.cookies] == ["fb.1.1.2"]


def test_text_that_is_not_json_is_shown_as_empty() -> None:
    broken = InboundEvent(id=next_event_id(), received_at=timezone.now(), body="{", request="[")
    assert incoming(broken, is_plain=True).is_forgotten
