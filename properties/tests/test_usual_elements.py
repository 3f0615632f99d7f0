"""The usual data elements: created with one click, without overwriting existing ones."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from properties.catalog.registry import find_type
from properties.models import AuditEvent, DataElement, Property, Revision
from properties.resources.creation import create_property
from properties.resources.usual_elements import PATH, missing_usual, usual_elements


@pytest.fixture
def prop(olivia: Any) -> Property:
    return create_property("Shoe shop", actor=olivia)


def create(owner_client: Client, prop: Property, names: list[str]) -> str:
    address = reverse("properties:data_elements_usual", args=[prop.uid])
    return owner_client.post(address, {"name": names}, follow=True).content.decode()


def test_one_press_creates_them_all_with_revisions_and_leads_on_to_a_rule(
    owner_client: Client, prop: Property
) -> None:
    page = owner_client.get(reverse("properties:data_elements", args=[prop.uid])).content.decode()
    names = [usual.name for usual in usual_elements()]
    assert page.count("checked") == len(names)
    shown = create(owner_client, prop, names)
    assert f"Created {len(names)} data elements" in shown
    assert reverse("rules:rule_new", args=[prop.uid]) in shown
    assert sorted(prop.dataelements.values_list("name", flat=True)) == sorted(names)
    assert Revision.objects.filter(prop=prop, kind=DataElement.kind).count() == len(names)
    created = AuditEvent.objects.filter(prop=prop, type_of=f"{DataElement.kind}.created", actor_name="olivia")
    assert created.count() == len(names)


def test_what_has_a_name_already_stays_and_is_not_offered(owner_client: Client, prop: Property) -> None:
    create(owner_client, prop, ["Email"])
    element = prop.dataelements.get(name="Email")
    element.settings, element.name = {"path": "arc.event.data.mail"}, "EMAIL"
    element.save()
    shown = create(owner_client, prop, ["Email", "Phone", "No such thing"])
    assert "Created 1 data element: Phone." in shown
    assert prop.dataelements.get(name="EMAIL").settings == {"path": "arc.event.data.mail"}
    assert "Email" not in [usual.name for usual in missing_usual(prop)]


def test_nothing_chosen_creates_nothing_and_says_so(owner_client: Client, prop: Property) -> None:
    assert "Nothing was created" in create(owner_client, prop, [])
    assert not prop.dataelements.exists()


def test_they_are_not_offered_while_core_cannot_read_them(prop: Property) -> None:
    prop.extensions.update(enabled=False)
    assert missing_usual(prop) == []


@pytest.mark.parametrize("usual", usual_elements(), ids=lambda usual: usual.name)
def test_each_path_reads_its_own_place(usual: Any) -> None:
    kind: Any = find_type(PATH)
    assert kind.sample_path({"path": usual.path}) == usual.path
    value: Any = "found"
    for step in reversed(usual.path.split(".")[1:]):
        value = {step: value}
    assert kind.read({"path": usual.path})(value) == "found"
