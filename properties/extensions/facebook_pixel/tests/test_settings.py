"""What settings are refused, the starting points, and what becomes of the actions of Adobe's extension."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from properties.catalog.forms import check_settings
from properties.catalog.tokens import tokens_of
from tests.client_module import client_files

from ..adobe import ACTIONS
from ..extension import GENERATE_EVENT_ID, SEND_PIXEL_EVENT, extension
from ..standard_events import STANDARD_EVENTS

ID = {"pixelId": "1234567890"}
# Adobe's fields of each event: adobe/reactor-extension-facebook-pixel 1.3.2, extension.json.
FIELDS = {
    "PageView": "",
    "InitiateCheckout": "content_category content_ids contents currency num_items value",
    "AddPaymentInfo": "content_category content_ids contents currency value",
    "Search": "content_category content_ids contents currency search_string value",
    "ViewContent": "content_category content_ids content_name content_type contents currency value",
    "AddToCart": "content_ids content_name content_type contents currency value",
    "AddToWishlist": "content_ids content_name content_category contents currency value",
    "Purchase": "content_ids content_name content_type contents currency num_items value",
    "Lead": "content_name content_category currency value",
    "CompleteRegistration": "content_name currency status value",
    "StartTrial": "currency predicted_ltv value",
    "Subscribe": "currency predicted_ltv value",
    **dict.fromkeys(
        ("Contact", "CustomizeProduct", "Donate", "FindLocation", "Schedule", "SubmitApplication"), ""
    ),
}


@pytest.fixture(autouse=True)
def _tags() -> Iterator[None]:
    with tokens_of("web"):
        yield


def problems(kind: Any, settings: dict[str, Any]) -> list[str]:
    return [it.message for it in check_settings(kind, settings, elements=None)]


def test_each_standard_event_has_the_parameters_of_adobes_form() -> None:
    assert {name: set(keys) for name, (_, keys) in STANDARD_EVENTS.items()} == {
        name: set(keys.split()) for name, keys in FIELDS.items()
    }


def test_each_standard_event_is_a_starting_point() -> None:
    presets = {preset.settings["eventName"]: preset for preset in SEND_PIXEL_EVENT.presets}
    assert set(presets) == set(FIELDS)
    asked = set(presets["Purchase"].suggestions) - {"eventId"}
    assert asked == {f"parameters.{key}" for key in FIELDS["Purchase"].split()}
    assert presets["Purchase"].needed == ("parameters.value", "parameters.currency")


def test_the_browser_knows_the_same_standard_events() -> None:
    [file] = [path for path in client_files("facebook_pixel") if path.name == "send_pixel_event.js"]
    text = file.read_text("utf-8")
    assert [name for name in FIELDS if f"'{name}'" not in text] == []


@pytest.mark.parametrize(
    ("settings", "word"),
    [
        ({}, "needed"),
        ({"pixelId": "EAA-token"}, "digits alone"),
        ({**ID, "dataLayerPath": "data layer"}, "names of variables"),
        ({**ID, "lduEnabled": True, "dataProcessingOptionsCountry": "1"}, "both country and state"),
        ({**ID, "lduEnabled": True, "dataProcessingOptionsState": "1000"}, "both country and state"),
    ],
)
def test_a_wrong_configuration_is_refused_in_words(settings: dict[str, Any], word: str) -> None:
    [found] = problems(extension.configuration, settings)
    assert word in found


@pytest.mark.parametrize(
    "settings",
    [
        {"pixelId": "%Pixel%", "defaultConsent": "%Consent%"},
        {**ID, "lduEnabled": True},
        {**ID, "lduEnabled": True, "dataProcessingOptionsCountry": "1", "dataProcessingOptionsState": "1000"},
        {**ID, "advancedMatching": {"em": "%Email%"}, "dataLayerPath": "window.shop_data.$meta"},
    ],
)
def test_a_right_configuration_is_accepted(settings: dict[str, Any]) -> None:
    assert problems(extension.configuration, settings) == []


@pytest.mark.parametrize(
    ("settings", "word"),
    [
        ({}, "needed"),
        ({"eventName": "a" * 51}, "50 characters"),
        ({"eventName": "Purchase", "parameters": {"value": 9}}, "needs it for Purchase"),
    ],
)
def test_a_wrong_event_is_refused_in_words(settings: dict[str, Any], word: str) -> None:
    [found] = problems(SEND_PIXEL_EVENT, settings)
    assert word in found


def test_a_purchase_with_data_elements_is_accepted() -> None:
    for parameters in ("%Data Layer%", {"value": "%Value%", "currency": "EUR"}):
        assert problems(SEND_PIXEL_EVENT, {"eventName": "Purchase", "parameters": parameters}) == []
    assert problems(GENERATE_EVENT_ID, {"dataLayerPath": "window.shop.meta"}) == []


@pytest.mark.parametrize("name", ["purchase", "Add To Cart", "view_content"])
def test_a_name_that_is_nearly_a_standard_event_is_named(name: str) -> None:
    assert SEND_PIXEL_EVENT.advise
    assert len(list(SEND_PIXEL_EVENT.advise({"eventName": name}))) == 1
    assert list(SEND_PIXEL_EVENT.advise({"eventName": "Purchase"})) == []


def test_each_of_adobes_nineteen_actions_becomes_one_event() -> None:
    assert len(ACTIONS) == 19
    assert set(SEND_PIXEL_EVENT.replaces) == {f"facebook-pixel::actions::{name}" for name in ACTIONS}
    for action, name in ACTIONS.items():
        theirs = {"event_id": "%Id%", "value": "%Value%", "currency": ""} | ({} if name else {"name": "Own"})
        ours, notes = SEND_PIXEL_EVENT.adopt_as[f"facebook-pixel::actions::{action}"](theirs)
        assert ours == {"eventName": name or "Own", "eventId": "%Id%", "parameters": {"value": "%Value%"}}
        assert notes == []


def test_adobes_custom_event_keeps_its_parameters() -> None:
    theirs = {"name": "Own", "parameters": [{"key": "size", "value": "42"}, {"key": "", "value": "x"}]}
    ours, _ = SEND_PIXEL_EVENT.adopt_as["facebook-pixel::actions::send-custom-event"](theirs)
    assert ours == {"eventName": "Own", "parameters": {"size": "42"}}
    assert problems(SEND_PIXEL_EVENT, ours) == []


def test_adobes_page_view_has_no_settings() -> None:
    ours, _ = SEND_PIXEL_EVENT.adopt_as["facebook-pixel::actions::send-page-view"]({})
    assert ours == {"eventName": "PageView"}


def test_the_event_id_of_adobes_configuration_is_left_out_and_named() -> None:
    configuration = extension.configuration
    assert configuration
    assert configuration.adopt
    assert configuration.adopt({**ID, "eventId": "%Id%"})[0] == ID
    assert len(configuration.adopt({**ID, "eventId": "%Id%"})[1]) == 1
    assert configuration.adopt(ID) == (ID, [])


@pytest.mark.parametrize("path", client_files("facebook_pixel"), ids=lambda path: path.name)
def test_a_module_exports_one_thing_in_strict_mode(path: Path) -> None:
    text = path.read_text("utf-8")
    assert text.startswith("'use strict';\n\n")
    assert text.count("module.exports =") == 1
