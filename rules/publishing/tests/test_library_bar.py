"""The working-library bar of each page, and the numbers in the navigation."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from properties.models import Environment, Extension, Property
from properties.saving import delete_resource, save_resource
from rules.models import Build, Library, Rule
from rules.publishing import pending
from rules.publishing.build import live_build, publish
from rules.publishing.libraries import (
    add_all_changed,
    add_resource,
    open_library,
    remove_resource,
    working_library,
)
from rules.publishing.library_bar import frame_part
from tests.pages import page_text

HTMX = {"HX-Request": "true"}


def address(name: str, prop: Property) -> str:
    return reverse(f"rules:{name}", args=[prop.uid])


def bar_of(client: Any, prop: Property) -> str:
    """The bar on some page of the property, as text without markup."""
    page = page_text(client.get(reverse("properties:secrets", args=[prop.uid])))
    found = re.search(r'data-testid="library-bar".*?<div class="menu-panel', page)
    after = re.search(r'data-testid="bar-build"(.*?)</button>', page)
    text = (found[0] if found else "") + (after[0] if after else "")
    return " ".join(re.sub(r"<[^>]*>", " ", text).split())


def build(client: Any, prop: Property, **data: str) -> Any:
    return client.post(address("bar_build", prop), data, headers=HTMX)


@pytest.fixture
def development(prop: Property) -> Environment:
    return prop.environments.get(stage="development")


@pytest.fixture
def library(prop: Property) -> Library:
    """Everything of the shop, not yet built."""
    library = working_library(prop)
    add_all_changed(library)
    return library


def test_without_a_library_the_bar_asks_for_one(owner_client: Any, prop: Property) -> None:
    bar = bar_of(owner_client, prop)
    assert "Select a working library" in bar
    assert "Build" not in bar
    owner_client.post(address("library_add", prop))
    assert "Working library: Library 1" in bar_of(owner_client, prop)


def test_the_bar_counts_the_changes_and_builds_them(
    owner_client: Any, prop: Property, library: Library, development: Environment
) -> None:
    assert "5 changes" in bar_of(owner_client, prop)
    assert "Build to Development" in bar_of(owner_client, prop)
    answer = page_text(build(owner_client, prop))
    assert "Built. Development runs it." in answer
    assert "Nothing to build" in answer
    assert live_build(development).library == library
    assert "Nothing to build" in bar_of(owner_client, prop)


def test_an_empty_library_has_no_pill_and_nothing_to_build(owner_client: Any, prop: Property) -> None:
    working_library(prop)
    bar = bar_of(owner_client, prop)
    assert "change" not in bar
    assert "Nothing to build" in bar


def test_a_library_that_lost_a_resource_has_something_to_build(
    owner_client: Any, prop: Property, library: Library, development: Environment
) -> None:
    publish(library, development)
    delete_resource(prop.rules.get())
    assert "Build to Development" in bar_of(owner_client, prop)


def test_what_is_missing_is_listed_and_added_by_one_button(
    owner_client: Any, prop: Property, development: Environment
) -> None:
    library = working_library(prop)
    add_resource(library, prop.rules.get())
    library.name = "Currency fix"
    library.save()
    answer = page_text(build(owner_client, prop))
    assert "Missing in Currency fix: 4" in answer
    for name in ("Core", "Meta Conversions API", "Event Name", "Email"):
        assert f"<span>{name}</span>" in answer
    assert "Add 4 and build" in answer
    assert not Build.objects.exists()
    assert "Built. Development runs it." in page_text(build(owner_client, prop, complete="1"))
    assert library.resources.count() == 5


def test_other_problems_are_listed_with_the_page_to_mend_each_on(
    owner_client: Any, prop: Property, library: Library
) -> None:
    rule = prop.rules.get()
    action = rule.components.get(kind="actions")
    action.settings |= {"email": "{{Nothing}}"}
    save_resource(rule, write=action.save)
    add_all_changed(library)
    answer = page_text(build(owner_client, prop))
    assert "Library 1 cannot be built: 1 to fix" in answer
    assert reverse("rules:rule_edit", args=[prop.uid, rule.uid]) in answer


def test_a_large_build_is_shown_until_it_ends(
    owner_client: Any, prop: Property, library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pending, "MOST_AT_ONCE", 0)
    monkeypatch.setattr(pending, "_in_thread", lambda pk: None)
    assert "Building 0 s" in page_text(build(owner_client, prop))
    made = Build.objects.get()
    waiting = f"{address('library_bar', prop)}?build={made.uid}"
    assert f'hx-get="{waiting}"' in page_text(owner_client.get(address("publishing", prop)))
    pending.make(made.pk)
    answer = page_text(owner_client.get(waiting, headers=HTMX))
    assert "Built. Development runs it." in answer
    assert "hx-get" not in answer


def test_without_scripts_the_button_leads_back_to_the_page(
    owner_client: Any, prop: Property, library: Library
) -> None:
    page = reverse("properties:secrets", args=[prop.uid])
    answer = owner_client.post(
        address("bar_build", prop), headers={"Referer": f"http://testserver{page}?q=a"}, follow=True
    )
    assert answer.redirect_chain == [(f"{page}?q=a", 302)]
    assert "Built. Development runs it." in page_text(answer)


def test_without_scripts_what_is_missing_is_on_the_publishing_page(owner_client: Any, prop: Property) -> None:
    add_resource(working_library(prop), prop.rules.get())
    answer = owner_client.post(address("bar_build", prop), follow=True)
    assert answer.redirect_chain == [(address("publishing", prop), 302)]
    assert "Not built: Library 1 lacks 4 resources." in page_text(answer)


def test_the_library_is_renamed_and_the_audit_log_says_so(
    owner_client: Any, prop: Property, library: Library
) -> None:
    owner_client.post(address("library_rename", prop), {"name": "  Currency   fix "})
    assert open_library(prop).name == "Currency fix"
    entry = prop.audit_events.get(type_of="library.renamed")
    assert (entry.display_name, entry.actor_name) == ("Currency fix", "olivia")
    owner_client.post(address("library_rename", prop), {"name": " "})
    assert open_library(prop).name == "Currency fix"


def test_a_reader_sees_the_library_and_no_act(reader_client: Any, prop: Property, library: Library) -> None:
    page = page_text(reader_client.get(reverse("properties:secrets", args=[prop.uid])))
    assert "Working library: </span>" in page
    for name in ("bar_build", "library_rename", "library_add"):
        assert address(name, prop) not in page
        assert reader_client.post(address(name, prop)).status_code == 403


def test_the_navigation_counts_what_there_is_and_what_is_not_published(
    owner_client: Any, prop: Property
) -> None:
    page = page_text(owner_client.get(reverse("properties:secrets", args=[prop.uid])))
    for label, number in {"Data Elements": 2, "Rules": 1, "Extensions": 2, "Publishing Flow": 5}.items():
        assert f'{label}</span> <span class="n">{number}</span>' in page
    publish(_full(prop), prop.environments.get(stage="production"))
    page = page_text(owner_client.get(reverse("properties:secrets", args=[prop.uid])))
    assert 'Rules</span> <span class="n">1</span>' in page
    assert "Publishing Flow</span> </a>" in page


def _full(prop: Property) -> Library:
    library = working_library(prop)
    add_all_changed(library)
    return library


def test_the_frame_asks_the_same_number_of_queries_of_a_large_property(
    owner_client: Any, prop: Property, library: Library, development: Environment
) -> None:
    publish(library, development)
    page = reverse("properties:secrets", args=[prop.uid])
    owner_client.get(page)
    with CaptureQueriesContext(
        connection,
    ) as few:
        owner_client.get(page)
    for number in range(20):
        save_resource(Rule(prop=prop, name=f"Rule {number}"))
    add_all_changed(library)
    with CaptureQueriesContext(connection) as many:
        owner_client.get(page)
    assert len(many) == len(few)


def test_the_numbers_of_one_property_are_not_those_of_another(owner_client: Any, prop: Property) -> None:
    other = Property.objects.create(name="Other")
    save_resource(Extension(prop=other, package_name="core"))
    page = page_text(owner_client.get(reverse("properties:secrets", args=[prop.uid])))
    assert 'Extensions</span> <span class="n">2</span>' in page


def test_a_large_property_is_compared_once_and_again_after_every_kind_of_change(
    owner_client: Any,
    prop: Property,
    library: Library,
    development: Environment,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Each change is seen although the answer is kept: saved, added, removed, built, published, deleted."""
    monkeypatch.setattr("rules.publishing.library_bar.LARGE", 1)
    rule = prop.rules.get()

    def standing() -> tuple[int, int, bool]:
        part = frame_part(Property, request=None, prop=prop)
        return part.numbers["rules:publishing"], part.library.changes, part.library.is_built

    assert standing() == standing() == (5, 5, False)
    publish(library, development)
    assert standing() == (5, 5, True)
    remove_resource(library, rule.uid)
    assert standing() == (5, 4, False)
    save_resource(rule)
    add_resource(library, rule)
    assert standing() == (5, 5, False)
    publish(library, prop.environments.get(stage="production"))
    working_library(prop)
    assert standing() == (0, 0, False)
    rule.name = "Order"
    save_resource(rule)
    assert standing() == (1, 0, False)
    delete_resource(rule)
    assert standing()[0] == 0
    with CaptureQueriesContext(connection) as again:
        standing()
    assert len(again) <= 6
