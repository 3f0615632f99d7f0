"""The list of data elements with values, and what several of them are put into."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from properties.models import AuditEvent, DataElement, Property, Revision
from properties.saving import save_resource
from rules.authoring.element_list import MOST_LINKS
from rules.dry_run.tests.received import receive
from rules.models import Rule
from rules.publishing.libraries import open_library
from tests.pages import page_text, page_words
from tests.people import member

PATH = "core::dataElements::path"


def element(prop: Property, name: str, path: str = "arc.event.data.x") -> DataElement:
    made = DataElement(prop=prop, name=name, delegate=PATH, settings={"path": path})
    save_resource(made)
    return made


def listed(client: Any, prop: Property, **query: str) -> str:
    answer = client.get(reverse("rules:element_values", args=[prop.uid]), query)
    assert answer.status_code == 200
    return page_text(answer)


def names(client: Any, prop: Property, **query: str) -> list[str]:
    answer = client.get(reverse("rules:element_values", args=[prop.uid]), query)
    return [line.row.name for line in answer.context["shown"].lines]


@pytest.fixture
def events(prop: Property) -> None:
    purchase = {"name": "Purchase", "user": {"email": "petra@other.example"}}
    receive(prop, [{"name": "Lead"}, {"name": "Lead"}, purchase])


def test_the_list_shows_value_share_and_users_of_each_element(
    owner_client: Any, prop: Property, events: None
) -> None:
    page = listed(owner_client, prop)
    assert "Filled in 3 of the last 3 events" in page
    assert "Filled in 1 of the last 3 events" in page
    assert "Email is used by 1" in page


def test_values_of_customers_are_masked_until_a_developer_asks(
    colleague_client: Any, prop: Property, events: None
) -> None:
    assert "petra" not in listed(colleague_client, prop)
    assert not AuditEvent.objects.filter(type_of="event.values_read").exists()
    assert "petra@other.example" in listed(colleague_client, prop, values="plain")
    assert AuditEvent.objects.get(type_of="event.values_read").actor_name == "colin"


def test_a_reader_never_sees_plain_values(reader_client: Any, prop: Property, events: None) -> None:
    page = listed(reader_client, prop, values="plain")
    assert "petra" not in page
    assert "Delete" not in page


def test_names_paths_and_values_are_searched(owner_client: Any, prop: Property, events: None) -> None:
    assert names(owner_client, prop, q="mail") == ["Email"]
    assert names(owner_client, prop, q="data.name") == ["Event Name"]
    assert names(owner_client, prop, q="purchase") == ["Event Name"]
    assert "has “nothing like it” in its name" in listed(owner_client, prop, q="nothing like it")


def test_a_row_shows_its_path_and_opens_code_as_a_page(
    owner_client: Any, prop: Property, events: None
) -> None:
    code = {"source": "return 1;"}
    DataElement.objects.create(
        prop=prop, name="Script", delegate="core::dataElements::custom-code", settings=code
    )
    rows = {it.split("</a>")[0].rpartition(">")[2]: it for it in listed(owner_client, prop).split("<th ")}
    assert ">data.user.email<" in rows["Email"]
    assert 'title="arc.event.data.user.email"' in rows["Email"]
    assert "data-drawer" in rows["Email"]
    assert "data-drawer" not in rows["Script"]


def test_the_share_of_custom_code_says_over_how_many_events_it_speaks(
    owner_client: Any, prop: Property
) -> None:
    """Code runs for the newest 20 events only: rules/dry_run/element_facts.py."""
    receive(prop, [{"name": "Purchase"}] * 21)
    code = {"source": "return 1;"}
    DataElement.objects.create(
        prop=prop, name="Script", delegate="core::dataElements::custom-code", settings=code
    )
    shown = listed(owner_client, prop, code="1")
    assert "Filled in last 21" in shown
    assert "100 % of 20<" in shown


def test_a_masked_value_cannot_be_guessed_by_searching(
    owner_client: Any, prop: Property, events: None
) -> None:
    assert names(owner_client, prop, q="petra@other.example") == []


def test_chips_keep_unused_empty_and_changed_ones_and_count_them(
    owner_client: Any, prop: Property, events: None
) -> None:
    element(prop, "Nobody", "arc.event.data.name")
    element(prop, "Rare", "arc.event.data.rare")
    answer = owner_client.get(reverse("rules:element_values", args=[prop.uid]))
    assert [(it.label, it.count) for it in answer.context["shown"].chips] == [
        ("All", 4),
        ("Unused", 2),
        ("Empty often", 2),
        ("Changed", 4),
    ]
    assert names(owner_client, prop, show="unused") == ["Nobody", "Rare"]
    assert names(owner_client, prop, show="empty") == ["Email", "Rare"]
    assert names(owner_client, prop, show="nonsense") == ["Email", "Event Name", "Nobody", "Rare"]


def test_the_menu_of_users_links_the_first_and_leads_to_the_rest(owner_client: Any, prop: Property) -> None:
    for number in range(MOST_LINKS + 3):
        element(prop, f"Copy {number}", "arc.event.data.{{Email}}")
    answer = owner_client.get(reverse("rules:element_values", args=[prop.uid]), {"q": "Email"})
    (line,) = [it for it in answer.context["shown"].lines if it.row.name == "Email"]
    assert len(line.links) == MOST_LINKS
    assert len(line.users) == MOST_LINKS + line.more_users
    page = reverse("properties:data_element_edit", args=[prop.uid, line.row.element.uid])
    assert f'<a href="{page}">{line.more_users} more</a>' in answer.content.decode()


@pytest.mark.parametrize("page", ["0", "-1", "x", "99999", "²"])
def test_a_page_that_does_not_exist_breaks_nothing(owner_client: Any, prop: Property, page: str) -> None:
    listed(owner_client, prop, page=page)


def test_ticked_elements_go_into_the_working_library_with_what_they_need(
    owner_client: Any, prop: Property
) -> None:
    email = prop.dataelements.get(name="Email")
    address = reverse("rules:elements_to_library", args=[prop.uid])
    page = page_text(owner_client.post(address, {"element": [email.uid]}, follow=True))
    assert "Added 1 data element to Library 1. With them: extension Core." in page
    library = open_library(prop)
    assert library is not None
    assert set(library.resources.values_list("revision__kind", flat=True)) == {"data_element", "extension"}


def test_a_page_of_another_property_adds_nothing(owner_client: Any, prop: Property) -> None:
    address = reverse("rules:elements_to_library", args=[prop.uid])
    page = page_text(owner_client.post(address, {"element": ["DEnothing"]}, follow=True))
    assert "Nothing was added" in page
    assert open_library(prop) is None


def test_the_number_of_queries_does_not_grow_with_the_elements(owner_client: Any, prop: Property) -> None:
    receive(prop, [{"x": number} for number in range(20)])
    few = _queries(owner_client, prop, [f"Few {it}" for it in range(3)])
    many = _queries(owner_client, prop, [f"Many {it}" for it in range(300)])
    assert few == many


def _queries(client: Any, prop: Property, more: list[str]) -> int:
    settings = {"path": "arc.event.data.x"}
    DataElement.objects.bulk_create(
        DataElement(prop=prop, uid=f"DE{name}", name=name, delegate=PATH, settings=settings) for name in more
    )
    listed(client, prop, q=more[0])  # Fills the caches that every page has.
    element(prop, f"After {more[0]}")
    with CaptureQueriesContext(connection) as queries:
        listed(client, prop)
    return len(queries)


def test_the_tree_of_received_keys_leads_to_new_elements(
    owner_client: Any, prop: Property, events: None
) -> None:
    address = reverse("rules:received_tree", args=[prop.uid])
    assert "petra" not in page_text(owner_client.get(address))
    assert "petra@other.example" in page_text(owner_client.get(address, {"values": "plain"}))


def test_without_events_an_event_can_be_pasted(owner_client: Any, prop: Property) -> None:
    address = reverse("rules:received_tree", args=[prop.uid])
    assert "No event yet. Paste one" in page_text(owner_client.get(address))
    pasted = page_text(owner_client.get(address, {"event": '{"data": {"order_id": "1"}}'}))
    assert "Order ID" in pasted
    assert "this is not valid JSON" in page_text(owner_client.get(address, {"event": "{"}))


def test_the_editor_names_the_fields_that_use_an_element(owner_client: Any, prop: Property) -> None:
    email = prop.dataelements.get(name="Email")
    page = page_words(owner_client.get(reverse("properties:data_element_edit", args=[prop.uid, email.uid])))
    assert "Purchase › Email" in page
    assert "Also rename in 1 place" in page


def save(client: Any, prop: Property, made: DataElement, **more: Any) -> Any:
    data = {"element-name": made.name, "element-enabled": "on", "path": "arc.event.data.mail", **more}
    return client.post(reverse("properties:data_element_edit", args=[prop.uid, made.uid]), data)


def test_the_check_box_of_the_editor_renames_everywhere(owner_client: Any, prop: Property) -> None:
    email = prop.dataelements.get(name="Email")
    rename = {"element-name": "Mail", "rename_offered": "1", "rename": "also"}
    save(owner_client, prop, email, **rename)
    action = Rule.objects.get(prop=prop).components.get(kind="actions")
    assert action.settings["email"] == "{{Mail}}"


def test_what_has_to_be_changed_by_hand_is_shown_before_the_box_counts(
    owner_client: Any, prop: Property
) -> None:
    code = {"source": "const name = 'Email'; return getDataElementValue(name)"}
    save_resource(
        DataElement(prop=prop, name="Code", delegate="core::dataElements::custom-code", settings=code)
    )
    email = prop.dataelements.get(name="Email")
    rename = {"element-name": "Mail", "rename_offered": "1", "rename": "also"}
    answer = owner_client.post(
        reverse("properties:data_element_edit", args=[prop.uid, email.uid]),
        {"element-enabled": "on", "path": "arc.event.data.mail", **rename},
        follow=True,
    )
    assert "To change by hand" in page_words(answer)
    assert prop.dataelements.filter(name="Email").exists()


def test_the_unchecked_box_renames_only_here(owner_client: Any, prop: Property) -> None:
    email = prop.dataelements.get(name="Email")
    save(owner_client, prop, email, **{"element-name": "Mail", "rename_offered": "1"})
    action = Rule.objects.get(prop=prop).components.get(kind="actions")
    assert action.settings["email"] == "{{Email}}"
    assert prop.dataelements.filter(name="Mail").exists()


def test_a_form_in_the_drawer_closes_it_and_tells_the_page(owner_client: Any, prop: Property) -> None:
    email = prop.dataelements.get(name="Email")
    address = reverse("properties:data_element_edit", args=[prop.uid, email.uid])
    part = owner_client.get(address, headers={"Part": "drawer"})
    assert part.content.decode().lstrip().startswith("<aside")
    assert "Part" in part["Vary"]
    data = {"element-name": "Email", "element-enabled": "on", "path": "arc.event.data.mail"}
    saved = owner_client.post(address, data, headers={"Part": "drawer"})
    assert '"element-made": {"name": "Email"}' in saved["HX-Trigger-After-Settle"]
    assert "Saved Email." in page_text(saved)


def test_revisions_say_in_words_what_changed_and_come_back(owner_client: Any, prop: Property) -> None:
    email = prop.dataelements.get(name="Email")
    save(owner_client, prop, email)
    address = reverse("properties:data_element_revisions", args=[prop.uid, email.uid])
    page = page_words(owner_client.get(address))
    assert "Path: was arc.event.data.user.email now arc.event.data.mail" in page
    assert "Force lower case: was true now false" in page
    restore = reverse("properties:data_element_revert", args=[prop.uid, email.uid, 1])
    assert "Email is what it was in revision 1." in page_text(owner_client.post(restore, follow=True))
    email.refresh_from_db()
    assert email.settings == {"path": "arc.event.data.user.email"}
    assert Revision.objects.filter(resource_uid=email.uid).count() == 3


def test_elements_are_copied_only_to_properties_where_the_person_may_develop(
    colleague_client: Any, colleague: Any, prop: Property
) -> None:
    for name, rights in (("Hats", ["develop"]), ("Shoes", ["publish"]), ("Coats", None)):
        other = Property.objects.create(name=name)
        if rights is not None:
            member(colleague, other, rights)
    answer = colleague_client.get(reverse("rules:element_values", args=[prop.uid]))
    assert [target.name for target in answer.context["targets"]] == ["Hats"]
