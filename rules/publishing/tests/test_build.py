"""Libraries, builds and going live."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.db import connection

from properties.catalog.registry import packages
from properties.models import AuditEvent, DataElement, Environment, Extension, Property, Revision, Secret
from properties.saving import delete_resource, save_resource
from rules.conftest import TOKEN
from rules.engine import compile_build
from rules.models import Build, Library, Rule
from rules.publishing import build as publishing
from rules.publishing.build import NotPublishable, activate, build, live_build, publish
from rules.publishing.intents import take_further
from rules.publishing.libraries import (
    NotEditable,
    add_all_changed,
    add_resource,
    changed_resources,
    newest_revision,
    open_library,
    publishing_states,
    remove_resource,
    working_library,
)


@pytest.fixture
def development(prop: Property) -> Environment:
    return prop.environments.get(stage="development")


@pytest.fixture
def production(prop: Property) -> Environment:
    return prop.environments.get(stage="production")


@pytest.fixture
def library(prop: Property) -> Library:
    """A working library with everything in it."""
    library = working_library(prop)
    add_all_changed(library)
    return library


def messages(made: Build) -> list[tuple[str, str]]:
    return [(problem["where"], problem["message"]) for problem in made.problems]


def change_rule(prop: Property, **settings: object) -> Rule:
    rule = Rule.objects.get(prop=prop, name="Purchase")
    action = rule.components.get(kind="actions")
    action.settings |= settings
    save_resource(rule, write=action.save)
    return rule


def test_a_build_is_adobes_container_document_without_modules(library, development):
    made = build(library, development)
    document = json.loads(made.document)
    # docs/reference/adobe.md, "The build document".
    assert made.status == "succeeded"
    assert set(document) == {
        "buildInfo",
        "company",
        "property",
        "environment",
        "extensions",
        "dataElements",
        "rules",
    }
    assert document["buildInfo"]["environment"] == "development"
    assert document["buildInfo"]["buildId"] == made.uid
    assert document["property"]["name"] == "Shop"
    assert set(document["extensions"]) == {"core", "meta-conversions-api"}
    assert set(document["dataElements"]["Email"]) == {
        "id",
        "name",
        "modulePath",
        "settings",
        "defaultValue",
        "cleanText",
        "forceLowerCase",
    }
    rule = document["rules"][0]
    assert rule["conditions"][0]["modulePath"] == "core::conditions::value-comparison"
    assert rule["conditions"][0]["negate"] is False
    assert rule["actions"][0]["delayNext"] is True
    assert rule["actions"][0]["timeout"] == 2000


def test_the_engine_compiles_what_was_built(library, development):
    compile_build(json.loads(build(library, development).document), packages())


def test_a_build_holds_the_names_of_secrets_and_never_their_values(library, development):
    made = build(library, development)
    assert '{"$secret":"Meta Conversions API Access Token"}' in made.document
    assert TOKEN not in made.document
    assert not any(TOKEN in json.dumps(revision.snapshot) for revision in Revision.objects.all())
    assert not any(TOKEN in json.dumps(event.entity) for event in AuditEvent.objects.all())


def test_a_build_knows_when_its_document_was_touched(library, development):
    made = build(library, development)
    assert made.is_intact()
    made.document = made.document.replace("EUR", "USD")
    assert not made.is_intact()
    with pytest.raises(NotPublishable, match="Only a build that succeeded"):
        activate(made)


def test_the_same_library_gives_the_same_document(library, development):
    one, other = (json.loads(build(library, development).document) for _ in range(2))
    one["buildInfo"] = other["buildInfo"] = {}
    assert one == other


def test_disabled_rules_and_unused_extensions_are_left_out(prop, development):
    rule = Rule.objects.get(prop=prop)
    rule.enabled = False
    save_resource(rule)
    library = working_library(prop)
    add_all_changed(library)
    document = json.loads(build(library, development).document)
    assert document["rules"] == []
    assert set(document["extensions"]) == {"core"}


def test_a_library_keeps_the_revision_it_was_given(prop, library, development):
    change_rule(prop, eventName="Lead")
    document = json.loads(build(library, development).document)
    assert document["rules"][0]["actions"][0]["settings"]["eventName"] == "Purchase"
    assert [change.resource.display_name for change in changed_resources(prop)] == ["Purchase"]


def test_a_missing_data_element_fails_the_build_and_is_named(prop, development):
    library = working_library(prop)
    add_all_changed(library)
    remove_resource(library, DataElement.objects.get(prop=prop, name="Email").uid)
    made = build(library, development)
    assert made.status == "failed"
    assert made.document == ""
    assert messages(made) == [
        (
            "Rule “Purchase” › Action “Send Conversions API Event” › Email",
            "The data element “Email” is not in the library. Add it and build again.",
        )
    ]


def test_a_disabled_data_element_fails_the_build_and_is_named(prop, development):
    element = DataElement.objects.get(prop=prop, name="Event Name")
    element.enabled = False
    save_resource(element)
    library = working_library(prop)
    add_all_changed(library)
    assert messages(build(library, development)) == [
        (
            "Rule “Purchase” › Condition “Value Comparison” › Left Operand",
            "The data element “Event Name” is disabled.",
        )
    ]


def test_a_missing_extension_fails_the_build_and_is_named(prop, library, development):
    remove_resource(library, Extension.objects.get(prop=prop, package_name="meta-conversions-api").uid)
    assert messages(build(library, development)) == [
        (
            "Rule “Purchase” › Action “Send Conversions API Event”",
            "The extension Meta Conversions API is not in the library. Add it and build again.",
        )
    ]


def test_a_secret_of_another_environment_is_missing_here(prop, library, development, production):
    Secret.objects.update(environment=production)
    made = build(library, development)
    assert [where for where, _ in messages(made)] == ["Extension “Meta Conversions API” › Access Token"]
    assert build(library, production).status == "succeeded"


def test_a_purchase_without_currency_fails_the_build(prop, development):
    change_rule(prop, customData={"value": 9.99})
    library = working_library(prop)
    add_all_changed(library)
    [(where, message)] = messages(build(library, development))
    assert where.startswith("Rule “Purchase” › Action “Send Conversions API Event”")
    assert "urrency" in where + message


def test_every_problem_is_named_at_once(prop, development):
    change_rule(prop, email="{{Mail}}", customData={"value": 1})
    delete_resource(DataElement.objects.get(prop=prop, name="Event Name"))
    library = working_library(prop)
    add_all_changed(library)
    assert len(build(library, development).problems) == 3


def test_data_elements_that_use_each_other_fail_the_build(prop, development):
    for name, other in (("A", "B"), ("B", "A")):
        element = DataElement(prop=prop, name=name, delegate="core::dataElements::constant")
        element.settings = {"value": f"{{{{{other}}}}}"}
        save_resource(element)
    library = working_library(prop)
    add_all_changed(library)
    assert messages(build(library, development)) == [
        ("Data element “A”", "Data elements may not use each other: “A” → “B” → “A”.")
    ]


def test_an_unknown_delegate_fails_the_build_and_says_what_is_close(prop, development):
    rule = Rule.objects.get(prop=prop)
    condition = rule.components.get(kind="conditions")
    condition.delegate = "core::conditions::value-comparisn"
    save_resource(rule, write=condition.save)
    library = working_library(prop)
    add_all_changed(library)
    [(_, message)] = messages(build(library, development))
    assert message.endswith("Did you mean “core::conditions::value-comparison”?")


def test_the_newest_activation_is_the_live_build_and_an_older_build_can_come_back(library, development):
    first = publish(library, development)
    second = publish(library, development)
    assert live_build(development) == second
    activate(first)
    assert live_build(development) == first
    assert development.activations.count() == 3


def test_a_failed_build_changes_nothing_live(prop, library, development):
    first = publish(library, development)
    remove_resource(library, DataElement.objects.get(prop=prop, name="Email").uid)
    assert publish(library, development).status == "failed"
    assert live_build(development) == first


def test_publishing_to_production_publishes_the_library_and_the_next_one_inherits(prop, library, production):
    publish(library, production)
    library.refresh_from_db()
    assert library.state == "published"
    assert set(publishing_states(prop).values()) == {"published"}
    rule = change_rule(prop, eventName="Lead", customData={})
    following = working_library(prop)
    assert following != library
    add_resource(following, rule)
    document = json.loads(publish(following, production).document)
    assert document["rules"][0]["actions"][0]["settings"]["eventName"] == "Lead"
    assert set(document["dataElements"]) == {"Email", "Event Name"}


def test_publishing_elsewhere_leaves_the_library_open(library, development):
    publish(library, development)
    library.refresh_from_db()
    assert library.state == "development"


def test_a_stale_build_does_not_publish_its_library(prop, library, production):
    made = build(library, production)
    add_resource(library, change_rule(prop, eventName="Lead"))
    with pytest.raises(NotPublishable, match="has changed since this build"):
        activate(made)
    assert live_build(production) is None


def test_a_published_library_is_closed(prop, library, production):
    publish(library, production)
    library.refresh_from_db()
    with pytest.raises(NotEditable):
        add_resource(library, Rule.objects.get(prop=prop))


def test_what_the_property_lost_is_not_in_the_next_build(prop, library, production):
    publish(library, production)
    delete_resource(Rule.objects.get(prop=prop))
    assert json.loads(publish(working_library(prop), production).document)["rules"] == []


def test_a_failing_activation_leaves_no_half_published_library(library, production, monkeypatch):
    made = build(library, production)
    monkeypatch.setattr(publishing.Activation.objects, "create", lambda **_: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        activate(made)
    library.refresh_from_db()
    assert library.state == "development"


def test_save_to_library_adds_the_revision_and_build_makes_it_live_in_development(prop, owner, development):
    add_all_changed(working_library(prop))
    rule = Rule.objects.get(prop=prop)
    save_resource(rule, actor=owner, intent="library")
    held = open_library(prop).resources.get(resource_uid=rule.uid)
    assert held.revision.number == rule.revision_number
    assert live_build(development) is None
    save_resource(rule, actor=owner, intent="build")
    assert live_build(development).created_by == owner


def test_plain_saving_leaves_libraries_alone(prop):
    save_resource(Rule.objects.get(prop=prop), intent="save")
    assert open_library(prop) is None


@pytest.mark.django_db(transaction=True)
def test_while_a_build_is_compiled_others_can_write(prop, owner, development, monkeypatch):
    seen: list[bool] = []

    def look(*arguments: Any) -> list[Any]:
        seen.append(connection.in_atomic_block)
        return []

    monkeypatch.setattr(publishing, "check", look)
    add_all_changed(working_library(prop))
    take_further(prop, newest_revision(Rule.objects.get(prop=prop)), "build", owner)
    publish(working_library(prop), development)
    assert seen == [False, False]
    assert live_build(development).status == "succeeded"
