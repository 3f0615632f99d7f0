"""Buttons that cure a problem of a draft: the package or a fitting data element gives the value."""

from __future__ import annotations

from typing import Any

import pytest
from django.urls import reverse

from properties.catalog.registry import find_type
from properties.models import DataElement, Property
from properties.resources.component_settings import bound_form
from properties.saving import save_resource
from rules.dry_run.cures import Cures
from rules.models import Rule
from tests.pages import page_text

SEND = "meta-conversions-api::actions::send-conversions-api-event"
PURCHASE = {"eventName": "Purchase", "actionSource": "email", "email": "{{Email}}"}


@pytest.fixture
def currency(prop: Property) -> DataElement:
    path = {"path": "arc.event.data.currency"}
    made = DataElement(prop=prop, name="Currency", delegate="core::dataElements::path", settings=path)
    save_resource(made)
    return made


def cures(prop: Property, data: dict[str, str]) -> Cures:
    kind = find_type(SEND)
    assert kind is not None
    form = bound_form(prop, kind, settings={}, data=data)
    form.is_valid()
    return Cures(prop, form)


def preview(client: Any, prop: Property, data: dict[str, str]) -> str:
    rule = Rule.objects.get(prop=prop)
    url = reverse("rules:preview", args=[prop.uid, rule.uid, SEND])
    shown = {"preview-source": "sample:purchase", "preview-tab": "problems"}
    return page_text(client.post(url, {**data, **shown}))


def test_an_empty_field_is_cured_by_the_data_element_that_fits(prop: Property, currency: DataElement) -> None:
    cure = cures(prop, PURCHASE).of("customData.currency")
    assert cure is not None
    assert (cure.title, cure.text) == ("Use Currency", "{{Currency}}")
    filled = {**PURCHASE, "customData.currency": "{{Currency}}"}
    assert cures(prop, filled).of("customData.currency") is None


def test_without_a_data_element_that_fits_there_is_no_button(prop: Property) -> None:
    assert cures(prop, PURCHASE).of("customData.currency") is None
    assert cures(prop, PURCHASE).of("nothing.of.this") is None


def test_the_preview_offers_the_cure_of_each_problem(
    owner_client: Any, prop: Property, currency: DataElement
) -> None:
    page = preview(owner_client, prop, {**PURCHASE, "customData.value": "9"})
    assert 'value="set customData.currency {{Currency}}"' in page
    assert "hx-target=\"[id='id_customData.currency-row']\"" in page


def test_the_package_knows_the_cure_of_a_misspelled_event(owner_client: Any, prop: Property) -> None:
    page = preview(owner_client, prop, {**PURCHASE, "eventName": "add to cart"})
    assert 'value="set eventName AddToCart"' in page
    assert "Use “AddToCart”" in page


def test_a_cure_reaches_an_object_that_is_shown_as_json(
    owner_client: Any, prop: Property, currency: DataElement
) -> None:
    as_json = {**PURCHASE, "eventName": "Lead", "customData~json": "1", "customData.*": '{"value": 9}'}
    page = preview(owner_client, prop, as_json)
    assert 'value="set customData.currency {{Currency}}"' in page
    assert "hx-target=\"[id='id_customData.*-row']\"" in page
