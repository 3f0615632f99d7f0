"""Advice, which never prevents saving the settings."""

from __future__ import annotations

from typing import Any

import pytest

from ..extension import send_event
from .meta import LEAST


def advice(**settings: Any) -> list[str]:
    assert send_event.advise is not None
    return [problem.path for problem in send_event.advise(LEAST | {"eventId": "{{Event ID}}"} | settings)]


@pytest.mark.parametrize(
    "settings",
    [
        {},
        {"eventName": "{{Event Name}}", "actionSource": "{{Source}}", "eventSourceUrl": ""},
        {"eventName": "my_own_event"},
        {"actionSource": "email", "eventSourceUrl": "", "clientUserAgent": "", "eventId": ""},
        {"customData": {"value": "{{Value}}", "currency": "{{Currency}}"}},
        {"actionSource": "app", "appData": "{{App Data}}"},
        {"customData": {"content_ids": ["1"], "content_type": "product"}},
        {"customData": {"event_source": "crm", "lead_event_source": "My CRM"}, "eventName": "Qualified"},
        {
            **{"actionSource": "business_messaging", "messagingChannel": "whatsapp", "eventName": "Purchase"},
            **{"pageId": "{{Page}}", "ctwaClid": "{{Click}}"},
        },
    ],
)
def test_good_settings_get_no_advice(settings: dict[str, Any]) -> None:
    assert advice(**settings) == []


@pytest.mark.parametrize(
    ("settings", "paths"),
    [
        # Source: Meta, Pixel Reference, standard events: spelling must be exact.
        ({"eventName": "purchase"}, ["eventName"]),
        ({"eventName": "Add To Cart"}, ["eventName"]),
        ({"eventName": "view_content"}, ["eventName"]),
        # Source: Meta, Server Event Parameters: asked for in website events, accepted without (observed).
        ({"eventSourceUrl": ""}, ["eventSourceUrl"]),
        ({"clientUserAgent": ""}, ["clientUserAgent"]),
        # Source: Meta, Handling Duplicate Pixel and Conversions API Events.
        ({"eventId": ""}, ["eventId"]),
        ({"eventId": "order-1"}, ["eventId"]),
        # Source: Meta, Custom Data Parameters: a value needs a currency.
        ({"customData": {"value": 5}}, ["customData.currency"]),
        # Source: Meta, App Data Parameters; Conversions API for Business Messaging;
        # Original Event Data Parameters.
        ({"actionSource": "app"}, ["appData"]),
        (
            {"actionSource": "app", "appData": {"vendor_id": "v"}},
            [
                *("appData.advertiser_tracking_enabled", "appData.extinfo"),
                "appData.application_tracking_enabled",
            ],
        ),
        ({"actionSource": "business_messaging"}, ["messagingChannel", "eventName"]),
        (
            {
                **{"actionSource": "business_messaging", "messagingChannel": "whatsapp"},
                "eventName": "Purchase",
            },
            ["whatsappBusinessAccountId", "ctwaClid"],
        ),
        # Source: Meta, Custom Data Parameters: catalog ads.
        ({"customData": {"content_ids": "{{IDs}}"}}, ["customData.content_type"]),
        ({"customData": {"contents": "{{Items}}"}}, ["customData.content_type"]),
        # Source: Meta, Conversions API for CRM: payload specification.
        ({"customData": {"event_source": "crm"}, "eventName": "Qualified"}, ["customData.lead_event_source"]),
        (
            {"customData": {"event_source": "crm", "lead_event_source": "x"}, "eventName": "Lead"},
            ["eventName"],
        ),
        ({"eventName": "AppendValue"}, ["originalEventData"]),
        ({"eventName": "AppendAttribution"}, ["originalEventData", "attributionData"]),
    ],
)
def test_advice_names_the_path_of_the_setting(settings: dict[str, Any], paths: list[str]) -> None:
    assert advice(**settings) == paths


def test_an_action_without_customer_information_gets_advice_to_add_it() -> None:
    # Source: Meta, Customer Information Parameters: at least one usable key.
    assert advice(clientIpAddress="", clientUserAgent="{{}}", actionSource="email", eventSourceUrl="") == []
    assert advice(clientIpAddress="", clientUserAgent="", actionSource="email") == ["email"]
