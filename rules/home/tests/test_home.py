"""Home: what needs attention, the state of each property, and an empty installation led by the hand."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from properties.models import RIGHTS, Environment, Membership, Secret
from properties.resources.creation import create_property
from properties.saving import record
from rules.delivery.issue_causes import IssueCause, Occurrence
from rules.delivery.issue_counts import count_occurrences
from rules.delivery.outcome_kinds import OutcomeKind
from rules.models import Activation, Build, CountedAs, Delivery, DestinationGate, MinuteCount, QuickStartRun
from tests.pages import page_text
from tests.people import make_user, member, signed_in

HOME = "/?all=1"


@pytest.fixture
def olivia(db: None) -> Any:
    return make_user("olivia")


@pytest.fixture
def browser(olivia: Any) -> Client:
    return signed_in(olivia)


def live(name: str, user: Any, rights: Any = RIGHTS) -> Environment:
    """Return production of a new property that runs a build, with a member."""
    prop = create_property(name)
    member(user, prop, rights)
    environment = prop.environments.get(stage="production")
    build = Build.objects.create(prop=prop, environment=environment, status="succeeded")
    Activation.objects.create(environment=environment, build=build)
    return environment


def receive(
    environment: Environment, kind: OutcomeKind = OutcomeKind.DELIVERED, count: int = 1, hours_ago: int = 0
) -> None:
    MinuteCount.objects.create(
        property_id=environment.prop_id,
        environment_id=environment.pk,
        minute=int(timezone.now().timestamp()) // 60 - 60 * hours_ago,
        is_event=True,
        outcome=CountedAs[kind.name].value,
        node=0,
        count=count,
    )


def fail(environment: Environment, code: str = "no_currency", count: int = 1) -> None:
    cause = IssueCause(environment.prop_id, environment.pk, "not_sent", "", "", code, "", "")
    count_occurrences(
        [Occurrence(cause, 1, name="Purchase", message=f"Because of {code}.") for _ in range(count)],
        timezone.now(),
    )


def park(environment: Environment) -> None:
    prop = environment.prop_id
    gate = {"property_id": prop, "package_name": "acme", "destination": "1", "state": "parked"}
    DestinationGate.objects.create(message="The token has expired.", **gate)
    Delivery.objects.create(
        event_id=1, property_id=prop, environment_id=environment.pk, delegate="acme::actions::send",
        destination="1", state="parked", created_at=timezone.now(),
    )  # fmt: skip


def attention(browser: Client, **query: str) -> list[str]:
    return [it.title for it in browser.get(HOME, {"all": "1", **query}).context["attention"]]


def table(browser: Client) -> dict[str, Any]:
    return {row.prop.name: row for row in browser.get(HOME).context["rows"]}


# The first look


def test_an_empty_installation_is_led_by_the_hand(administrator_user: Any) -> None:
    text = page_text(signed_in(administrator_user).get("/"))
    assert "Get Started" in text
    assert f'href="{reverse("properties:property_new")}"' in text


@pytest.fixture
def administrator_user(db: None) -> Any:
    user = make_user("petra")
    user.user_permissions.add(Permission.objects.get(codename="add_property"))
    return user


def test_somebody_without_a_property_who_may_make_none_learns_whom_to_ask(browser: Client) -> None:
    text = page_text(browser.get("/"))
    assert "Ask the person who manages this server to add you." in text
    assert "Get Started" not in text


def test_with_one_property_home_is_its_overview_unless_asked_for(browser: Client, olivia: Any) -> None:
    prop = live("Shop", olivia).prop
    assert browser.get("/").url == reverse("rules:overview", args=[prop.uid])
    assert browser.get(HOME).status_code == 200
    live("Second", olivia)
    assert browser.get("/").status_code == 200


def test_the_navigation_leads_to_home_itself(browser: Client, olivia: Any) -> None:
    prop = live("Shop", olivia).prop
    assert 'href="/?all=1"' in browser.get(reverse("rules:overview", args=[prop.uid])).content.decode()


def test_only_ones_own_properties_count(browser: Client, olivia: Any) -> None:
    live("Mine", olivia)
    fail(live("Hers", make_user("carol")))
    assert list(table(browser)) == ["Mine"]
    assert attention(browser) == []


# Attention


def test_when_all_is_good_one_line_says_so(browser: Client, olivia: Any) -> None:
    for name in ("One", "Two"):
        receive(live(name, olivia))
    assert "All 2 properties deliver." in page_text(browser.get(HOME))


def test_a_property_without_events_does_not_count_as_delivering(browser: Client, olivia: Any) -> None:
    receive(live("One", olivia))
    live("Two", olivia)
    assert "Nothing needs you. 1 of 2 properties deliver." in page_text(browser.get(HOME))


def test_what_costs_most_events_comes_first(browser: Client, olivia: Any) -> None:
    first, second = live("First", olivia), live("Second", olivia)
    fail(first, "no_value", 2), fail(second, "no_currency", 143), park(first)
    found = attention(browser)
    assert found[0] == "143 × Purchase not sent: Because of no_currency"
    assert found[1] == "2 × Purchase not sent: Because of no_value"
    assert found[2].startswith("1 event on hold: The token has expired")


def test_five_are_shown_and_a_link_leads_to_all(browser: Client, olivia: Any) -> None:
    environment = live("Shop", olivia)
    for number in range(9):
        fail(environment, f"code {number}")
    assert len(attention(browser)) == 5
    assert "All 9" in page_text(browser.get(HOME))
    assert len(attention(browser, issues="all")) == 9


def test_an_issue_leads_to_its_row(browser: Client, olivia: Any) -> None:
    environment = live("Shop", olivia)
    fail(environment)
    [item] = browser.get(HOME).context["attention"]
    page, _, anchor = item.url.partition("#")
    assert f'id="{anchor}"' in browser.get(page).content.decode()


def test_a_secret_that_ends_within_fourteen_days_and_is_not_renewed_needs_somebody(
    browser: Client, olivia: Any
) -> None:
    prop, now = live("Shop", olivia).prop, timezone.now()
    for name, days in {"Soon": 13, "Later": 15}.items():
        Secret.objects.create(prop=prop, name=name, value="x", expires_at=now + timedelta(days=days))
    renewed = {"expires_at": now + timedelta(days=1), "refresh_at": now}
    Secret.objects.create(prop=prop, name="Renewed", value="x", **renewed)
    assert attention(browser) == ["Secret “Soon” ends soon"]


def test_a_failed_build_needs_somebody(browser: Client, olivia: Any) -> None:
    environment = live("Shop", olivia)
    problems = [{"where": "Rule “Purchase”", "message": "It is broken."}]
    Build.objects.create(prop=environment.prop, environment=environment, status="failed", problems=problems)
    assert attention(browser) == ["The last build for Production failed: Rule “Purchase”: It is broken"]


def test_a_person_without_the_right_sees_no_fix(browser: Client, olivia: Any) -> None:
    environment = live("Shop", olivia, [])
    fail(environment), park(environment)
    items = browser.get(HOME).context["attention"]
    assert {it.fix_url for it in items} == {""}


def test_a_property_that_is_not_in_production_yet_shows_the_environment_that_runs_a_build(
    browser: Client, olivia: Any
) -> None:
    prop = create_property("Shop")
    member(olivia, prop, RIGHTS)
    development = prop.environments.get(stage="development")
    build = Build.objects.create(prop=prop, environment=development, status="succeeded")
    Activation.objects.create(environment=development, build=build)
    fail(development)
    assert len(attention(browser)) == 1
    assert table(browser)["Shop"].environment == development


def test_the_navigation_shows_the_state_of_each_property(browser: Client, olivia: Any) -> None:
    fail(live("Bad", olivia)), live("Good", olivia)
    member(olivia, create_property("New"), RIGHTS)
    [_, properties, *_] = browser.get(HOME).context["nav_groups"]
    shown = [(it.label, it.icon, it.number) for it in properties.entries]
    assert shown == [("Bad", "notsent", 1), ("Good", "ok", 0), ("New", "wait", 0)]


# The table


@pytest.mark.parametrize(
    ("prepare", "state"),
    [
        (lambda it: receive(it), "Delivers"),
        (lambda it: None, "No events"),
        (lambda it: fail(it), "1 issue"),
        (lambda it: (fail(it, "a"), fail(it, "b")), "2 issues"),
        (lambda it: park(it), "On hold"),
        (lambda it: Activation.objects.all().delete(), "No build yet"),
    ],
)
def test_the_state_of_a_property_is_one_sign_and_few_words(
    browser: Client, olivia: Any, prepare: Any, state: str
) -> None:
    prepare(live("Shop", olivia))
    assert table(browser)["Shop"].state == state


def test_the_figures_are_those_of_the_last_day(browser: Client, olivia: Any) -> None:
    environment = live("Shop", olivia)
    receive(environment, count=7), receive(environment, OutcomeKind.REFUSED)
    receive(environment, OutcomeKind.NO_MATCH, 2, hours_ago=3)
    receive(environment, OutcomeKind.NOT_SENT, 90, hours_ago=24)
    receive(environment.prop.environments.get(stage="staging"), count=9)
    row = table(browser)["Shop"]
    assert (row.figures.received, row.figures.delivered_share) == (10, "87.5 %")
    assert (row.figures.hours[-1], row.figures.hours[-4], sum(row.figures.hours)) == (8, 2, 10)
    assert row.number == 1


def test_a_share_is_never_rounded_up_to_everything(browser: Client, olivia: Any) -> None:
    environment = live("Shop", olivia)
    receive(environment, count=2_999), receive(environment, OutcomeKind.REFUSED)
    assert table(browser)["Shop"].figures.delivered_share == "99.9 %"


# Beside it


def test_the_newest_unfinished_property_is_where_to_go_on(browser: Client, olivia: Any) -> None:
    receive(live("Old", olivia))
    member(olivia, create_property("Newest"), RIGHTS)
    found = browser.get(HOME).context["go_on"]
    assert (found.prop.name, found.next_step.title) == ("Newest", "Install an extension that sends")
    assert found.next_step.url in page_text(browser.get(HOME))


def test_lately_is_for_those_who_may_read_the_audit_log(browser: Client, olivia: Any) -> None:
    environment = live("Shop", olivia, ["develop"])
    assert "Lately" not in page_text(browser.get(HOME))
    Membership.objects.update(rights=list(RIGHTS))
    deeds = browser.get(HOME).context["lately"]
    assert ("created property", environment.prop.name) in [(it.what, it.name) for it in deeds]


def test_lately_leaves_out_what_was_only_read_and_shows_who_you_are(browser: Client, olivia: Any) -> None:
    environment = live("Shop", olivia)
    record(environment.prop, "rule.updated", environment, olivia)
    record(environment.prop, "event.values_read", environment, olivia)
    newest = browser.get(HOME).context["lately"][0]
    assert (newest.who, newest.initials, newest.what) == ("You", "OL", "updated rule")


def test_lately_says_of_a_build_where_it_went(browser: Client, olivia: Any) -> None:
    environment = live("Shop", olivia)
    for verb, words in (("succeeded", "built"), ("failed", "could not build"), ("activated", "published")):
        record(environment.prop, f"build.{verb}", environment.prop, olivia, stage="production")
        newest = browser.get(HOME).context["lately"][0]
        assert (newest.what, newest.name) == (words, "a library for Production")


def test_home_asks_the_database_no_more_for_thirty_properties_than_for_three(
    browser: Client, olivia: Any
) -> None:
    def queries() -> int:
        browser.get(HOME)
        with CaptureQueriesContext(connection) as captured:
            browser.get(HOME)
        return len(captured)

    def more(first: int, last: int) -> None:
        for number in range(first, last):
            environment = live(f"Shop {number}", olivia)
            fail(environment), park(environment), receive(environment)
            member(olivia, create_property(f"New {number}"), RIGHTS)

    more(0, 3)
    few = queries()
    more(3, 30)
    assert queries() == few <= 43


# Quick Start


def test_an_unfinished_quick_start_goes_before_its_property(olivia: Any, browser: Client) -> None:
    olivia.user_permissions.add(Permission.objects.get(codename="add_property"))
    forwarding, tags = create_property("A forwarding"), create_property("A tags", platform="web")
    for prop in (forwarding, tags):
        member(olivia, prop, RIGHTS)
    assert browser.get(HOME).context["go_on"].prop == forwarding
    run = QuickStartRun.objects.create(
        user=olivia, package="meta-conversions-api", domain="a.example", reached=4, forwarding=forwarding
    )
    answer = browser.get(HOME)
    assert answer.context["go_on"] is None
    assert "4 of 6, Add Code on Your Site" in page_text(answer)
    assert f'href="{run.url}"' in page_text(answer)
    run.closed_at = timezone.now()
    run.save()
    assert "4 of 6" not in page_text(browser.get(HOME))


def test_who_may_not_add_properties_is_offered_no_quick_start(olivia: Any, browser: Client) -> None:
    for name in ("A", "B"):
        member(olivia, create_property(name), RIGHTS)
    assert "Send Conversions Data" not in page_text(browser.get(HOME))
