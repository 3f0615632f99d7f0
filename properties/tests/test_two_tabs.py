"""Two tabs with the same form: the later one sees both versions before replacing one."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.test import Client
from django.urls import reverse

from properties.models import RIGHTS, DataElement, Extension, Membership, Property, Secret
from properties.saving import save_resource
from properties.secrets import credentials
from tests.people import make_user, signed_in

from .conftest import TOKEN

OPENED = re.compile(r'name="opened" value="(\w+)"')
TYPED = "EAABtypedbyme0987654321mine"


@pytest.fixture
def second_owner(prop: Property) -> Client:
    user = make_user("paula")
    Membership.objects.create(user=user, prop=prop, rights=list(RIGHTS))
    return signed_in(user)


@pytest.fixture
def secret(prop: Property) -> Secret:
    return credentials.store(prop, "Ads token", TOKEN)


def address(name: str, prop: Property, *arguments: object) -> str:
    return reverse(f"properties:{name}", args=[prop.uid, *arguments])


def opened(client: Client, url: str) -> dict[str, str]:
    found = OPENED.search(client.get(url).content.decode())
    assert found, url
    return {"opened": found[1]}


def compared(answer: Any) -> list[tuple[str, str, str]]:
    return [(it.label, it.theirs, it.mine) for it in answer.context["typing"].overlap.differences]


def check_both_are_shown(
    mine: Client, theirs: Client, url: str, one: dict[str, Any], other: dict[str, Any]
) -> list[tuple[str, str, str]]:
    """Two people open a form. The second save shows both versions, and succeeds when it is sent again."""
    mine_opened, theirs_opened = opened(mine, url), opened(theirs, url)
    theirs.post(url, other | theirs_opened)
    refused = mine.post(url, one | mine_opened)
    assert "Not saved: paula saved this after you opened it" in refused.content.decode()
    again = OPENED.search(refused.content.decode())
    assert again
    answer = mine.post(url, one | {"opened": again[1]}, follow=True)
    assert "Not saved" not in answer.content.decode()
    return compared(refused)


def test_the_settings_of_a_property_are_not_replaced_unseen(
    owner_client: Client, second_owner: Client, prop: Property
) -> None:
    url = address("property_settings", prop)
    data = {"name": "Shop", "enabled": "on"}
    differences = check_both_are_shown(
        owner_client,
        second_owner,
        url,
        data | {"domains": "mine.example", "default_country": ""},
        data | {"domains": "", "default_country": "de"},
    )
    assert differences == [
        ("Domains", "Empty", "mine.example"),
        ("Default country", "Germany", "None"),
    ]
    prop.refresh_from_db()
    assert (prop.domains, prop.default_country) == (["mine.example"], "")


def test_the_access_to_a_datastream_is_not_replaced_unseen(
    owner_client: Client, second_owner: Client, prop: Property
) -> None:
    url = address("datastream_edit", prop, prop.environments.get(stage="production").uid)
    differences = check_both_are_shown(
        owner_client,
        second_owner,
        url,
        {"access": "open", "allowed_origins": "https://mine.example"},
        {"access": "key", "aliases": "theirs"},
    )
    assert differences == [
        ("Access", "Needs a key", "Open"),
        ("Allowed origins", "Empty", "https://mine.example"),
        ("Aliases", "theirs", "Empty"),
    ]


def test_a_secret_is_not_replaced_unseen_and_no_value_is_shown(
    owner_client: Client, second_owner: Client, prop: Property, secret: Secret
) -> None:
    url = address("secret_edit", prop, secret.uid)
    mine, theirs = opened(owner_client, url), opened(second_owner, url)
    second_owner.post(url, {"credentials-token": f"{TOKEN}-theirs", **theirs})
    refused = owner_client.post(url, {"credentials-token": TYPED, **mine})
    text = refused.content.decode()
    assert "Not saved: paula saved this after you opened it" in text
    assert compared(refused) == [("Token", "Stored, not shown", "Typed by you, not shown")]
    assert TYPED not in text
    assert TOKEN not in text
    secret.refresh_from_db()
    assert secret.value == f"{TOKEN}-theirs"
    again, where = OPENED.search(text), refused.wsgi_request.get_full_path()
    assert again
    owner_client.post(where, {"credentials-token": "", "opened": again[1]})
    secret.refresh_from_db()
    assert secret.value == TYPED


def test_a_token_that_somebody_replaced_is_not_replaced_unseen(
    owner_client: Client, second_owner: Client, prop: Property, meta: Extension
) -> None:
    """The settings look the same with another token of the same name."""
    url = address("extension_edit", prop, meta.uid)
    mine, theirs = opened(owner_client, url), opened(second_owner, url)
    second_owner.post(url, {"pixelId": "1234567890", "accessToken": f"{TOKEN}-theirs", **theirs})
    refused = owner_client.post(url, {"pixelId": "1234567890", "accessToken": TYPED, **mine})
    assert ("Access Token", "Stored, ends in eirs", "Typed by you, not shown") in compared(refused)
    assert TYPED not in refused.content.decode()
    assert prop.secrets.get().value == f"{TOKEN}-theirs"


def test_the_rights_of_a_person_are_not_replaced_unseen(
    owner_client: Client, second_owner: Client, prop: Property
) -> None:
    member = prop.memberships.get(user__username="colin")
    url = f"{address('people', prop)}?change={member.pk}"
    differences = check_both_are_shown(
        owner_client,
        second_owner,
        url,
        {"username": "colin", "rights": ["develop"]},
        {"username": "colin", "rights": ["publish", "develop"]},
    )
    assert differences == [
        ("Rights", "Develop: rules and data elements, Publish: builds", "Develop: rules and data elements")
    ]


def test_adding_a_person_who_is_there_already_shows_the_rights_that_would_be_replaced(
    owner_client: Client, prop: Property
) -> None:
    url = f"{address('people', prop)}?invite=1"
    refused = owner_client.post(
        url, {"username": "colin", "rights": ["publish"], **opened(owner_client, url)}
    )
    assert compared(refused)
    assert prop.memberships.get(user__username="colin").rights == ["develop"]


def test_saving_the_same_twice_replaces_nothing_and_is_not_refused(
    owner_client: Client, second_owner: Client, prop: Property
) -> None:
    url, data = address("property_settings", prop), {"name": "Shop", "enabled": "on", "domains": "a.example"}
    mine, theirs = opened(owner_client, url), opened(second_owner, url)
    second_owner.post(url, data | theirs)
    assert "Not saved" not in owner_client.post(url, data | mine, follow=True).content.decode()


def test_an_extension_that_two_tabs_disable_stays_disabled(
    owner_client: Client, prop: Property, meta: Extension
) -> None:
    url = address("extension_toggle", prop, meta.uid)
    assert b'name="to" value="off"' in owner_client.get(address("extensions", prop)).content
    for _ in range(2):
        owner_client.post(url, {"to": "off"})
    meta.refresh_from_db()
    assert not meta.enabled
    undo = owner_client.post(url, {"to": "off"}, follow=True).context["messages"]
    owner_client.post(next(iter(undo)).extra_tags)
    meta.refresh_from_db()
    assert meta.enabled


def test_keeping_theirs_leads_to_the_form_as_it_is_saved(
    owner_client: Client, second_owner: Client, prop: Property
) -> None:
    url = address("property_settings", prop)
    mine, theirs = opened(owner_client, url), opened(second_owner, url)
    second_owner.post(url, {"name": "Theirs", "enabled": "on", **theirs})
    refused = owner_client.post(url, {"name": "Mine", "enabled": "on", **mine}).content.decode()
    forget = re.search(r'action="(/drafts/[^"]+/forget/)"', refused)
    assert forget
    page = owner_client.post(forget[1], follow=True).content.decode()
    assert 'value="Theirs"' in page
    assert "Mine" not in page


def test_what_is_deleted_by_undo_of_somebody_else_is_not_lost(owner_client: Client, prop: Property) -> None:
    """An old Undo does not overwrite a data element that exists again."""
    element = prop.dataelements.get(name="Email")
    answer = owner_client.post(address("data_element_delete", prop, element.uid), follow=True)
    undo = next(iter(answer.context["messages"])).extra_tags
    owner_client.post(undo)
    back = DataElement.objects.get(uid=element.uid)
    back.settings = {"path": "arc.event.data.changed"}
    save_resource(back)
    assert "Nothing was restored" in owner_client.post(undo, follow=True).content.decode()
    assert DataElement.objects.get(uid=element.uid).settings == {"path": "arc.event.data.changed"}


def test_who_changed_it_is_nobody_when_a_command_did(owner_client: Client, prop: Property) -> None:
    url = address("property_settings", prop)
    mine = opened(owner_client, url)
    Property.objects.filter(pk=prop.pk).update(default_country="de")
    assert compared(owner_client.post(url, {"name": "Shop", "enabled": "on", **mine}))
    assert get_user_model().objects.filter(username="olivia").exists()
