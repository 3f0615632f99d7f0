"""An environment that falls silent is an issue: after twice the usual gap, until events come again."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from benchmarks.filled_counts import fill_counts
from properties.models import RIGHTS, Environment, Property
from properties.resources.creation import create_property
from rules.delivery.minute_folding import fold_minutes
from rules.issues.issue_list import issues_of, open_counts
from rules.issues.lifecycle import MUTED, OPEN
from rules.issues.muting import mute
from rules.issues.silence import last_events, silences
from rules.models import CountedAs, InboundEvent, Issue, MinuteCount
from tests.event_ids import next_event_id
from tests.people import make_user, member, signed_in

START = datetime(2026, 11, 30, 12, tzinfo=UTC)
NOW = int(START.timestamp()) // 60
MINUTE, HOUR, DAY = 1, 60, 1_440


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


def receive(environment: Environment, minutes_ago: Iterable[int]) -> None:
    """Count an event in each of these minutes before ``START``, as a worker does."""
    MinuteCount.objects.bulk_create(
        MinuteCount(
            property_id=environment.prop_id,
            environment_id=environment.pk,
            minute=NOW - ago,
            is_event=True,
            outcome=200 + CountedAs.DELIVERED,
            node=0,
            count=1,
        )
        for ago in minutes_ago
    )


def accept(environment: Environment) -> InboundEvent:
    """Accept an event now, which no worker has run yet."""
    return InboundEvent.objects.create(
        id=next_event_id(),
        property_id=environment.prop_id,
        environment_id=environment.pk,
        datastream_id=1,
        received_at=timezone.now(),
        body="{}",
        request="{}",
    )


def each_minute(until_minutes_ago: int, days: int = 3) -> range:
    return range(until_minutes_ago, days * DAY)


def shown(environment: Environment, state: str = OPEN) -> list[str]:
    return [it.message for it in issues_of([environment], timezone.now(), state) if it.kind == "silent"]


def test_an_environment_with_an_event_each_minute_is_silent_after_an_hour(production: Environment) -> None:
    receive(production, each_minute(60))
    assert shown(production) == []
    MinuteCount.objects.filter(minute=NOW - 60).delete()
    assert shown(production) == ["No events for 1 h, usually 60 an hour"]


def test_a_shop_that_sleeps_for_nine_hours_is_silent_after_eighteen(
    production: Environment, clock: Any
) -> None:
    """Its last event is that of 20:00, its first one that of 5:00."""
    hours = [day * DAY + hour for day in range(5) for hour in range(16 * HOUR, 31 * HOUR + 1, HOUR)]
    receive(production, hours)
    assert silences([production], timezone.now()) == {}
    clock.shift(2 * 3_600)
    assert shown(production) == []
    clock.shift(1)
    assert shown(production) == ["No events for 18 h, usually never for more than 9 h"]


def test_the_usual_gap_is_said_where_less_than_an_event_an_hour_is_usual(
    production: Environment, clock: Any
) -> None:
    receive(production, [14 * HOUR + number * 5 * HOUR for number in range(30)])
    assert shown(production) == ["No events for 14 h, usually never for more than 5 h"]


def test_the_next_event_ends_it_before_a_worker_has_counted_it(production: Environment) -> None:
    receive(production, each_minute(3 * HOUR))
    assert len(shown(production)) == 1
    accept(production)
    assert shown(production) == []


def test_an_environment_that_never_had_events_is_not_silent(production: Environment) -> None:
    assert last_events([production]) == {}
    assert shown(production) == []


@pytest.mark.parametrize("minutes", [range(3 * HOUR, 20 * HOUR), [*range(3 * HOUR, 4 * HOUR), 3 * DAY]])
def test_nothing_is_usual_before_a_day_and_twenty_hours_with_events(
    production: Environment, minutes: Iterable[int]
) -> None:
    receive(production, minutes)
    assert shown(production) == []


def test_events_of_another_environment_do_not_count(production: Environment) -> None:
    staging = production.prop.environments.get(stage="staging")
    receive(production, each_minute(2 * HOUR)), receive(staging, [1])
    assert (len(shown(production)), shown(staging)) == (1, [])


def test_an_earlier_failure_does_not_become_the_usual_gap(production: Environment) -> None:
    """Once two weeks are known the longest gap is left out. What happens twice is usual."""
    failure, weekend = (range(at * DAY, at * DAY + 20 * HOUR) for at in (5, 12))
    receive(production, [ago for ago in range(12 * HOUR, 20 * DAY, HOUR) if ago not in failure])
    assert len(shown(production)) == 1
    MinuteCount.objects.filter(minute__in=[NOW - ago for ago in weekend]).delete()
    assert shown(production) == []


def test_minutes_that_were_added_up_to_hours_mean_the_same(production: Environment) -> None:
    receive(production, [ago for ago in each_minute(2 * HOUR, days=6) if ago % 7])
    before = silences([production], timezone.now())
    fold_minutes(timezone.now())
    assert MinuteCount.objects.filter(node=MinuteCount.HOUR).exists()
    after = silences([production], timezone.now())
    assert before[production.pk].usual_gap == after[production.pk].usual_gap
    assert before[production.pk].last_at == after[production.pk].last_at


def test_after_four_weeks_nothing_is_usual_any_more(production: Environment, clock: Any) -> None:
    receive(production, each_minute(HOUR, days=9))
    clock.shift(27 * 24 * 3_600)
    assert len(shown(production)) == 0
    clock.shift(-10 * 24 * 3_600)
    assert len(shown(production)) == 1


def test_a_mute_is_for_one_silence(production: Environment, clock: Any) -> None:
    receive(production, each_minute(2 * HOUR))
    [issue] = issues_of([production], timezone.now(), OPEN)
    mute(production.prop, issue, "week", "The shop moves.", "olivia", timezone.now())
    assert (shown(production), len(shown(production, MUTED))) == ([], 1)
    clock.shift(DAY * 60)
    assert len(shown(production, MUTED)) == 1
    accept(production)
    clock.shift(5 * 3_600)
    assert (len(shown(production)), shown(production, MUTED)) == (1, [])


def test_the_row_leads_to_the_datastream_and_says_since_when(production: Environment, clock: Any) -> None:
    olivia = make_user("olivia")
    member(olivia, production.prop, RIGHTS)
    receive(production, each_minute(3 * HOUR))
    page = reverse("rules:issues", args=[production.prop.uid])
    [row] = signed_in(olivia).get(page, {"env": "prod"}).context["issue_rows"]
    assert (row.title, row.tone, row.retry_count) == ("No events for 3 h, usually 60 an hour", "bad", 0)
    assert row.issue.first_seen_at == datetime(2026, 11, 30, 9, tzinfo=UTC)
    assert row.fix.url.endswith(f"/environments/#{production.uid}")


def test_home_counts_what_did_not_come(production: Environment, clock: Any) -> None:
    olivia = make_user("olivia")
    member(olivia, production.prop, RIGHTS)
    receive(production, each_minute(3 * HOUR))
    [item] = home(signed_in(olivia), production)
    assert (item.title, item.lost) == ("No events for 3 h, usually 60 an hour", 180)


def home(browser: Client, environment: Environment) -> list[Any]:
    # Home shows the environment that runs a build, otherwise production.
    return list(browser.get("/?all=1").context["attention"])


def test_it_costs_the_same_however_many_environments_are_silent(production: Environment, clock: Any) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            assert open_counts(list(Environment.objects.filter(stage="production")), timezone.now())
        return len(captured)

    receive(production, each_minute(3 * HOUR))
    few = queries()
    for number in range(5):
        other = create_property(f"Shop {number}").environments.get(stage="production")
        receive(other, each_minute(3 * HOUR))
    assert queries() == few


def test_a_busy_shop_with_quiet_nights_is_not_silent_by_night(production: Environment, clock: Any) -> None:
    fill_counts(production.prop_id, production.pk, timezone.now(), days=20, an_hour=5)
    assert shown(production) == []
    assert Issue.objects.count() == 0
