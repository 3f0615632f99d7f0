"""The pages of a property."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.test import Client
from django.urls import reverse

from properties.catalog.references import secret_name
from properties.models import (
    RIGHTS,
    AuditEvent,
    DataElement,
    Datastream,
    Extension,
    Membership,
    Property,
)
from properties.resources.creation import create_property
from properties.saving import save_resource
from properties.secrets import credentials
from tests.people import make_user

from .conftest import TOKEN


def page(name: str, prop: Property, *arguments: object) -> str:
    return reverse(f"properties:{name}", args=[prop.uid, *arguments])


def element_data(**changes: str) -> dict[str, str]:
    return {"element-name": "Phone", "element-enabled": "on", "path": "arc.event.data.phone", **changes}


def hidden(client: Client, address: str) -> dict[str, str]:
    """Return the hidden inputs of a form, which name what it was filled from."""
    return opened_in(client.get(address).content.decode())


def opened_in(content: str) -> dict[str, str]:
    found = re.search(r'name="(opened)" value="(\w+)"', content)
    assert found
    return {found[1]: found[2]}


NEW_PATH = "?type=core::dataElements::path"


# Extensions


def test_installing_saves_only_when_the_form_is_submitted(owner_client: Client, prop: Property) -> None:
    address = page("extension_install", prop, "meta-conversions-api")
    assert b"Pixel ID" in owner_client.get(address).content
    assert not prop.extensions.filter(package_name="meta-conversions-api").exists()
    owner_client.post(address, {"pixelId": "1234567890", "accessToken": TOKEN})
    extension = prop.extensions.get(package_name="meta-conversions-api")
    assert extension.settings["accessToken"] == {"$secret": "Meta Conversions API Access Token"}
    assert credentials.reference("Meta Conversions API Access Token") == extension.settings["accessToken"]
    assert prop.secrets.get().value == TOKEN


def test_a_stored_token_is_never_shown_again(owner_client: Client, prop: Property, meta: Extension) -> None:
    content = owner_client.get(page("extension_edit", prop, meta.uid)).content.decode()
    assert TOKEN not in content
    assert f"Stored for every environment, ends in {TOKEN[-4:]}." in content
    assert "4f2a" in content


def test_a_token_typed_into_a_form_with_errors_is_not_sent_back(owner_client: Client, prop: Property) -> None:
    answer = owner_client.post(
        page("extension_install", prop, "meta-conversions-api"), {"accessToken": TOKEN}
    )
    assert b"Pixel ID is needed." in answer.content
    assert TOKEN.encode() not in answer.content


def test_an_empty_token_field_keeps_the_stored_one(
    owner_client: Client, prop: Property, meta: Extension
) -> None:
    owner_client.post(page("extension_edit", prop, meta.uid), {"pixelId": "999", "accessToken": ""})
    meta.refresh_from_db()
    assert meta.settings["pixelId"] == "999"
    assert meta.settings["accessToken"] == {"$secret": "Meta Conversions API Access Token"}
    assert prop.secrets.get().value == TOKEN


def test_a_new_token_replaces_the_value_under_the_same_name(
    owner_client: Client, prop: Property, meta: Extension
) -> None:
    owner_client.post(
        page("extension_edit", prop, meta.uid), {"pixelId": "999", "accessToken": "EAAnewtoken99"}
    )
    assert prop.secrets.get().value == "EAAnewtoken99"


def test_who_typed_a_credential_is_in_the_audit_log(owner_client: Client, prop: Property) -> None:
    address = page("extension_install", prop, "meta-conversions-api")
    owner_client.post(address, {"pixelId": "1", "accessToken": TOKEN})
    installed = prop.extensions.get(package_name="meta-conversions-api")
    owner_client.post(
        page("extension_edit", prop, installed.uid), {"pixelId": "1", "accessToken": f"{TOKEN}new"}
    )
    owner_client.post(page("extension_edit", prop, installed.uid), {"pixelId": "2", "accessToken": ""})
    entries = prop.audit_events.filter(type_of__startswith="secret.").order_by("id")
    name = "Meta Conversions API Access Token"
    assert [(it.type_of, it.display_name, it.actor_name) for it in entries] == [
        ("secret.created", name, "olivia"),
        ("secret.updated", name, "olivia"),
    ]
    assert TOKEN not in str(list(entries.values()))


def test_the_token_is_in_no_row_but_its_own(owner_client: Client, prop: Property) -> None:
    data = {"pixelId": "1234567890", "accessToken": TOKEN}
    owner_client.post(page("extension_install", prop, "meta-conversions-api"), data)
    extension = prop.extensions.get(package_name="meta-conversions-api")
    kept = [extension.settings, *prop.revisions.values("snapshot"), *AuditEvent.objects.values("entity")]
    assert TOKEN not in str(kept)


def test_uninstalling_can_be_taken_back(owner_client: Client, prop: Property, meta: Extension) -> None:
    answer = owner_client.post(page("extension_uninstall", prop, meta.uid), follow=True)
    assert not prop.extensions.filter(pk=meta.pk).exists()
    undo = next(iter(answer.context["messages"])).extra_tags
    owner_client.post(undo)
    back = prop.extensions.get(package_name="meta-conversions-api")
    assert (back.uid, back.settings) == (meta.uid, meta.settings)


def test_core_stays_installed(owner_client: Client, prop: Property) -> None:
    core = prop.extensions.get(package_name="core")
    assert owner_client.post(page("extension_uninstall", prop, core.uid)).status_code == 404


def test_disabling_and_enabling_are_saved_as_revisions(
    owner_client: Client, prop: Property, meta: Extension
) -> None:
    owner_client.post(page("extension_toggle", prop, meta.uid))
    meta.refresh_from_db()
    assert not meta.enabled
    assert prop.revisions.filter(resource_uid=meta.uid).count() == 2


# Data elements


def test_a_data_element_is_made_from_its_type(owner_client: Client, prop: Property) -> None:
    data = element_data(**{"element-force_lower_case": "on"})
    owner_client.post(page("data_element_new", prop) + NEW_PATH, data)
    made = prop.dataelements.get(name="Phone")
    assert made.settings == {"path": "arc.event.data.phone"}
    assert (made.force_lower_case, made.clean_text, made.default_value) == (True, False, None)
    assert prop.revisions.filter(resource_uid=made.uid).count() == 1


def test_every_problem_of_both_forms_is_shown_at_once(owner_client: Client, prop: Property) -> None:
    data = element_data(**{"element-name": "", "path": ""})
    content = owner_client.post(page("data_element_new", prop) + NEW_PATH, data).content
    assert b"This field is required." in content
    assert b"Path is needed." in content


def test_a_name_is_used_once_in_a_property(owner_client: Client, prop: Property) -> None:
    answer = owner_client.post(
        page("data_element_new", prop) + NEW_PATH, element_data(**{"element-name": "Email"})
    )
    assert "“Email” exists already." in answer.content.decode()


def test_a_name_may_not_contain_what_ends_a_token(owner_client: Client, prop: Property) -> None:
    answer = owner_client.post(
        page("data_element_new", prop) + NEW_PATH, element_data(**{"element-name": "a}b"})
    )
    assert "A name must not contain “}”".encode() in answer.content


def test_a_default_value_keeps_its_type(owner_client: Client, prop: Property, element: DataElement) -> None:
    address = page("data_element_edit", prop, element.uid)
    for typed, kept in [("0", 0), ("none", "none"), ("[]", []), ('"0"', "0"), ("", None)]:
        owner_client.post(address, element_data(**{"element-default_value": typed}))
        element.refresh_from_db()
        assert element.default_value == kept
        assert owner_client.get(address).context["element_form"].initial["default_value"] == typed


def test_the_later_one_of_two_people_is_warned_before_anything_is_replaced(
    owner_client: Client, colleague_client: Client, prop: Property, element: DataElement
) -> None:
    address = page("data_element_edit", prop, element.uid)
    opened = hidden(owner_client, address)
    colleague_client.post(
        address, element_data(path="arc.event.data.theirs", **hidden(colleague_client, address))
    )
    content = owner_client.post(address, element_data(path="arc.event.data.mine", **opened)).content.decode()
    assert "Not saved: colin saved this after you opened it" in content
    assert 'value="arc.event.data.mine"' in content
    element.refresh_from_db()
    assert element.settings == {"path": "arc.event.data.theirs"}
    owner_client.post(address, element_data(path="arc.event.data.mine", **opened_in(content)))
    element.refresh_from_db()
    assert element.settings == {"path": "arc.event.data.mine"}


def test_a_configuration_is_not_replaced_unseen(
    owner_client: Client, administrator_client: Client, prop: Property, meta: Extension
) -> None:
    """The token of a row belongs to its position in the list, which somebody may have changed."""
    address = page("extension_edit", prop, meta.uid)
    opened = hidden(owner_client, address)
    administrator_client.post(address, {"pixelId": "999", **hidden(administrator_client, address)})
    assert b"Not saved: root saved" in owner_client.post(address, {"pixelId": "111", **opened}).content
    meta.refresh_from_db()
    assert meta.settings["pixelId"] == "999"


def test_the_page_shows_what_reads_a_data_element(
    owner_client: Client, prop: Property, meta: Extension
) -> None:
    element = prop.dataelements.get(name="Email")
    code = {"source": "return getDataElementValue('Email').trim()"}
    other = DataElement(prop=prop, name="Trimmed", delegate="core::dataElements::custom-code", settings=code)
    save_resource(other)
    meta.settings |= {"pixelId": "{{Email}}"}
    meta.save()
    readers = owner_client.get(page("data_element_edit", prop, element.uid)).context["readers"]
    assert [(it.kind, it.name) for it in readers] == [
        ("Data element", "Trimmed"),
        ("Extension", "Meta Conversions API"),
    ]
    assert b"Nothing uses it yet." in owner_client.get(page("data_element_edit", prop, other.uid)).content


def test_a_new_name_that_only_the_data_element_gets_shows_what_still_has_the_old_one(
    owner_client: Client, prop: Property, element: DataElement
) -> None:
    text = {"value": "To {{ Email }}"}
    save_resource(DataElement(prop=prop, name="Line", delegate="core::dataElements::constant", settings=text))
    address, data = page("data_element_edit", prop, element.uid), element_data(**{"element-name": "Mail"})
    renamed = owner_client.post(address, data | {"rename": "only"}, follow=True).content.decode()
    assert "“Email” is still used by data element “Line”. Change this before the next build." in renamed
    kept = owner_client.post(address, data, follow=True).content.decode()
    assert "is still used by" not in kept


def test_a_deletion_shows_what_no_longer_builds(
    owner_client: Client, prop: Property, element: DataElement
) -> None:
    for number in range(5):
        text = {"value": "To {{Email}}"}
        name, delegate = f"Line {number}", "core::dataElements::constant"
        save_resource(DataElement(prop=prop, name=name, delegate=delegate, settings=text))
    content = owner_client.post(page("data_element_delete", prop, element.uid), follow=True).content.decode()
    assert "Deleted Email. Line 0, Line 1, Line 2 and 2 more use it." in content


def test_a_deleted_data_element_can_be_taken_back(
    owner_client: Client, prop: Property, element: DataElement
) -> None:
    answer = owner_client.post(page("data_element_delete", prop, element.uid), follow=True)
    owner_client.post(next(iter(answer.context["messages"])).extra_tags)
    assert prop.dataelements.get(name="Email").uid == element.uid


def test_undo_gives_way_to_what_took_the_name(
    owner_client: Client, prop: Property, element: DataElement
) -> None:
    answer = owner_client.post(page("data_element_delete", prop, element.uid), follow=True)
    owner_client.post(page("data_element_new", prop) + NEW_PATH, element_data(**{"element-name": "Email"}))
    answer = owner_client.post(next(iter(answer.context["messages"])).extra_tags, follow=True)
    assert b"Nothing was restored" in answer.content
    assert prop.dataelements.count() == 1


def test_a_data_element_opens_by_its_name(owner_client: Client, prop: Property, element: DataElement) -> None:
    answer = owner_client.get(page("data_element_named", prop), {"name": "Email"})
    assert answer["Location"] == page("data_element_edit", prop, element.uid)
    assert owner_client.get(page("data_element_named", prop), {"name": "Gone"}).status_code == 404


def test_a_data_element_of_a_missing_package_still_opens(owner_client: Client, prop: Property) -> None:
    orphan = DataElement.objects.create(prop=prop, name="Old", delegate="gone::dataElements::thing")
    assert (
        b"Its package is not on the server"
        in owner_client.get(page("data_element_edit", prop, orphan.uid)).content
    )
    assert b"Package missing" in owner_client.get(page("data_elements", prop)).content


# Environments


def test_every_environment_shows_its_datastream_and_how_to_send(
    owner_client: Client, prop: Property, settings: object
) -> None:
    settings.PUBLIC_URL = "https://events.shop.example"  # type: ignore[attr-defined]
    listed = owner_client.get(page("environments", prop)).content.decode()
    for environment in prop.environments.all():
        uid, address = environment.datastream.uid, page("environment", prop, environment.uid)
        content = owner_client.get(address).content.decode()
        assert uid in listed
        assert address in listed
        assert f"https://events.shop.example/ee/v2/interact?datastreamId={uid}" in content
        assert f"&quot;datastreamId&quot;: &quot;{uid}&quot;" in content
        assert "&quot;edgeDomain&quot;: &quot;events.shop.example&quot;" in content


def test_an_environment_opens_beside_the_list_and_names_its_secrets(
    owner_client: Client, prop: Property
) -> None:
    production = prop.environments.get(stage="production")
    prop.secrets.create(name="Vendor token", environment=production, type_of="token", value="hidden-1")
    owner_client.post(page("datastream_key_new", prop, production.uid))
    drawer = owner_client.get(page("environment", prop, production.uid), headers={"Part": "drawer"})
    content = drawer.content.decode()
    assert content.lstrip().startswith('<aside id="drawer"')
    assert f'data-row="{production.uid}"' in content
    assert "Vendor token" in content
    assert "datastream key" not in content
    assert "hidden-1" not in content
    staging = owner_client.get(page("environment", prop, prop.environments.get(stage="staging").uid))
    assert b"Vendor token" not in staging.content


def test_a_key_is_shown_once_and_kept_as_a_secret(owner_client: Client, prop: Property) -> None:
    environment = prop.environments.get(stage="production")
    answer = owner_client.post(page("datastream_key_new", prop, environment.uid))
    key = answer.context["new_key"]
    assert key in answer.content.decode()
    environment.datastream.refresh_from_db()
    name = secret_name(environment.datastream.keys[0])
    assert prop.secrets.get(name=name).value == key
    assert key not in owner_client.get(page("datastream_edit", prop, environment.uid)).content.decode()
    owner_client.post(page("datastream_key_remove", prop, environment.uid), {"name": name})
    assert not prop.secrets.exists()


def test_origins_and_aliases_are_checked(owner_client: Client, prop: Property) -> None:
    address = page("datastream_edit", prop, prop.environments.get(stage="staging").uid)
    other = prop.environments.get(stage="production").datastream
    data = {"access": "open", "allowed_origins": "https://shop.example/path", "aliases": other.uid}
    content = owner_client.post(address, data).content.decode()
    assert "is not an origin" in content
    assert "already leads to a datastream" in content


@pytest.mark.parametrize(
    "origin",
    [
        "shop.example",
        "ftp://shop.example",
        "https://*.shop.example",
        "https://a@shop.example",
        "https://x:99999",
        "https://straße.example",
        "https://shop.example/?a",
        "https://[::1",
    ],
)
def test_what_no_browser_sends_is_no_origin(owner_client: Client, prop: Property, origin: str) -> None:
    """Source: RFC 6454, 6.2. “ß” means different hosts in older and newer browsers, so the person chooses."""
    address = page("datastream_edit", prop, prop.environments.get(stage="staging").uid)
    answer = owner_client.post(address, {"access": "open", "allowed_origins": origin})
    assert "is not an origin" in answer.content.decode()


def test_production_is_warned_about_as_long_as_every_site_may_send(
    owner_client: Client, prop: Property
) -> None:
    def warnings() -> int:
        return owner_client.get(page("environments", prop)).content.decode().count('data-testid="every-site"')

    assert warnings() == 1
    production = Datastream.objects.filter(environment__prop=prop, environment__stage="production")
    production.update(allowed_origins=["https://shop.example"])
    assert warnings() == 0
    production.update(allowed_origins=[], access="key")
    assert warnings() == 0


def test_the_form_decides_what_consent_strings_must_grant(owner_client: Client, prop: Property) -> None:
    environment = prop.environments.get(stage="staging")
    address = page("datastream_edit", prop, environment.uid)
    content = owner_client.get(address).content.decode()
    assert re.search('<input [^>]*name="tcf_vendor"[^>]* value="565"', content)
    data = {"access": "open", "tcf_purposes": " 4, 1,1 ", "tcf_vendor": "89", "fpid_cookie": "device_id"}
    assert owner_client.post(address, data).status_code == 302
    datastream = Datastream.objects.get(environment=environment)
    assert (datastream.tcf_purposes, datastream.tcf_vendor, datastream.fpid_cookie) == (
        [1, 4],
        89,
        "device_id",
    )
    assert 'value="1, 4"' in owner_client.get(address).content.decode()
    assert owner_client.post(address, {"access": "open"}).status_code == 302
    datastream.refresh_from_db()
    assert (datastream.tcf_purposes, datastream.tcf_vendor) == ([], None)


@pytest.mark.parametrize(
    ("key", "value", "words"),
    [
        ("tcf_purposes", "1, marketing", "“marketing” is not a purpose"),
        ("tcf_purposes", "25", "numbers from 1 to 24"),
        ("tcf_purposes", "²", "is not a purpose"),
        ("tcf_vendor", "70000", "less than or equal to 65535"),
        ("fpid_cookie", "a b;c", "not a cookie name"),
    ],
)
def test_what_no_consent_string_can_grant_is_refused(
    owner_client: Client, prop: Property, key: str, value: str, words: str
) -> None:
    address = page("datastream_edit", prop, prop.environments.get(stage="staging").uid)
    assert words in owner_client.post(address, {"access": "open", key: value}).content.decode()


def test_lists_are_in_the_order_of_the_alphabet_whatever_the_case(
    administrator_client: Client, prop: Property, element: DataElement
) -> None:
    for name in ("Zoo", "apple", "Mango"):
        create_property(name, actor="apply")
        delegate, settings = "core::dataElements::constant", {"value": "1"}
        save_resource(DataElement(prop=prop, name=name, delegate=delegate, settings=settings))
    cards = administrator_client.get(reverse("properties:property_list")).context["cards"]
    assert [each.name for each, _ in cards] == ["apple", "Mango", "Shop", "Zoo"]
    rows = administrator_client.get(page("data_elements", prop)).context["rows"]
    assert [row.name for row in rows] == ["apple", "Email", "Mango", "Zoo"]


def test_a_long_table_is_saved_whole(owner_client: Client, prop: Property) -> None:
    rows = {f"table[{number}].{key}": f"{key} {number}" for number in range(700) for key in ("key", "value")}
    data = element_data(**{"element-name": "Names", "input": "{{Email}}", **rows})
    answer = owner_client.post(
        page("data_element_new", prop) + "?type=core::dataElements::lookup-table", data
    )
    assert answer.status_code == 302
    assert len(prop.dataelements.get(name="Names").settings["table"]) == 700


def test_the_property_list_asks_the_database_no_more_for_more_properties(
    administrator_client: Client, django_assert_max_num_queries: Any
) -> None:
    for number in range(5):
        create_property(f"Shop {number}", actor="apply")
    with django_assert_max_num_queries(13):
        content = administrator_client.get("/properties/").content.decode()
    assert content.count('data-testid="property"') == 6


def test_origins_are_kept_as_browsers_send_them(owner_client: Client, prop: Property) -> None:
    environment = prop.environments.get(stage="staging")
    data = {
        "access": "key",
        "allowed_origins": "\n".join(
            [
                "https://Shop.example/",
                "http://localhost:8080",
                "https://b.example:443",
                "https://müller.example",
            ]
        ),
        "aliases": "old-id",
    }
    owner_client.post(page("datastream_edit", prop, environment.uid), data)
    environment.datastream.refresh_from_db()
    assert environment.datastream.allowed_origins == [
        "https://shop.example",
        "http://localhost:8080",
        "https://b.example",
        "https://xn--mller-kva.example",
    ]
    assert [alias.alias for alias in environment.datastream.aliases.all()] == ["old-id"]
    assert environment.datastream.access == "key"


def test_a_datastream_that_needs_a_key_and_has_none_says_that_it_refuses_everything(
    owner_client: Client, prop: Property
) -> None:
    environment = prop.environments.get(stage="production")
    address = page("datastream_edit", prop, environment.uid)
    assert b"Every request is refused until you create a key." not in owner_client.get(address).content
    owner_client.post(address, {"access": "key"})
    assert b"Every request is refused until you create a key." in owner_client.get(address).content
    owner_client.post(page("datastream_key_new", prop, environment.uid))
    assert b"Every request is refused" not in owner_client.get(address).content


# Settings and people


def test_a_property_can_stop_taking_events(owner_client: Client, prop: Property) -> None:
    assert b'name="enabled" ' in owner_client.get(page("property_settings", prop)).content
    owner_client.post(page("property_settings", prop), {"name": "Shop"})
    prop.refresh_from_db()
    assert not prop.enabled
    assert b"This property is disabled" in owner_client.get(page("environments", prop)).content
    owner_client.post(page("property_settings", prop), {"name": "Shop", "enabled": "on"})
    prop.refresh_from_db()
    assert prop.enabled
    assert b"This property is disabled" not in owner_client.get(page("environments", prop)).content


def test_saving_says_that_the_country_needs_a_build(owner_client: Client, prop: Property) -> None:
    data = {"name": "Shop", "enabled": "on", "default_country": "de"}
    first = owner_client.post(page("property_settings", prop), data, follow=True).content
    assert b"The country takes effect with the next build." in first
    again = owner_client.post(page("property_settings", prop), data, follow=True).content
    assert b"next build" not in again


def test_a_property_is_deleted_only_when_its_name_is_typed(owner_client: Client, prop: Property) -> None:
    owner_client.post(page("property_delete", prop), {"name": "shop"})
    assert Property.objects.filter(pk=prop.pk).exists()
    owner_client.post(page("property_delete", prop), {"name": "Shop"})
    assert not Property.objects.filter(pk=prop.pk).exists()


def test_domains_are_written_without_scheme(owner_client: Client, prop: Property) -> None:
    answer = owner_client.post(
        page("property_settings", prop), {"name": "Shop", "domains": "https://shop.example"}
    )
    assert b"is not a domain" in answer.content


def test_somebody_keeps_all_rights(owner_client: Client, prop: Property) -> None:
    answer = owner_client.post(page("people", prop), {"username": "olivia", "rights": ["develop"]})
    assert b"At least one person must have" in answer.content
    owner_client.post(page("person_remove", prop, prop.memberships.get(user__username="olivia").pk))
    assert prop.memberships.count() == 2


def test_a_property_without_owner_takes_people_of_any_rights(
    administrator_client: Client, stranger_client: Client
) -> None:
    """Property documents create properties without members."""
    ownerless = create_property("From a document", actor="apply")
    administrator_client.post(page("people", ownerless), {"username": "sam", "rights": ["develop"]})
    assert ownerless.memberships.get().rights == ["develop"]
    administrator_client.post(page("person_remove", ownerless, ownerless.memberships.get().pk))
    assert not ownerless.memberships.exists()


def test_an_owner_who_cannot_sign_in_is_none(
    owner_client: Client, stranger_client: Client, prop: Property
) -> None:
    gone = Membership.objects.create(user=make_user("gone"), prop=prop, rights=list(RIGHTS))
    get_user_model().objects.filter(pk=gone.user_id).update(is_active=False)
    answer = owner_client.post(page("people", prop), {"username": "olivia", "rights": []})
    assert b"At least one person must have" in answer.content
    owner_client.post(page("person_remove", prop, gone.pk))
    assert not prop.memberships.filter(pk=gone.pk).exists()


def test_the_form_shows_what_a_person_may_do_now(owner_client: Client, prop: Property) -> None:
    colin = prop.memberships.get(user__username="colin")
    content = owner_client.get(page("people", prop), {"change": colin.pk}).content.decode()
    assert "Rights of colin" in content
    assert re.search(r'value="develop"[^>]* checked', content)
    assert not re.search(r'value="publish"[^>]* checked', content)
    other = create_property("Other", actor=make_user("oscar")).memberships.get()
    for unknown in (other.pk, "x", "9" * 30):
        page_of_all = owner_client.get(page("people", prop), {"change": unknown}).content.decode()
        assert "Rights of" not in page_of_all


def test_a_person_is_added_with_rights(owner_client: Client, stranger_client: Client, prop: Property) -> None:
    owner_client.post(page("people", prop), {"username": "sam", "rights": ["publish"]})
    assert prop.memberships.get(user__username="sam").rights == ["publish"]
    assert stranger_client.get(page("extensions", prop)).status_code == 200


def test_the_back_office_shows_no_value_of_a_secret(
    administrator_client: Client, prop: Property, meta: Extension
) -> None:
    secret = prop.secrets.get()
    content = administrator_client.get(f"/backoffice/properties/secret/{secret.pk}/change/").content
    assert b"Access Token" in content
    assert TOKEN.encode() not in content
    assert secret.fingerprint.encode() not in content


@pytest.mark.parametrize("path", ["event.data.a", "arc..b", "arc.a."])
def test_a_path_that_gives_nothing_is_saved_with_advice(
    owner_client: Client, prop: Property, path: str
) -> None:
    element = prop.dataelements.get(name="Email")
    address = page("data_element_edit", prop, element.uid)
    data = element_data(**{"element-name": "Email", "path": path}) | hidden(owner_client, address)
    answer = owner_client.post(address, data, follow=True)
    element.refresh_from_db()
    assert element.settings == {"path": path}
    assert "No event has this path" in answer.content.decode()
    assert "No event has this path" in owner_client.get(address).content.decode()
