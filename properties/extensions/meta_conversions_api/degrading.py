"""Losing one optional field instead of the event: which ones an event can be sent without."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from properties.catalog.errors import Rejected
from properties.catalog.outbound import Outcome, Warn

from .parameters import CUSTOM_DATA, SETTING_OF
from .requirements import PARTNER_KEYS, check_requirements

# Without them it would be another event, count twice, or ignore what a person decided about it.
_KEPT = frozenset(
    {"event_name", "event_time", "action_source", "event_id", "user_data", "custom_data", "opt_out"}
    | {"data_processing_options", "data_processing_options_country", "data_processing_options_state"}
)
# Source: Meta, Server Event Parameters: required for website events.
_KEPT_OF_WEBSITES = frozenset({"event_source_url", "user_data.client_user_agent"})
_PARTS = ("user_data", "custom_data")
# Subcodes that stand for one field, where Meta names none.
# Source: observed, facebook/facebook-java-business-sdk issue 421 and rudderlabs/rudder-transformer.
_FIELDS_OF_CODES: Mapping[str, str] = {"100/2804036": "user_data.lead_id"}
_CUSTOM_LABELS = {row.name: row.label for row in CUSTOM_DATA}
_SHORT_LABELS = {"fbc": "Click ID (fbc)", "fbp": "Browser ID (fbp)"}


def without(payload: Mapping[str, Any], outcome: Outcome) -> tuple[dict[str, Any], Warn] | None:
    """Return a server event without the field that Meta refused, and what was left out.

    Returns:
        None when Meta names no field, the event lacks it, or Meta would refuse the event without it.
    """
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
    return lighter, Warn(path, label, "Meta refused it, so the event was sent again without it.", "left_out")


def blamed_parameter(outcome: Outcome) -> str:
    """Meta's name of the parameter that an outcome is about: ``user_data.fbc``, ``referrer_url`` or ""."""
    names = (outcome.blamed_field or _FIELDS_OF_CODES.get(outcome.code, "")).split(".")
    return ".".join(names[:2]) if names[0] in _PARTS else names[0]


def setting_of(name: str) -> tuple[str, str]:
    """Key and label of the setting that gives a parameter; the name itself where there is none."""
    part, _, key = name.rpartition(".")
    if part == "custom_data" and key != "customer_segmentation":
        return f"customData.{key}", _CUSTOM_LABELS.get(key, key)
    path, label = SETTING_OF.get(key, (name, name))
    return path, _SHORT_LABELS.get(key, label)


def _kept(payload: Mapping[str, Any]) -> frozenset[str]:
    return _KEPT | _KEPT_OF_WEBSITES if payload.get("action_source") == "website" else _KEPT


def _left_out(payload: Mapping[str, Any], part: str, key: str) -> dict[str, Any]:
    if not part:
        return {name: value for name, value in payload.items() if name != key}
    gone = PARTNER_KEYS if key in PARTNER_KEYS else {key}
    return {**payload, part: {name: value for name, value in payload[part].items() if name not in gone}}
