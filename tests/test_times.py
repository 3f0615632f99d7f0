"""Times on pages: one function shows them, in the reader's zone, which every page names."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from django.http import HttpResponse
from django.test import Client, RequestFactory
from django.urls import reverse
from django.utils import timezone

from properties.catalog import shown_times
from properties.models import Property
from properties.templatetags.capi import moment
from properties.views.reader_zone import ReaderZoneMiddleware
from rules.dry_run.samples import sample_choices
from tests.addresses import PAGES, PARTS
from tests.product import ROOT
from tests.test_every_page import FURTHER, OF_A_PROPERTY, Find, find, prop, quiet_meta  # noqa: F401

KOLKATA = ZoneInfo("Asia/Kolkata")
TEMPLATES = sorted((ROOT / "templates").rglob("*.html"))
PYTHON = sorted(
    path
    for folder in ("properties", "rules", "capi_admin")
    for path in (ROOT / folder).rglob("*.py")
    if "tests" not in path.parts and "migrations" not in path.parts
)
OTHER_WAYS = re.compile(
    r"\|\s*(date|time|timesince|timeuntil|naturaltime|naturalday|ago)\b|{%\s*now\b|<time\b|_at\s*}}"
)
WRITTEN = re.compile(r":%[-#]?[A-Za-z]|strftime|date_format|localize\(|time_format")
# Code that writes times for machines: file names, keys, settings, logs, the terminal; the axis of a chart.
FOR_MACHINES = {
    "capi_admin/backups/sqlite.py",
    "properties/catalog/shown_times.py",
    "properties/extensions/meta_conversions_api/testing_period.py",
    "properties/secrets/exchange.py",
    "properties/views/audit.py",
    "rules/event_log/chart_downloads.py",
    "rules/event_log/ranges.py",
    "rules/event_log/time_axis.py",
    "rules/forwarding/committer.py",
    "rules/issues/standing.py",
    "rules/management/commands/replay.py",
    "rules/models/issues.py",
}
TIME = re.compile(r'<time datetime="([^"]+)" title="([^"]+)">([^<]+)</time>')
# Values that people type or that events carry are shown as they are.
VERBATIM = re.compile(r"<(pre|code|textarea|option|script)\b.*?</\1>|<[^>]*>", re.DOTALL)
SPAN = re.compile(r"just now|now|\d+ (s|min|h|days?) ago|in \d+ (s|min|h|days?)")
CLOCK = re.compile(r"\b\d{1,2}:\d{2}\b")


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: str(path.relative_to(ROOT / "templates")))
def test_no_template_shows_a_time_in_a_way_of_its_own(path: Path) -> None:
    assert [match.group() for match in OTHER_WAYS.finditer(path.read_text())] == []


def test_no_code_writes_a_time_for_people_in_a_way_of_its_own() -> None:
    found = {str(path.relative_to(ROOT)) for path in PYTHON if WRITTEN.search(path.read_text())}
    assert found == FOR_MACHINES


def addresses(find: Find) -> Iterator[str]:  # noqa: F811
    names = PAGES - {"login"}
    yield from (find(name) for name in names | (PARTS & OF_A_PROPERTY))
    yield from (find(name) + query for name, query in FURTHER.items())


def test_every_page_shows_its_times_in_the_zone_of_its_reader(find: Find, owner_client: Client) -> None:  # noqa: F811
    owner_client.cookies["timezone"] = "Asia/Kolkata"
    shown = 0
    for address in addresses(find):
        page = owner_client.get(address, follow=True).content.decode()
        for machine, exact, words in TIME.findall(page):
            at = datetime.fromisoformat(machine)
            assert (at.tzinfo, exact) == (UTC, shown_times.in_utc(at)), address
            with shown_times.read_in(KOLKATA):
                assert words in (shown_times.in_text(at), shown_times.in_rows(at)) or SPAN.fullmatch(words), (
                    address
                )
            shown += 1
        rest = VERBATIM.sub(" ", TIME.sub("", page))
        assert CLOCK.findall(rest) == [], address
        if "<main" in page or "</html>" in page:
            assert page.count("Times in Asia/Kolkata") == 1, address
    assert shown > 20


def test_a_browser_that_names_no_zone_reads_utc_named_so(find: Find, owner_client: Client) -> None:  # noqa: F811
    for zone in ("", "Mars/Olympus", "../../etc/passwd", "x" * 5_000):
        owner_client.cookies["timezone"] = zone
        page = owner_client.get(find("rules:publishing")).content.decode()
        assert "Times in UTC" in page, zone
        [machine, exact, _] = TIME.search(page).groups()  # type: ignore[union-attr]
        assert exact == machine
        assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", machine)


def test_a_part_of_a_page_is_in_the_zone_of_the_page_that_asks_for_it() -> None:
    request = RequestFactory().get("/", headers={"Time-Zone": "UTC"})
    request.COOKIES["timezone"] = "Asia/Kolkata"
    answer = ReaderZoneMiddleware(lambda _: HttpResponse(shown_times.zone_name()))(request)
    assert answer.content == b"UTC"  # type: ignore[attr-defined]


def test_today_has_no_date_and_another_year_has_its_year() -> None:
    now = timezone.now()
    with shown_times.read_in(KOLKATA):
        there = now.astimezone(KOLKATA)
        assert shown_times.in_text(now) == there.strftime("%H:%M")
        assert re.fullmatch(r"\d\d:\d\d:\d\d\.\d{3}", shown_times.in_rows(now))
        long_ago = datetime(2019, 12, 31, 18, 31, 5, tzinfo=UTC)
        assert shown_times.in_text(long_ago) == "Jan 1 2020, 00:01"
        assert shown_times.in_rows(long_ago) == "Jan 1 2020 00:01:05"
        assert shown_times.in_utc(long_ago) == "2019-12-31T18:31:05.000Z"


def test_what_was_seen_last_says_how_long_ago_and_when_exactly() -> None:
    for seconds, words in (
        (0.1, "just now"),
        (40, "40 s ago"),
        (301, "5 min ago"),
        (7_300, "2 h ago"),
        (90_000, "1 day ago"),
    ):
        at = timezone.now() - timedelta(seconds=seconds)
        html = moment(at, "ago")
        assert f">{words}</time>" in html
        assert f'title="{shown_times.in_utc(at)}"' in html
    assert moment(None) == ""


def test_a_list_to_choose_from_shows_its_times_alike(prop: Property, find: Find) -> None:  # noqa: F811
    with shown_times.read_in(KOLKATA):
        labels = [label for key, label in sample_choices(prop) if key.startswith("event:")]
        now = timezone.now().astimezone(KOLKATA)
    assert labels, "the event that waits"
    assert all(label.startswith(f"{now:%H:}") for label in labels)


def test_a_day_to_filter_by_is_a_day_of_the_reader(find: Find, owner_client: Client) -> None:  # noqa: F811
    owner_client.cookies["timezone"] = "Pacific/Kiritimati"
    day = timezone.now().astimezone(ZoneInfo("Pacific/Kiritimati")).date()
    page = owner_client.get(f"{find('properties:audit_log')}?since={day}&until={day}").content.decode()
    assert TIME.search(page)
    assert reverse("properties:audit_log", args=[Property.objects.get().uid]) in page
