"""Input is never lost: not by an error elsewhere in the form, by Back, or by the end of a session."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from cryptography.fernet import Fernet
from django.contrib.auth import get_user_model
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from properties.models import Draft, Extension, Membership, Property
from properties.resources import drafts
from properties.resources.creation import create_property
from properties.secrets.rotation import survey
from tests.people import make_user, signed_in

from .conftest import TOKEN

BY = re.compile(r'name="typed_by" value="([^"]+)"')


def address(name: str, prop: Property, *arguments: object) -> str:
    return reverse(f"properties:{name}", args=[prop.uid, *arguments])


@pytest.fixture
def install(prop: Property) -> str:
    return address("extension_install", prop, "meta-conversions-api")


def olivia() -> Any:
    return get_user_model().objects.get(username="olivia")


def signature(client: Client, url: str) -> str:
    found = BY.search(client.get(url).content.decode())
    assert found
    return found[1]


def test_a_typed_token_survives_an_error_in_another_field(
    owner_client: Client, prop: Property, install: str
) -> None:
    refused = owner_client.post(install, {"accessToken": TOKEN, "pixelId": ""})
    page = refused.content.decode()
    assert "Pixel ID is needed." in page
    assert "kept, not saved" in page
    assert TOKEN not in page
    owner_client.post(refused.wsgi_request.get_full_path(), {"accessToken": "", "pixelId": "1234567890"})
    assert prop.secrets.get().value == TOKEN
    assert not Draft.objects.exists()


def test_a_typed_token_survives_more_than_one_error(
    owner_client: Client, prop: Property, install: str
) -> None:
    refused = owner_client.post(install, {"accessToken": TOKEN, "pixelId": ""})
    again = owner_client.post(refused.wsgi_request.get_full_path(), {"accessToken": "", "pixelId": ""})
    owner_client.post(again.wsgi_request.get_full_path(), {"accessToken": "", "pixelId": "1234567890"})
    assert prop.secrets.get().value == TOKEN


def test_a_typed_token_can_be_typed_again_or_forgotten(
    owner_client: Client, prop: Property, meta: Extension
) -> None:
    url = address("extension_edit", prop, meta.uid)
    where = owner_client.post(
        url, {"accessToken": "EAABwrong12345678", "pixelId": ""}
    ).wsgi_request.get_full_path()
    owner_client.post(where, {"accessToken": "", "accessToken~forget": "on", "pixelId": "1234567890"})
    assert prop.secrets.get().value == TOKEN
    where = owner_client.post(
        url, {"accessToken": "EAABwrong12345678", "pixelId": ""}
    ).wsgi_request.get_full_path()
    owner_client.post(where, {"accessToken": "EAABright12345678", "pixelId": "1234567890"})
    assert prop.secrets.get().value == "EAABright12345678"


def test_the_private_key_of_a_secret_survives_an_error_in_another_field(
    owner_client: Client, prop: Property
) -> None:
    url = address("secret_new", prop) + "?type=simple-http"
    refused = owner_client.post(
        url, {"credentials-username": "a:b", "credentials-password": "hunter2hunter2"}
    )
    page = refused.content.decode()
    assert "A user name for HTTP cannot contain a colon." in page
    assert "kept, not saved" in page
    assert "hunter2hunter2" not in page
    uid = prop.environments.get(stage="production").uid
    owner_client.post(
        refused.wsgi_request.get_full_path(),
        {"credentials-username": "ab", "credentials-password": "", f"names-{uid}": "Shop login"},
    )
    assert prop.secrets.get(name="Shop login").read_credentials() == {
        "username": "ab",
        "password": "hunter2hunter2",
    }


def test_what_waits_to_be_saved_is_encrypted_and_ends(
    owner_client: Client, install: str, prop: Property
) -> None:
    owner_client.post(install, {"accessToken": TOKEN, "pixelId": ""})
    with connection.cursor() as cursor:
        cursor.execute("SELECT fields, credentials FROM properties_draft")
        [row] = cursor.fetchall()
    assert TOKEN not in str(row)
    assert survey().current >= 2
    Draft.objects.update(created_at=timezone.now() - timedelta(hours=1, minutes=1))
    assert drafts.typed_in(Draft.objects.get()).credentials == {}
    drafts.forget_drafts()
    assert Draft.objects.get().credentials == ""
    Draft.objects.update(created_at=timezone.now() - timedelta(days=8))
    drafts.forget_drafts()
    assert not Draft.objects.exists()


def test_a_refused_form_has_an_address_that_can_be_opened_again(owner_client: Client, prop: Property) -> None:
    """So Back, reload and a copied address show it, and the browser never asks whether to send it again."""
    answer = Client.post(
        owner_client,
        reverse("properties:data_element_new", args=[prop.uid]) + "?type=core::dataElements::path",
        {"element-name": "Phone", "path": ""},
    )
    assert answer.status_code == 303
    for _ in range(2):
        page = owner_client.get(answer["Location"]).content.decode()
        assert 'value="Phone"' in page
        assert "Path is needed." in page


def test_signing_out_meanwhile_keeps_what_was_typed_for_the_same_person(
    prop: Property, owner_client: Client
) -> None:
    url = address("property_settings", prop)
    by = signature(owner_client, url)
    owner_client.logout()
    answer = owner_client.post(url, {"name": "Shoe shop", "enabled": "on", "typed_by": by})
    assert answer["Location"].startswith("/login/?next=")
    prop.refresh_from_db()
    assert prop.name == "Shop"
    back = "/" + answer["Location"].split("next=/")[1].replace("%3F", "?").replace("%3D", "=")
    owner_client.force_login(olivia())
    page = owner_client.get(back).content.decode()
    assert "You were signed out before this was saved" in page
    assert 'value="Shoe shop"' in page


def test_a_token_typed_before_the_session_ended_comes_back_without_being_shown(
    prop: Property, owner_client: Client, install: str
) -> None:
    by = signature(owner_client, install)
    owner_client.logout()
    owner_client.post(install, {"accessToken": TOKEN, "pixelId": "1234567890", "typed_by": by})
    draft = Draft.objects.get()
    assert TOKEN not in draft.fields
    owner_client.force_login(olivia())
    page = owner_client.get(f"{install}?typed={draft.key}").content.decode()
    assert "kept, not saved" in page
    assert TOKEN not in page
    owner_client.post(f"{install}?typed={draft.key}", {"accessToken": "", "pixelId": "1234567890"})
    assert prop.secrets.get().value == TOKEN


def test_another_person_on_the_same_browser_never_meets_the_draft(
    prop: Property, owner_client: Client, colleague_client: Client
) -> None:
    url = address("property_settings", prop)
    by = signature(owner_client, url)
    owner_client.logout()
    owner_client.post(url, {"name": "Typed by olivia", "enabled": "on", "typed_by": by})
    draft = Draft.objects.get()
    paula = make_user("paula")
    Membership.objects.create(user=paula, prop=prop, rights=[])
    owner_client.force_login(paula)
    for where in (url, f"{url}?typed={draft.key}"):
        assert "Typed by olivia" not in owner_client.get(where).content.decode()
        assert "Your draft of" not in owner_client.get(where).content.decode()
    assert owner_client.post(reverse("properties:draft_forget", args=[draft.key])).status_code == 404
    assert Draft.objects.filter(pk=draft.pk).exists()


@pytest.mark.parametrize("by", ["", "forged", "WzEsW11d:1tZ:abc"])
def test_a_form_that_proves_no_owner_leaves_no_draft(prop: Property, client: Client, by: str) -> None:
    url = address("property_settings", prop)
    assert client.post(url, {"name": "Planted", "typed_by": by})["Location"].startswith("/login/")
    client.post(reverse("properties:draft_keep"), {"name": "Planted", "typed_by": by, "draft_address": url})
    assert not Draft.objects.exists()


def test_a_page_that_was_left_keeps_credentials_and_never_shows_them(
    prop: Property, owner_client: Client, install: str
) -> None:
    by = signature(owner_client, install)
    owner_client.logout()
    beacon = reverse("properties:draft_keep")
    sent = {"accessToken": TOKEN, "pixelId": "998877", "typed_by": by, "draft_address": install}
    assert owner_client.post(beacon, sent).content.startswith(b"Draft kept ")
    owner_client.force_login(olivia())
    page = owner_client.get(install)
    assert "Your draft of" in page.content.decode()
    assert "998877" not in page.content.decode()
    back = owner_client.get(page.context["typing"].back).content.decode()
    assert 'value="998877"' in back
    assert "kept, not saved" in back
    assert TOKEN not in back
    assert TOKEN not in Draft.objects.get().fields


@pytest.mark.parametrize("elsewhere", ["https://evil.example/", "//evil.example/", "javascript:alert(1)", ""])
def test_a_draft_never_leads_to_another_server(prop: Property, owner_client: Client, elsewhere: str) -> None:
    by = signature(owner_client, address("property_settings", prop))
    owner_client.post(
        reverse("properties:draft_keep"), {"name": "x", "typed_by": by, "draft_address": elsewhere}
    )
    assert not Draft.objects.exists()


def test_a_form_that_was_opened_before_signing_in_again_comes_back(prop: Property) -> None:
    """Signing in changes the CSRF token, so the form of another tab is refused."""
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(olivia())
    url = address("property_settings", prop)
    by = signature(browser, url)
    answer = browser.post(url, {"name": "Shoe shop", "enabled": "on", "typed_by": by})
    assert answer.status_code == 303
    assert 'value="Shoe shop"' in browser.get(answer["Location"]).content.decode()
    prop.refresh_from_db()
    assert prop.name == "Shop"
    assert browser.post(url, {"name": "Shoe shop"}).status_code == 403


def test_one_person_keeps_so_many_drafts_and_no_more(prop: Property, owner_client: Client) -> None:
    for number in range(drafts.MOST_OF_ONE_PERSON + 5):
        other = create_property(f"Shop {number}", actor=olivia())
        owner_client.post(address("property_settings", other), {"name": ""})
    assert Draft.objects.count() == drafts.MOST_OF_ONE_PERSON


def test_a_draft_that_is_over_says_so(prop: Property, owner_client: Client) -> None:
    page = owner_client.get(address("property_settings", prop) + "?typed=gone").content.decode()
    assert "Your earlier entries are no longer stored." in page


def test_two_people_have_two_drafts_of_the_same_page(prop: Property, owner_client: Client) -> None:
    paula = make_user("paula")
    Membership.objects.create(user=paula, prop=prop, rights=olivia().memberships.get(prop=prop).rights)
    url = address("property_settings", prop)
    for client, country in ((owner_client, "xx"), (signed_in(paula), "yy")):
        client.post(url, {"name": "Shop", "default_country": country})
    assert sorted(Draft.objects.values_list("user__username", flat=True)) == ["olivia", "paula"]


def test_what_was_typed_for_something_deleted_meanwhile_is_offered_when_it_is_back(
    prop: Property, owner_client: Client, colleague_client: Client
) -> None:
    element = prop.dataelements.get(name="Email")
    url = address("data_element_edit", prop, element.uid)
    by = signature(owner_client, url)
    deleted = colleague_client.post(address("data_element_delete", prop, element.uid), follow=True)
    data = {"element-name": "Email", "path": "arc.event.data.typed", "typed_by": by}
    assert owner_client.post(url, data).status_code == 404
    colleague_client.post(next(iter(deleted.context["messages"])).extra_tags)
    page = owner_client.get(url)
    assert "Your draft of" in page.content.decode()
    assert 'value="arc.event.data.typed"' in owner_client.get(page.context["typing"].back).content.decode()


def test_what_was_typed_before_a_right_was_taken_is_kept(prop: Property, colleague_client: Client) -> None:
    url = address("data_element_new", prop) + "?type=core::dataElements::path"
    by = signature(colleague_client, url)
    prop.memberships.filter(user__username="colin").update(rights=[])
    data = {"element-name": "Phone", "path": "arc.event.data.phone", "typed_by": by}
    assert colleague_client.post(url, data).status_code == 403
    assert Draft.objects.get().user.get_username() == "colin"


def test_a_draft_whose_encryption_key_is_gone_is_no_longer_kept(
    prop: Property, owner_client: Client, settings: Any
) -> None:
    url = address("property_settings", prop)
    where = owner_client.post(url, {"name": ""}).wsgi_request.get_full_path()
    settings.ENCRYPTION_KEYS = [Fernet.generate_key().decode()]
    assert "Your earlier entries are no longer stored." in owner_client.get(where).content.decode()
