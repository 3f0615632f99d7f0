"""Open, fixed and muted issues: what a newer build, time and a person change."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from properties.models import AuditEvent, Environment, Property
from properties.resources.creation import create_property
from rules.delivery.destinations.gates import hold_property
from rules.delivery.issue_causes import IssueCause, Occurrence
from rules.delivery.issue_counts import count_occurrences
from rules.issues.issue_list import find_issue, issues_of, open_count, open_counts
from rules.issues.lifecycle import FIXED, MUTED, OPEN
from rules.issues.muting import mute, unmute
from rules.models import Activation, Build, Delivery, DestinationGate, InboundEvent, Issue
from tests.event_ids import next_event_id

START = "2026-11-29T09:12:00Z"
MINUTE, HOUR, DAY = 60, 3_600, 86_400


@pytest.fixture
def clock() -> Iterator[Any]:
    with time_machine.travel(START, tick=False) as traveller:
        yield traveller


@pytest.fixture
def prop(db: None, clock: Any) -> Property:
    return create_property("Shop")


@pytest.fixture
def production(prop: Property) -> Environment:
    return prop.environments.get(stage="production")


def go_live(environment: Environment) -> Build:
    build = Build.objects.create(prop=environment.prop, environment=environment, status="succeeded")
    Activation.objects.create(environment=environment, build=build)
    return build


def happen(environment: Environment, build: Build | None = None, code: str = "no_currency") -> Issue:
    """Let an event of a build fail now; without a build, of the live one."""
    live = environment.activations.first()
    build = build or (live.build if live else None)
    event = InboundEvent.objects.create(
        id=next_event_id(),
        property_id=environment.prop_id,
        environment_id=environment.pk,
        datastream_id=1,
        build_id=build.pk if build else None,
        received_at=timezone.now(),
        body="{}",
        request="{}",
    )
    cause = IssueCause(
        environment.prop_id, environment.pk, "not_sent", "acme::actions::send", "", code, "RC1", "currency"
    )
    count_occurrences([Occurrence(cause, event.pk, "RL1", "Purchase")], timezone.now(), [event])
    return Issue.objects.get(pk=cause.id)


def state_of(issue: Issue) -> str:
    found = find_issue(Property.objects.get(pk=issue.property_id), issue.pk, timezone.now())
    return found.state


def test_an_issue_is_fixed_an_hour_after_a_newer_build_went_live(production: Environment, clock: Any) -> None:
    """Source: docs/states.md, "Issues"."""
    go_live(production)
    issue = happen(production)
    clock.shift(MINUTE)
    go_live(production)
    clock.shift(59 * MINUTE)
    assert state_of(issue) == OPEN
    clock.shift(MINUTE)
    assert state_of(issue) == FIXED


def test_a_row_says_since_which_build_it_has_not_happened(production: Environment, clock: Any) -> None:
    go_live(production)
    issue = happen(production)
    clock.shift(MINUTE)
    newer = go_live(production)
    clock.shift(12 * MINUTE)
    found = find_issue(production.prop, issue.pk, timezone.now())
    assert found.mended_build_id == newer.pk
    assert timezone.now() - found.mended_at == timedelta(minutes=12)


def test_an_issue_is_open_again_when_it_happens_in_the_newer_build(
    production: Environment, clock: Any
) -> None:
    go_live(production)
    issue = happen(production)
    clock.shift(MINUTE)
    go_live(production)
    clock.shift(2 * HOUR)
    assert state_of(issue) == FIXED
    happen(production)
    assert state_of(issue) == OPEN
    assert Issue.objects.get().count == 2


def test_an_event_that_the_older_build_still_ran_does_not_open_it_again(
    production: Environment, clock: Any
) -> None:
    older = go_live(production)
    issue = happen(production)
    clock.shift(MINUTE)
    go_live(production)
    clock.shift(MINUTE)
    happen(production, older)
    clock.shift(HOUR)
    assert state_of(issue) == FIXED


def test_going_back_to_the_older_build_opens_it_again_when_it_happens(
    production: Environment, clock: Any
) -> None:
    older = go_live(production)
    issue = happen(production)
    clock.shift(MINUTE)
    go_live(production)
    clock.shift(2 * HOUR)
    Activation.objects.create(environment=production, build=older)
    clock.shift(MINUTE)
    assert state_of(issue) == FIXED
    happen(production)
    assert state_of(issue) == OPEN


def test_a_build_of_another_environment_fixes_nothing(production: Environment, clock: Any) -> None:
    go_live(production)
    issue = happen(production)
    clock.shift(MINUTE)
    go_live(production.prop.environments.get(stage="staging"))
    clock.shift(2 * HOUR)
    assert state_of(issue) == OPEN


def test_an_issue_that_has_been_quiet_for_seven_days_is_fixed(production: Environment, clock: Any) -> None:
    issue = happen(production)
    clock.shift(7 * DAY)
    assert state_of(issue) == OPEN
    clock.shift(1)
    assert state_of(issue) == FIXED


@pytest.mark.parametrize(("how", "lasts"), [("day", DAY), ("week", 7 * DAY)])
def test_a_mute_ends_after_its_time(production: Environment, clock: Any, how: str, lasts: int) -> None:
    issue = happen(production)
    mute(production.prop, issue, how, "The shop knows.", "olivia", timezone.now())
    clock.shift(lasts - 1)
    happen(production)
    assert state_of(issue) == MUTED
    clock.shift(1)
    assert state_of(issue) == OPEN


def test_a_mute_until_it_changes_ends_with_the_next_build(production: Environment, clock: Any) -> None:
    go_live(production)
    issue = happen(production)
    clock.shift(MINUTE)
    mute(production.prop, issue, "change", "", "olivia", timezone.now())
    clock.shift(6 * DAY)
    happen(production)
    assert state_of(issue) == MUTED
    clock.shift(MINUTE)
    go_live(production)
    clock.shift(MINUTE)
    assert state_of(issue) == OPEN
    clock.shift(HOUR)
    assert state_of(issue) == FIXED


def test_muting_and_unmuting_are_in_the_audit_log(production: Environment) -> None:
    issue = happen(production)
    mute(production.prop, issue, "week", "The shop knows.", "olivia", timezone.now())
    unmute(production.prop, issue, "carl")
    assert state_of(issue) == OPEN
    entries = AuditEvent.objects.filter(type_of__startswith="issue.").order_by("id")
    assert list(entries.values_list("type_of", "actor_name", "entity_uid")) == [
        ("issue.muted", "olivia", issue.pk),
        ("issue.unmuted", "carl", issue.pk),
    ]
    assert entries[0].entity == {"lasts": "7 days", "reason": "The shop knows."}


# Present states


def park(environment: Environment, waiting: int = 0, **fields: Any) -> DestinationGate:
    gate = {"property_id": environment.prop_id, "package_name": "acme", "destination": "1"}
    rows = {"property_id": environment.prop_id, "environment_id": environment.pk, "destination": "1"}
    for _ in range(waiting):
        Delivery.objects.create(
            event_id=next_event_id(),
            delegate="acme::actions::send",
            state=Delivery.State.PARKED,
            created_at=timezone.now(),
            **rows,
        )
    given = {"state": "parked", "code": "190", "message": "The token has expired."}
    return DestinationGate.objects.create(**gate, **(given | fields))


def kinds(environment: Environment, state: str = OPEN) -> list[tuple[str, int]]:
    return [(it.kind, it.count) for it in issues_of([environment], timezone.now(), state)]


def test_a_destination_on_hold_is_an_issue_where_deliveries_wait(production: Environment, clock: Any) -> None:
    gate = park(production, waiting=2)
    assert kinds(production) == [("on_hold", 2)]
    assert kinds(production.prop.environments.get(stage="staging")) == []
    DestinationGate.objects.filter(pk=gate.pk).update(state="open")
    assert kinds(production) == []


def test_a_destination_that_only_pauses_is_no_issue(production: Environment) -> None:
    park(production, waiting=1, state="paused")
    assert kinds(production) == []


def test_a_property_that_is_held_is_an_issue_of_production(production: Environment) -> None:
    hold_property(production.prop_id, message="The demo sends nothing.")
    assert kinds(production) == [("on_hold", 0)]


def test_a_failed_build_is_an_issue_until_a_newer_one_succeeds(production: Environment) -> None:
    go_live(production)
    problems = [{"where": "Rule “Purchase”", "message": "It is broken."}]
    Build.objects.create(prop=production.prop, environment=production, status="failed", problems=problems)
    [issue] = issues_of([production], timezone.now(), OPEN)
    assert (issue.kind, issue.message) == ("failed_build", "Rule “Purchase”: It is broken.")
    go_live(production)
    assert kinds(production) == []


def test_a_present_state_can_be_muted_and_its_end_needs_nobody(production: Environment) -> None:
    gate = park(production, waiting=1)
    [issue] = issues_of([production], timezone.now(), OPEN)
    mute(production.prop, issue, "day", "", "olivia", timezone.now())
    assert (kinds(production), kinds(production, MUTED)) == ([], [("on_hold", 1)])
    DestinationGate.objects.filter(pk=gate.pk).delete()
    Delivery.objects.all().delete()
    assert (kinds(production), kinds(production, MUTED), kinds(production, FIXED)) == ([], [], [])
    park(production, waiting=1)
    [issue] = issues_of([production], timezone.now(), MUTED)
    unmute(production.prop, issue, "olivia")
    assert kinds(production) == [("on_hold", 1)]
    assert not Issue.objects.exists()


# Counting


def test_the_open_ones_are_counted_for_each_environment(production: Environment) -> None:
    development = production.prop.environments.get(stage="development")
    happen(production), happen(production, code="no_value"), happen(development)
    park(production, waiting=1)
    assert open_count(production.prop, production) == 3
    assert open_count(production.prop, development) == 1


def test_counting_costs_the_same_however_many_issues_and_properties_there_are(
    production: Environment,
) -> None:
    def queries() -> int:
        open_counts(list(Environment.objects.filter(stage="production")), timezone.now())
        with CaptureQueriesContext(connection) as captured:
            open_counts(list(Environment.objects.filter(stage="production")), timezone.now())
        return len(captured)

    go_live(production), happen(production), park(production, waiting=1)
    few = queries()
    for number in range(10):
        other = create_property(f"Shop {number}").environments.get(stage="production")
        go_live(other), park(other, waiting=1)
        for code in ("a", "b", "c"):
            happen(other, code=code)
    assert queries() == few <= 9
