"""The item of one event, and the request for many events."""

from __future__ import annotations

import pytest

from properties.catalog.context import EventContext
from properties.catalog.errors import Rejected
from properties.catalog.outbound import BatchItem, HmacSha256

from ..actions import batch_request, may_repeat, readdress, send_conversions_api_event
from .meta import CONFIGURATION, LEAST, context, item


def test_an_item_names_its_pixel_its_event_and_what_its_request_shares() -> None:
    result = send_conversions_api_event(
        LEAST,
        context(installation={"META_GRAPH_URL": "http://127.0.0.1:8089/", "META_GRAPH_VERSION": "v26.0"}),
    )

    assert (result.destination, result.name) == ("1234567890", "PageView")
    assert result.envelope == {
        "graph_url": "http://127.0.0.1:8089",
        "version": "v26.0",
        "pixel_id": "1234567890",
        "access_token": "[[secret]]",
        "partner_agent": "capi_admin_1_0",
    }


def test_waiting_events_go_to_the_current_graph_api_with_the_same_body() -> None:
    """A retired version is cured by a newer one. Source: Meta, Graph API Versioning."""
    result = item()
    today = {"META_GRAPH_URL": "http://127.0.0.1:8089", "META_GRAPH_VERSION": "v26.0"}

    first = batch_request(result.envelope, [result.payload])
    again = batch_request(readdress(result.envelope, today), [result.payload])

    assert again.url == "http://127.0.0.1:8089/v26.0/1234567890/events"
    assert again.body == first.body


def test_the_request_is_a_post_with_the_token_in_its_body_only() -> None:
    # Source: Meta, Using the API; Main Body Parameters.
    result = item()

    request = batch_request(result.envelope, [result.payload, result.payload])

    assert (request.method, request.url) == ("POST", "https://graph.facebook.com/v25.0/1234567890/events")
    assert request.headers == {"Content-Type": "application/json"}
    assert request.body == {
        "data": [result.payload, result.payload],
        "access_token": "[[secret]]",
        "partner_agent": "capi_admin_1_0",
    }


def test_the_test_event_code_is_in_the_request_only_when_test_event_is_checked() -> None:
    # Source: Meta, Using the API: Test Events.
    checked = item(isTestEvent=True, testEventCode=" TEST1 ")
    unchecked = item(isTestEvent=False, testEventCode="TEST1")

    request = batch_request(checked.envelope, [checked.payload])

    assert request.body["test_event_code"] == "TEST1"
    assert "test_event_code" not in checked.payload
    assert "test_event_code" not in unchecked.envelope
    assert (checked.is_test, unchecked.is_test) == (True, False)


def test_pixel_and_token_of_the_action_win_over_the_configuration() -> None:
    envelope = item(pixelId=55, accessToken="[[other]]").envelope

    assert (envelope["pixel_id"], envelope["access_token"]) == ("55", "[[other]]")


@pytest.mark.parametrize(
    ("settings", "configuration", "code"),
    [
        ({}, {"accessToken": "t"}, "pixel_id"),
        ({"pixelId": "../me"}, CONFIGURATION, "pixel_id"),
        ({}, {"pixelId": "1"}, "access_token"),
        ({}, {"pixelId": "1", "accessToken": False}, "access_token"),
        ({"isTestEvent": True}, CONFIGURATION, "test_event_code"),
    ],
)
def test_without_pixel_token_or_test_code_nothing_is_sent(
    settings: dict[str, object], configuration: dict[str, str], code: str
) -> None:
    with pytest.raises(Rejected) as raised:
        send_conversions_api_event(LEAST | settings, context(extension_settings=configuration))

    assert raised.value.code == code


MORE_PIXELS = CONFIGURATION | {
    "additionalPixels": [
        {"pixelId": "22", "accessToken": "[[second]]", "appSecret": "[[app]]"},
        {"pixelId": "33", "accessToken": ""},
        {"pixelId": "1234567890", "accessToken": "[[again]]"},
    ]
}


def sent_to(context_: EventContext, **settings: object) -> list[BatchItem]:
    made = send_conversions_api_event(LEAST | settings, context_)
    return made if isinstance(made, list) else [made]


def test_an_event_goes_to_every_pixel_once_each_with_credentials_of_its_own() -> None:
    items = sent_to(context(extension_settings=MORE_PIXELS))

    assert [(each.destination, each.envelope["access_token"]) for each in items] == [
        ("1234567890", "[[secret]]"),
        ("22", "[[second]]"),
    ]
    assert items[0].payload == items[1].payload


def test_a_further_pixel_without_token_is_named_and_the_others_get_the_event() -> None:
    warnings = sent_to(context(extension_settings=MORE_PIXELS))[0].warnings

    assert [(each.path, each.code) for each in warnings] == [("additionalPixels[1]", "additional_pixel")]


def test_an_action_with_a_pixel_of_its_own_sends_to_that_one_alone() -> None:
    items = sent_to(context(extension_settings=MORE_PIXELS), pixelId="55")

    assert [each.destination for each in items] == ["55"]


def test_the_request_carries_the_proof_for_its_token() -> None:
    # Source: Meta, Securing Graph API calls: HMAC-SHA256, the app secret is the key, the token the message.
    first, second = sent_to(context(extension_settings=MORE_PIXELS))
    proof = batch_request(second.envelope, [second.payload]).body["appsecret_proof"]

    assert "appsecret_proof" not in batch_request(first.envelope, [first.payload]).body
    assert isinstance(proof, HmacSha256)
    assert (proof.key, proof.message) == ("[[app]]", "[[second]]")


def test_a_token_of_the_action_does_not_take_the_app_secret_of_the_configuration() -> None:
    configured = context(extension_settings=CONFIGURATION | {"appSecret": "[[app]]"})

    assert "app_secret" in sent_to(configured)[0].envelope
    assert "app_secret" not in sent_to(configured, accessToken="[[other]]")[0].envelope


def test_body_parameters_of_uploads_are_sent_only_when_they_are_set() -> None:
    # Source: Meta, Main Body Parameters.
    result = item(uploadTag="store-7", namespaceId="", uploadId=5)
    body = batch_request(result.envelope, [result.payload]).body

    assert (body["upload_tag"], body["upload_id"]) == ("store-7", "5")
    assert not {"namespace_id", "upload_source"} & body.keys()


def test_a_body_parameter_that_is_not_text_is_left_out_and_named() -> None:
    result = item(uploadTag={"store": 7})

    assert "upload_tag" not in result.envelope
    assert [(warning.path, warning.code) for warning in result.warnings] == [("uploadTag", "not_text")]


@pytest.mark.parametrize(("source", "answer"), [("website", True), ("business_messaging", False)])
def test_messages_are_not_sent_twice_because_meta_would_count_both(source: str, answer: bool) -> None:
    # Source: Meta, Conversions API for Business Messaging: no de-duplication.
    assert may_repeat({"action_source": source}) is answer
