"""The search: pages, things, events and acts, for each person what that person may see and do."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from properties.models import DataElement, Property
from properties.resources.creation import create_property
from properties.saving import save_resource
from rules.documents.applying import apply_document
from rules.models import Delivery, InboundEvent, Rule
from rules.publishing.libraries import working_library
from tests.event_ids import next_event_id
from tests.pages import page_text
from tests.people import make_user, member, signed_in

OF_EVERYBODY = ("New property", "Search the Event Log for “new”")
HTMX = {"HX-Request": "true"}
HIT = re.compile(r'role="option"[^>]*href="([^"]*)".*?grow">([^<]*)</span> <span[^>]*>([^<]*)</span>')


@pytest.fixture
def prop(olivia: Any) -> Property:
    path = {"delegate": "core::dataElements::path", "settings": {"path": "arc.event.data.user.mail"}}
    document = {
        "format": "capi-admin/property/v1",
        "property": {"name": "Nordic Shop", "platform": "edge"},
        "extensions": [{"package": "core"}],
        "data_elements": [{"name": "Email", **path}, {"name": "Second Email", **path}],
        "rules": [{"name": "MetaConversion_Purchase"}, {"name": "Purchase of a gift"}],
    }
    return apply_document(document).prop


def search(client: Any, text: str, prop: Property | None = None) -> dict[str, list[tuple[str, str]]]:
    """The labels and kinds by section."""
    address = f"/search/?in={prop.uid}" if prop else "/search/"
    page = page_text(client.post(address, {"q": text}, headers=HTMX))
    parts = re.split(r'role="group" aria-label="([^"]*)"', page)[1:]
    return {
        name: [(label, kind) for _, label, kind in HIT.findall(part)]
        for name, part in zip(parts[::2], parts[1::2], strict=True)
    }


def labels(found: dict[str, list[tuple[str, str]]], section: str) -> list[str]:
    return [label for label, _ in found.get(section, [])]


def test_things_are_found_by_all_words_in_name_and_path(owner_client: Any, prop: Property) -> None:
    assert labels(search(owner_client, "mail second", prop), "Things") == ["Second Email"]
    assert search(owner_client, "user.mail", prop)["Things"] == [
        ("Email", "Data element"),
        ("Second Email", "Data element"),
    ]
    assert search(owner_client, "core", prop)["Things"] == [("Core", "Extension")]


def test_what_begins_with_the_text_comes_first(owner_client: Any, prop: Property) -> None:
    found = labels(search(owner_client, "purchase", prop), "Things")
    assert found == ["Purchase of a gift", "MetaConversion_Purchase"]


def test_a_library_is_found(owner_client: Any, prop: Property) -> None:
    working_library(prop)
    assert ("Library 1", "Library") in search(owner_client, "library", prop)["Things"]


def test_pages_environments_and_properties_are_places_to_go(
    owner_client: Any, olivia: Any, prop: Property
) -> None:
    assert search(owner_client, "event", prop)["Go to"][0] == ("Event Log", "Page")
    assert ("Staging", "Environment") in search(owner_client, "stag", prop)["Go to"]
    create_property("Wholesale", actor=olivia)
    assert search(owner_client, "whole", prop)["Go to"] == [("Wholesale", "Property")]


def event(prop: Property, vendor_id: str) -> InboundEvent:
    environment = prop.environments.get(stage="production")
    now, ids = timezone.now(), {"property_id": prop.pk, "environment_id": environment.pk}
    found = InboundEvent.objects.create(
        id=next_event_id(), datastream_id=1, name="checkout", received_at=now, body="{}", request="{}", **ids
    )
    Delivery.objects.create(
        event_id=found.pk, server_event_id=vendor_id, delegate="a::actions::b", created_at=now, **ids
    )
    return found


def test_an_event_is_found_by_its_id_here_and_at_the_vendor(owner_client: Any, prop: Property) -> None:
    found = event(prop, "order-10482")
    for text in (str(found.pk), "order-10482"):
        for place in (prop, None):
            first = search(owner_client, text, place)["Events"][0]
            assert first[0] == "checkout"
            assert first[1].startswith("Production · ")


def test_the_search_of_the_log_is_offered_for_every_text(owner_client: Any, prop: Property) -> None:
    assert labels(search(owner_client, "order-1", prop), "Do") == ["Search the Event Log for “order-1”"]


@pytest.mark.parametrize(
    ("rights", "expected"),
    [
        ([], []),
        (["develop"], ["New data element", "New rule"]),
        (["manage_environments"], ["New secret"]),
    ],
)
def test_acts_are_those_that_the_person_may_do(
    prop: Property, rights: list[str], expected: list[str]
) -> None:
    client = signed_in(member(make_user("carl"), prop, rights))
    found = [label for label in labels(search(client, "new", prop), "Do") if label not in OF_EVERYBODY]
    assert found == expected


def test_building_is_an_act_once_a_library_is_open(owner_client: Any, prop: Property) -> None:
    assert "Build to Development" not in labels(search(owner_client, "build", prop), "Do")
    working_library(prop)
    assert "Build to Development" in labels(search(owner_client, "build", prop), "Do")


def test_a_test_event_is_sent_by_people_who_develop(
    owner_client: Any, reader_client: Any, prop: Property
) -> None:
    assert "Send a test event" in labels(search(owner_client, "test event", prop), "Do")
    assert "Send a test event" not in labels(search(reader_client, "test event", prop), "Do")


def test_a_stranger_finds_nothing_of_a_property(stranger_client: Any, prop: Property) -> None:
    event(prop, "order-10482")
    for place in (prop, None):
        for text in ("email", "nordic", "purchase", "order-10482"):
            found = search(stranger_client, text, place)
            assert (labels(found, "Things"), labels(found, "Events")) == ([], [])
            assert "Nordic Shop" not in labels(found, "Go to")


def test_without_a_property_things_of_all_are_found_and_say_where(owner_client: Any, prop: Property) -> None:
    assert ("Email", "Data element · Nordic Shop") in search(owner_client, "email")["Things"]


def test_before_typing_the_things_that_one_changed_last_are_shown(
    owner_client: Any, colleague_client: Any, owner: Any, prop: Property
) -> None:
    save_resource(prop.dataelements.get(name="Email"), actor=owner)
    save_resource(prop.rules.get(name="Purchase of a gift"), actor=owner)
    assert labels(search(owner_client, "", prop), "Recent") == ["Purchase of a gift", "Email"]
    assert "Recent" not in search(colleague_client, "", prop)
    prop.rules.all().delete()
    assert labels(search(owner_client, "", prop), "Recent") == ["Email"]


def test_at_most_fifteen_rows_are_shown_and_five_in_a_section(owner_client: Any, prop: Property) -> None:
    for number in range(20):
        save_resource(Rule(prop=prop, name=f"Event {number}"))
    found = search(owner_client, "e", prop)
    assert all(len(hits) <= 5 for hits in found.values())
    assert sum(len(hits) for hits in found.values()) <= 15


def test_an_email_address_is_hashed_in_the_address_of_the_log(owner_client: Any, prop: Property) -> None:
    page = page_text(owner_client.post(f"/search/?in={prop.uid}", {"q": "anna@shop.example"}, headers=HTMX))
    [address] = re.findall(rf'href="(/p/{prop.uid}/events/[^"]*)"', page)
    assert "anna" not in address
    assert "q=" in address


def test_nothing_found_is_said_with_the_text(owner_client: Any, prop: Property) -> None:
    page = page_text(owner_client.get("/search/", {"q": "x<y"}, headers=HTMX))
    assert "Nothing named “x&lt;y”" in page


def test_without_scripts_the_search_is_a_page_in_the_frame_of_the_property(
    owner_client: Any, prop: Property
) -> None:
    page = page_text(owner_client.get("/search/", {"q": "email", "in": prop.uid}))
    assert "<h1>Search</h1>" in page
    assert 'value="email"' in page
    assert f"/p/{prop.uid}/events/" in page
    assert "Second Email" in page


def test_odd_questions_are_answered(owner_client: Any, prop: Property) -> None:
    for text in ("%", "_", "'", "\x00", "x" * 5000, "😀", '"'):
        assert owner_client.get("/search/", {"q": text, "in": prop.uid}).status_code == 200
    assert owner_client.get("/search/", {"in": "nobody"}).status_code == 200


def test_a_search_asks_the_same_number_of_queries_of_a_large_property(
    owner_client: Any, prop: Property
) -> None:
    with CaptureQueriesContext(connection) as few:
        search(owner_client, "purchase", prop)
    for number in range(30):
        save_resource(Rule(prop=prop, name=f"Purchase {number}"))
        element = DataElement(prop=prop, name=f"Purchase {number}", delegate="core::dataElements::path")
        save_resource(element)
    with CaptureQueriesContext(connection) as many:
        search(owner_client, "purchase", prop)
    assert len(many) == len(few)
