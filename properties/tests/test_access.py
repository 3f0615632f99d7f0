"""Every page, opened by an owner, a colleague with one right, a stranger, and a person without sign-in."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.contrib.auth import get_user_model
from django.test import Client
from django.urls import reverse

from properties.models import RIGHTS, DataElement, Extension, Property
from properties.views.access import rights_in
from properties.views.property_forms import RIGHT_LABELS

PAGES = [
    "extensions",
    "catalog",
    "extension_install",
    "extension_edit",
    "data_elements",
    "data_element_new",
    "data_element_edit",
    "environments",
    "datastream_edit",
    "secrets",
    "secret_new",
    "secret_edit",
    "property_settings",
    "people",
]
# Pages that accept only POST, and whether a colleague with the right to develop may send it.
CHANGES = {
    "extension_install": False,
    "extension_edit": False,
    "extension_toggle": False,
    "extension_uninstall": False,
    "data_element_new": True,
    "data_element_edit": True,
    "data_element_delete": True,
    "datastream_edit": False,
    "datastream_key_new": False,
    "datastream_key_remove": False,
    "secret_new": False,
    "secret_edit": False,
    "secret_retry": False,
    "secret_test": False,
    "secret_delete": False,
    "property_settings": False,
    "property_delete": False,
    "people": False,
    "person_remove": False,
}


@pytest.fixture
def address(prop: Property, element: DataElement, meta: Extension) -> Callable[[str], str]:
    secret_uid = prop.secrets.get().uid
    arguments = {
        "extension_install": ["core"],
        "extension_edit": [meta.uid],
        "extension_toggle": [meta.uid],
        "extension_uninstall": [meta.uid],
        "data_element_edit": [element.uid],
        "data_element_delete": [element.uid],
        "datastream_edit": [prop.environments.get(stage="staging").uid],
        "datastream_key_new": [prop.environments.get(stage="staging").uid],
        "datastream_key_remove": [prop.environments.get(stage="staging").uid],
        **{name: [secret_uid] for name in ("secret_edit", "secret_retry", "secret_test", "secret_delete")},
        "person_remove": [prop.memberships.get(user__username="colin").pk],
    }

    def find(name: str) -> str:
        return reverse(f"properties:{name}", args=[prop.uid, *arguments.get(name, [])])

    return find


@pytest.mark.parametrize("name", PAGES)
def test_the_owner_opens_every_page(name: str, address: Callable[[str], str], owner_client: Client) -> None:
    assert owner_client.get(address(name), follow=True).status_code == 200


@pytest.mark.parametrize("name", PAGES)
def test_a_colleague_may_look_at_every_page(
    name: str, address: Callable[[str], str], colleague_client: Client
) -> None:
    assert colleague_client.get(address(name), follow=True).status_code == 200


@pytest.mark.parametrize("name", PAGES)
def test_a_stranger_finds_no_page(name: str, address: Callable[[str], str], stranger_client: Client) -> None:
    assert stranger_client.get(address(name)).status_code == 404


@pytest.mark.parametrize("name", [*PAGES, *CHANGES])
def test_nobody_is_sent_to_the_sign_in_page(name: str, address: Callable[[str], str], client: Client) -> None:
    for answer in (client.get(address(name)), client.post(address(name))):
        assert answer.status_code in (302, 405)
        assert answer.status_code == 405 or answer["Location"].startswith("/login/")


def test_who_signs_in_again_comes_back_to_the_page_of_the_form(
    address: Callable[[str], str], client: Client
) -> None:
    form, post_only = address("data_elements"), address("data_element_delete")
    for came_from, back in [
        (f"http://testserver{form}?q=a", f"{form}%3Fq%3Da"),
        ("https://evil.example/x", "/"),
        ("", "/"),
    ]:
        answer = client.post(post_only, headers={"Referer": came_from})
        assert answer["Location"] == f"/login/?next={back}"
    assert client.get(f"{form}?q=a")["Location"] == f"/login/?next={form}%3Fq%3Da"


def test_a_part_of_a_page_lets_the_page_ask_for_the_password(
    address: Callable[[str], str], client: Client
) -> None:
    """Otherwise the sign-in page would appear inside the page that requested the part."""
    answer = client.get(address("data_elements"), headers={"HX-Request": "true"})
    assert (answer["HX-Refresh"], answer.content) == ("true", b"")


def test_a_form_that_is_being_typed_in_gets_the_notice_alone(
    address: Callable[[str], str], client: Client
) -> None:
    """Loading the page again would lose what was typed."""
    answer = client.post(address("data_elements"), {"typed_by": "7"}, headers={"HX-Request": "true"})
    assert "You are signed out." in answer.content.decode()
    assert (answer["HX-Retarget"], answer["HX-Reswap"]) == ("[data-signed-out]", "outerHTML")
    assert "HX-Refresh" not in answer


@pytest.mark.parametrize("name", CHANGES)
def test_a_stranger_changes_nothing(
    name: str, address: Callable[[str], str], stranger_client: Client
) -> None:
    assert stranger_client.post(address(name)).status_code == 404


@pytest.mark.parametrize("name", [name for name, is_allowed in CHANGES.items() if not is_allowed])
def test_a_colleague_without_the_right_changes_nothing(
    name: str, address: Callable[[str], str], colleague_client: Client, prop: Property
) -> None:
    answer = colleague_client.post(address(name), {"name": prop.name})
    assert answer.status_code == 403
    assert b"This needs" in answer.content
    assert Property.objects.filter(pk=prop.pk).exists()


def test_a_colleague_with_the_right_to_develop_changes_data_elements(
    address: Callable[[str], str], colleague_client: Client, prop: Property
) -> None:
    assert colleague_client.post(address("data_element_delete")).status_code == 302
    assert not prop.dataelements.exists()


@pytest.mark.parametrize("name", [name for name in CHANGES if name not in PAGES])
def test_no_change_happens_by_get(name: str, address: Callable[[str], str], owner_client: Client) -> None:
    assert owner_client.get(address(name)).status_code == 405


def test_the_property_list_shows_only_what_one_is_part_of(
    owner_client: Client, stranger_client: Client
) -> None:
    for page in ("/?all=1", "/properties/"):
        assert b"Shop" in owner_client.get(page).content
        assert b"Shop" not in stranger_client.get(page).content


def test_only_who_may_add_properties_makes_one(owner_client: Client, administrator_client: Client) -> None:
    assert owner_client.post("/p/new/", {"name": "Second"}).status_code == 403
    assert administrator_client.post("/p/new/", {"name": "Second"}).status_code == 302
    assert Property.objects.get(name="Second").environments.count() == 3


def test_the_back_office_is_for_staff_only(
    owner_client: Client, administrator_client: Client, client: Client
) -> None:
    assert client.get("/backoffice/", follow=True).redirect_chain[-1][0].startswith("/login/")
    assert owner_client.get("/backoffice/", follow=True).status_code == 403
    assert administrator_client.get("/backoffice/").status_code == 200


def test_pages_are_not_kept_by_caches(address: Callable[[str], str], owner_client: Client) -> None:
    assert "no-store" in owner_client.get(address("extension_edit"))["Cache-Control"]


def test_pages_allow_no_foreign_and_no_inline_code(
    address: Callable[[str], str], owner_client: Client
) -> None:
    answer = owner_client.get(address("extension_edit"))
    assert "default-src 'self'" in answer["Content-Security-Policy"]
    assert "unsafe" not in answer["Content-Security-Policy"]
    assert b" style=" not in answer.content
    assert b" onclick=" not in answer.content


def test_a_right_that_does_nothing_is_not_offered(owner_client: Client, prop: Property) -> None:
    url = reverse("properties:people", args=[prop.uid])
    content = owner_client.get(f"{url}?invite=1").content.decode()
    assert "Approve" not in content
    assert 'value="approve"' not in content
    assert "Publish: builds" in content


def test_whoever_gets_all_rights_that_are_offered_owns_the_property(
    owner_client: Client, prop: Property
) -> None:
    url, offered = (
        reverse("properties:people", args=[prop.uid]),
        [right for right in RIGHTS if right != "approve"],
    )
    owner_client.post(url, {"username": "colin", "rights": offered})
    assert set(prop.memberships.get(user__username="colin").rights) == set(RIGHTS)
    assert '<td role="cell">Admin</td>' in owner_client.get(url).content.decode()
    owner_client.post(url, {"username": "colin", "rights": ["develop"]})
    assert prop.memberships.get(user__username="colin").rights == ["develop"]
    assert "own" not in rights_in(prop, get_user_model().objects.get(username="colin"))


def test_who_has_every_right_but_the_one_that_is_not_offered_does_not_become_an_owner_unasked(
    prop: Property, colleague_client: Client
) -> None:
    offered = [right for right in RIGHTS if right != "approve"]
    prop.memberships.filter(user__username="colin").update(rights=offered)
    assert (
        colleague_client.post(
            reverse("properties:people", args=[prop.uid]), {"username": "colin"}
        ).status_code
        == 403
    )


def test_the_last_owner_keeps_all_rights(owner_client: Client, prop: Property) -> None:
    url = reverse("properties:people", args=[prop.uid])
    page = owner_client.post(url, {"username": "olivia", "rights": ["develop", "publish"]}).content.decode()
    assert "At least one person must have" in page
    assert set(prop.memberships.get(user__username="olivia").rights) == set(RIGHTS)


@pytest.mark.parametrize(
    ("rights", "expected"),
    [
        ([], "Viewer"),
        (["develop"], "Editor"),
        (["develop", "publish"], "Publisher"),
        (RIGHTS, "Admin"),
        (["publish"], "Custom"),
    ],
)
def test_the_usual_sets_of_rights_have_names(
    owner_client: Client, prop: Property, rights: list[str], expected: str
) -> None:
    prop.memberships.filter(user__username="colin").update(rights=list(rights))
    page = owner_client.get(reverse("properties:people", args=[prop.uid]))
    [row] = [row for row in page.context["rows"] if row.member.user.username == "colin"]
    assert row.set_name == expected
    assert row.has == [right in rights for right in RIGHT_LABELS]


def test_people_are_invited_in_a_drawer_that_closes_by_its_link(owner_client: Client, prop: Property) -> None:
    url = reverse("properties:people", args=[prop.uid])
    assert "Invite a person" not in owner_client.get(url).content.decode()
    assert "Invite a person" in owner_client.get(f"{url}?invite=1").content.decode()
    member = prop.memberships.get(user__username="colin")
    assert "Rights of colin" in owner_client.get(f"{url}?change={member.pk}").content.decode()
