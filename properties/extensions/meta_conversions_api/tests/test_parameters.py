"""The parameter table, and the form fields made from it."""

from __future__ import annotations

import pytest

from properties.catalog.form_levels import level_of
from properties.catalog.forms import form_for

from ..extension import send_event
from ..parameters import ADVANCED, CUSTOM, CUSTOMER, EVENT, LDU, PARAMETERS, SECTIONS, TEST, Parameter

# Source: Adobe, Meta Conversions API extension: labels and setting keys of the action, section by section.
ADOBE = {
    EVENT: {
        "Action Source": "actionSource",
        "Event Name": "eventName",
        "Event Time": "eventTime",
        "Event Source URL": "eventSourceUrl",
        "Event ID": "eventId",
        "Opt Out": "optOut",
    },
    LDU: {"Enable Limited Data Use": "lduEnabled"},
    CUSTOMER: {
        "Client IP Address": "clientIpAddress",
        "Client User Agent": "clientUserAgent",
        "Email": "email",
        "Phone": "phone",
        "Gender": "gender",
        "Date of Birth": "dob",
        "Last Name": "lastName",
        "First Name": "firstName",
        "City": "city",
        "State": "state",
        "Zip": "zip",
        "Country": "country",
        "External ID": "externalId",
        "Click ID": "fbc",
        "Browser ID": "fbp",
        "Subscription ID": "subscriptionId",
        "Meta Login ID": "fbLoginId",
        "Lead ID": "leadId",
    },
    CUSTOM: {"Custom Data": "customData"},
    TEST: {"Send as Test Event": "isTestEvent", "Test Event Code": "testEventCode"},
    ADVANCED: {
        "Pixel ID": "pixelId",
        "Access Token": "accessToken",
        "Partner Name (alpha)": "partnerName",
        "Partner ID (alpha)": "partnerId",
    },
}

# Source: Meta, Customer Information Parameters: required hashing, and recommended hashing of external_id.
HASHED = {"em", "ph", "fn", "ln", "db", "ge", "ct", "st", "zp", "country", "external_id"}
ONLY_IN_METAS_LIBRARY = {"f5first", "f5last", "fi", "dobd", "dobm", "doby"}


def rows(section: str) -> list[Parameter]:
    return [row for row in PARAMETERS if row.section == section]


@pytest.mark.parametrize("section", ADOBE)
def test_every_field_of_adobes_action_is_there_under_its_label_and_key(section: str) -> None:
    found = {row.label: row.key for row in rows(section)}

    assert ADOBE[section].items() <= found.items()


def test_the_sections_stand_in_the_order_of_the_page() -> None:
    # App Data and Advanced are ours; the others are the sections of Adobe's form.
    assert [section.title for section in SECTIONS] == [
        "Server Event Parameters",
        "Customer Information Parameters",
        "Custom Data",
        "App Data",
        "Limited Data Use",
        "Test Event",
        "Advanced",
    ]


@pytest.mark.parametrize(
    ("settings", "needed", "recommended"),
    [
        (
            {"eventName": "Purchase", "actionSource": "website"},
            {"eventName", "actionSource", "eventSourceUrl", "clientUserAgent"}
            | {"customData.value", "customData.currency"},
            {"eventId", "eventTime", "email", "phone", "externalId", "fbc", "fbp"},
        ),
        (
            {"eventName": "Search", "actionSource": "app"},
            {"eventName", "actionSource", "appData.advertiser_tracking_enabled"} | {"appData.extinfo"},
            {"eventId", "eventTime", "email", "phone", "externalId", "fbc", "fbp"}
            | {"customData.search_string", "appData.application_tracking_enabled"},
        ),
    ],
)
def test_the_form_opens_on_what_the_event_needs(
    settings: dict[str, str], needed: set[str], recommended: set[str]
) -> None:
    """Source: Meta, Server Event Parameters, "required"; Pixel Reference, standard events."""
    form = form_for(send_event, settings=settings, elements=())
    levels = {path: level_of(form, leaf) for path, leaf in form.leaves.items()}
    assert {path for path, level in levels.items() if level == "needed"} == needed
    assert {path for path, level in levels.items() if level == "recommended"} == recommended


def test_exactly_the_documented_parameters_are_hashed() -> None:
    assert {row.name for row in PARAMETERS if row.hashed} == HASHED | ONLY_IN_METAS_LIBRARY


def test_every_row_has_a_label_a_section_and_a_page_of_the_vendor() -> None:
    for row in PARAMETERS:
        for each in (row, *row.properties):
            assert each.label
            assert each.section
            assert each.url.startswith("https://developers.facebook.com/")


def test_the_form_has_one_field_for_each_row() -> None:
    keys = [field.key for field in send_event.fields]

    assert keys == [row.key for row in PARAMETERS]
    assert len(set(keys)) == len(keys)
