"""The recipe: each event with the parameters that the Pixel offers for it, and names that presets find."""

from __future__ import annotations

from properties.catalog.registry import find_type

from ..presets import NAMES
from ..quick_start.events import EVENTS, FOR_THE_SERVER, KEYS
from ..quick_start.forwarding import forwarding
from ..quick_start.tags import tags

ANSWERS = {"pixelId": "1234567890", "accessToken": "EAAB1", "dataLayerPath": "window.dataLayer.meta"}


def test_each_event_has_the_parameters_that_the_form_of_the_pixel_offers() -> None:
    """Source: adobe/reactor-extension-facebook-pixel, the forms of its actions."""
    action = find_type("facebook-pixel::actions::send-pixel-event")
    assert action is not None
    presets = {preset.title: preset for preset in action.presets}
    assert EVENTS.keys() == presets.keys()
    for name, keys in EVENTS.items():
        asked = {key.removeprefix("parameters.") for key in presets[name].suggestions if "." in key}
        assert set(keys) == asked, name


def test_the_server_sends_what_the_pixel_sends_and_the_order_id() -> None:
    for rule in tags(ANSWERS, "shoes.example event forwarding")["rules"]:
        _, server, pixel = rule["actions"]
        data = dict(server["settings"]["data"])
        event, _, user = data.pop("event"), data.pop("event_id"), data.pop("user")
        assert user == "%MetaConversion_user%"
        further = {key: data.pop(key) for key in FOR_THE_SERVER.get(event, ())}
        assert set(further) == ({"order_id"} if event == "Purchase" else set())
        assert data == pixel["settings"]["parameters"]


def test_presets_fill_their_fields_from_the_data_elements() -> None:
    names = {it["name"].lower() for it in forwarding(ANSWERS)["data_elements"]}
    for key in KEYS:
        assert names & set(NAMES[f"customData.{key}"]), key


def test_the_data_layer_is_documented_where_it_is_read() -> None:
    layer, *_ = tags(ANSWERS, "x")["data_elements"]
    assert layer["name"] == "MetaConversion_DataLayer"
    for key in (*KEYS, "user", "conversionData"):
        assert key in layer["settings"]["source"], key
    assert layer["settings"]["source"].endswith("return window.dataLayer && window.dataLayer.meta;")
