"""The page Match Quality, its states, and the parts that other pages request."""

from __future__ import annotations

import copy
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.urls import reverse
from django.utils import timezone

from properties.http.transport import SendingFailed
from properties.models import Environment, Property
from rules.conftest import TOKEN
from rules.match_quality.offers import offers
from rules.match_quality_pages.tests.conftest import ANSWERS, Vendor
from rules.models import MatchQualityAnswers, MatchQualityReading
from tests.pages import page_words

TOKEN_ADVICE = "Events are still sent"


def page(prop: Property, **query: str) -> str:
    return reverse("rules:match_quality", args=[prop.uid], query={"env": "prod", **query})


def read(client: Any, prop: Property, **query: str) -> Any:
    return client.post(reverse("rules:match_quality_read", args=[prop.uid], query={"env": "prod", **query}))


def words(client: Any, prop: Property, **query: str) -> str:
    return page_words(client.get(page(prop, **query)))


def test_every_figure_of_the_answer_is_on_the_page(owner_client: Any, prop: Property, vendor: Vendor) -> None:
    assert read(owner_client, prop).status_code == 302
    found = words(owner_client, prop)
    for figure in (
        *("Purchase", "6.2 of 10", "Client User Agent 100 %", "Email 48.3 %"),
        *("Invalid phone.", "Some phone numbers have no country code", "What to do: Send the country code"),
        *("12.5 %, 5 of 40 events", "80.5 %, goal 75 %", "Good coverage", "Real time", "Sent at once"),
        *("Deduplication by event_id", "90 %", "Most have it", "95 %", "Nearly all", "88 %", "Matched"),
        *("Additional conversions reported 21.4 %", "More conversions", "By Meta,"),
    ):
        assert figure in found, figure


@pytest.mark.parametrize("place", ANSWERS.PLACES, ids=str)
def test_without_any_one_part_the_page_shows_the_others(
    owner_client: Any, prop: Property, vendor: Vendor, place: tuple[Any, ...]
) -> None:
    vendor.answer = ANSWERS.changed(place, gone=True)
    read(owner_client, prop)
    found = words(owner_client, prop)
    if place[:2] not in (("web",), ("web", 0)) or (len(place) > 2 and place[2] != "event_name"):
        assert "Purchase" in found
    if len(place) > 2 and place[2] == "event_coverage" and place[-1] != "percentage":
        assert "Real time" in found
        assert "6.2 of 10" in found


@pytest.mark.parametrize(
    ("code", "status", "title", "tone"),
    [
        (190, 401, "Token refused", "error"),
        (10, 403, "Token cannot read", "error"),
        (100, 400, "Token cannot read", "error"),
        (200, 403, "Token cannot read", "error"),
        (2044055, 400, "Dataset not found", "error"),
        (4, 400, "Throttled", "warning"),
        (2, 500, "Meta could not answer", "warning"),
    ],
)
def test_a_refusal_is_explained_and_the_last_figures_stay(
    owner_client: Any, prop: Property, vendor: Vendor, code: int, status: int, title: str, tone: str
) -> None:
    read(owner_client, prop)
    vendor.refuse(code, status)
    with time_machine.travel(timezone.now() + timedelta(minutes=16)):
        read(owner_client, prop)
        html = owner_client.get(page(prop)).content.decode()
        found = words(owner_client, prop)
    assert f'class="notice {tone}"' in html
    assert title in found
    assert "6.2 of 10" in found
    assert "16 min ago" in found
    assert MatchQualityReading.objects.count() == 1


def test_without_data_it_says_no_score_yet_and_stores_no_reading(
    owner_client: Any, prop: Property, vendor: Vendor
) -> None:
    vendor.answer = {}
    read(owner_client, prop)
    found = words(owner_client, prop)
    assert "No score yet in Production" in found
    assert "It needs recent web events" in found
    assert not MatchQualityReading.objects.exists()


def test_the_vendor_is_asked_once_in_a_quarter_of_an_hour(
    owner_client: Any, prop: Property, vendor: Vendor
) -> None:
    now = timezone.now()
    for minutes, asked in ((0, 1), (5, 1), (14, 1), (16, 2), (20, 2)):
        with time_machine.travel(now + timedelta(minutes=minutes)):
            is_asking = 'data-testid="asking"' in owner_client.get(page(prop)).content.decode()
            assert is_asking == (minutes in (0, 16)), minutes
            read(owner_client, prop)
        assert len(vendor.asked) == asked, minutes


def test_a_new_token_is_tried_at_once(owner_client: Any, prop: Property, vendor: Vendor) -> None:
    vendor.refuse(190, 401)
    read(owner_client, prop)
    secret = prop.secrets.get()
    secret.set_value("EAABnew")
    secret.save()
    vendor.answer, vendor.status = copy.deepcopy(ANSWERS.SAMPLE), 200
    read(owner_client, prop)
    assert [token for _, token in vendor.asked] == [f"Bearer {TOKEN}", "Bearer EAABnew"]
    assert "6.2 of 10" in words(owner_client, prop)


def test_opening_the_page_asks_nobody(owner_client: Any, prop: Property, vendor: Vendor) -> None:
    html = owner_client.get(page(prop)).content.decode()
    assert vendor.asked == []
    assert 'data-testid="asking"' in html
    assert "Production has not been asked about yet" in words(owner_client, prop)


def test_the_token_is_in_no_address_and_in_nothing_that_is_stored(
    owner_client: Any, prop: Property, vendor: Vendor, caplog: pytest.LogCaptureFixture
) -> None:
    read(owner_client, prop)
    [(request, sent)] = vendor.asked
    assert sent == f"Bearer {TOKEN}"
    assert TOKEN not in str(request)
    stored = [*MatchQualityReading.objects.values(), *MatchQualityAnswers.objects.values()]
    assert TOKEN not in str(stored)
    assert TOKEN not in caplog.text
    assert TOKEN not in words(owner_client, prop)


def test_a_bug_while_asking_is_shown_without_its_text(
    owner_client: Any, prop: Property, vendor: Vendor, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: Any, **__: Any) -> None:
        raise SendingFailed("ValueError")

    monkeypatch.setattr("properties.http.transport.send", fail)
    read(owner_client, prop)
    assert "An unexpected ValueError was raised" in words(owner_client, prop)


def test_a_token_from_an_event_cannot_be_asked_with(
    owner_client: Any, prop: Property, vendor: Vendor
) -> None:
    extension = prop.extensions.get(package_name="meta-conversions-api")
    extension.settings = {**extension.settings, "pixelId": "{{Email}}"}
    extension.save()
    read(owner_client, prop)
    assert vendor.asked == []
    assert "the data element “Email”, whose value comes from an event" in words(owner_client, prop)


def test_a_secret_of_each_stage_is_used(
    owner_client: Any, prop: Property, vendor: Vendor, production: Environment
) -> None:
    from properties.secrets.credentials import store

    store(prop, "Production token", "EAABproduction", production)
    prop.dataelements.create(
        name="Token",
        delegate="core::dataElements::secret",
        settings={"secrets": {"production": {"name": "Production token"}}},
    )
    extension = prop.extensions.get(package_name="meta-conversions-api")
    extension.settings = {**extension.settings, "accessToken": "{{Token}}"}
    extension.save()
    read(owner_client, prop)
    assert [token for _, token in vendor.asked] == ["Bearer EAABproduction"]


def test_environments_have_readings_of_their_own(owner_client: Any, prop: Property, vendor: Vendor) -> None:
    read(owner_client, prop)
    address = reverse("rules:match_quality", args=[prop.uid], query={"env": "dev"})
    assert "6.2 of 10" not in page_words(owner_client.get(address))


def test_another_event_is_chosen_by_its_address(owner_client: Any, prop: Property, vendor: Vendor) -> None:
    lead = {"event_name": "Lead", "event_match_quality": {"composite_score": 3.4}}
    vendor.answer["web"].append(lead)
    read(owner_client, prop)
    assert "Lead matches worst: 3.4 of 10. Meta advises 6.0 or more." in words(owner_client, prop)
    html = owner_client.get(page(prop, event="Lead")).content.decode()
    assert '<section class="sect" aria-label="Lead" data-testid="chosen">' in html
    assert owner_client.get(page(prop, event="nonsense")).status_code == 200


def test_the_history_has_one_score_a_day_and_is_drawn(
    owner_client: Any, prop: Property, vendor: Vendor
) -> None:
    now = timezone.now()
    for before, score in ((3, 5.1), (2, 5.6), (0, 6.2)):
        with time_machine.travel(now - timedelta(days=before)):
            vendor.answer["web"][0]["event_match_quality"]["composite_score"] = score
            read(owner_client, prop)
    answer = owner_client.get(page(prop))
    assert (
        "Match quality of Purchase, last 30 days: first 5.1, last 6.2 of 10, lowest 5.1."
        in answer.content.decode()
    )
    assert answer.content.decode().count('class="l50"') == 2
    rows = owner_client.get(page(prop, part="history.csv")).content.decode().split()
    assert rows[-1] == f"{now:%Y-%m-%d},1234567890,Purchase,6.2"
    assert len(rows) == 5


def test_without_an_extension_that_offers_it_the_page_says_what_to_install(
    owner_client: Any, prop: Property
) -> None:
    prop.extensions.get(package_name="meta-conversions-api").delete()
    assert offers(prop) == []
    found = words(owner_client, prop)
    assert "No installed extension reads match quality" in found
    assert "Open the catalog" in found


def test_the_configuration_shows_the_scores(owner_client: Any, prop: Property, vendor: Vendor) -> None:
    read(owner_client, prop)
    extension = prop.extensions.get(package_name="meta-conversions-api")
    form = owner_client.get(reverse("properties:extension_edit", args=[prop.uid, extension.uid]))
    summary = reverse("rules:match_quality_summary", args=[prop.uid])
    assert f'{summary}?package=meta-conversions-api"' in form.content.decode()
    found = page_words(owner_client.get(summary, {"package": "meta-conversions-api", "env": "prod"}))
    assert "Purchase 6.2" in found
    assert "View EMQ Score" in found


def test_the_overview_has_a_figure_of_the_event_that_matters_most(
    owner_client: Any, prop: Property, production: Environment, vendor: Vendor
) -> None:
    vendor.answer["web"].append({"event_name": "Lead", "event_match_quality": {"composite_score": 3.4}})
    read(owner_client, prop)
    overview = reverse("rules:overview", args=[prop.uid])
    assert "Match quality" in page_words(owner_client.get(overview, {"env": "prod"}))
    publish(prop, production)
    found = page_words(owner_client.get(overview, {"env": "prod", "part": "figures"}))
    assert "Match quality 6.2 of 10 Purchase, by Meta" in found


def publish(prop: Property, environment: Environment) -> None:
    """An event was received, so that the figures are there."""
    from rules.match_quality_pages.tests.test_estimates import sent

    sent(prop, environment, 0)


def test_the_navigation_has_it_only_where_an_extension_offers_it(owner_client: Any, prop: Property) -> None:
    address, link = reverse("rules:issues", args=[prop.uid]), reverse("rules:match_quality", args=[prop.uid])
    assert f'href="{link}"' in owner_client.get(address).content.decode()
    prop.extensions.filter(package_name="meta-conversions-api").update(enabled=False)
    assert f'href="{link}"' not in owner_client.get(address).content.decode()
