"""The range that a person chooses for the overview."""

from __future__ import annotations

import csv
import html
import re
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, urlsplit
from zoneinfo import ZoneInfo

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.filled_counts import fill_counts
from properties.catalog.shown_times import read_in
from properties.models import Property
from rules.event_log.ranges import MOST_BARS, BadRange, TimeRange, range_between
from rules.models import MinuteCount

from .conftest import overview_of

NOW = datetime(2026, 11, 29, 21, 48, 30, tzinfo=UTC)
STOCKHOLM = "Europe/Stockholm"


def between(since: str, until: str = "") -> TimeRange:
    return range_between(since, until, NOW)


def why_not(since: str, until: str = "") -> str:
    with pytest.raises(BadRange) as problem:
        between(since, until)
    return str(problem.value)


@pytest.mark.parametrize(
    ("since", "until", "step", "bars"),
    [
        ("2026-11-29T20:00", "2026-11-29T21:00", 1, 60),
        ("2026-11-29T09:00", "2026-11-29T21:00", 15, 48),
        ("2026-11-28T21:00", "2026-11-29T21:00", 30, 48),
        ("2026-11-01T00:00", "2026-11-08T00:00", 240, 42),
        ("2026-10-01T00:00", "2026-11-01T00:00", 1_440, 31),
        ("2025-11-29T00:00", "2026-11-29T00:00", 10_080, 53),
    ],
)
def test_a_range_is_cut_into_the_shortest_bars_that_are_few_enough(
    since: str, until: str, step: int, bars: int
) -> None:
    found = between(since, until)
    assert (found.kind.step, found.kind.bars) == (step, bars)
    assert found.begin == datetime.fromisoformat(since).replace(tzinfo=UTC)


def test_older_than_two_days_the_counts_know_only_whole_hours() -> None:
    found = between("2026-11-20T09:10", "2026-11-20T10:50")
    assert (found.kind.step, found.kind.bars) == (60, 2)
    assert found.begin == datetime(2026, 11, 20, 9, tzinfo=UTC)


MOMENTS = st.datetimes(datetime(2025, 11, 1), NOW.replace(tzinfo=None), timezones=st.just(UTC))


@given(MOMENTS, st.timedeltas(timedelta(minutes=1), timedelta(days=390)))
def test_every_range_covers_what_was_asked_for_with_few_bars(begin: datetime, length: timedelta) -> None:
    end = min(begin + length, NOW)
    if begin >= end:
        return
    found = between(begin.isoformat(), end.isoformat())
    assert found.kind.bars <= MOST_BARS
    assert found.begin <= begin < end <= found.end
    # Not a whole bar too many.
    assert found.end - end < timedelta(minutes=found.kind.step)


def test_times_without_a_zone_are_those_of_the_reader() -> None:
    with read_in(ZoneInfo(STOCKHOLM)):
        found = between("2026-11-28T21:00", "2026-11-28T23:00")
    assert found.begin == datetime(2026, 11, 28, 20, tzinfo=UTC)
    assert between("2026-11-28T21:00+01:00", "2026-11-28T23:00+01:00").begin == found.begin


def test_without_an_end_the_range_ends_now() -> None:
    assert between("2026-11-29T21:00").end == datetime(2026, 11, 29, 21, 49, tzinfo=UTC)
    assert not between("2026-11-29T21:00", "2027-01-01T00:00").is_over
    assert between("2026-11-29T20:00", "2026-11-29T21:00").is_over


@pytest.mark.parametrize(
    ("since", "until", "said"),
    [
        ("yesterday", "", "From is “yesterday”, which is no time. Write it as 2026-11-28T21:48."),
        ("", "2026-11-28T21:48", "From is empty. Write it as 2026-11-28T21:48."),
        ("2026-11-28T21:48", "x" * 300, f"To is “{'x' * 40}…”, which is no time."),
        ("2026-11-28T21:48", "2026-11-28T21:48", "which is not after"),
        ("2026-11-28T21:48", "2026-11-27T21:48", "Choose a later time."),
        ("2026-12-28T21:48", "", "That is still to come: choose an earlier time."),
        ("2020-01-01T00:00", "", "Counts are kept since"),
        ("0001-01-01T00:00", "", "which is no time"),
        ("9999-12-31T23:59", "", "which is no time"),
    ],
)
def test_what_is_no_range_gets_its_sentence(since: str, until: str, said: str) -> None:
    with read_in(ZoneInfo("America/New_York")):
        assert said in why_not(since, until)


# The page


def address(prop: Property) -> str:
    return reverse("rules:overview", args=[prop.uid])


def local(moment: datetime) -> str:
    return f"{moment:%Y-%m-%dT%H:%M}"


def test_the_address_gets_the_zone_of_the_reader_so_that_it_means_the_same_to_others(
    owner_client: Client, prop: Property
) -> None:
    owner_client.cookies["timezone"] = STOCKHOLM
    query = {"env": "prod", "since": "2026-11-28T21:00", "until": "2026-11-28T23:00"}
    answer = owner_client.get(address(prop), query)
    assert answer.status_code == 302
    assert parse_qs(urlsplit(answer.url).query) == {
        "env": ["prod"],
        "since": ["2026-11-28T21:00:00+01:00"],
        "until": ["2026-11-28T23:00:00+01:00"],
    }


def test_the_page_shows_the_chosen_range_and_its_parts_ask_for_it(
    owner_client: Client, prop: Property
) -> None:
    now = timezone.now()
    begin, end = now - timedelta(hours=30), now - timedelta(hours=6)
    query = {"env": "prod", "since": begin.isoformat(), "until": end.isoformat()}
    shown = owner_client.get(address(prop), query).content.decode()
    asked = parse_qs(html.unescape(re.search(r'hx-get="(\?[^"]*part=figures[^"]*)"', shown)[1])[1:])  # type: ignore[index]
    assert set(asked) == {"env", "since", "until", "part"}
    assert "every 15s" not in shown
    assert f'value="{local(begin)[:14]}' in shown
    place = prop.environments.get(stage="production").pk
    fill_counts(prop.pk, place, begin + timedelta(hours=3), an_hour=9)
    figures = overview_of(owner_client, prop, **{name: asked[name][0] for name in ("since", "until")})
    [log] = re.findall(r'href="([^"]*result=delivered[^"]*)"', html.unescape(figures))
    assert set(parse_qs(urlsplit(log).query)) == {"env", "since", "until", "result"}


def test_a_chosen_range_counts_all_of_its_time_and_compares_it(owner_client: Client, prop: Property) -> None:
    place = prop.environments.get(stage="production").pk
    now = timezone.now().replace(minute=0, second=0, microsecond=0)
    fill_counts(prop.pk, place, now, days=12, an_hour=20)
    begin, end = now - timedelta(days=6), now - timedelta(days=3)
    first, after = int(begin.timestamp()) // 60, int(end.timestamp()) // 60
    rows = MinuteCount.objects.filter(is_event=True, minute__gte=first, minute__lt=after)
    number = sum(rows.values_list("count", flat=True))
    query = {"since": begin.isoformat(), "until": end.isoformat()}
    shown = overview_of(owner_client, prop, env="prod", **query)
    assert re.search(rf"<dt>Received</dt>\s*<dd class=\"v\">\s*<span>{number:,}</span>", shown)
    assert re.search(r"[+−±]\d+ % on the same time before", shown)
    answer = owner_client.get(address(prop), {"env": "prod", "part": "results.csv", **query})
    lines = list(csv.reader(answer.content.decode().splitlines()))[1:]
    assert sum(int(it) for line in lines for it in line[2:]) == number
    assert f"{begin:%Y%m%dT%H%M}-" in answer["Content-Disposition"]


def test_a_bad_range_gets_its_sentence_and_the_page_shows_the_usual_one(
    owner_client: Client, prop: Property
) -> None:
    shown = owner_client.get(address(prop), {"env": "prod", "since": "yesterday"}).content.decode()
    text = html.unescape(shown)
    assert "From is “yesterday”, which is no time. Write it as 2026-11-28T21:48." in text
    assert "The page shows the last 24 hours." in text
    assert 'aria-current="true">24 h</a>' in shown


def test_a_named_range_wins_over_times(owner_client: Client, prop: Property) -> None:
    query = {"env": "prod", "range": "7d", "since": timezone.now().isoformat()}
    assert 'aria-current="true">7 d</a>' in owner_client.get(address(prop), query).content.decode()
