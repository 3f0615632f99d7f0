"""Renaming a data element offers to update everything that uses it."""

from __future__ import annotations

from typing import Any

import pytest
from django.urls import reverse

from properties.models import AuditEvent, DataElement, Extension, Membership, Property, Revision
from properties.saving import save_resource
from rules.models import Rule
from rules.publishing.build import live_build, publish
from rules.publishing.libraries import add_all_changed, working_library
from tests.pages import page_text

CODE = """// Email of the customer
const name = "Email";
return getDataElementValue('Email') + getDataElementValue(name);"""


@pytest.fixture
def email(prop: Property) -> DataElement:
    return DataElement.objects.get(prop=prop, name="Email")


@pytest.fixture
def line(prop: Property) -> DataElement:
    made = DataElement(
        prop=prop,
        name="Line",
        delegate="core::dataElements::constant",
        settings={"value": "To {{Email}} and {{ Email }}, not {{Email2}}"},
    )
    save_resource(made)
    return made


@pytest.fixture
def coded(prop: Property) -> DataElement:
    made = DataElement(
        prop=prop, name="Coded", delegate="core::dataElements::custom-code", settings={"source": CODE}
    )
    save_resource(made)
    return made


def address(element: DataElement) -> str:
    return reverse("properties:data_element_edit", args=[element.prop.uid, element.uid])


def form(**changes: str) -> dict[str, str]:
    path = {"path": "arc.event.data.user.email", "element-force_lower_case": "on"}
    return {"element-name": "Mail", "element-enabled": "on", **path, **changes}


def test_a_new_name_shows_which_settings_of_which_resources_it_changes(
    client, owner, prop, email, line, coded
):
    client.force_login(owner)
    page = page_text(client.post(address(email), form()))
    assert "Rename “Email” to “Mail” everywhere?" in page
    assert "3 settings in 3 resources" in page
    assert "Send Conversions API Event › Email" in page
    assert "To {{Mail}} and {{Mail}}, not {{Email2}}" in page
    assert "getDataElementValue(&#x27;Mail&#x27;)" in page
    assert "Line 2: const name = &quot;Email&quot;;" in page
    email.refresh_from_db()
    assert email.name == "Email"
    assert Rule.objects.get().revision_number == 1


def test_renaming_everywhere_saves_each_resource_with_a_revision_and_an_audit_entry(
    client, owner, prop, email, line, coded
):
    client.force_login(owner)
    client.post(address(email), form(rename="everywhere"))
    rule = Rule.objects.get()
    assert rule.components.get(kind="actions").settings["email"] == "{{Mail}}"
    line.refresh_from_db()
    coded.refresh_from_db()
    assert line.settings == {"value": "To {{Mail}} and {{Mail}}, not {{Email2}}"}
    assert coded.settings["source"] == CODE.replace("Value('Email')", "Value('Mail')")
    for resource in (rule, line, coded, DataElement.objects.get(name="Mail")):
        assert resource.revision_number == 2
        assert Revision.objects.filter(resource_uid=resource.uid, number=2).exists()
        entry = AuditEvent.objects.filter(entity_uid=resource.uid).first()
        assert (entry.type_of.partition(".")[2], entry.actor) == ("updated", owner)


def test_nothing_is_renamed_when_one_of_them_cannot_be_saved(
    client, owner, prop, email, line, monkeypatch: pytest.MonkeyPatch
):
    def refuse(self: Rule, *args: Any, **kwargs: Any) -> None:
        raise RuntimeError("no")

    monkeypatch.setattr(Rule, "save", refuse)
    client.force_login(owner)
    with pytest.raises(RuntimeError):
        client.post(address(email), form(rename="everywhere"))
    line.refresh_from_db()
    email.refresh_from_db()
    assert (email.name, line.revision_number) == ("Email", 1)


def test_a_name_that_nothing_uses_is_saved_without_a_question(client, owner, prop, email):
    Rule.objects.all().delete()
    client.force_login(owner)
    client.post(address(email), form())
    assert DataElement.objects.filter(name="Mail").exists()


def test_an_element_with_blanks_in_its_name_keeps_its_own_tokens(client, owner, prop, email):
    """“{{ Email }}” means the element “ Email ” if it exists; such names come from imports."""
    DataElement.objects.create(prop=prop, name=" Email ", delegate="core::dataElements::constant")
    line = DataElement(prop=prop, name="Line", delegate="core::dataElements::constant")
    line.settings = {"value": "{{Email}} {{ Email }}"}
    save_resource(line)
    client.force_login(owner)
    client.post(address(email), form(rename="everywhere"))
    line.refresh_from_db()
    assert line.settings == {"value": "{{Mail}} {{ Email }}"}


def test_a_name_with_quotes_is_written_into_code_as_javascript_reads_it(client, owner, prop, email, coded):
    client.force_login(owner)
    client.post(address(email), form(**{"element-name": "Jane's $mail", "rename": "everywhere"}))
    coded.refresh_from_db()
    assert 'getDataElementValue("Jane\'s $mail")' in coded.settings["source"]


def test_a_person_who_may_not_manage_extensions_sees_what_stays(client, colleague, prop, email):
    meta = Extension.objects.get(prop=prop, package_name="meta-conversions-api")
    meta.settings |= {"pixelId": "{{Email}}"}
    save_resource(meta)
    client.force_login(colleague)
    page = page_text(client.post(address(email), form()))
    assert "needs the right to manage extensions" in page
    client.post(address(email), form(rename="everywhere"))
    meta.refresh_from_db()
    assert meta.settings["pixelId"] == "{{Email}}"
    assert Rule.objects.get().components.get(kind="actions").settings["email"] == "{{Mail}}"
    Membership.objects.filter(user=colleague).update(rights=["develop", "manage_extensions"])
    email.refresh_from_db()
    client.post(address(email), form(**{"element-name": "Mail 2", "rename": "everywhere"}))


def test_renaming_and_building_takes_everything_that_changed_along(client, owner, prop, email):
    add_all_changed(working_library(prop))
    publish(working_library(prop), prop.environments.get(stage="production"))
    client.force_login(owner)
    page = client.post(address(email), form(intent="build"))
    assert 'name="intent" value="build"' in page.content.decode()
    page = client.post(
        address(email), form(intent="build", rename="everywhere"), follow=True
    ).content.decode()
    assert "built, and live in Development" in page
    document = live_build(prop.environments.get(stage="development")).document
    assert "{{Mail}}" in document
    assert "{{Email}}" not in document


def test_a_library_with_only_the_new_name_takes_along_what_still_had_the_old_one(client, owner, prop, email):
    """The rule is published with the old name; its newest revision has the new one."""
    add_all_changed(working_library(prop))
    publish(working_library(prop), prop.environments.get(stage="production"))
    client.force_login(owner)
    client.post(address(email), form(rename="everywhere"))
    page = client.post(address(email), form(intent="build"), follow=True).content.decode()
    assert "built, and live in Development. With it: rule Purchase." in page
