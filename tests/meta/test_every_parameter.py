"""Every parameter of Meta's pages, set through the form or a document, is sent in its place.

``parameters.json`` lists them as Meta's pages do: section, name, type and the page that says so. Parameters
that only Meta's library has, without a page (platforms, progress, trace), are not offered.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from . import action

PARAMETERS = json.loads(Path(__file__).with_name("parameters.json").read_text())
IDS = [f"{row['section']}.{row['name']}" for row in PARAMETERS]

EXTINFO = '["a2", "com.some.app", "771", "7.7.1", "10.1.1"]'
APP = {
    **{key: value for key, value in action.WEBSITE.items() if key != "eventSourceUrl"},
    "actionSource": "app",
    "appData.advertiser_tracking_enabled": "1",
    "appData.extinfo": EXTINFO,
}
MESSENGER = {
    **{"eventName": "Purchase", "actionSource": "business_messaging", "messagingChannel": "messenger"},
    **{"pageId": "1", "pageScopedUserId": "2", "customData.value": "1", "customData.currency": "EUR"},
}
STORE = {key: value for key, value in action.WEBSITE.items() if key != "eventSourceUrl"} | {
    "actionSource": "physical_store"
}

JSON_TYPES: dict[str, type | tuple[type, ...]] = {
    "boolean": bool,
    "integer": int,
    "integer 0/1": int,
    "number": (int, float),
    "object": dict,
    "array of 16 strings": list,
    "array of objects": list,
    "array of strings": list,
}

# Input for fields that do not accept plain text.
TYPED = {
    "event_name": "Contact",
    "event_time": "1699999000",
    "action_source": "email",
    "event_source_url": "https://shop.example/a",
    "referrer_url": "https://search.example/",
    "opt_out": "true",
    "customer_segmentation": "new_customer_to_business",
    "messaging_channel": "messenger",
    "em": "mary@example.com",
    "ph": "+16505551212",
    "db": "1997-02-16",
    "ge": "f",
    "country": "US",
    "client_ip_address": "192.0.2.7",
    "fbc": "fb.1.1699999990000.AbC",
    "fbp": "fb.1.1596403881668.1116446470",
    "fb_login_id": "12345",
    "lead_id": "123456789012345",
    "partner_name": "liveramp",
    "value": "9.5",
    "currency": "USD",
    "content_ids": "A, B",
    "contents": '[{"id": "A", "quantity": 2}]',
    "delivery_category": "home_delivery",
    "extinfo": EXTINFO,
    "url_schemes": "fb1, fb2",
    "attribution_setting": '{"inactivity_window_hours": 5}',
}
NUMBERS = {"integer": "3", "integer 0/1": "1", "number": "2.5", "boolean": "true"}
# Parameters that need more than one field.
ALSO = {
    "partner_name": {"partnerId": "XY"},
    "partner_id": {"partnerName": "liveramp"},
    "test_event_code": {"isTestEvent": "on"},
    "data_processing_options": {"clientIpAddress": "192.0.2.7"},
    "data_processing_options_country": {"lduEnabled": "on", "dataProcessingOptionsState": "1000"},
    "data_processing_options_state": {"lduEnabled": "on", "dataProcessingOptionsCountry": "1"},
}
# Objects with a field for each member: one member is enough.
MEMBERS = {
    "custom_data": ("customData.status", "paid"),
    "app_data": ("appData.vendor_id", "v"),
    "original_event_data": ("originalEventData.order_id", "1"),
    "attribution_data": ("attributionData.ad_id", "1"),
    "user_data": ("email", "john_smith@gmail.com"),
    "data_processing_options": ("lduEnabled", "on"),
    "data_processing_options_country": ("dataProcessingOptionsCountry", "1"),
    "data_processing_options_state": ("dataProcessingOptionsState", "1000"),
    "access_token": ("accessToken", "{{Text}}"),
    "appsecret_proof": ("accessToken", "{{Text}}"),
}
OBJECTS = {
    "custom_data": "customData",
    "app_data": "appData",
    "original_event_data": "originalEventData",
    "attribution_data": "attributionData",
    "store_data": "storeData",
}
ELEMENTS = {"Text": "a text"}


def field_of(section: str, name: str) -> str:
    """Return the name of the input for a parameter."""
    if name in MEMBERS:
        return MEMBERS[name][0]
    if section in OBJECTS:
        return f"{OBJECTS[section]}.{name}"
    if section == "request":
        rows = (row for row in action.parameters.PARAMETERS if row.key != "isTestEvent")
        return next(str(row.key) for row in rows if row.name == name)
    return str(action.parameters.SETTING_OF[name][0])


def typed_for(row: dict[str, str]) -> dict[str, str]:
    """Return the input with which a person sends one parameter."""
    section, name = row["section"], row["name"]
    text = TYPED.get(name, NUMBERS.get(row["type"], "07" if name.startswith("dob") else "x1"))
    if name == "partner_agent":
        return dict(action.WEBSITE)
    base = action.WEBSITE
    if section == "app_data" or name in ("app_data", "anon_id", "madid"):
        base = APP
    elif section == "store_data":
        base = STORE
    elif name == "messaging_channel" or field_of(section, name) in _shown_for("business_messaging"):
        base = MESSENGER
    given = {field_of(section, name): MEMBERS[name][1] if name in MEMBERS else text}
    return (
        base | given | ALSO.get(name, {}) | ({"appSecret": "{{Text}}"} if name == "appsecret_proof" else {})
    )


def _shown_for(source: str) -> set[str]:
    rows = action.parameters.PARAMETERS
    return {row.key for row in rows if source in row.show_if.get("actionSource", ())}


def as_document(typed: dict[str, str]) -> dict[str, Any]:
    """The same settings as a person writes them in JSON."""
    settings: dict[str, Any] = {}
    for path, text in typed.items():
        head, _, key = path.partition(".")
        value = _json_value(path, text)
        settings.update({head: settings.get(head, {}) | {key: value}} if key else {head: value})
    return settings


def _json_value(path: str, text: str) -> Any:
    if text == "on":
        return True
    if text.startswith(("[", "{")) and not text.startswith("{{"):
        return json.loads(text)
    if path.endswith(("content_ids", "url_schemes")):
        return text.split(", ")
    return text


def place_of(row: dict[str, str], body: dict[str, Any]) -> dict[str, Any]:
    """The object of the request that Meta's page says a parameter belongs to."""
    section, name = row["section"], row["name"]
    if section == "request":
        return body
    event: dict[str, Any] = body["data"][0]
    # Meta's table lists it with the event, its sample has it in custom_data.
    in_custom_data = section == "custom_data" or name == "customer_segmentation"
    if section == "server_event" and not in_custom_data:
        return event
    inner: dict[str, Any] = event["custom_data" if in_custom_data else section]
    return inner


def _assert_sent(row: dict[str, str], settings: dict[str, Any]) -> None:
    result = action.run(settings, ELEMENTS)
    assert result.refusals == []
    body = action.request_body(result)
    value = place_of(row, body)[row["name"]]
    assert isinstance(value, JSON_TYPES.get(row["type"], str))
    assert not isinstance(value, bool) or row["type"] == "boolean"
    assert action.simulator.check_request(_revealed(body), action.RECEIVED_AT) is None


def _revealed(body: dict[str, Any]) -> dict[str, Any]:
    """The proof as the transport makes it: 64 hex characters."""
    return {**body, "appsecret_proof": "0" * 64} if "appsecret_proof" in body else body


@pytest.mark.parametrize("row", PARAMETERS, ids=IDS)
def test_it_can_be_set_through_the_form(row: dict[str, str]) -> None:
    _assert_sent(row, action.stored_by_form(typed_for(row), ELEMENTS))


@pytest.mark.parametrize("row", PARAMETERS, ids=IDS)
def test_it_can_be_set_through_a_document(row: dict[str, str]) -> None:
    _assert_sent(row, action.stored_by_document(as_document(typed_for(row)), ELEMENTS))
