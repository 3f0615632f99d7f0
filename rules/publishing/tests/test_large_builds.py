"""Large builds: a thread makes them, the page shows their progress, and none is lost."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone

from properties.models import DataElement, Environment, Property
from properties.saving import save_resource
from rules.models import Build, Library, Rule
from rules.publishing import pending
from rules.publishing.build import build, live_build
from rules.publishing.libraries import add_all_changed, remove_resource, working_library
from rules.publishing.pending import make, start, take_up
from rules.publishing.publishing_page import progress_of


@pytest.fixture(autouse=True)
def no_threads(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every build counts as large, and no thread starts: the test makes the build."""
    monkeypatch.setattr(pending, "MOST_AT_ONCE", 0)
    monkeypatch.setattr(pending, "_in_thread", lambda pk: None)


@pytest.fixture
def library(prop: Property) -> Library:
    library = working_library(prop)
    add_all_changed(library)
    return library


@pytest.fixture
def development(prop: Property) -> Environment:
    return prop.environments.get(stage="development")


def address(name: str, made: Build) -> str:
    return reverse(f"rules:{name}", args=[made.prop.uid, made.uid])


def die(made: Build) -> None:
    """The maker claims the build and dies."""
    gone = timezone.now() - timedelta(seconds=1)
    made.tries += 1
    Build.objects.filter(pk=made.pk).update(claimed_until=gone, tries=made.tries)


def test_a_large_build_is_pending_until_it_is_made(library, development, owner):
    made = start(library, development, owner)
    assert made.status == "pending"
    assert make(made.pk)
    made.refresh_from_db()
    assert made.status == "succeeded"
    assert made.is_intact()
    assert live_build(development) is None


def test_it_is_the_same_document_as_one_that_is_built_at_once(library, development):
    made, at_once = start(library, development), build(library, development)
    make(made.pk)
    made.refresh_from_db()
    assert made.revisions == at_once.revisions
    assert made.document.partition('"company"')[2] == at_once.document.partition('"company"')[2]


def test_it_holds_what_the_library_held_when_it_was_asked_for(prop, library, development):
    made = start(library, development)
    rule = Rule.objects.get(prop=prop)
    rule.name = "Renamed"
    save_resource(rule, intent="library")
    make(made.pk)
    made.refresh_from_db()
    assert '"name":"Purchase"' in made.document
    assert "Renamed" not in made.document


def test_it_goes_live_by_itself_when_that_was_asked_for(library, development, owner):
    made = start(library, development, owner, goes_live=True)
    make(made.pk)
    assert live_build(development) == made
    assert development.activations.get().activated_by == owner


def test_one_that_fails_names_its_problems_and_does_not_go_live(prop, library, development):
    remove_resource(library, DataElement.objects.get(name="Email").uid)
    made = start(library, development, goes_live=True)
    make(made.pk)
    made.refresh_from_db()
    assert made.status == "failed"
    assert [problem["where"] for problem in made.problems] == [
        "Rule “Purchase” › Action “Send Conversions API Event” › Email"
    ]
    assert live_build(development) is None


def test_one_maker_at_a_time_makes_a_build(library, development):
    made = start(library, development)
    Build.objects.filter(pk=made.pk).update(claimed_until=timezone.now() + timedelta(seconds=5))
    assert not make(made.pk)
    assert take_up() == 0


def test_a_build_whose_maker_died_is_taken_up_again(library, development):
    made = start(library, development, goes_live=True)
    die(made)
    assert take_up() == 1
    assert live_build(development) == made


def test_a_build_that_kills_its_makers_fails_with_the_reason(library, development):
    made = start(library, development)
    for _ in range(pending.MOST_TRIES):
        die(made)
    take_up()
    made.refresh_from_db()
    assert made.status == "failed"
    assert "stopped 3 times while it made this build" in made.problems[0]["message"]


def test_an_error_of_the_server_ends_the_build_with_a_reason(library, development, monkeypatch):
    def break_down(*_: Any) -> None:
        raise ZeroDivisionError

    made = start(library, development)
    monkeypatch.setattr(pending, "compile_into", break_down)
    make(made.pk)
    made.refresh_from_db()
    assert made.status == "failed"
    assert "ZeroDivisionError" in made.problems[0]["message"]


def test_a_maker_that_was_overtaken_changes_nothing_more(library, development, monkeypatch):
    made, compile_into = start(library, development, goes_live=True), pending.compile_into

    def be_overtaken(mine: Build, revisions: Any, report: Any) -> None:
        compile_into(mine, revisions)
        Build.objects.filter(pk=mine.pk).update(tries=mine.tries + 1)

    monkeypatch.setattr(pending, "compile_into", be_overtaken)
    make(made.pk)
    made.refresh_from_db()
    assert made.status == "pending"
    assert live_build(development) is None


def test_an_error_of_a_maker_that_was_overtaken_changes_nothing_more(library, development, monkeypatch):
    made = start(library, development)

    def be_overtaken_and_break_down(mine: Build, *_: Any) -> None:
        Build.objects.filter(pk=mine.pk).update(tries=mine.tries + 1)
        raise ZeroDivisionError

    monkeypatch.setattr(pending, "compile_into", be_overtaken_and_break_down)
    assert make(made.pk)
    made.refresh_from_db()
    assert (made.status, made.problems) == ("pending", [])


def test_a_build_whose_property_is_deleted_meanwhile_stops_nobody(prop, library, development, monkeypatch):
    made = start(library, development)

    def lose_the_property(mine: Build, *_: Any) -> None:
        Property.objects.get(pk=prop.pk).delete()

    monkeypatch.setattr(pending, "compile_into", lose_the_property)
    assert make(made.pk)
    assert not Build.objects.exists()


@pytest.mark.parametrize(
    ("reported", "percent", "words"),
    [
        ({}, 0, "Waiting to start"),
        ({"stage": "data elements", "done": 500, "total": 1000}, 10, "Checking data elements: 500 of 1000"),
        ({"stage": "rules", "done": 250, "total": 500}, 52, "Checking rules: 250 of 500"),
        ({"stage": "engine", "done": 0, "total": 0}, 85, "Compiling the build"),
    ],
)
def test_progress_is_shown_in_words(reported, percent, words):
    progress = progress_of(Build(progress=reported))
    assert (progress.percent, progress.words) == (percent, words)


def test_its_maker_shows_how_far_it_is(library, development, monkeypatch):
    heard: list[str] = []

    def listen(made: Build) -> Any:
        return lambda stage, done, total: heard.append(f"{stage} {done}/{total}")

    monkeypatch.setattr(pending, "_ProgressWriter", listen)
    make(start(library, development).pk)
    assert heard == ["data elements 0/2", "data elements 1/2", "rules 0/1", "engine 0/0"]


def test_its_page_shows_how_far_it_is_and_goes_on_when_it_is_made(client, owner, prop, library, development):
    client.force_login(owner)
    publish = reverse("rules:publish_library", args=[prop.uid, development.uid])
    page = client.post(publish, follow=True).content.decode()
    assert "Waiting to start" in page
    made = Build.objects.get()
    progress = {"stage": "rules", "done": 120, "total": 500}
    Build.objects.filter(pk=made.pk).update(progress=progress)
    assert "Checking rules: 120 of 500" in client.get(address("build_progress", made)).content.decode()
    assert "Building" in client.get(reverse("rules:publishing", args=[prop.uid])).content.decode()
    make(made.pk)
    answer = client.get(address("build_progress", made))
    assert answer["HX-Redirect"] == reverse("rules:publishing", args=[prop.uid])
    assert "Development now runs the build" in client.get(answer["HX-Redirect"]).content.decode()


def test_for_production_it_waits_for_a_person_to_publish_it(client, owner, prop, library):
    production = prop.environments.get(stage="production")
    client.force_login(owner)
    client.post(reverse("rules:publish_library", args=[prop.uid, production.uid]))
    made = Build.objects.get()
    make(made.pk)
    assert live_build(production) is None
    answer = client.get(address("build_progress", made))
    assert answer["HX-Redirect"] == address("build_detail", made)
    assert "Publish to Production" in client.get(answer["HX-Redirect"]).content.decode()


def test_whoever_looks_at_a_forgotten_build_has_it_begun_again(
    client, owner, library, development, monkeypatch
):
    begun: list[int] = []
    monkeypatch.setattr(pending, "_in_thread", begun.append)
    made = start(library, development)
    client.force_login(owner)
    client.get(address("build_progress", made))
    assert begun == [made.pk]


def test_a_pending_build_cannot_go_live_by_hand(client, owner, library, development):
    made = start(library, development)
    client.force_login(owner)
    answer = client.post(address("publish_build", made), follow=True)
    assert "Only a build that succeeded can be published" in answer.content.decode()


def test_a_stranger_sees_no_progress(client, stranger, library, development):
    made = start(library, development)
    client.force_login(stranger)
    assert client.get(address("build_progress", made)).status_code == 404


def test_saving_and_building_says_that_the_build_is_on_its_way(client, owner, prop, library):
    client.force_login(owner)
    rule = Rule.objects.get(prop=prop)
    data = {"name": "Purchases", "enabled": "on", "intent": "build"}
    page = client.post(reverse("rules:rule_edit", args=[prop.uid, rule.uid]), data, follow=True)
    assert "Development is being built" in page.content.decode()
