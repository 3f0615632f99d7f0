"""Removes one refused optional field from a server event, so that the event itself can be delivered."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from properties.catalog.errors import Rejected
from properties.catalog.outbound import Outcome, Warn

from .parameters import OWN_SECTIONS, SERVER_EVENT, SETTING_OF, Parameter
from .requirements import PARTNER_KEYS, check_requirements

# Without them the event would change its meaning, count twice, or ignore a person's privacy choice.
_KEPT = frozenset(
    {"event_name", "event_time", "action_source", "event_id", "user_data", "opt_out"}
    | {"data_processing_options", "data_processing_options_country", "data_processing_options_state"}
)
# Source: Meta, Server Event Parameters: required for website events.
_KEPT_OF_WEBSITES = frozenset({"event_source_url", "user_data.client_user_agent"})
_OBJECTS: Mapping[str, tuple[Parameter, ...]] = {
    row.name: tuple(row.properties) for row in (*SERVER_EVENT, *OWN_SECTIONS) if row.properties
}
_PARTS = ("user_data", *_OBJECTS)
# Subcodes that mean one field that Meta's answer does not name.
# Source: observed, facebook/facebook-java-business-sdk issue 421 and rudderlabs/rudder-transformer;
# facebookincubator/ConversionsAPI-Tag-for-GoogleTagManager issue 37 (contents).
_FIELDS_OF_CODES: Mapping[str, str] = {
    "100/2804036": "user_data.lead_id",
    "100/2804008": "custom_data.contents",
}
_CONTENTS = ("custom_data", "contents")
# Source: Meta, Custom Data Parameters, "contents".
_KEYS_OF_ITEMS = frozenset(
    {"id", "quantity", "item_price", "delivery_category", "title", "description", "brand", "category"}
)
_NEEDED_OF_ITEMS = frozenset({"id", "quantity"})
_LABELS = {
    f"{part}.{row.name}": (f"{setting}.{row.key}", row.label)
    for part, rows in _OBJECTS.items()
    for setting in [next(it.key for it in (*SERVER_EVENT, *OWN_SECTIONS) if it.name == part)]
    for row in rows
}
_SHORT_LABELS = {"fbc": "Click ID (fbc)", "fbp": "Browser ID (fbp)"}
_LEFT_OUT = "Meta refused it, so the event was sent again without it."


def without(payload: Mapping[str, Any], outcome: Outcome) -> tuple[dict[str, Any], Warn] | None:
    """Return a server event without the field that Meta refused, and a warning that names the field.

    Returns:
        None if Meta names no field, if the event does not have it, or if Meta requires it.
    """
    names = _blamed_names(outcome)
    slimmer = _without_key_of_items(payload, names)
    if slimmer:
        return slimmer
    name = blamed_parameter(outcome)
    part, _, key = name.rpartition(".")
    if not name or name in _kept(payload) or key not in (payload.get(part, {}) if part else payload):
        return None
    lighter = _left_out(payload, part, key)
    try:
        check_requirements(lighter)
    except Rejected:
        return None
    path, label = setting_of(name)
    return lighter, Warn(path, label, _LEFT_OUT, "left_out", is_lost=True)


def _without_key_of_items(payload: Mapping[str, Any], names: list[str]) -> tuple[dict[str, Any], Warn] | None:
    """Return the event with ``contents`` that have neither the refused key nor other keys unknown to Meta.

    Meta would refuse each unknown key in turn, and catalog matching needs the products.
    """
    items = payload.get("custom_data", {}).get("contents")
    if len(names) < 4 or tuple(names[:2]) != _CONTENTS or not isinstance(items, list):
        return None
    key = names[3]
    if key in _NEEDED_OF_ITEMS or not any(isinstance(item, Mapping) and key in item for item in items):
        return None
    kept = _KEYS_OF_ITEMS - {key}
    slim = [
        {name: it[name] for name in it if name in kept} if isinstance(it, Mapping) else it for it in items
    ]
    path, label = setting_of("custom_data.contents")
    data = {**payload["custom_data"], "contents": slim}
    return {**payload, "custom_data": data}, Warn(
        path, f"{key} of {label}", _LEFT_OUT, "left_out", is_lost=True
    )


def _blamed_names(outcome: Outcome) -> list[str]:
    return (outcome.blamed_field or _FIELDS_OF_CODES.get(outcome.code, "")).split(".")


def blamed_parameter(outcome: Outcome) -> str:
    """Return Meta's name of the parameter that caused an outcome, such as ``user_data.fbc``, or ""."""
    names = _blamed_names(outcome)
    return ".".join(names[:2]) if names[0] in _PARTS else names[0]


def setting_of(name: str) -> tuple[str, str]:
    """Return key and label of the setting for a parameter; if there is none, the parameter's name as both."""
    if name in _LABELS and name != "custom_data.customer_segmentation":
        return _LABELS[name]
    part, _, key = name.rpartition(".")
    if part == "custom_data" and key != "customer_segmentation":
        return f"customData.{key}", key
    if name == "custom_data":
        return "customData", "Custom Data"
    path, label = SETTING_OF.get(key, (name, name))
    return path, _SHORT_LABELS.get(key, label)


def _kept(payload: Mapping[str, Any]) -> frozenset[str]:
    return _KEPT | _KEPT_OF_WEBSITES if payload.get("action_source") == "website" else _KEPT


def _left_out(payload: Mapping[str, Any], part: str, key: str) -> dict[str, Any]:
    if not part:
        return {name: value for name, value in payload.items() if name != key}
    gone = PARTNER_KEYS if key in PARTNER_KEYS else {key}
    kept = {name: value for name, value in payload[part].items() if name not in gone}
    if not kept and part != "user_data":
        return {name: value for name, value in payload.items() if name != part}
    return {**payload, part: kept}
