"""Checks of settings in forms and property documents."""

from __future__ import annotations

from typing import Any

import pytest

from ..extension import configuration, send_event
from .meta import LEAST

PURCHASE = {"eventName": "Purchase", "customData": {"currency": "{{Currency}}", "value": "{{Total}}"}}


def problems(**settings: Any) -> list[str]:
    assert send_event.check is not None
    return [problem.path for problem in send_event.check(LEAST | settings)]


@pytest.mark.parametrize(
    "settings",
    [
        {},
        PURCHASE,
        PURCHASE | {"customData": "{{Data}}"},
        PURCHASE | {"customData": '{"currency": "EUR", "value": 0}'},
        {"eventName": "{{Event Name}}"},
        {"actionSource": "{{Source}}", "eventSourceUrl": ""},
        {"actionSource": "email", "eventSourceUrl": ""},
        {"eventSourceUrl": "{{Page URL}}"},
        {"isTestEvent": True, "testEventCode": "{{Code}}"},
        {"isTestEvent": False},
        {"partnerName": "liveramp", "partnerId": "{{RampID}}"},
        {"lduEnabled": True},
        {"lduEnabled": True, "clientIpAddress": "", "dataProcessingOptionsState": "1000"},
        {"lduEnabled": True, "dataProcessingOptionsCountry": "1", "dataProcessingOptionsState": "{{State}}"},
        {"lduEnabled": True, "dataProcessingOptionsCountry": "0", "dataProcessingOptionsState": "0"},
        {"dataProcessingOptionsCountry": "1"},
        {"pixelId": "{{Pixel}}"},
    ],
)
def test_settings_that_can_be_sent_have_no_problem(settings: dict[str, Any]) -> None:
    assert problems(**settings) == []


@pytest.mark.parametrize(
    ("settings", "paths"),
    [
        # Source: Meta, Server Event Parameters, "action_source"; Adobe, Meta Conversions API extension.
        ({"eventSourceUrl": "shop.example"}, ["eventSourceUrl"]),
        ({"referrerUrl": "shop.example"}, ["referrerUrl"]),
        ({"actionSource": "web"}, ["actionSource"]),
        # Source: Meta, Standard Parameters: Purchase needs currency and value.
        ({"eventName": "Purchase"}, ["customData.currency", "customData.value"]),
        ({"eventName": "Purchase", "customData": {"value": 0}}, ["customData.currency"]),
        ({"eventName": "Purchase", "customData": '{"currency": "EUR"}'}, ["customData.value"]),
        ({"customData": {"value": "1.299,50"}}, ["customData.value"]),
        ({"customData": {"currency": "XYZ"}}, ["customData.currency"]),
        ({"customData": "{broken"}, ["customData"]),
        ({"customData": "[" * 60_000}, ["customData"]),
        ({"isTestEvent": True}, ["testEventCode"]),
        ({"partnerName": "liveramp"}, ["partnerId"]),
        ({"partnerId": "XY"}, ["partnerName"]),
        # Source: Meta, Data Processing Options for US Users.
        ({"lduEnabled": True, "clientIpAddress": ""}, ["clientIpAddress"]),
        ({"lduEnabled": True, "dataProcessingOptionsCountry": "1"}, ["dataProcessingOptionsState"]),
        (
            {"lduEnabled": True, "dataProcessingOptionsCountry": 0, "dataProcessingOptionsState": 1000},
            ["dataProcessingOptionsState"],
        ),
        ({"lduEnabled": True, "dataProcessingOptionsState": "California"}, ["dataProcessingOptionsState"]),
        ({"pixelId": "my pixel"}, ["pixelId"]),
    ],
)
def test_a_setting_that_meta_would_refuse_is_named_by_its_path(
    settings: dict[str, Any], paths: list[str]
) -> None:
    assert problems(**settings) == paths


def test_every_problem_is_named_at_once() -> None:
    assert len(problems(eventName="Purchase", eventSourceUrl="shop.example", isTestEvent=True)) == 4


def test_a_pixel_id_of_the_configuration_has_digits_only() -> None:
    assert configuration.check is not None
    paths = [problem.path for problem in configuration.check({"pixelId": "abc", "accessToken": "t"})]

    assert paths == ["pixelId"]


@pytest.mark.parametrize(
    ("rows", "paths"),
    [
        ([{"pixelId": "2", "accessToken": "t"}, {"pixelId": "{{Pixel}}", "accessToken": "{{Token}}"}], []),
        ([{"pixelId": "abc"}], ["additionalPixels[0].pixelId"]),
        ([{"pixelId": "1"}], ["additionalPixels[0].pixelId"]),
        ([{"pixelId": "2"}, {"pixelId": "2"}], ["additionalPixels[1].pixelId"]),
    ],
)
def test_additional_pixels_have_digits_and_are_unique(rows: list[dict[str, str]], paths: list[str]) -> None:
    assert configuration.check is not None
    found = configuration.check({"pixelId": "1", "accessToken": "t", "additionalPixels": rows})

    assert [problem.path for problem in found] == paths


@pytest.mark.parametrize(
    "address", ["https://<your-domain.com>", "https://your-domain.com/a", "https://undefined/", "https://"]
)
def test_an_address_in_which_the_site_is_missing_is_refused(address: str) -> None:
    found = list(send_event.check(GOOD_ADDRESS | {"eventSourceUrl": address}))

    assert [problem.path for problem in found] == ["eventSourceUrl"]


@pytest.mark.parametrize("address", ["https://shop.example/?a=1", "https://{{Host}}/a", "{{Page URL}}"])
def test_an_address_with_its_site_or_a_data_element_passes(address: str) -> None:
    assert list(send_event.check(GOOD_ADDRESS | {"eventSourceUrl": address})) == []


GOOD_ADDRESS = {"eventName": "Lead", "actionSource": "website", "email": "john_smith@gmail.com"}
