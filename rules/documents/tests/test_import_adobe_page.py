"""Import from Adobe: the page, for a person who may add properties and for people who may not."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.contrib.auth.models import Permission
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from properties.models import Extension, Membership, Property

pytestmark = pytest.mark.django_db

CONTENT = (Path(__file__).parent / "adobe/shop.json").read_bytes()
TAGS = (Path(__file__).parent / "adobe/web_shop.json").read_bytes()
TOKEN = b"EAABsbCS1234567890ZCZD"
HTMX = {"HX-Request": "true"}


@pytest.fixture
def url() -> str:
    return reverse("documents:import_adobe")


@pytest.fixture
def creator(django_user_model):
    """May add properties."""
    person = django_user_model.objects.create_user(username="cora")
    person.user_permissions.add(Permission.objects.get(codename="add_property"))
    return person


def upload(content: bytes = CONTENT, **fields: str) -> dict[str, object]:
    return {"file": SimpleUploadedFile("shop.json", content, "application/json"), **fields}


def test_choosing_a_file_shows_what_comes_over_and_changes_nothing(client, creator, url):
    client.force_login(creator)
    answer = client.post(url, upload(), headers=HTMX)
    text = answer.content.decode()
    assert "“Shop Event Forwarding” would be created" in text
    assert "Google Ads Enhanced Conversions" in text
    assert 'data-testid="import"' in text
    assert "<html" not in text
    assert TOKEN not in answer.content
    assert not Property.objects.exists()


def test_one_act_is_primary_first_the_preview_and_then_the_import(client, creator, url):
    client.force_login(creator)
    first = client.get(url).content.decode()
    assert re.findall('class="b primary"[^>]*data-testid="([^"]+)"', first) == ["preview"]
    for headers in ({}, HTMX):
        shown = client.post(url, upload(), headers=headers).content.decode()
        assert re.findall('class="b primary"[^>]*data-testid="([^"]+)"', shown) == ["import"]
    refused = client.post(url, upload(b"{"), headers=HTMX).content.decode()
    assert re.findall('class="b primary"[^>]*data-testid="([^"]+)"', refused) == ["preview"]


def test_the_button_imports_and_leads_to_what_is_left_to_do(client, creator, url):
    client.force_login(creator)
    answer = client.post(url, upload(step="import", name="Moved"))
    prop = Property.objects.get(name="Moved")
    assert answer.url == reverse("documents:import_report", args=[prop.uid])
    page = client.get(answer.url).content.decode()
    assert "Purchase to Google" in page
    assert "The action “Send conversion” is missing." in page


def test_a_tags_property_is_imported_with_the_property_that_gets_its_events(client, creator, url):
    forwarding = Property.objects.create(name="Nordlicht Forwarding")
    Membership.objects.create(user=creator, prop=forwarding)
    client.force_login(creator)
    fields = {"step": "import", "forwarding": "Nordlicht Forwarding"}
    answer = client.post(url, upload(TAGS, **fields))
    prop = Property.objects.get(name="Nordlicht Shop")
    assert prop.is_tags
    sdk = Extension.objects.get(prop=prop, package_name="adobe-alloy")
    assert sdk.settings["forwardingProperty"] == "Nordlicht Forwarding"
    page = client.get(answer.url).content.decode()
    assert "15 events" in page
    assert "The condition “Once a visit” is missing." in page


def test_only_properties_that_the_person_sees_can_get_the_events(client, creator, url, prop):
    client.force_login(creator)
    assert f">{prop.name}<" not in client.get(url).content.decode()
    text = client.post(url, upload(TAGS, step="import", forwarding=prop.name)).content.decode()
    assert "Select a valid choice" in text
    assert not Property.objects.filter(platform="web").exists()


def test_without_scripts_the_preview_is_a_page(client, creator, url):
    client.force_login(creator)
    text = client.post(url, upload(step="preview")).content.decode()
    assert "<html" in text
    assert "would be created" in text


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"{", "This is not JSON"),
        (b"[]", "This file has no resources from Adobe"),
        (b"", "The submitted file is empty."),
        (b" " * (5 * 1024 * 1024 + 1), "The file is larger than the limit of 5 MB"),
    ],
    ids=["no-json", "other", "empty", "large"],
)
@pytest.mark.parametrize("headers", [HTMX, {}], ids=["htmx", "page"])
def test_a_file_that_cannot_be_imported_is_shown_why(client, creator, url, content, message, headers):
    client.force_login(creator)
    answer = client.post(url, upload(content, step="import"), headers=headers)
    assert answer.status_code == 200
    assert answer.content.decode().count(message) == 1
    assert not Property.objects.exists()


def test_a_name_that_is_taken_is_shown(client, creator, url, prop):
    client.force_login(creator)
    text = client.post(url, upload(step="import", name=prop.name)).content.decode()
    assert "There is already a property “Shop”." in text


def test_the_page_may_not_be_kept_by_the_browser(client, creator, url):
    client.force_login(creator)
    assert "no-store" in client.get(url)["Cache-Control"]


def test_who_may_not_add_properties_is_refused(client, owner, stranger, url):
    for person in (owner, stranger):
        client.force_login(person)
        assert client.get(url).status_code == 403
        assert client.post(url, upload(step="import")).status_code == 403
    assert Property.objects.count() == 1


def test_who_is_not_signed_in_is_sent_to_sign_in(client, url):
    assert reverse("login") in client.get(url).url


def test_the_report_is_for_people_of_the_property(client, creator, stranger, url):
    client.force_login(creator)
    report = client.post(url, upload(step="import")).url
    client.force_login(stranger)
    assert client.get(report).status_code == 404


def test_a_property_that_was_not_imported_has_no_report(client, owner, prop):
    client.force_login(owner)
    assert client.get(reverse("documents:import_report", args=[prop.uid])).status_code == 404


def test_the_list_of_properties_and_the_new_property_page_lead_here(client, creator, url):
    client.force_login(creator)
    for page in ("properties:property_list", "properties:property_new"):
        assert f'href="{url}"' in client.get(reverse(page)).content.decode()
