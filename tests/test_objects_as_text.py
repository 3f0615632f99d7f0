"""Custom Data written as JSON text becomes an object when it is saved, on every path.

In text, a quote in a product's name would break the JSON of an event, and the Purchase would be lost.
"""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from properties.catalog.registry import packages
from properties.models import Property, Revision
from rules.authoring.editing import copy_rule, restore_rule
from rules.conftest import SHOP
from rules.documents.adobe import carry_out, plan_import
from rules.documents.applying import apply_document
from rules.documents.exporting import export_document
from rules.documents.reading import InvalidDocument
from rules.engine import compile_build, run_build
from rules.models import Build, RuleComponent

pytestmark = pytest.mark.django_db

NAME = 'TV 55" Pro'
TEXT = (
    '{"currency": "EUR", "value": {{Total}}, "content_name": "{{Product}}",'
    ' "contents": "[{\\"id\\": \\"{{Product}}\\"}]"}'
)
KEPT = {
    "currency": "EUR",
    "value": "{{Total}}",
    "content_name": "{{Product}}",
    "contents": [{"id": "{{Product}}"}],
}
SENT = {"currency": "EUR", "value": 1299.5, "content_name": NAME}
SEND = "meta-conversions-api::actions::send-conversions-api-event"
EVENT = {
    "xdm": {},
    "data": {"name": "Purchase", "total": 1299.5, "product": NAME, "user": {"email": "a@b.example"}},
}


def document(custom_data: Any = TEXT) -> Any:
    made = json.loads(json.dumps(SHOP))
    made["data_elements"] += [
        {"name": name, "delegate": "core::dataElements::path", "settings": {"path": f"arc.event.data.{key}"}}
        for name, key in (("Total", "total"), ("Product", "product"))
    ]
    made["rules"][0]["actions"][0]["settings"]["customData"] = custom_data
    return made


def stored(prop: Property) -> Any:
    return RuleComponent.objects.get(rule__prop=prop, delegate=SEND).settings["customData"]


def sent(build_document: str) -> dict[str, Any]:
    """The custom data of the server event that a build makes."""
    result = run_build(
        compile_build(json.loads(build_document), packages()),
        {"event": EVENT, "request": {"header": {}, "body": {}}},
        inbound_event_id="7265829384756928512",
        received_at=1_700_000_000.0,
        installation={},
        secret_marker=str,
        scripts=None,
    )
    (item,) = result.items
    return item.item.payload["custom_data"]  # type: ignore[union-attr]


def with_text_stored(prop: Property, text: str = TEXT) -> RuleComponent:
    """The row as an earlier version saved it."""
    component = RuleComponent.objects.get(rule__prop=prop, delegate=SEND)
    component.settings["customData"] = text
    component.save()
    return component


def typed(client: Client, address: str) -> dict[str, str]:
    """What a browser sends back when a person changes nothing."""
    shown = {field.html_name: field.value() for field in client.get(address).context["form"]}
    return {name: str(value or "") for name, value in shown.items() if value is not False} | {
        "component-timeout": "2000"
    }


def test_apply_keeps_an_object_and_the_quote_arrives() -> None:
    result = apply_document(document(), publish="development")
    assert stored(result.prop) == KEPT
    assert result.build is not None
    assert sent(result.build.document).items() >= SENT.items()


def test_applying_the_text_again_changes_nothing_and_export_gives_the_object() -> None:
    prop = apply_document(document()).prop
    again = apply_document(document())
    assert (again.created, again.changed, again.removed) == ([], [], [])
    assert export_document(prop)["rules"][0]["actions"][0]["settings"]["customData"] == KEPT


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('{"value": 1,\n "currency" "EUR"}', "Line 2, column 13"),
        ("{{Total}}{{Product}}", "column 10"),
        ('{"{{Product}}": 1}', "The name “{{Product}}” takes no data element"),
        ("[1, 2]", "must be an object"),
    ],
)
def test_text_that_is_not_an_object_is_a_problem_that_names_its_place(text: str, words: str) -> None:
    with pytest.raises(InvalidDocument) as caught:
        apply_document(document(text))
    messages = dict(caught.value.problems)
    assert list(messages) == ["$.rules[0].actions[0].settings.customData"]
    assert words in messages["$.rules[0].actions[0].settings.customData"]


def test_what_a_purchase_needs_is_looked_for_in_text_too() -> None:
    with pytest.raises(InvalidDocument) as caught:
        apply_document(document('{"value": {{Total}}}'))
    assert list(dict(caught.value.problems)) == ["$.rules[0].actions[0].settings.customData.currency"]


def test_the_form_shows_text_from_before_field_by_field_and_saves_an_object(
    client: Client, admin_user: Any
) -> None:
    prop = apply_document(document(KEPT)).prop
    component = with_text_stored(prop)
    client.force_login(admin_user)
    address = reverse("rules:component_edit", args=[prop.uid, component.rule.uid, component.uid])
    shown = typed(client, address)
    assert shown["customData.content_name"] == "{{Product}}"
    assert client.post(address, shown).status_code == 302
    component.refresh_from_db()
    assert component.settings["customData"] == KEPT


def test_more_keys_typed_with_bare_data_elements_become_values(client: Client, admin_user: Any) -> None:
    prop = apply_document(document(KEPT)).prop
    component = RuleComponent.objects.get(rule__prop=prop, delegate=SEND)
    client.force_login(admin_user)
    address = reverse("rules:component_edit", args=[prop.uid, component.rule.uid, component.uid])
    own = '{"size": {{Product}}, "note": "a {{Product}}"}'
    client.post(address, {**typed(client, address), "customData.*": own})
    component.refresh_from_db()
    assert component.settings["customData"] == {**KEPT, "size": "{{Product}}", "note": "a {{Product}}"}


@pytest.mark.parametrize("text", ['{"value": 1 "currency": "EUR"}', '{"{{Product}}": 1}'])
def test_text_that_cannot_be_read_is_shown_to_be_put_right_and_never_lost(
    client: Client, admin_user: Any, text: str
) -> None:
    component = with_text_stored(apply_document(document(KEPT)).prop, text)
    client.force_login(admin_user)
    uids = component.rule.prop.uid, component.rule.uid, component.uid
    address = reverse("rules:component_edit", args=uids)
    shown = typed(client, address)
    assert json_or_text(shown["customData.*"]) == json_or_text(text)
    answer = client.post(address, {**shown, "eventName": "Lead"})
    assert answer.status_code == 303
    refused = client.get(answer["Location"])
    assert list(refused.context["form"].errors) == ["customData.*"]
    component.refresh_from_db()
    assert component.settings["customData"] == text


def json_or_text(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return text


def test_a_restored_revision_with_text_becomes_an_object(admin_user: Any) -> None:
    prop = apply_document(document(KEPT)).prop
    rule = with_text_stored(prop).rule
    revision = Revision.objects.get(resource_uid=rule.uid)
    revision.snapshot["actions"][0]["settings"]["customData"] = TEXT
    restore_rule(revision, admin_user)
    assert stored(prop) == KEPT


def test_a_copy_of_a_rule_with_text_has_an_object(admin_user: Any) -> None:
    rule = with_text_stored(apply_document(document(KEPT)).prop).rule
    twin = copy_rule(rule, admin_user)
    assert twin.components.get(delegate=SEND).settings["customData"] == KEPT


def test_a_build_from_before_that_holds_text_delivers_the_quote() -> None:
    """No migration: a build is never changed, so text is read when the build is compiled, once."""
    made = apply_document(document(KEPT), publish="development").build
    assert isinstance(made, Build)
    old = json.loads(made.document)
    old["rules"][0]["actions"][0]["settings"]["customData"] = TEXT
    assert sent(json.dumps(old)).items() >= SENT.items()


def test_the_import_from_adobe_makes_an_object_of_text_and_says_so() -> None:
    rule_uid = "RL" + "1" * 32
    attributes = {
        "name": "Send",
        "delegate_descriptor_id": "facebook_conversions_api_extension::actions::send_capi_data",
        "settings": json.dumps(
            {"eventName": "Lead", "eventTime": "1", "actionSource": "app", "customData": TEXT}
        ),
    }
    listing = [
        {"id": rule_uid, "type": "rules", "attributes": {"name": "Lead"}},
        {"id": "RC1", "type": "rule_components", "rule_id": rule_uid, "attributes": attributes},
    ]
    imported = carry_out(plan_import(json.dumps(listing).encode(), "Moved"))
    assert stored(imported.prop) == KEPT
    reasons = [entry.reason for entry in imported.plan.draft.report.adapted if entry.name == "Send"]
    assert reasons == ["Custom Data: the JSON text became an object."]


def test_every_starting_point_of_every_package_holds_objects() -> None:
    """A preset fills a form: text in it would be saved as it is."""
    from properties.catalog.json_text import with_values

    for package in packages().values():
        for action in package.actions:
            for preset in action.presets:
                assert with_values(action.fields, preset.settings) is preset.settings
