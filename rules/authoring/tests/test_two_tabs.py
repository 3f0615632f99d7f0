"""Rules, actions and conditions in two tabs: no change is overwritten unseen, no typed text is lost."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from properties.models import Membership, Property, Secret
from properties.saving import save_resource
from rules.models import Rule, RuleComponent
from tests.person import Person

OPENED = re.compile(r'name="opened" value="(\w+)"')
SEND_EVENT = "meta-conversions-api::actions::send-conversions-api-event"
TOKEN = "EAABtyped0987654321"


@pytest.fixture
def rule(prop: Property) -> Rule:
    return Rule.objects.get(prop=prop)


@pytest.fixture
def mine(client: Client, owner: Any) -> Client:
    client.force_login(owner)
    return client


@pytest.fixture
def theirs(colleague: Any) -> Client:
    person = Person()
    person.force_login(colleague)
    return person


def address(name: str, rule: Rule, *args: object) -> str:
    return reverse(f"rules:{name}", args=[rule.prop.uid, rule.uid, *args])


def opened(client: Client, url: str) -> dict[str, str]:
    found = OPENED.search(client.get(url).content.decode())
    assert found, url
    return {"opened": found[1]}


def compared(answer: Any) -> list[tuple[str, str, str]]:
    return [(it.label, it.theirs, it.mine) for it in answer.context["typing"].overlap.differences]


def test_the_name_of_a_rule_is_not_replaced_unseen(mine: Client, theirs: Client, rule: Rule) -> None:
    url = address("rule_edit", rule)
    one, other = opened(mine, url), opened(theirs, url)
    theirs.post(url, {"name": "Theirs", "enabled": "on", **other})
    refused = mine.post(url, {"name": "Mine", **one})
    assert "Not saved: colin saved this after you opened it" in refused.content.decode()
    assert compared(refused) == [("Name", "Theirs", "Mine"), ("Enabled", "On", "Off")]
    rule.refresh_from_db()
    assert rule.name == "Theirs"


def test_a_condition_is_not_replaced_unseen(mine: Client, theirs: Client, rule: Rule) -> None:
    condition = rule.components.get(kind="conditions")
    url = address("component_edit", rule, condition.uid)
    one, other = opened(mine, url), opened(theirs, url)
    base = {"leftOperand": "{{Event Name}}", "comparison.operator": "equals", "component-timeout": "2000"}
    theirs.post(url, {**base, "rightOperand": "Lead", "component-negate": "on", **other})
    refused = mine.post(url, {**base, "rightOperand": "Refund", **one})
    assert compared(refused) == [("Right Operand", "Lead", "Refund"), ("Exception", "On", "Off")]
    condition.refresh_from_db()
    assert condition.settings["rightOperand"] == "Lead"
    again = OPENED.search(refused.content.decode())
    assert again
    mine.post(url, {**base, "rightOperand": "Refund", "opened": again[1]})
    condition.refresh_from_db()
    assert condition.settings["rightOperand"] == "Refund"


def test_two_components_of_one_rule_are_edited_at_the_same_time(
    mine: Client, theirs: Client, rule: Rule
) -> None:
    action, condition = rule.components.get(kind="actions"), rule.components.get(kind="conditions")
    one = opened(mine, address("component_edit", rule, action.uid))
    theirs.post(
        address("component_edit", rule, condition.uid),
        {"leftOperand": "1", "comparison.operator": "equals", "component-timeout": "2000"},
    )
    data = {"eventName": "Lead", "actionSource": "email", "email": "{{Email}}", "component-timeout": "2000"}
    answer = mine.post(address("component_edit", rule, action.uid), data | one, follow=True)
    assert "saved." in answer.content.decode()


def test_undo_of_an_old_change_does_not_take_back_later_ones(
    mine: Client, theirs: Client, rule: Rule, colleague: Any
) -> None:
    action = rule.components.get(kind="actions")
    answer = mine.post(address("component_delete", rule, action.uid), follow=True)
    undo = next(iter(answer.context["messages"])).extra_tags
    theirs.post(address("rule_edit", rule), {"name": "Theirs", "enabled": "on"})
    shown = mine.post(undo, follow=True).content.decode()
    assert "Not undone: colin changed the rule “Theirs” afterwards." in shown
    rule.refresh_from_db()
    assert rule.name == "Theirs"
    assert not rule.components.filter(kind="actions").exists()


def test_a_typed_token_of_an_action_survives_an_error_in_another_field(mine: Client, rule: Rule) -> None:
    url = address("component_new", rule, "actions", SEND_EVENT)
    data = {"eventName": "Lead", "actionSource": "email", "email": "{{Mail}}", "component-timeout": "2000"}
    refused = mine.post(url, {**data, "pixelId": "99", "accessToken": TOKEN})
    page = refused.content.decode()
    assert "There is no data element “Mail”" in page
    assert "kept, not saved" in page
    assert TOKEN not in page
    where = refused.wsgi_request.get_full_path()
    mine.post(where, {**data, "email": "{{Email}}", "pixelId": "99", "accessToken": ""})
    assert Secret.objects.get(name="Purchase / Meta Conversions API Access Token").value == TOKEN


def test_a_rule_that_a_command_changed_is_compared_too(mine: Client, rule: Rule) -> None:
    url = address("rule_edit", rule)
    one = opened(mine, url)
    changed = Rule.objects.get(pk=rule.pk)
    changed.name = "By apply"
    save_resource(changed, actor="apply")
    assert "apply saved this after you opened it" in mine.post(url, {"name": "Mine", **one}).content.decode()


def test_a_reader_sees_no_draft_of_others(mine: Client, rule: Rule, reader: Any) -> None:
    url = address("rule_edit", rule)
    where = mine.post(url, {"name": ""}).wsgi_request.get_full_path()
    person = Person()
    person.force_login(reader)
    assert "Your earlier entries are no longer stored." in person.get(where).content.decode()
    assert RuleComponent.objects.exists()
    assert Membership.objects.filter(user=reader).exists()


def test_a_change_by_a_button_saves_nothing_and_keeps_what_was_typed(mine: Client, rule: Rule) -> None:
    url = address("component_new", rule, "actions", SEND_EVENT)
    data = {"eventName": "Lead", "customData.value": "7", "accessToken": TOKEN, "~change": "json customData"}
    plain = mine.post(url, data).content.decode()
    assert "They are not saved yet" in plain
    part = mine.post(url, data, headers={"HX-Request": "true"})
    assert part.status_code == 200
    for page in (plain, part.content.decode()):
        assert '<input type="hidden" name="customData~json" value="1">' in page
        assert "&quot;value&quot;: 7" in page
        assert 'value="Lead"' in page
        assert TOKEN not in page
    assert rule.components.filter(kind="actions").count() == 1
