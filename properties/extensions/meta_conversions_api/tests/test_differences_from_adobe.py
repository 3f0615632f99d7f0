"""Differences between Adobe's extension and Meta's rules, and the settings that we share with Adobe.

Source: Adobe, Meta Conversions API extension 1.7 (measured); Meta, Customer Information Parameters.
"""

from __future__ import annotations

import json
import re
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from properties.catalog.errors import Rejected
from properties.catalog.outbound import Answer

from ..actions import batch_request, send_conversions_api_event
from ..degrading import without
from ..responses import read_answer
from .meta import CONFIGURATION, LEAST, RECEIVED_AT, context, item, sent


def digest(text: str) -> str:
    return sha256(text.encode()).hexdigest()


def hash_sent(name: str, **settings: Any) -> Any:
    return sent(**settings)["user_data"][name]


# Customer information, hashed in the form that Meta matches


def test_names_are_trimmed() -> None:
    assert hash_sent("fn", firstName=" Mary ") == digest("mary")
    assert hash_sent("ln", lastName=" Smith ") == digest("smith")


def test_gender_is_lower_cased() -> None:
    assert hash_sent("ge", gender="F") == digest("f")


def test_dates_of_birth_lose_their_dashes() -> None:
    assert hash_sent("db", dob="1990-01-02") == digest("19900102")


def test_cities_lose_their_blanks() -> None:
    assert hash_sent("ct", city="San Francisco") == digest("sanfrancisco")


def test_zips_of_the_us_are_cut_to_five_digits() -> None:
    assert hash_sent("zp", zip="94025-1234") == digest("94025")
    assert hash_sent("zp", zip="940251234", country="US") == digest("94025")


def test_post_codes_are_lower_cased() -> None:
    assert hash_sent("zp", zip="M1 1AE") == digest("m11ae")


def test_only_hex_is_taken_for_a_hash() -> None:
    assert hash_sent("ln", lastName="z" * 64) == digest("z" * 64)


def test_a_list_of_external_ids_is_taken() -> None:
    assert hash_sent("external_id", externalId=["a", "b"]) == [digest("a"), digest("b")]


def test_lists_of_addresses_and_phones_are_taken() -> None:
    assert hash_sent("em", email=["a@b.de", "b@b.de"]) == [digest("a@b.de"), digest("b@b.de")]
    assert hash_sent("ph", phone=["+4930123456"]) == [digest("4930123456")]


# Parameters


def test_event_time_is_a_number() -> None:
    assert sent(eventTime="1699999990")["event_time"] == 1_699_999_990


def test_app_data_can_be_sent() -> None:
    assert sent(appData={"campaign_ids": "c"})["app_data"] == {"campaign_ids": "c"}


def test_original_event_data_can_be_sent() -> None:
    assert sent(originalEventData={"order_id": 1})["original_event_data"] == {"order_id": "1"}


def test_the_referrer_can_be_sent() -> None:
    assert sent(referrerUrl="https://a.example/")["referrer_url"] == "https://a.example/"


def test_limited_data_use_knows_country_and_state() -> None:
    event = sent(lduEnabled=True, dataProcessingOptionsCountry="1", dataProcessingOptionsState="1000")

    assert event["data_processing_options_country"] == 1
    assert event["data_processing_options_state"] == 1000


def test_a_click_id_is_made_from_the_address() -> None:
    event = sent(eventSourceUrl="https://shop.example/?a=1&fbclid=AbC-_1#top")

    assert event["user_data"]["fbc"] == "fb.1.1700000000000.AbC-_1"


def test_broken_json_is_named() -> None:
    assert [warning.code for warning in item(customData="{broken").warnings] == ["no_json"]


def test_too_old_events_are_not_sent() -> None:
    with pytest.raises(Rejected) as raised:
        item(eventTime=RECEIVED_AT - 7 * 86_400 - 1)

    assert raised.value.code == "too_old"


# The request and its answer


def test_an_answer_is_read() -> None:
    taken = Answer(200, body='{"events_received": 1}')
    refused = Answer(400, body='{"error": {"code": 100, "error_subcode": 2804050, "message": "thin"}}')

    assert (read_answer(taken, 1).kind, read_answer(refused, 1).kind) == ("delivered", "rejected")
    assert read_answer(taken, 2).kind == "retry"


def test_texts_that_mean_no_value_are_left_out() -> None:
    assert "external_id" not in sent(externalId="undefined")["user_data"]


def test_an_address_is_sent_without_port_and_suffix() -> None:
    for given in ("203.0.113.7:52713", "203.0.113.7.AQQAAQMC", "203.0.113.7, 70.41.3.18"):
        assert sent(clientIpAddress=given)["user_data"]["client_ip_address"] == "203.0.113.7"


def test_times_are_read_in_other_forms_and_units() -> None:
    for given in ("Tue, 14 Nov 2023 22:13:10 GMT", "1699999990000000"):
        assert sent(eventTime=given)["event_time"] == RECEIVED_AT - 10


def test_text_around_an_email_address_is_removed() -> None:
    assert hash_sent("em", email="mailto:a@b.example") == digest("a@b.example")


def test_names_of_countries_become_codes() -> None:
    assert hash_sent("country", country="Korea Republic of") == digest("kr")


def test_a_list_of_one_is_one_value_and_a_text_of_ids_a_list() -> None:
    data = sent(customData={"value": [35.99], "currency": "EUR", "content_ids": "123, 456"})["custom_data"]
    assert (data["value"], data["content_ids"]) == (35.99, ["123", "456"])


def test_parameters_are_taken_out_of_addresses() -> None:
    configured = context(extension_settings=CONFIGURATION | {"removeParameters": ["email"]})
    given = LEAST | {"eventSourceUrl": "https://shop.example/?a=1&email=x"}
    event = send_conversions_api_event(given, configured).payload  # type: ignore[union-attr]
    assert event["event_source_url"] == "https://shop.example/?a=1"


def test_a_refused_field_costs_the_field_and_not_the_event() -> None:
    event = sent(customData={"contents": [{"id": "A"}]})
    refusal = {"code": 100, "error_subcode": 2804001}
    text = "The parameter $['data'][0]['custom_data']['contents'] must be an array."
    body = json.dumps({"error": {**refusal, "error_user_msg": text}})
    lighter = without(event, read_answer(Answer(400, body=body), 1))
    assert lighter is not None
    assert "custom_data" not in lighter[0]


def test_the_token_is_in_the_body() -> None:
    result = item()
    request = batch_request(result.envelope, [result.payload])

    assert "access_token" not in request.url
    assert request.body["access_token"] == CONFIGURATION["accessToken"]


def test_events_share_a_request() -> None:
    result = item()

    assert len(batch_request(result.envelope, [result.payload] * 1000).body["data"]) == 1000


def test_the_partner_agent_is_ours() -> None:
    assert item().envelope["partner_agent"] == "capi_admin_1_0"


def test_the_page_for_people_from_adobe_names_a_test_for_each_difference() -> None:
    page = Path(__file__).parents[4] / "docs" / "coming_from_adobe.md"
    named = re.findall(r"\| `(\w+)` \|$", page.read_text(), re.MULTILINE)

    assert len(named) >= 21
    assert [name for name in named if f"test_{name}" not in globals()] == []


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
