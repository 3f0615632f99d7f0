"""The item of one event and the request for many."""

from __future__ import annotations

import pytest

from properties.catalog.errors import Rejected

from ..actions import batch_request, send_conversions_api_event
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


def test_the_test_event_code_stands_beside_the_events_and_only_when_test_event_is_checked() -> None:
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
        ({"isTestEvent": True}, CONFIGURATION, "test_event_code"),
    ],
)
def test_without_pixel_token_or_test_code_nothing_is_sent(
    settings: dict[str, object], configuration: dict[str, str], code: str
) -> None:
    with pytest.raises(Rejected) as raised:
        send_conversions_api_event(LEAST | settings, context(extension_settings=configuration))

    assert raised.value.code == code
