"""New actions from a preset: fields filled from data elements, and fields left empty."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from properties.catalog.descriptor import ActionType
from properties.catalog.registry import find_type
from properties.models import DataElement, Property
from properties.saving import save_resource
from rules.authoring.suggestions import Prefill, prefill, preset_of
from rules.models import Rule
from tests.pages import page_text

DELEGATE = "meta-conversions-api::actions::send-conversions-api-event"


@pytest.fixture
def action() -> ActionType:
    found = find_type(DELEGATE)
    assert isinstance(found, ActionType)
    return found


def add(prop: Property, name: str, path: str = "arc.event.data.x", *, enabled: bool = True) -> None:
    settings = {"path": path}
    delegate = "core::dataElements::path"
    save_resource(DataElement(prop=prop, name=name, delegate=delegate, settings=settings, enabled=enabled))


def start(prop: Property, action: ActionType, name: str = "purchase") -> Prefill:
    preset = preset_of(action, name)
    assert preset is not None
    return prefill(prop, action, preset)


@pytest.mark.parametrize(
    ("name", "path", "key"),
    [
        ("Order value", "arc.event.data.x", "customData.value"),
        ("Revenue", "arc.event.data.x", "customData.value"),
        ("What it was worth", "arc.event.data.checkout.total", "customData.value"),
        ("order_total", "arc.event.data.x", "customData.value"),
        ("Customer E-Mail", "arc.event.data.x", ""),
        ("Customer Phone Number", "arc.event.data.x", "phone"),
        ("firstName", "arc.event.data.x", "firstName"),
        ("DL - user - last name", "arc.event.data.x", "lastName"),
        ("Address", "arc.event.data.customer.address.postal_code", "zip"),
        ("Page URL", "arc.event.data.x", "eventSourceUrl"),
        ("Seite", "arc.event.xdm.web.webPageDetails.URL", "eventSourceUrl"),
        ("Referrer", "arc.event.xdm.web.webReferrer.URL", ""),
        ("UA", "arc.event.xdm.environment.browserDetails.userAgent", "clientUserAgent"),
        ("Order", "arc.event.xdm.commerce.order.purchaseID", "customData.order_id"),
        ("Consent State", "arc.event.data.consent.state", ""),
        ("Device Country", "arc.event.data.device.country", ""),
        ("Customer ID", "arc.event.data.x", "externalId"),
        ("Kunde", "arc.event.data.user.id", "externalId"),
    ],
)
def test_a_data_element_is_known_by_its_name_or_its_path(
    prop: Property, action: ActionType, name: str, path: str, key: str
) -> None:
    add(prop, name, path)
    token = f"{{{{{name}}}}}"
    assert [found for found, text in start(prop, action).suggested.items() if text == token] == (
        [key] if key else []
    )


def test_a_name_counts_more_than_a_path(prop: Property, action: ActionType) -> None:
    add(prop, "A total", "arc.event.data.value")
    add(prop, "Value")
    assert start(prop, action).suggested["customData.value"] == "{{Value}}"


def test_a_disabled_data_element_is_not_suggested(prop: Property, action: ActionType) -> None:
    add(prop, "Currency", enabled=False)
    assert "customData.currency" not in start(prop, action).suggested


def test_a_needed_field_without_a_match_is_named(prop: Property, action: ActionType) -> None:
    """Source: Meta, Pixel Reference, standard events: Purchase needs currency and value."""
    needed = {label for _, label, is_needed in start(prop, action).missing if is_needed}
    assert needed == {"Value", "Currency", "Event Source URL", "Client User Agent"}


def test_the_preset_itself_stays_as_it_is(prop: Property, action: ActionType) -> None:
    add(prop, "Lead ID")
    first = start(prop, action, "crm-lead-stage")
    first.settings["customData"]["event_source"] = "other"
    assert start(prop, action, "crm-lead-stage").settings["customData"] == {"event_source": "crm"}


def page(person: Any, prop: Property, query: str = "") -> str:
    client = Client()
    client.force_login(person)
    rule = Rule.objects.get(prop=prop)
    address = reverse("rules:component_new", args=[prop.uid, rule.uid, "actions", DELEGATE])
    return page_text(client.get(address + query))


def test_the_form_marks_each_field_that_was_filled_in(owner: Any, prop: Property) -> None:
    text = page(owner, prop, "?preset=purchase")
    assert 'value="{{Email}}"' in text
    assert 'value="Purchase"' in text
    assert text.count('data-testid="suggested"') == 1
    assert "1 field filled for you" in text


def test_without_a_preset_nothing_is_filled_in(owner: Any, prop: Property) -> None:
    for query in ("", "?preset=nonsense"):
        text = page(owner, prop, query)
        assert 'data-testid="suggested"' not in text
        assert "filled for you" not in text


def test_the_picker_offers_the_presets(owner: Any, prop: Property) -> None:
    client = Client()
    client.force_login(owner)
    rule = Rule.objects.get(prop=prop)
    text = client.get(
        reverse("rules:component_picker", args=[prop.uid, rule.uid, "actions"])
    ).content.decode()
    assert "?preset=purchase" in text
    assert "?preset=addtocart" in text
