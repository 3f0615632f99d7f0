"""The pages of the rule builder, for three people and every button."""

from __future__ import annotations

import json

import pytest
from django.test import Client
from django.urls import reverse

from properties.models import DataElement, Property, Secret
from properties.saving import save_resource
from rules.models import Build, Rule, RuleComponent
from rules.publishing.libraries import add_all_changed, open_library, working_library

COMPARISON = "core::conditions::value-comparison"
SEND_EVENT = "meta-conversions-api::actions::send-conversions-api-event"


@pytest.fixture
def rule(prop: Property) -> Rule:
    return Rule.objects.get(prop=prop)


@pytest.fixture
def action(rule: Rule) -> RuleComponent:
    return rule.components.get(kind="actions")


def address(name: str, prop: Property, *args: object) -> str:
    return reverse(f"rules:{name}", args=[prop.uid, *args])


def page_addresses(prop: Property, rule: Rule, action: RuleComponent) -> list[str]:
    return [
        address("rules", prop),
        address("rule_new", prop),
        address("rule_edit", prop, rule.uid),
        address("component_picker", prop, rule.uid, "conditions"),
        address("component_new", prop, rule.uid, "actions", SEND_EVENT),
        address("component_edit", prop, rule.uid, action.uid),
        address("publishing", prop),
    ]


def change_addresses(prop: Property, rule: Rule, action: RuleComponent) -> list[str]:
    return [
        address("rule_new", prop),
        address("rule_edit", prop, rule.uid),
        address("rule_delete", prop, rule.uid),
        address("rule_copy", prop, rule.uid),
        address("rule_restore", prop, rule.uid, 1),
        address("component_new", prop, rule.uid, "actions", SEND_EVENT),
        address("component_edit", prop, rule.uid, action.uid),
        address("component_move", prop, rule.uid, action.uid),
        address("component_copy", prop, rule.uid, action.uid),
        address("component_delete", prop, rule.uid, action.uid),
        address("library_change", prop),
        address("build_library", prop),
        address("publish_library", prop, prop.environments.first().uid),
    ]


def test_a_stranger_finds_no_page(client, stranger, prop, rule, action):
    client.force_login(stranger)
    for url in page_addresses(prop, rule, action):
        assert client.get(url).status_code == 404, url
    for url in change_addresses(prop, rule, action):
        assert client.post(url).status_code == 404, url


def test_a_reader_reads_every_page_and_changes_nothing(client, reader, prop, rule, action):
    client.force_login(reader)
    for url in page_addresses(prop, rule, action):
        assert client.get(url).status_code == 200, url
    for url in change_addresses(prop, rule, action):
        assert client.post(url).status_code == 403, url
    rule.refresh_from_db()
    assert rule.revision_number == 1


def test_nobody_reaches_a_rule_through_another_property(client, owner, prop, rule, action):
    from properties.resources.creation import create_property

    other = create_property("Other", actor=owner)
    client.force_login(owner)
    assert client.get(address("rule_edit", other, rule.uid)).status_code == 404
    assert client.get(address("component_edit", other, rule.uid, action.uid)).status_code == 404
    assert client.post(address("rule_delete", other, rule.uid)).status_code == 404


def test_without_rules_the_list_says_what_to_do(client, owner, prop, rule):
    rule.delete()
    client.force_login(owner)
    assert b"A rule says what happens to an event." in client.get(address("rules", prop)).content


def test_the_list_shows_the_state_of_each_rule(client, owner, prop, rule):
    client.force_login(owner)
    assert b"New, not in a library" in client.get(address("rules", prop)).content
    add_all_changed(working_library(prop))
    assert b"In Library 1" in client.get(address("rules", prop)).content
    rule.name = "Order"
    save_resource(rule)
    assert b"Changed after it went into Library 1" in client.get(address("rules", prop)).content


def test_a_new_rule_leads_to_its_builder(client, owner, prop):
    client.force_login(owner)
    answer = client.post(address("rule_new", prop), {"name": "Lead"})
    assert answer.url == address("rule_edit", prop, Rule.objects.get(name="Lead").uid)


def test_two_rules_cannot_share_a_name(client, owner, prop):
    client.force_login(owner)
    answer = client.post(address("rule_new", prop), {"name": "Purchase"})
    assert "already has a rule called “Purchase”" in answer.content.decode()


def test_a_condition_is_chosen_configured_and_kept(client, owner, prop, rule):
    client.force_login(owner)
    picker = client.get(address("component_picker", prop, rule.uid, "conditions")).content.decode()
    url = address("component_new", prop, rule.uid, "conditions", COMPARISON)
    assert url in picker
    data = {
        "leftOperand": "{{Email}}",
        "comparison.operator": "contains",
        "rightOperand": "@shop.example",
        "component-name": "Our own people",
        "component-negate": "on",
        "component-timeout": "2000",
    }
    assert client.post(url, data).url == address("rule_edit", prop, rule.uid)
    kept = rule.components.get(name="Our own people")
    assert kept.negate
    assert kept.order == 1
    assert kept.settings["leftOperand"] == "{{Email}}"
    rule.refresh_from_db()
    assert rule.revision_number == 2


def test_an_unknown_data_element_is_refused_when_the_component_is_kept(client, owner, prop, rule):
    client.force_login(owner)
    url = address("component_new", prop, rule.uid, "conditions", COMPARISON)
    data = {"leftOperand": "{{Mail}}", "comparison.operator": "equals", "component-timeout": "2000"}
    answer = client.post(url, data)
    assert "Not saved yet" in answer.content.decode()
    assert "There is no data element “Mail”" in answer.content.decode()
    assert rule.components.filter(kind="conditions").count() == 1


def test_a_type_of_an_extension_that_is_not_installed_is_not_offered(client, owner, prop, rule):
    prop.extensions.filter(package_name="meta-conversions-api").delete()
    client.force_login(owner)
    assert client.get(address("component_new", prop, rule.uid, "actions", SEND_EVENT)).status_code == 404


def test_an_action_is_not_offered_as_a_condition(client, owner, prop, rule):
    client.force_login(owner)
    assert client.get(address("component_new", prop, rule.uid, "conditions", SEND_EVENT)).status_code == 404


def test_a_typed_credential_is_stored_and_never_shown(client, owner, prop, rule, action):
    client.force_login(owner)
    url = address("component_edit", prop, rule.uid, action.uid)
    data = {
        "eventName": "Lead",
        "eventTime": "1700000000",
        "actionSource": "email",
        "email": "{{Email}}",
        "pixelId": "99",
        "accessToken": "another long token",
        "component-timeout": "2000",
        "component-delay_next": "on",
    }
    assert client.post(url, data).status_code == 302
    name = "Purchase / Meta Conversions API Access Token"
    assert Secret.objects.get(name=name).value == "another long token"
    action.refresh_from_db()
    assert action.settings["accessToken"] == {"$secret": name}
    assert "another long token" not in client.get(url).content.decode()


def test_an_invalid_timeout_is_refused(client, owner, prop, rule, action):
    client.force_login(owner)
    url = address("component_edit", prop, rule.uid, action.uid)
    answer = client.post(url, {"component-timeout": "0", "eventName": "Lead"})
    assert "Enter a number between 1 and 30000" in answer.content.decode()


def test_components_move_copy_and_vanish_and_a_deletion_can_be_undone(client, owner, prop, rule, action):
    client.force_login(owner)
    client.post(address("component_copy", prop, rule.uid, action.uid))
    copy = rule.components.filter(kind="actions").last()
    assert copy.settings == action.settings
    client.post(address("component_move", prop, rule.uid, copy.uid), {"direction": "up"})
    assert rule.components.filter(kind="actions").first() == copy
    rule.refresh_from_db()
    undo = address("rule_restore", prop, rule.uid, rule.revision_number)
    answer = client.post(address("component_delete", prop, rule.uid, copy.uid), follow=True)
    assert undo in answer.content.decode()
    assert rule.components.filter(kind="actions").count() == 1
    client.post(undo)
    assert [c.uid for c in rule.components.filter(kind="actions")] == [copy.uid, action.uid]


def test_a_copy_of_the_longest_name_still_has_a_name_that_fits(client, owner, prop, rule, action):
    client.force_login(owner)
    RuleComponent.objects.filter(pk=action.pk).update(name="n" * 255)
    client.post(address("component_copy", prop, rule.uid, action.uid))
    copy = rule.components.filter(kind="actions").last()
    assert copy.pk != action.pk
    assert copy.name.endswith(" copy")
    copy.clean_fields()


def test_moving_the_first_one_up_changes_nothing(client, owner, prop, rule, action):
    client.force_login(owner)
    client.post(address("component_move", prop, rule.uid, action.uid), {"direction": "up"})
    rule.refresh_from_db()
    assert rule.revision_number == 1


def test_a_deleted_rule_comes_back_with_its_components_and_its_id(client, owner, prop, rule):
    client.force_login(owner)
    before = rule.snapshot()
    client.post(address("rule_delete", prop, rule.uid))
    assert not Rule.objects.exists()
    client.post(address("rule_restore", prop, before["uid"], 1))
    assert Rule.objects.get().snapshot() == before


def test_a_deleted_rule_does_not_come_back_over_another_of_its_name(client, owner, prop, rule):
    client.force_login(owner)
    client.post(address("rule_delete", prop, rule.uid))
    client.post(address("rule_new", prop), {"name": "Purchase"})
    answer = client.post(address("rule_restore", prop, rule.uid, 1), follow=True)
    assert "Another rule is called “Purchase” now" in answer.content.decode()
    assert Rule.objects.count() == 1


def test_a_copied_rule_is_disabled(client, owner, prop, rule):
    client.force_login(owner)
    client.post(address("rule_copy", prop, rule.uid))
    twin = Rule.objects.get(name="Purchase copy")
    assert not twin.enabled
    assert twin.components.count() == 2


def test_save_renames_and_disables(client, owner, prop, rule):
    client.force_login(owner)
    client.post(address("rule_edit", prop, rule.uid), {"name": "Order", "intent": "save"})
    rule.refresh_from_db()
    assert (rule.name, rule.enabled) == ("Order", False)
    assert open_library(prop) is None


def test_saving_without_a_change_creates_no_revision(client, owner, prop, rule):
    client.force_login(owner)
    data = {"name": "Purchase", "enabled": "on", "intent": "library"}
    client.post(address("rule_edit", prop, rule.uid), data)
    rule.refresh_from_db()
    assert rule.revision_number == 1
    assert open_library(prop).resources.get(resource_uid=rule.uid).revision.number == 1


def test_save_to_library_and_build_names_the_first_problem(client, owner, prop, rule):
    client.force_login(owner)
    email = DataElement.objects.get(name="Email")
    email.enabled = False
    save_resource(email)
    data = {"name": "Purchase", "enabled": "on", "intent": "build"}
    answer = client.post(address("rule_edit", prop, rule.uid), data, follow=True)
    assert "It cannot be built. Rule “Purchase” › " in answer.content.decode()
    email.enabled = True
    save_resource(email)
    answer = client.post(address("rule_edit", prop, rule.uid), data, follow=True)
    assert "live in Development" in answer.content.decode()
    assert Build.objects.first().environment.stage == "development"


def test_a_component_whose_package_is_gone_still_opens_and_says_so(client, owner, prop, rule, action):
    RuleComponent.objects.filter(pk=action.pk).update(delegate="gone::actions::send")
    client.force_login(owner)
    assert b"Package missing" in client.get(address("rule_edit", prop, rule.uid)).content
    page = client.get(address("component_edit", prop, rule.uid, action.uid)).content.decode()
    assert "gone::actions::send" in page
    assert "eventName" in page


def test_the_page_of_a_data_element_leads_to_the_rules_that_read_it(client, owner, prop, rule):
    client.force_login(owner)
    element = prop.dataelements.get(name="Email")
    page = client.get(reverse("properties:data_element_edit", args=[prop.uid, element.uid]))
    assert [(it.kind, it.name, it.url) for it in page.context["readers"]] == [
        ("Rule", "Purchase", address("rule_edit", prop, rule.uid))
    ]
    gone = client.post(reverse("properties:data_element_delete", args=[prop.uid, element.uid]), follow=True)
    assert "Deleted Email. Purchase uses it." in gone.content.decode()


# The drawer: properties/views/parts.py

IN_DRAWER = {"Part": "drawer"}
CODE_CONDITION = "core::conditions::custom-code"


@pytest.fixture
def condition(rule: Rule) -> RuleComponent:
    return rule.components.get(kind="conditions")


def test_a_condition_opens_beside_its_rule_and_is_a_page_for_everybody_else(
    owner_client, prop, rule, condition
):
    url = address("component_edit", prop, rule.uid, condition.uid)
    beside = owner_client.get(url, headers=IN_DRAWER)
    assert beside.content.decode().lstrip().startswith('<aside id="drawer"')
    assert f'href="{address("rule_edit", prop, rule.uid)}" data-drawer-close' in beside.content.decode()
    whole = owner_client.get(url)
    assert "<html" in whole.content.decode()
    assert "Part" in beside["Vary"]
    assert "Part" in whole["Vary"]


def test_a_kept_condition_closes_the_drawer_and_tells_the_page(owner_client, prop, rule, condition):
    url = address("component_edit", prop, rule.uid, condition.uid)
    sent = {
        "leftOperand": "{{Event Name}}",
        "comparison.operator": "equals",
        "rightOperand": "Lead",
        "component-name": "",
        "component-timeout": "2000",
    }
    answer = owner_client.post(url, sent, headers={**IN_DRAWER, "HX-Request": "true"})
    assert answer.status_code == 200
    assert (answer["HX-Trigger-After-Swap"], set(json.loads(answer["HX-Trigger-After-Settle"]))) == (
        "drawer-done",
        {"component-kept"},
    )
    condition.refresh_from_db()
    assert condition.settings["rightOperand"] == "Lead"


def test_a_refused_condition_comes_back_into_the_drawer(owner, prop, rule, condition):
    client = Client()
    client.force_login(owner)
    url = address("component_edit", prop, rule.uid, condition.uid)
    answer = client.post(url, {"leftOperand": "", "component-timeout": "0"}, headers=IN_DRAWER)
    assert answer.status_code == 303
    shown = client.get(answer.url, headers=IN_DRAWER).content.decode()
    assert shown.lstrip().startswith('<aside id="drawer"')
    assert "Enter a number between 1 and 30000." in shown


def test_the_types_of_conditions_open_beside_the_rule_but_code_needs_a_page(owner_client, prop, rule):
    picker = address("component_picker", prop, rule.uid, "conditions")
    shown = owner_client.get(picker, headers=IN_DRAWER).content.decode()
    assert shown.lstrip().startswith('<aside id="drawer"')
    links = {it.split('"')[1]: "data-drawer" in it for it in shown.split("<a ") if "data-choice=" in it}
    new = address("component_new", prop, rule.uid, "conditions", COMPARISON)
    assert links[new] is True
    code = address("component_new", prop, rule.uid, "conditions", CODE_CONDITION)
    assert links[code] is False
    assert "<html" in owner_client.get(code, headers=IN_DRAWER).content.decode()


def test_an_action_is_always_a_page(owner_client, prop, rule, action):
    url = address("component_edit", prop, rule.uid, action.uid)
    assert "<html" in owner_client.get(url, headers=IN_DRAWER).content.decode()
    assert f'href="{url}"' in owner_client.get(address("rule_edit", prop, rule.uid)).content.decode()
