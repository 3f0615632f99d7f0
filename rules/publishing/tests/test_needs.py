"""A library adds the resources that its own resources need, and says so."""

from __future__ import annotations

from typing import Any

import pytest
from django.urls import reverse

from properties.models import DataElement, Extension, Property
from properties.saving import save_resource
from rules.models import Build, Library, Rule
from rules.publishing.build import live_build, publish
from rules.publishing.intents import take_further
from rules.publishing.libraries import (
    add_all_changed,
    add_resource,
    newest_revision,
    open_library,
    publishing_states,
    remove_resource,
    revisions_in,
    working_library,
)
from rules.publishing.needs import add_with_needs, library_needs, remove_with_needs
from tests.pages import page_text


@pytest.fixture
def rule(prop: Property) -> Rule:
    return Rule.objects.get(prop=prop)


def names_in(library: Library | None) -> set[str]:
    return {r.snapshot.get("name") or r.snapshot["package"] for r in revisions_in(library)}


def element(prop: Property, name: str, delegate: str, **settings: Any) -> DataElement:
    made = DataElement(prop=prop, name=name, delegate=f"core::dataElements::{delegate}", settings=settings)
    save_resource(made)
    return made


def address(name: str, prop: Property, *args: object) -> str:
    return reverse(f"rules:{name}", args=[prop.uid, *args])


def save_rule(client: Any, rule: Rule, intent: str) -> str:
    data = {"name": rule.name, "enabled": "on", "intent": intent}
    answer = client.post(address("rule_edit", rule.prop, rule.uid), data, follow=True)
    return page_text(answer)


def test_the_first_save_to_library_and_build_is_live_and_says_what_went_along(client, owner, prop, rule):
    client.force_login(owner)
    page = save_rule(client, rule, "build")
    assert "built, and live in Development." in page
    assert "With it: extension Core, data element Event Name, " in page
    assert names_in(open_library(prop)) == {
        "Purchase",
        "Event Name",
        "Email",
        "core",
        "meta-conversions-api",
    }
    assert live_build(prop.environments.get(stage="development")).status == "succeeded"


def test_what_is_needed_through_others_goes_along(prop, rule):
    """A data element that reads another one by a token, which reads one in its code."""
    element(prop, "Raw", "path", path="arc.event.data.raw")
    element(prop, "Coded", "custom-code", source="return getDataElementValue('Raw')")
    element(prop, "Line", "constant", value="To {{ Coded }}")
    element(prop, "Unrelated", "constant", value="1")
    action = rule.components.get(kind="actions")
    action.settings |= {"email": "{{Line}}"}
    save_resource(rule, write=action.save)
    library = working_library(prop)
    add_with_needs(library, newest_revision(rule))
    assert {"Line", "Coded", "Raw"} <= names_in(library)
    assert "Unrelated" not in names_in(library)
    assert publish(library, prop.environments.get(stage="development")).status == "succeeded"


def test_the_library_page_says_what_was_taken_along_for_what_and_which_secrets_it_uses(
    client, owner, prop, rule
):
    client.force_login(owner)
    save_rule(client, rule, "library")
    page = page_text(client.get(address("publishing", prop)))
    assert "added for Purchase" in page
    assert "Uses the secret <a" in page
    assert "Meta Conversions API Access Token" in page


def test_what_is_published_already_is_not_taken_along(prop, rule):
    library = working_library(prop)
    add_all_changed(library)
    publish(library, prop.environments.get(stage="production"))
    email = DataElement.objects.get(name="Email")
    email.settings = {"path": "arc.event.data.somebody_else_works_on_this"}
    save_resource(email)
    save_resource(rule)
    taken = take_further(prop, newest_revision(rule), "library")
    assert taken.along == []
    assert names_in(open_library(prop)) == {"Purchase"}


def test_taking_something_out_takes_out_what_only_it_needed(prop, rule):
    library = working_library(prop)
    add_with_needs(library, newest_revision(rule))
    email = DataElement.objects.get(name="Email")
    add_resource(library, email)  # By hand, too.
    gone = remove_with_needs(library, rule.uid)
    assert sorted(gone) == ["Event Name", "Meta Conversions API"]
    assert names_in(library) == {"Email", "core"}


def test_what_something_else_needs_stays(prop, rule):
    line = element(prop, "Line", "constant", value="To {{Email}}")
    library = working_library(prop)
    add_with_needs(library, newest_revision(rule))
    add_with_needs(library, newest_revision(line))
    remove_with_needs(library, rule.uid)
    assert names_in(library) == {"Line", "Email", "core"}


def test_a_build_that_lacks_something_offers_one_button_that_adds_all_of_it_and_builds(
    client, owner, prop, rule
):
    library = working_library(prop)
    add_resource(library, rule)
    client.force_login(owner)
    development = prop.environments.get(stage="development")
    client.post(address("publish_library", prop, development.uid))
    made = Build.objects.get()
    assert made.status == "failed"
    assert "The extension Core is not in the library." in str(made.problems)
    page = client.get(address("build_detail", prop, made.uid)).content.decode()
    assert "Add 4 and build" in page
    assert address("publish_library", prop, development.uid) in page
    client.post(address("publish_library", prop, development.uid), {"complete": "yes"})
    assert live_build(development).status == "succeeded"
    assert "Add 4" not in client.get(address("build_detail", prop, made.uid)).content.decode()


def test_the_button_for_production_asks_before_events_run_through_it(client, owner, prop, rule):
    add_resource(working_library(prop), rule)
    client.force_login(owner)
    production = prop.environments.get(stage="production")
    answer = client.post(address("publish_library", prop, production.uid), {"complete": "yes"})
    assert "Publish to Production?" in answer.content.decode()
    assert live_build(production) is None


def test_who_may_not_publish_is_offered_to_add_only(client, colleague, prop, rule):
    add_resource(working_library(prop), rule)
    client.force_login(colleague)
    production = prop.environments.get(stage="production")
    answer = client.post(address("build_library", prop), {"environment": production.uid}, follow=True)
    page = page_text(answer)
    assert "> Add 4 <" in page
    client.post(address("library_change", prop), {"action": "complete"})
    assert library_needs(open_library(prop)) == []


def test_a_disabled_extension_and_one_that_is_not_installed_are_kept_apart(client, owner, prop, rule):
    meta = Extension.objects.get(prop=prop, package_name="meta-conversions-api")
    meta.enabled = False
    save_resource(meta)
    client.force_login(owner)
    assert "The extension Meta Conversions API is disabled." in save_rule(client, rule, "build")
    meta.delete()
    assert "Install it from the catalog." in save_rule(client, rule, "build")


def test_saving_a_data_element_to_the_library_and_building_says_how_that_went(client, owner, prop):
    client.force_login(owner)
    email = DataElement.objects.get(name="Email")
    url = reverse("properties:data_element_edit", args=[prop.uid, email.uid])
    data = {
        "element-name": "Email",
        "element-enabled": "on",
        "path": "arc.event.data.mail",
        "intent": "build",
    }
    page = client.post(url, data, follow=True).content.decode()
    assert "built, and live in Development. With it: extension Core." in page


# The state of a resource


def state_of(rule: Rule) -> str:
    return publishing_states(rule.prop)[rule.uid]


def change(rule: Rule, name: str) -> None:
    rule.refresh_from_db()
    rule.name = name
    save_resource(rule)


def test_a_change_after_adding_to_the_library_says_so(prop, rule):
    add_with_needs(working_library(prop), newest_revision(rule))
    assert state_of(rule) == "in_library"
    change(rule, "Purchase, paid")
    assert state_of(rule) == "newer"


def test_a_change_that_was_undone_is_none(prop, rule):
    library = working_library(prop)
    add_all_changed(library)
    change(rule, "Other")
    change(rule, "Purchase")
    assert state_of(rule) == "in_library"
    publish(library, prop.environments.get(stage="production"))
    change(rule, "Other")
    assert state_of(rule) == "changed"
    change(rule, "Purchase")
    assert state_of(rule) == "published"
    assert set(publishing_states(prop).values()) == {"published"}


def test_undoing_a_deleted_action_by_the_button_leads_back_to_published(client, owner, prop, rule):
    library = working_library(prop)
    add_all_changed(library)
    publish(library, prop.environments.get(stage="production"))
    client.force_login(owner)
    action = rule.components.get(kind="actions")
    answer = client.post(address("component_delete", prop, rule.uid, action.uid), follow=True)
    assert state_of(rule) == "changed"
    client.post(next(iter(answer.context["messages"])).extra_tags)
    assert state_of(rule) == "published"


def test_a_publish_that_was_cancelled_leaves_everything_in_the_library(client, owner, prop, rule):
    add_all_changed(working_library(prop))
    client.force_login(owner)
    production = prop.environments.get(stage="production")
    client.post(address("publish_library", prop, production.uid))
    client.get(address("publishing", prop))
    assert state_of(rule) == "in_library"
    assert set(publishing_states(prop).values()) == {"in_library"}
    remove_resource(open_library(prop), rule.uid)
    assert state_of(rule) == "new"


def test_cancelling_a_publish_of_nothing_leaves_no_empty_library(client, owner, prop):
    add_all_changed(working_library(prop))
    production = prop.environments.get(stage="production")
    publish(open_library(prop), production)
    client.force_login(owner)
    client.post(address("publish_library", prop, production.uid))
    page = client.get(address("publishing", prop)).content.decode()
    assert "Nothing is in the library." in page
    assert set(publishing_states(prop).values()) == {"published"}


# Two tabs


def test_adding_a_change_that_was_changed_again_says_so(client, owner, prop, rule):
    client.force_login(owner)
    seen = rule.revision_number
    change(rule, "Other")
    data = {"action": "add", "resource": rule.uid, "revision": str(seen)}
    page = client.post(address("library_change", prop), data, follow=True).content.decode()
    assert "changed after you opened this page" in page
    assert names_in(open_library(prop)) == set()


def test_what_went_live_meanwhile_is_shown_before_it_is_replaced(client, owner, prop, rule):
    add_all_changed(working_library(prop))
    production = prop.environments.get(stage="production")
    client.force_login(owner)
    client.post(address("publish_library", prop, production.uid))
    mine = Build.objects.get()
    theirs = publish(open_library(prop), production)
    data = {"confirm": "yes", "against": ""}
    page = client.post(address("publish_build", prop, mine.uid), data).content.decode()
    assert "after you opened this page" in page
    assert live_build(production) == theirs
    client.post(address("publish_build", prop, mine.uid), {"confirm": "yes", "against": theirs.uid})
    assert live_build(production) == mine
