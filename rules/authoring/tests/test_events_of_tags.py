"""The rule builder of a tags property: events, their order, and no pages about inbound events."""

from __future__ import annotations

from typing import Any

import pytest
from django.urls import reverse

from properties.models import Property, Revision
from properties.resources.creation import create_property
from rules.authoring import editing
from rules.models import Rule, RuleComponent
from tests.pages import page_words
from tests.people import make_user, member


@pytest.fixture
def prop(tags_prop: Property) -> Property:
    return tags_prop


@pytest.fixture
def rule(prop: Property) -> Rule:
    return Rule.objects.get(prop=prop)


def words(client: Any, name: str, *args: Any, **query: str) -> str:
    answer = client.get(reverse(f"rules:{name}", args=args), query)
    assert answer.status_code == 200
    return page_words(answer)


def test_a_rule_is_a_sentence_of_events_conditions_and_actions(owner_client: Any, prop: Property) -> None:
    shown = words(owner_client, "rules", prop.uid)
    assert "If Click on .greet or DOM Ready, and Word equals “hello”" in shown


def test_events_are_joined_by_or_and_shown_with_their_order(
    owner_client: Any, prop: Property, rule: Rule
) -> None:
    shown = words(owner_client, "rule_edit", prop.uid, rule.uid)
    assert "If Click on .greet Core order -7" in shown
    assert "or DOM Ready Core" in shown
    assert "and Word equals “hello”" in shown
    assert "any event arrives" not in shown


def test_a_rule_without_events_says_that_it_never_runs(owner_client: Any, prop: Property, rule: Rule) -> None:
    rule.components.filter(kind="events").delete()
    assert "never runs" in words(owner_client, "rule_edit", prop.uid, rule.uid)
    assert "without events it never runs" in words(owner_client, "rules", prop.uid)


def test_an_event_is_picked_configured_and_saved(owner_client: Any, prop: Property, rule: Rule) -> None:
    picker = words(owner_client, "component_picker", prop.uid, rule.uid, "events")
    assert "Direct Call" in picker
    assert "Value Comparison" not in picker
    delegate = "core-web::events::direct-call"
    address = reverse("rules:component_new", args=[prop.uid, rule.uid, "events", delegate])
    shown = page_words(owner_client.get(address))
    assert "Order" in shown
    assert "Timeout" not in shown
    owner_client.post(address, {"identifier": "buy", "component-rule_order": "12", "component-name": ""})
    made = rule.components.get(delegate=delegate)
    assert (made.kind, made.settings, made.rule_order, made.order) == ("events", {"identifier": "buy"}, 12, 2)
    newest = Revision.objects.filter(resource_uid=rule.uid).order_by("-number").first()
    assert newest is not None
    assert newest.snapshot["events"][2]["rule_order"] == 12


@pytest.mark.parametrize("order", ["-2147483649", "2147483648", "soon"])
def test_an_order_that_cannot_be_stored_is_refused(
    owner_client: Any, prop: Property, rule: Rule, order: str
) -> None:
    event = rule.components.get(delegate="core-web::events::dom-ready")
    address = reverse("rules:component_edit", args=[prop.uid, rule.uid, event.uid])
    answer = owner_client.post(address, {"component-rule_order": order, "component-name": ""})
    assert answer.status_code == 200
    event.refresh_from_db()
    assert event.rule_order == 50


def test_a_copied_and_a_restored_rule_keep_their_events(prop: Property, rule: Rule) -> None:
    twin = editing.copy_rule(rule, None)
    assert [it["rule_order"] for it in twin.snapshot()["events"]] == [-7, 50]
    editing.remove_component(rule.components.get(delegate="core-web::events::click"), None)
    first = Revision.objects.get(resource_uid=rule.uid, number=1)
    restored = editing.restore_rule(first, None)
    events = RuleComponent.objects.filter(rule=restored, kind="events")
    assert [(it.delegate, it.rule_order) for it in events] == [
        ("core-web::events::click", -7),
        ("core-web::events::dom-ready", 50),
    ]


def test_the_revisions_of_a_rule_tell_what_became_of_its_events(
    owner_client: Any, prop: Property, rule: Rule
) -> None:
    editing.remove_component(rule.components.get(delegate="core-web::events::click"), None)
    assert "Click on .greet" in words(owner_client, "rule_revisions", prop.uid, rule.uid)


def test_rules_of_event_forwarding_have_no_events(owner_client: Any, owner: Any) -> None:
    other = create_property("Shop events", actor=owner)
    rule = editing.create_rule(other, "Purchase", owner)
    picker = reverse("rules:component_picker", args=[other.uid, rule.uid, "events"])
    assert owner_client.get(picker).status_code == 404
    delegate = "core-web::events::click"
    new = reverse("rules:component_new", args=[other.uid, rule.uid, "events", delegate])
    assert owner_client.get(new).status_code == 404
    assert "events" not in rule.snapshot()


@pytest.mark.parametrize("name", ["overview", "event_log", "issues", "dry_run", "received_tree"])
def test_pages_about_inbound_events_do_not_exist(owner_client: Any, prop: Property, name: str) -> None:
    assert owner_client.get(reverse(f"rules:{name}", args=[prop.uid])).status_code == 404


def test_such_pages_lead_to_the_property_that_the_events_go_to(
    owner_client: Any, owner: Any, prop: Property
) -> None:
    other = create_property("Shop events", actor=owner)
    extension = prop.extensions.get()
    extension.settings = {"forwardingProperty": "Shop events"}
    extension.save()
    answer = owner_client.get(reverse("rules:event_log", args=[prop.uid]))
    assert answer.headers["Location"] == reverse("rules:event_log", args=[other.uid])


def test_they_do_not_lead_to_a_property_that_the_person_may_not_see(db: None, prop: Property) -> None:
    create_property("Shop events")
    prop.extensions.update(settings={"forwardingProperty": "Shop events"})
    nina = make_user("nina")
    member(nina, prop, ["develop"])
    from tests.person import Person

    client = Person()
    client.force_login(nina)
    assert client.get(reverse("rules:event_log", args=[prop.uid])).status_code == 404


def test_the_navigation_lists_only_pages_that_exist(owner_client: Any, prop: Property, rule: Rule) -> None:
    answer = owner_client.get(reverse("rules:rules", args=[prop.uid]))
    labels = [entry.label for group in answer.context["nav_groups"] for entry in group.entries]
    assert {"Data Elements", "Rules", "Extensions", "Publishing Flow", "Environments"} <= set(labels)
    assert {"Overview", "Event Log", "Issues", "Secrets", "Match Quality"}.isdisjoint(labels)
    text = answer.content.decode()
    assert reverse("rules:rule_events", args=[prop.uid, rule.uid]) not in text


def test_the_list_of_data_elements_comes_without_values(owner_client: Any, prop: Property) -> None:
    shown = words(owner_client, "element_values", prop.uid, values="plain", code="1")
    assert "Word" in shown
    assert "Values appear" not in shown
    assert "Unused" in shown or "All" in shown


def test_renaming_a_data_element_changes_tokens_and_code_of_tags(owner_client: Any, prop: Property) -> None:
    element = prop.dataelements.get()
    address = reverse("properties:data_element_edit", args=[prop.uid, element.uid])
    answer = owner_client.post(
        address,
        {
            "value": '"hello"',
            "element-name": "Greeting",
            "element-enabled": "on",
            "element-storage_duration": "session",
            "rename": "everywhere",
        },
    )
    assert answer.status_code == 302, page_words(answer)
    settings = dict(RuleComponent.objects.values_list("kind", "settings"))
    assert prop.dataelements.get().name == "Greeting"
    assert settings["conditions"]["leftOperand"] == "%Greeting%"
    assert "_satellite.getVar('Greeting')" in settings["actions"]["source"]


def test_names_that_no_token_can_have_are_refused_by_the_form(owner_client: Any, prop: Property) -> None:
    element = prop.dataelements.get()
    address = reverse("properties:data_element_edit", args=[prop.uid, element.uid])
    answer = owner_client.post(address, {"value": "x", "element-name": "50% off", "element-enabled": "on"})
    assert "must not contain “%”" in page_words(answer)
