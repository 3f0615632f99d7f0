"""The publishing page, as a browser sees it."""

from __future__ import annotations

import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from properties.models import DataElement, Environment, Property
from properties.saving import delete_resource, save_resource
from rules.conftest import TOKEN
from rules.models import Build, Library, Rule
from rules.publishing import views
from rules.publishing.build import build, live_build, publish
from rules.publishing.libraries import add_all_changed, open_library, remove_resource, working_library
from tests.pages import page_text


def address(name: str, prop: Property, *args: object) -> str:
    return reverse(f"rules:{name}", args=[prop.uid, *args])


def environment(prop: Property, stage: str) -> Environment:
    return prop.environments.get(stage=stage)


@pytest.fixture
def library(prop: Property) -> Library:
    library = working_library(prop)
    add_all_changed(library)
    return library


def test_looking_at_the_page_makes_no_library(client, owner, prop):
    client.force_login(owner)
    page = client.get(address("publishing", prop)).content.decode()
    assert "Nothing is in the library." in page
    assert "No builds yet" in page
    assert open_library(prop) is None


def test_all_changes_go_into_the_library_at_once_and_out_one_by_one(client, owner, prop):
    client.force_login(owner)
    client.post(address("library_change", prop), {"action": "add_all"})
    assert open_library(prop).resources.count() == 5
    uid = DataElement.objects.get(name="Email").uid
    client.post(address("library_change", prop), {"action": "remove", "resource": uid})
    assert open_library(prop).resources.count() == 4
    client.post(address("library_change", prop), {"action": "add", "resource": uid})
    assert open_library(prop).resources.count() == 5


def test_a_build_that_fails_names_every_problem_on_its_page(client, owner, prop, library):
    remove_resource(library, DataElement.objects.get(name="Email").uid)
    client.force_login(owner)
    data = {"environment": environment(prop, "development").uid}
    page = client.post(address("build_library", prop), data, follow=True).content.decode()
    assert "1 problem to solve" in page
    assert "Rule “Purchase” › Action “Send Conversions API Event” › Email" in page


def test_a_problem_leads_to_the_page_to_mend_it_on_while_that_is_there(client, owner, prop, library):
    remove_resource(library, DataElement.objects.get(name="Email").uid)
    made = build(library, environment(prop, "development"))
    rule = Rule.objects.get(prop=prop)
    link = f'<a href="{address("rule_edit", prop, rule.uid)}">Rule “Purchase” › Action'
    client.force_login(owner)
    assert link in client.get(address("build_detail", prop, made.uid)).content.decode()
    delete_resource(rule)
    page = page_text(client.get(address("build_detail", prop, made.uid)))
    assert '<strong class="break"> Rule “Purchase” › Action' in page


def test_a_build_names_what_its_code_needs_and_does_not_have(client, owner, prop, library):
    email = DataElement.objects.get(name="Email")
    email.delegate, email.settings = "core::dataElements::custom-code", {"source": "return fetch('x')"}
    save_resource(email)
    add_all_changed(library)
    made = build(library, environment(prop, "development"))
    assert made.status == Build.Status.SUCCEEDED
    client.force_login(owner)
    page = client.get(address("build_detail", prop, made.uid)).content.decode()
    link = reverse("properties:data_element_edit", args=[prop.uid, email.uid])
    assert f'<a href="{link}">Data element “Email” › Source</a>' in page
    assert "Line 1: fetch is not available here." in page


def test_the_page_shows_each_changed_field_with_its_live_and_its_new_value(client, owner, prop, library):
    publish(library, environment(prop, "production"))
    email = DataElement.objects.get(name="Email")
    email.settings = {"path": "arc.event.data.customer.mail"}
    save_resource(email)
    add_all_changed(working_library(prop))
    client.force_login(owner)
    page = page_text(client.get(address("publishing", prop)))
    assert "Data element · 1 field" in page
    assert '<ins><span class="vh">now </span>arc.event.data.customer.mail</ins>' in page
    assert "Path" in page


def test_a_new_thing_is_called_new_and_its_fields_are_not_listed(client, owner, prop, library):
    client.force_login(owner)
    page = page_text(client.get(address("publishing", prop)))
    assert "Rule · new" in page
    assert "<ins>" not in page


def test_the_next_act_is_development_first_and_production_after_it(client, owner, prop, library):
    client.force_login(owner)

    def primary() -> list[str]:
        page = page_text(client.get(address("publishing", prop)))
        return re.findall('class="b wide primary">([^<]+)<', page)

    assert [it.strip() for it in primary()] == ["Build to Development"]
    publish(library, environment(prop, "development"))
    assert [it.strip() for it in primary()] == ["Publish to Production"]


def test_an_empty_library_has_nothing_to_build(client, owner, prop):
    client.force_login(owner)

    def button() -> str:
        page = page_text(client.get(address("publishing", prop)))
        [found] = re.findall('<button[^>]*data-testid="publish-development"[^>]*>', page)
        return found

    working_library(prop)
    assert 'disabled title="Nothing to build"' in button()
    assert "primary" not in button()
    client.post(address("library_change", prop), {"action": "add_all"})
    assert "disabled" not in button()
    assert "primary" in button()


def test_what_is_missing_is_added_and_built_from_the_page(client, owner, prop, library):
    remove_resource(library, DataElement.objects.get(name="Email").uid)
    client.force_login(owner)
    page = page_text(client.get(address("publishing", prop)))
    assert "4 changes, 1 missing" in page
    assert "Add 1 and build" in page
    development = environment(prop, "development")
    client.post(address("publish_library", prop, development.uid), {"complete": "yes"})
    assert live_build(development).status == Build.Status.SUCCEEDED


def test_more_things_in_the_library_ask_the_database_no_more(
    client, owner, prop, library, django_assert_max_num_queries
):
    publish(library, environment(prop, "production"))
    client.force_login(owner)
    for name in ("One", "Two"):
        save_resource(
            DataElement(prop=prop, name=name, delegate="core::dataElements::path", settings={"path": "a"})
        )
    add_all_changed(working_library(prop))
    with CaptureQueriesContext(connection) as few:
        client.get(address("publishing", prop))
    for number in range(12):
        element = DataElement(prop=prop, name=f"No {number}", delegate="core::dataElements::path")
        element.settings = {"path": "a"}
        save_resource(element)
    add_all_changed(working_library(prop))
    with django_assert_max_num_queries(len(few)):
        client.get(address("publishing", prop))


def test_publishing_to_development_is_live_at_once(client, owner, prop, library):
    client.force_login(owner)
    development = environment(prop, "development")
    client.post(address("publish_library", prop, development.uid))
    assert live_build(development).created_by == owner


def test_publishing_to_production_asks_first_and_says_what_changes(client, owner, prop, library):
    client.force_login(owner)
    production = environment(prop, "production")
    page = client.post(address("publish_library", prop, production.uid)).content.decode()
    assert "Adds rule “Purchase”" in page
    assert live_build(production) is None
    made = Build.objects.get()
    client.post(address("publish_build", prop, made.uid), {"confirm": "yes"})
    assert live_build(production) == made
    library.refresh_from_db()
    assert library.state == "published"


def test_publishing_says_which_changes_stay_out(client, owner, prop):
    client.force_login(owner)
    production = address("publish_library", prop, environment(prop, "production").uid)
    page = client.post(production).content.decode()
    assert "5 changes are not in the library and will not be published" in page
    assert "Production already runs these revisions" not in page
    development = address("publish_library", prop, environment(prop, "development").uid)
    page = client.post(development, follow=True).content.decode()
    assert "5 changes are not in the library, and so not in this build." in page
    add_all_changed(open_library(prop))
    assert "will not be published" not in client.post(production).content.decode()


def test_a_build_that_its_library_has_left_behind_is_not_offered_for_confirmation(
    client, owner, prop, library
):
    made = build(library, environment(prop, "production"))
    remove_resource(library, DataElement.objects.get(name="Email").uid)
    client.force_login(owner)
    page = client.post(address("publish_build", prop, made.uid), follow=True).content.decode()
    assert "The library has changed since this build. Build it again." in page
    assert "What changes" not in page


def test_without_the_right_to_publish_production_stays_as_it_is(client, colleague, prop, library):
    client.force_login(colleague)
    production = environment(prop, "production")
    page = client.get(address("publishing", prop)).content.decode()
    assert address("publish_library", prop, production.uid) not in page
    assert client.post(address("publish_library", prop, production.uid)).status_code == 403
    made = publish(library, environment(prop, "staging"))
    assert client.post(address("publish_build", prop, made.uid), {"confirm": "yes"}).status_code == 302
    made = publish(library, production)
    assert client.post(address("publish_build", prop, made.uid), {"confirm": "yes"}).status_code == 403


def test_an_older_build_comes_back(client, owner, prop, library):
    development = environment(prop, "development")
    first, second = publish(library, development), publish(library, development)
    client.force_login(owner)
    page = client.get(address("publishing", prop)).content.decode()
    assert address("publish_build", prop, first.uid) in page
    assert address("publish_build", prop, second.uid) not in page
    client.post(address("publish_build", prop, first.uid))
    assert live_build(development) == first


def test_what_was_live_in_production_stays_within_reach_however_much_is_built(client, owner, prop, library):
    production = environment(prop, "production")
    first = publish(library, production)
    publish(library, production)
    for _ in range(25):
        build(library, environment(prop, "development"))
    client.force_login(owner)
    page = client.get(address("publishing", prop)).content.decode()
    assert address("publish_build", prop, first.uid) in page


def test_times_are_shown_with_their_zone(client, owner, prop, library):
    made = publish(library, environment(prop, "development"))
    client.force_login(owner)
    for page in (address("publishing", prop), address("build_detail", prop, made.uid)):
        text = client.get(page).content.decode()
        at = f"{made.created_at:%Y-%m-%dT%H:%M:%S.%f}"[:-3] + "Z"
        assert f'<time datetime="{at}"' in text
        assert "Times in UTC" in text


def test_a_deleted_rule_is_announced_until_a_build_without_it_is_live(client, owner, prop, library):
    development = environment(prop, "development")
    publish(library, development)
    delete_resource(Rule.objects.get(prop=prop))
    client.force_login(owner)
    announced = "Deleted: the next build leaves these out"
    assert announced in client.get(address("publishing", prop)).content.decode()
    publish(library, development)
    assert announced not in client.get(address("publishing", prop)).content.decode()


def test_a_failed_build_cannot_go_live_by_hand(client, owner, prop, library):
    remove_resource(library, DataElement.objects.get(name="Email").uid)
    development = environment(prop, "development")
    made = publish(library, development)
    client.force_login(owner)
    answer = client.post(address("publish_build", prop, made.uid), follow=True)
    assert "Only a build that succeeded can be published" in answer.content.decode()
    assert live_build(development) is None


def test_the_page_of_a_build_shows_revisions_checksum_and_document_without_credentials(
    client, owner, prop, library
):
    made = publish(library, environment(prop, "development"))
    client.force_login(owner)
    page = client.get(address("build_detail", prop, made.uid)).content.decode()
    assert made.checksum in page
    assert "Included revisions" in page
    assert "Meta Conversions API Access Token" in page
    assert TOKEN not in page


def test_a_stranger_finds_no_build(client, stranger, prop, library):
    made = publish(library, environment(prop, "development"))
    client.force_login(stranger)
    assert client.get(address("build_detail", prop, made.uid)).status_code == 404
    assert client.post(address("publish_build", prop, made.uid)).status_code == 404


def test_a_longer_history_asks_the_database_no_more(
    client, owner, prop, library, django_assert_max_num_queries
):
    for _ in range(3):
        publish(library, environment(prop, "development"))
    client.force_login(owner)
    with CaptureQueriesContext(connection) as short:
        client.get(address("publishing", prop))
    for _ in range(12):
        publish(library, environment(prop, "development"))
    with django_assert_max_num_queries(len(short)):
        page = client.get(address("publishing", prop)).content.decode()
    assert page.count("Publish again") == 14


def test_lists_of_builds_read_no_documents(client, owner, prop, library, monkeypatch):
    monkeypatch.setattr(views, "production_warnings", lambda prop: [])  # These read the one in production.
    publish(library, environment(prop, "production"))
    client.force_login(owner)
    client.get(address("publishing", prop))  # The navigation reads a document once, for its warnings.
    with CaptureQueriesContext(connection) as asked:
        client.get(address("publishing", prop))
    assert not [query["sql"] for query in asked if '"rules_build"."document"' in query["sql"]]
