"""The overview: verdict, figures, charts and tables of one environment, and its next steps."""

from __future__ import annotations

import csv
import html
import re
from datetime import timedelta
from urllib.parse import parse_qs

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from benchmarks.filled_counts import fill_counts
from properties.models import Environment, Property
from properties.resources.creation import create_property
from rules.delivery.work import deliver_due
from rules.event_log import overview
from rules.models import Activation, Build, InboundEvent, MinuteCount

from .conftest import PURCHASE, Accept, FakeMeta, overview_of

BAD = {"event": "Purchase", "user": {"email": "a@b.example"}}


def production(prop: Property) -> Environment:
    return prop.environments.get(stage="production")


def frame_of(client: Client, prop: Property) -> str:
    return client.get(reverse("rules:overview", args=[prop.uid])).content.decode()


def verdict_of(client: Client, prop: Property, **query: str) -> str:
    found = re.search(r'data-testid="verdict">(.*?)</p>', overview_of(client, prop, **query), re.DOTALL)
    assert found
    return re.sub(r"<[^>]*>", "", found[1]).strip()


def figures_of(client: Client, prop: Property, **query: str) -> dict[str, tuple[str, str]]:
    """Return value and second line of each figure."""
    shown = overview_of(client, prop, **query)
    pattern = r'<dt>(\w+)</dt>\s*<dd class="v">\s*<span>(.*?)</span>.*?<dd class="d"[^>]*>(.*?)</dd>'
    found = re.findall(pattern, shown, re.DOTALL)
    return {name: (re.sub(r"<[^>]*>", "", value), more) for name, value, more in found}


# The frame


def test_a_new_property_is_led_from_step_to_step(db: None, olivia: object) -> None:
    prop = create_property("Fresh", actor=olivia)
    assert [step.is_done for step in overview.steps(prop)] == [False] * 5
    client = Client()
    client.force_login(olivia)  # type: ignore[arg-type]
    assert "Next steps" in frame_of(client, prop)


def test_a_property_that_runs_has_no_steps_left(
    owner_client: Client, prop: Property, delivered: InboundEvent
) -> None:
    assert all(step.is_done for step in overview.steps(prop))
    assert "Next steps" not in frame_of(owner_client, prop)


def test_the_frame_asks_for_the_figures_of_its_environment_and_range(
    owner_client: Client, prop: Property
) -> None:
    address = reverse("rules:overview", args=[prop.uid])
    shown = owner_client.get(address, {"env": "stag", "range": "7d"}).content.decode()
    asked = shown[shown.index('hx-get="?') :].partition('"')[2].partition('"')[0]
    staging = prop.environments.get(stage="staging").uid
    assert parse_qs(html.unescape(asked)[1:]) == {"env": [staging], "range": ["7d"], "part": ["figures"]}
    assert 'aria-current="true">7 d</a>' in shown
    assert "every 15s" in shown


# The verdict: ui.md has the grammar of these sentences


def test_an_environment_without_a_build_says_so(owner_client: Client, prop: Property) -> None:
    assert verdict_of(owner_client, prop, env="dev") == "No build yet: events are kept, none is sent."


def test_an_environment_that_delivers_says_only_that(
    owner_client: Client, prop: Property, delivered: InboundEvent
) -> None:
    assert verdict_of(owner_client, prop) == "Production delivers."


def test_an_environment_with_an_issue_names_the_first(
    owner_client: Client, prop: Property, accept: Accept, meta: FakeMeta
) -> None:
    accept(), accept(BAD)
    deliver_due()
    assert re.fullmatch(
        r"Production delivers, but Purchase is not sent: .*\.", verdict_of(owner_client, prop)
    )


def test_an_environment_that_delivers_nothing_is_not_praised(
    owner_client: Client, prop: Property, accept: Accept, meta: FakeMeta
) -> None:
    accept(BAD)
    deliver_due()
    assert verdict_of(owner_client, prop).startswith("Production delivers nothing: Purchase is not sent: ")


def test_an_environment_on_hold_names_the_cause(
    owner_client: Client, prop: Property, accept: Accept, meta: FakeMeta
) -> None:
    meta.refuse(190, "Invalid OAuth access token", status=401)
    accept()
    deliver_due()
    assert verdict_of(owner_client, prop) == "Production is on hold: Invalid OAuth access token."


def test_unusual_silence_is_said_with_what_is_usual(
    owner_client: Client, prop: Property, accept: Accept, meta: FakeMeta
) -> None:
    accept()
    deliver_due()
    place = production(prop)
    then = timezone.now() - timedelta(hours=2, minutes=1)
    InboundEvent.objects.update(id=InboundEvent.first_id_at(then) + 1)
    MinuteCount.objects.all().delete()
    fill_counts(prop.pk, place.pk, then, days=2, an_hour=300)
    assert re.fullmatch(r"No events for 2 h, usually \d+ an hour\.", verdict_of(owner_client, prop))


# Figures, charts, tables


def test_the_figures_count_what_happened(
    owner_client: Client, prop: Property, accept: Accept, meta: FakeMeta
) -> None:
    for number in range(3):
        accept({**PURCHASE, "event_id": f"order-{number}"})
        deliver_due()
    accept(BAD), accept({"event": "Unknown"})
    deliver_due()
    accept()
    found = figures_of(owner_client, prop)
    assert found["Received"] == ("6", "none the day before")
    assert found["Delivered"][0] == "75.0 %"
    assert re.fullmatch(r"[\d.]+ m?s", found["Latency"][0])
    assert re.fullmatch(r"p95 [\d.]+ m?s · p99 [\d.]+ m?s", found["Latency"][1])
    assert found["Waiting"][0] == "1"


def test_the_same_time_before_is_compared(owner_client: Client, prop: Property) -> None:
    now = timezone.now()
    fill_counts(prop.pk, production(prop).pk, now, days=3, an_hour=60)
    assert re.fullmatch(r"[+−±]\d+ % on the day before", figures_of(owner_client, prop)["Received"][1])


def test_the_chart_has_forty_eight_bars_and_leads_to_the_log(
    owner_client: Client, prop: Property, accept: Accept, meta: FakeMeta
) -> None:
    accept(), accept(BAD)
    deliver_due()
    shown = overview_of(owner_client, prop)
    links = re.findall(r'<a href="([^"]+)" tabindex="-1">', shown)
    assert len(links) == 48
    assert all(text in links[-1] for text in ("since=", "until="))
    assert all(text in shown for text in ('class="f-ok"', 'class="f-bad"'))
    assert "result=refused%2Cnot_sent" in shown
    assert "Build 1 published" in shown
    assert "1 was not sent or refused, the first from" in shown


def test_the_tables_name_events_and_destinations(
    owner_client: Client, prop: Property, accept: Accept, meta: FakeMeta
) -> None:
    accept(), accept(BAD)
    deliver_due()
    shown = overview_of(owner_client, prop)
    names = shown[shown.index('data-testid="names"') : shown.index('data-testid="targets"')]
    assert re.search(r"Purchase</a></th>\s*<td class=\"num\">2</td>", names)
    assert "50.0 %" in names
    targets = re.findall(
        r'<th scope="row"><a[^>]*>([^<]+)</a>', shown[shown.index('data-testid="targets"') :]
    )
    assert targets == ["Meta Conversions API (1234567890)"]


def test_what_a_chart_shows_can_be_downloaded(
    owner_client: Client, prop: Property, delivered: InboundEvent
) -> None:
    address = reverse("rules:overview", args=[prop.uid])
    answer = owner_client.get(address, {"env": "prod", "range": "24h", "part": "results.csv"})
    assert answer["Content-Type"].startswith("text/csv")
    head, *rows = csv.reader(answer.content.decode().splitlines())
    assert head[:3] == ["From (UTC)", "To (UTC)", "Delivered"]
    assert (len(rows), sum(int(row[2]) for row in rows)) == (48, 1)
    times = owner_client.get(address, {"env": "prod", "range": "24h", "part": "latency.csv"}).content.decode()
    assert times.splitlines()[0] == "From (UTC),To (UTC),p50 (s),p95 (s),p99 (s)"


@pytest.mark.parametrize(("name", "bars"), [("1h", 60), ("24h", 48), ("7d", 42), ("30d", 60)])
def test_each_range_counts_all_of_its_time(
    owner_client: Client, prop: Property, name: str, bars: int
) -> None:
    number = fill_counts(prop.pk, production(prop).pk, timezone.now(), days=31, an_hour=4)
    address = reverse("rules:overview", args=[prop.uid])
    answer = owner_client.get(address, {"env": "prod", "range": name, "part": "results.csv"})
    rows = list(csv.reader(answer.content.decode().splitlines()))[1:]
    assert len(rows) == bars
    shown = sum(int(number) for row in rows for number in row[2:])
    assert shown <= number
    assert figures_of(owner_client, prop, range=name)["Received"][0] == f"{shown:,}"


def test_an_environment_that_received_nothing_waits_with_a_command(
    owner_client: Client, prop: Property
) -> None:
    shown = overview_of(owner_client, prop, env="dev")
    assert 'data-testid="waiting"' in shown
    assert "curl -sS -X POST" in shown
    assert 'data-testid="results"' not in shown


def test_the_figures_say_when_the_worker_is_behind(
    owner_client: Client, prop: Property, accept: Accept
) -> None:
    event = accept()
    assert 'data-testid="late"' not in overview_of(owner_client, prop)
    then = timezone.now() - timedelta(minutes=6, seconds=5)
    InboundEvent.objects.filter(pk=event.pk).update(id=InboundEvent.first_id_at(then))
    assert "Figures are late by 6 min" in overview_of(owner_client, prop)


def test_each_environment_shows_its_live_build(owner_client: Client, prop: Property) -> None:
    shown = overview_of(owner_client, prop)
    build = Build.objects.get(prop=prop)
    assert reverse("rules:build_detail", args=[prop.uid, build.uid]) in shown
    assert shown.count("No build") == 2


def test_the_number_of_queries_does_not_grow(
    owner_client: Client, prop: Property, accept: Accept, meta: FakeMeta
) -> None:
    accept(), accept(BAD)
    deliver_due()
    address = reverse("rules:overview", args=[prop.uid])
    query = {"env": "prod", "part": "figures"}
    owner_client.get(address, query)
    with CaptureQueriesContext(connection) as few:
        owner_client.get(address, query)
    fill_counts(prop.pk, production(prop).pk, timezone.now() - timedelta(minutes=1), days=3, an_hour=120)
    for build in [Build.objects.get(prop=prop)] * 5:
        Activation.objects.create(environment=production(prop), build=build)
    with CaptureQueriesContext(connection) as many:
        owner_client.get(address, query)
    assert len(many) == len(few) <= 45


def test_the_last_event_of_an_environment_is_a_fragment(
    owner_client: Client, prop: Property, delivered: InboundEvent
) -> None:
    production = prop.environments.get(stage="production")
    staging = prop.environments.get(stage="staging")
    answer = owner_client.get(reverse("rules:last_event", args=[prop.uid, production.uid])).content.decode()
    assert "Delivered" in answer
    assert str(delivered.pk) in answer
    assert "<html" not in answer
    nothing = owner_client.get(reverse("rules:last_event", args=[prop.uid, staging.uid])).content.decode()
    assert "None yet" in nothing


def test_the_last_event_says_that_the_site_has_another_organization(
    owner_client: Client, prop: Property, delivered: InboundEvent
) -> None:
    """Without the right organization, setConsent does not finish on a visitor's first page."""
    address = reverse("rules:last_event", args=[prop.uid, prop.environments.get(stage="production").uid])
    assert "other-organization" not in owner_client.get(address).content.decode()
    InboundEvent.objects.filter(pk=delivered.pk).update(flags='["other_organization:ABC_AdobeOrg"]')
    answer = owner_client.get(address).content.decode()
    assert "<code>ABC_AdobeOrg</code>" in answer
    assert "Organization ID" in answer
