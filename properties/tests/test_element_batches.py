"""Several data elements at once: made from paths, copied, deleted, and back again."""

from __future__ import annotations

from typing import Any

import pytest
from django.urls import reverse

from properties.models import AuditEvent, DataElement, Property, Revision
from properties.resources.creation import create_property
from properties.resources.element_names import suggested_name
from properties.resources.usual_elements import PATH
from properties.saving import save_resource
from tests.pages import page_text
from tests.people import make_user, member


@pytest.fixture
def prop(olivia: Any) -> Property:
    prop = create_property("Shoe shop", actor=olivia)
    member(make_user("colin"), prop, ["develop"])
    return prop


@pytest.fixture
def other(prop: Property, olivia: Any) -> Property:
    return create_property("Hat shop", actor=olivia)


def element(prop: Property, name: str, path: str = "arc.event.data.x", **more: Any) -> DataElement:
    made = DataElement(prop=prop, name=name, delegate=PATH, **{"settings": {"path": path}, **more})
    save_resource(made)
    return made


def names(prop: Property) -> list[str]:
    return list(prop.dataelements.order_by("name").values_list("name", flat=True))


def press(client: Any, prop: Property, act: str, **data: Any) -> str:
    answer = client.post(reverse(f"properties:data_elements_{act}", args=[prop.uid]), data, follow=True)
    return page_text(answer)


def undo(client: Any, prop: Property) -> str:
    """Press Undo on the last notice."""
    entries = AuditEvent.objects.filter(
        prop=prop, actor__username="olivia", type_of__startswith="data_element."
    )
    newest = entries.latest("id")
    same = [it.id for it in entries.filter(type_of=newest.type_of, id__gt=newest.id - 2)]
    address = reverse("properties:data_elements_undo", args=[prop.uid, min(same), max(same)])
    return page_text(client.post(address, follow=True))


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("arc.event.data.order_id", "Order ID"),
        ("arc.event.data.user.email", "Email"),
        ("arc.event.data.event", "Event Name"),
        ("arc.event.xdm.web.webPageDetails.URL", "Page URL"),
        ("arc.event.data.customer.loyaltyLevel", "Loyalty Level"),
        ("arc.event.data.user.id", "User ID"),
        ("arc.event.data.items[0].sku", "SKU"),
        ("arc.event.data.items[0].id", "Items 1 ID"),
        ("arc.event.xdm._id", "XDM ID"),
        ("arc.request.header.httpHeaders.referer", "Referer"),
        ("arc.event.xdm.environment.ipV4", "IP V4"),
        ('arc.event.data["my.key"].x', "X"),
        ("arc.event.data.値段", "値段"),
    ],
)
def test_a_name_comes_from_the_path(path: str, name: str) -> None:
    assert suggested_name(path, []) == name


def test_a_taken_name_grows_by_its_place_and_then_by_a_number() -> None:
    path = "arc.event.data.customer.loyalty"
    assert suggested_name(path, ["LOYALTY"]) == "Customer Loyalty"
    assert suggested_name("arc.event.loyalty", ["Loyalty"]) == "Loyalty 2"
    assert suggested_name(path, ["Loyalty", "Customer loyalty"]) == "Data Customer Loyalty"


def test_ticked_keys_become_data_elements_with_revisions_in_one_step(
    owner_client: Any, prop: Property
) -> None:
    paths = ["arc.event.data.order_id", "arc.event.data.user.email", "arc.event.xdm.email"]
    page = press(owner_client, prop, "create", path=paths)
    assert "Created 3 data elements: Order ID, Email and XDM Email." in page
    assert names(prop) == ["Email", "Order ID", "XDM Email"]
    assert Revision.objects.filter(prop=prop, kind="data_element", created_by__username="olivia").count() == 3
    assert AuditEvent.objects.filter(prop=prop, type_of="data_element.created").count() == 3


def test_a_path_that_is_read_already_is_not_read_twice(owner_client: Any, prop: Property) -> None:
    element(prop, "Mail", "arc.event.data.user.email")
    assert "Nothing was created" in press(owner_client, prop, "create", path=["arc.event.data.user.email"])


@pytest.mark.parametrize("path", ["", "window.location", "arc." + "x" * 2_000])
def test_what_is_no_path_of_an_event_creates_nothing(owner_client: Any, prop: Property, path: str) -> None:
    assert "Nothing was created" in press(owner_client, prop, "create", path=[path])


def test_creating_is_undone(owner_client: Any, prop: Property) -> None:
    press(owner_client, prop, "create", path=["arc.event.data.a", "arc.event.data.b"])
    assert "Undone: A and B." in undo(owner_client, prop)
    assert names(prop) == []


def test_deleting_names_what_breaks_and_is_undone_with_the_same_ids(
    owner_client: Any, prop: Property
) -> None:
    email, total = element(prop, "Email"), element(prop, "Total")
    element(prop, "Reader", settings={"path": "arc.event.{{Email}}"})
    page = press(owner_client, prop, "delete", element=[email.uid, total.uid])
    assert "Deleted Email and Total. Reader uses it." in page
    assert names(prop) == ["Reader"]
    assert "Undone: Email and Total." in undo(owner_client, prop)
    assert {it.uid for it in prop.dataelements.exclude(name="Reader")} == {email.uid, total.uid}


def test_what_was_changed_since_is_not_taken_back(owner_client: Any, prop: Property) -> None:
    press(owner_client, prop, "create", path=["arc.event.data.a"])
    made = prop.dataelements.get()
    made.default_value = "x"
    save_resource(made)
    first = AuditEvent.objects.get(type_of="data_element.created")
    address = reverse("properties:data_elements_undo", args=[prop.uid, first.id, first.id])
    assert "Nothing was undone" in page_text(owner_client.post(address, follow=True))
    assert names(prop) == ["A"]


def test_nobody_undoes_what_somebody_else_did(
    owner_client: Any, colleague_client: Any, prop: Property
) -> None:
    press(owner_client, prop, "create", path=["arc.event.data.a"])
    first = AuditEvent.objects.get(type_of="data_element.created")
    colleague_client.post(reverse("properties:data_elements_undo", args=[prop.uid, first.id, first.id]))
    assert names(prop) == ["A"]


def test_a_copy_brings_what_it_reads_and_leaves_names_that_exist(
    owner_client: Any, prop: Property, other: Property, olivia: Any
) -> None:
    element(prop, "Key")
    reader = element(prop, "Reader", settings={"path": "arc.event.{{Key}}"}, default_value="none")
    element(prop, "Unchosen")
    element(other, "KEY")
    page = press(owner_client, prop, "copy", element=[reader.uid], target=other.uid)
    assert "Copied 1 data element to Hat shop: Reader. Not copied: Key: the name exists there." in page
    assert names(other) == ["KEY", "Reader"]
    assert other.dataelements.get(name="Reader").default_value == "none"


def test_a_copy_needs_the_right_to_develop_there(
    colleague_client: Any, prop: Property, other: Property
) -> None:
    made = element(prop, "Email")
    answer = colleague_client.post(
        reverse("properties:data_elements_copy", args=[prop.uid]), {"element": made.uid, "target": other.uid}
    )
    assert answer.status_code == 404
    assert names(other) == []


def test_names_that_differ_only_by_case_are_refused(owner_client: Any, prop: Property) -> None:
    element(prop, "Straße")
    address = reverse("properties:data_element_new", args=[prop.uid]) + f"?type={PATH}"
    page = page_text(owner_client.post(address, {"element-name": "STRASSE", "path": "arc.x"}, follow=True))
    assert "“Straße” exists already. Names must differ by more than their case." in page
    assert names(prop) == ["Straße"]
