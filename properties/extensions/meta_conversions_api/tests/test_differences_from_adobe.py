"""Where Adobe's extension departs from Meta's rules, and settings that it shares.

Source: Adobe, Meta Conversions API extension 1.7 (measured); Meta, Customer Information Parameters.
"""

from __future__ import annotations

from hashlib import sha256
from typing import Any

import pytest

from ..actions import batch_request, send_conversions_api_event
from .meta import CONFIGURATION, RECEIVED_AT, context, item, sent


def digest(text: str) -> str:
    return sha256(text.encode()).hexdigest()


# Key in the settings, Meta's name, value, what Meta matches.
HASHED_DIFFERENTLY = {
    "names are trimmed": ("firstName", "fn", " Mary ", "mary"),
    "gender is lower-cased": ("gender", "ge", "F", "f"),
    "dates of birth lose their dashes": ("dob", "db", "1990-01-02", "19900102"),
    "cities lose their blanks": ("city", "ct", "San Francisco", "sanfrancisco"),
    "post codes are lower-cased": ("zip", "zp", "M1 1AE", "m11ae"),
    "zips of the US are cut to five digits": ("zip", "zp", "94025-1234", "94025"),
    "sixty-four characters are a hash only when they are hex": ("lastName", "ln", "z" * 64, "z" * 64),
}


@pytest.mark.parametrize("difference", HASHED_DIFFERENTLY)
def test_values_are_hashed_in_the_form_that_meta_matches(difference: str) -> None:
    key, name, value, matched = HASHED_DIFFERENTLY[difference]

    assert sent({key: value})["user_data"][name] == digest(matched)


def test_event_time_is_a_number_also_when_the_setting_is_text() -> None:
    assert sent(eventTime="1699999990")["event_time"] == 1_699_999_990


@pytest.mark.parametrize(("key", "name"), [("externalId", "external_id"), ("email", "em"), ("phone", "ph")])
def test_lists_are_taken(key: str, name: str) -> None:
    values = {
        "externalId": ["a", "b"],
        "email": ["a@b.de", "b@b.de"],
        "phone": ["+4930123456", "+4930123457"],
    }

    assert len(sent({key: values[key]})["user_data"][name]) == 2


def test_broken_json_in_custom_data_is_named() -> None:
    assert [warning.code for warning in item(customData="{broken").warnings] == ["no_json"]


def test_app_data_original_event_data_and_referrer_can_be_sent() -> None:
    event = sent(
        appData={"campaign_ids": "c"}, originalEventData={"order_id": "1"}, referrerUrl="https://a.example/"
    )

    assert {"app_data", "original_event_data", "referrer_url"} <= event.keys()


def test_limited_data_use_knows_states() -> None:
    assert sent(lduEnabled=True, dataProcessingOptionsState="1000")["data_processing_options_state"] == 1000


# Settings as Adobe's action stores them, and the event that its module sends for them.
ADOBE_SETTINGS: dict[str, Any] = {
    "actionSource": "website",
    "eventName": "Purchase",
    "eventTime": RECEIVED_AT - 10,
    "eventSourceUrl": "https://shop.example/thanks",
    "eventId": "order-1001",
    "optOut": True,
    "lduEnabled": True,
    "clientIpAddress": "192.0.2.7",
    "clientUserAgent": "Mozilla/5.0",
    "email": " John_Smith@gmail.com",
    "phone": "+1 (650) 555-1212",
    "lastName": "Smith",
    "firstName": "Mary",
    "state": "az",
    "country": "US",
    "externalId": "user-7",
    "fbc": "fb.1.1699990000000.AbCdEf",
    "fbp": "fb.1.1596403881668.1116446470",
    "subscriptionId": "s-1",
    "partnerName": "liveramp",
    "partnerId": "XY1aBc",
    "customData": {"currency": "USD", "value": 9.5, "contents": [{"id": "7", "quantity": 1}]},
    "isTestEvent": True,
    "testEventCode": "TEST1",
}
ADOBE_EVENT = {
    "action_source": "website",
    "event_name": "Purchase",
    "event_time": RECEIVED_AT - 10,
    "event_source_url": "https://shop.example/thanks",
    "event_id": "order-1001",
    "opt_out": True,
    "data_processing_options": ["LDU"],
    "data_processing_options_country": 0,
    "data_processing_options_state": 0,
    "user_data": {
        "client_ip_address": "192.0.2.7",
        "client_user_agent": "Mozilla/5.0",
        "em": "62a14e44f765419d10fea99367361a727c12365e2520f32218d505ed9aa0f62f",
        "ph": "e323ec626319ca94ee8bff2e4c87cf613be6ea19919ed1364124e16807ab3176",
        "ln": digest("smith"),
        "fn": "6915771be1c5aa0c886870b6951b03d7eafc121fea0e80a5ea83beb7c449f4ec",
        "st": digest("az"),
        "country": "79adb2a2fce5c6ba215fe5f27f532d4e7edbac4b6a5e09e1ef3a08084a904621",
        "external_id": digest("user-7"),
        "fbc": "fb.1.1699990000000.AbCdEf",
        "fbp": "fb.1.1596403881668.1116446470",
        "subscription_id": "s-1",
        "partner_name": "liveramp",
        "partner_id": "XY1aBc",
    },
    "custom_data": {"currency": "USD", "value": 9.5, "contents": [{"id": "7", "quantity": 1}]},
}


def test_settings_of_adobes_action_give_the_same_event() -> None:
    result = send_conversions_api_event(ADOBE_SETTINGS, context(extension_settings=CONFIGURATION))

    assert result.payload == ADOBE_EVENT
    assert result.warnings == ()


def test_the_token_is_in_the_body_and_not_in_the_address() -> None:
    result = item()
    request = batch_request(result.envelope, [result.payload])

    assert "access_token" not in request.url
    assert request.body["access_token"] == CONFIGURATION["accessToken"]
