"""Presets for the action. Source: Meta, Pixel Reference, standard events."""

from __future__ import annotations

import copy
from collections.abc import Iterator, Sequence
from typing import Any

import pytest

from properties.catalog.descriptor import Field, Preset
from properties.catalog.errors import Rejected
from properties.catalog.outbound import BatchItem

from ..actions import send_conversions_api_event
from ..advice import advise_action
from ..checks import check_action
from ..extension import send_event
from ..parameters import STANDARD_EVENTS
from ..presets import NAMES, PRESETS
from .meta import DAY_SECONDS, RECEIVED_AT, codes, context


def keys_of(fields: Sequence[Field], above: str = "") -> Iterator[str]:
    for field in fields:
        yield above + field.key
        yield from keys_of(field.properties, f"{above}{field.key}.")


KEYS = set(keys_of(send_event.fields))


def preset(name: str) -> Preset:
    return next(it for it in PRESETS if it.name == name)


def test_every_standard_event_has_a_preset() -> None:
    assert {it.settings["eventName"] for it in PRESETS} >= set(STANDARD_EVENTS)
    assert len({it.name for it in PRESETS}) == len(PRESETS)


def test_a_purchase_needs_value_and_currency() -> None:
    """Source: Meta, Pixel Reference, standard events: only Purchase has required data."""
    needed = {"customData.value", "customData.currency"}
    assert needed <= set(preset("purchase").needed)
    with_money = {it.name for it in PRESETS if needed & set(it.needed)}
    assert with_money == {it.name for it in PRESETS if it.settings["eventName"] == "Purchase"}


@pytest.mark.parametrize("one", PRESETS, ids=[it.name for it in PRESETS])
def test_a_preset_fills_only_fields_of_the_form(one: Preset) -> None:
    assert set(one.suggestions) <= KEYS
    assert set(one.needed) <= set(one.suggestions)
    assert set(one.settings) <= KEYS


def test_each_name_means_one_parameter() -> None:
    names = [name for names in NAMES.values() for name in names]
    assert sorted(names) == sorted(set(names))


def test_a_stage_of_a_lead_says_that_it_comes_from_a_crm() -> None:
    """Source: Meta, Conversion Leads Integration: event_source is crm, action_source system_generated."""
    stage = preset("crm-lead-stage")
    assert stage.settings["actionSource"] == "system_generated"
    assert stage.settings["customData"] == {"event_source": "crm"}


# Each preset with all its fields filled is an event that Meta takes; without one that it needs, it is not.

# Source: Meta, App Data Parameters, sample of "extinfo"; fbp and fbc Parameters.
EXTINFO = [
    *("a2", "com.some.app", "771", "Version 7.7.1", "10.1.1", "OnePlus6", "en_US", "GMT-1", "TMobile"),
    *("1920", "1080", "2.00", "2", "128", "8", "USA/New York"),
]
VALUES: dict[str, Any] = {
    "eventTime": RECEIVED_AT - 60,
    "eventId": "e-1",
    "eventSourceUrl": "https://shop.example/",
    "clientIpAddress": "192.0.2.7",
    "clientUserAgent": "Mozilla/5.0",
    "fbc": "fb.1.1699999000000.AbCdEf",
    "fbp": "fb.1.1699999000000.1116446470",
    "email": "John_Smith@gmail.com",
    "phone": "+16505551212",
    "firstName": "Mary",
    "lastName": "Smith",
    "city": "Menlo Park",
    "state": "CA",
    "zip": "94025",
    "country": "us",
    "externalId": "c-1",
    "dob": "1997-02-16",
    "gender": "f",
    "leadId": 525645896321548,
    "madid": "38400000-8cf0-11bd-b23e-10b96e40000d",
    "anonId": "XZ1-2",
    "pageId": "105678901234567",
    "pageScopedUserId": "7012345678901234",
    "whatsappBusinessAccountId": "209876543210987",
    "ctwaClid": "ARAkLkA8rmlFeiCktEJQ-QTwRiyYHAFDLMNDBH0CD3qpjd0HR4irJ6LEkR7JwFF4XvnO2E4Nx0",
    "igAccountId": "17841400000000000",
    "igSid": "1234567890123456",
    "appData.advertiser_tracking_enabled": "1",
    "appData.application_tracking_enabled": "1",
    "appData.extinfo": EXTINFO,
    "storeData.store_code": "S-7",
    "storeData.store_page_id": "105678901234567",
    "customData.value": 9.5,
    "customData.currency": "USD",
    "customData.contents": [{"id": "sku-1", "quantity": 1}],
    "customData.content_ids": ["sku-1"],
    "customData.num_items": 1,
    "customData.predicted_ltv": 99,
}


def filled(one: Preset, without: str = "") -> dict[str, Any]:
    """Return the settings of a preset with a value in each of its fields but one."""
    settings = copy.deepcopy(dict(one.settings))
    for key in one.suggestions:
        if key != without:
            holder, _, name = key.rpartition(".")
            place = settings.setdefault(holder, {}) if holder else settings
            place[name] = VALUES.get(key, "example")
    return settings


def built(settings: dict[str, Any]) -> dict[str, Any]:
    result = send_conversions_api_event(settings, context())
    assert isinstance(result, BatchItem)
    assert codes(result) == []
    return dict(result.payload)


@pytest.mark.parametrize("one", PRESETS, ids=[it.name for it in PRESETS])
def test_a_filled_preset_is_an_event_without_a_warning(one: Preset) -> None:
    event = built(filled(one))
    assert event["event_name"] == one.settings["eventName"]
    assert event["action_source"] == one.settings["actionSource"]
    assert list(check_action(filled(one))) == []


def trouble(settings: dict[str, Any]) -> set[str]:
    """Return why an event is not sent, else the fields that somebody is told about."""
    told = {problem.path for problem in [*advise_action(settings), *check_action(settings)]}
    try:
        result = send_conversions_api_event(settings, context())
    except Rejected as error:
        return {error.code}
    assert isinstance(result, BatchItem)
    return told | {warning.path for warning in result.warnings}


@pytest.mark.parametrize(
    ("one", "key"),
    [(it, key) for it in PRESETS for key in it.needed],
    ids=[f"{it.name}-{key}" for it in PRESETS for key in it.needed],
)
def test_what_a_preset_needs_is_what_meta_asks_for(one: Preset, key: str) -> None:
    """Source: Meta, App Data Parameters; Conversions API for Business Messaging; Pixel Reference."""
    # The time of a late order, and the lead of a CRM, are known to the sender alone.
    if key not in ("eventTime", "leadId"):
        refusals = {"app_data", "purchase_incomplete", "messaging_ids"}
        assert trouble(filled(one, without=key)) & {*refusals, key}


def in_group(source: str) -> list[Preset]:
    return [it for it in PRESETS if it.settings["actionSource"] == source]


def test_app_presets_carry_what_app_events_need() -> None:
    """Source: Meta, Conversions API for App Events: both flags, 16 values, an id of the device or app."""
    for one in in_group("app"):
        event = built(filled(one))
        assert event["app_data"]["advertiser_tracking_enabled"] == 1
        assert event["app_data"]["application_tracking_enabled"] == 1
        assert event["app_data"]["extinfo"] == EXTINFO
        assert {"madid", "anon_id"} <= event["user_data"].keys()
    assert "MobileAppInstall" in {it.settings["eventName"] for it in in_group("app")}


def test_store_presets_carry_what_offline_events_are_matched_and_deduplicated_by() -> None:
    """Source: Meta, Conversions API for Offline Events: order_id and item_number strongly advised."""
    for one in in_group("physical_store"):
        event = built(filled(one))
        assert {"order_id", "item_number", "value", "currency"} <= event["custom_data"].keys()
        assert event["store_data"] == {"store_code": "S-7", "store_page_id": "105678901234567"}
        assert {"em", "ph", "ge", "zp"} <= event["user_data"].keys()


def test_a_store_order_of_two_months_ago_is_taken() -> None:
    """Source: Meta, Server Event Parameters, "event_time": 62 days for physical_store."""
    settings = filled(preset("store-purchase")) | {"eventTime": RECEIVED_AT - 61 * DAY_SECONDS}
    assert built(settings)["event_time"] == RECEIVED_AT - 61 * DAY_SECONDS


@pytest.mark.parametrize(
    ("name", "ids"),
    [
        ("whatsapp-purchase", {"whatsapp_business_account_id", "ctwa_clid"}),
        ("messenger-purchase", {"page_id", "page_scoped_user_id"}),
        ("instagram-purchase", {"ig_account_id", "ig_sid"}),
    ],
)
def test_message_presets_carry_the_ids_of_their_channel(name: str, ids: set[str]) -> None:
    """Source: Meta, Conversions API for Business Messaging."""
    event = built(filled(preset(name)))
    assert event["messaging_channel"] == name.partition("-")[0]
    assert ids <= event["user_data"].keys()
    assert not {"client_ip_address", "client_user_agent", "fbc", "fbp"} & event["user_data"].keys()


def test_the_preset_of_a_lead_has_what_a_crm_sends() -> None:
    """Source: Meta, Conversions API for CRM: payload specification."""
    event = built(filled(preset("crm-lead-stage")))
    assert event["custom_data"] == {"event_source": "crm", "lead_event_source": "example"}
    assert event["user_data"]["lead_id"] == VALUES["leadId"]


def test_presets_for_apps_and_stores_lead_to_their_page_of_help() -> None:
    assert {it.help_page for it in in_group("app")} == {"meta-conversions-api/mobile-app-events"}
    assert {it.help_page for it in in_group("physical_store")} == {"meta-conversions-api/store-events"}
