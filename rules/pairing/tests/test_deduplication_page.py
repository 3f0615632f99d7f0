"""The page *Deduplication*: what it finds in events as they arrive, what to change, and its empty states."""

from __future__ import annotations

from dataclasses import asdict
from datetime import timedelta

import pytest
from django.db import connection
from django.template.loader import render_to_string
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from properties.catalog.match_quality import DuplicateKey, EventQuality, Share
from properties.models import Property
from rules.event_log.tests.conftest import EMAIL, PIXEL
from rules.models import MatchQualityReading, RuleComponent
from rules.pairing.feedback import KeyFeedback
from rules.pairing.page import page_parts
from tests.pages import page_text, page_words

from .conftest import FBP, Receive


def words_of(client: Client, page: str, **query: str) -> str:
    answer = client.get(page, {"env": "prod", **query})
    assert answer.status_code == 200
    return page_words(answer)


def test_without_events_it_says_what_it_will_compare(owner_client: Client, page: str) -> None:
    assert "No copies in Production in this time." in words_of(owner_client, page)


def test_pairs_that_fit_leave_nothing_to_do(owner_client: Client, page: str, from_page: Receive) -> None:
    from_page("order-1")
    from_page("order-2")
    words = words_of(owner_client, page)
    assert "Every copy has its partner." in words
    assert "What to change" not in words


def test_events_of_servers_alone_are_no_fault_and_the_page_says_what_is_unknown(
    owner_client: Client, page: str, receive: Receive
) -> None:
    receive("order-1")
    words = words_of(owner_client, page)
    assert "Copies from the page are unknown here." in words
    assert "Servers only" in words
    assert "What to change" not in words


def test_a_fault_has_a_sentence_an_example_and_the_field_to_change(
    owner_client: Client, page: str, from_page: Receive, prop: Property
) -> None:
    from_page("order-1")
    event = from_page("order-2", "ORDER-2")
    text = page_text(owner_client.get(page, {"env": "prod"}))
    assert "Purchase: page and server write the ID in different letter case" in text
    assert "50 % of Purchase is counted twice: 1 of 2." in text
    assert reverse("rules:event_detail", args=[prop.uid, event.pk]) in text
    action = RuleComponent.objects.get(rule__prop=prop, kind="actions")
    form = reverse("rules:component_edit", args=[prop.uid, action.rule.uid, action.uid])
    assert f"{form}?event={event.pk}#id_eventId" in text


def test_events_of_a_page_and_of_the_shops_server_make_pairs(
    owner_client: Client, page: str, receive: Receive
) -> None:
    """Neither has a mark: both reach this property, as Adobe's customers send them."""
    receive("order-1", origin="https://shop.example")
    receive("order-1")
    words = words_of(owner_client, page)
    assert "Every copy has its partner." in words
    assert "unknown here" not in words


def test_each_side_with_its_own_id_is_found_by_the_event_that_told_of_both(
    owner_client: Client, page: str, from_page: Receive
) -> None:
    from_page("server-1", "browser-1")
    words = words_of(owner_client, page)
    assert "Purchase: page and server each make their own ID" in words
    # The rule sends Meta no fbp, by which it could still pair them.
    assert "1 counted twice" in words


def test_a_test_of_the_last_week_does_not_show_in_the_last_day(
    owner_client: Client, page: str, from_page: Receive
) -> None:
    from_page("order-1", "ORDER-1", at=timezone.now() - timedelta(days=3))
    assert "No copies in Production in this time." in words_of(owner_client, page)
    assert "different letter case" in words_of(owner_client, page, range="7d")


def test_it_shows_no_id_and_no_customer_data(owner_client: Client, page: str, from_page: Receive) -> None:
    from_page("order-2", "ORDER-2")
    text = page_text(owner_client.get(page, {"env": "prod"})).lower()
    assert not any(it in text for it in ("order-2", EMAIL, FBP))


def test_more_copies_cost_no_more_queries(owner_client: Client, page: str, from_page: Receive) -> None:
    counts: list[int] = []
    owner_client.get(page, {"env": "prod"})
    for number in range(1, 7):
        from_page(f"order-{number}", f"ORDER-{number}")
        if number in (2, 6):
            with CaptureQueriesContext(connection) as captured:
                owner_client.get(page, {"env": "prod"})
            counts.append(len(captured))
    assert counts[0] == counts[1]


def test_a_property_that_sends_nothing_that_a_page_sends_says_so(
    owner_client: Client, page: str, prop: Property
) -> None:
    prop.extensions.filter(package_name="meta-conversions-api").update(enabled=False)
    assert "Nothing to pair." in words_of(owner_client, page)


@pytest.mark.parametrize("given", [True, False])
def test_the_vendors_figures_stand_beside_ours_if_they_are_known(
    prop: Property, from_page: Receive, given: bool
) -> None:
    from_page("order-1")
    now, environment = timezone.now(), prop.environments.get(stage="production")
    feedback = [KeyFeedback("Purchase", "event_id", 71, 100, 60)] if given else []
    parts = page_parts(prop, environment, now - timedelta(days=1), now, Property.objects.all(), feedback)
    assert bool(parts["compared"]) is given
    if given:
        text = render_to_string("pairing/compared.html", parts)
        assert "Code outside your library sends Purchase to the pixel without event_id." in text


def test_figures_that_the_vendor_gave_for_match_quality_stand_beside_ours(
    owner_client: Client, page: str, prop: Property, from_page: Receive
) -> None:
    from_page("order-1")
    assert "Beside the figures of Meta" not in words_of(owner_client, page)
    key = DuplicateKey("event_id", Share(71.0), Share(100.0), Share(60.0))
    MatchQualityReading.objects.create(
        environment=prop.environments.get(stage="production"),
        package_name="meta-conversions-api",
        destination=PIXEL,
        day=timezone.now().date(),
        read_at=timezone.now(),
        events=[asdict(EventQuality("Purchase", duplicate_keys=[key]))],
        figures={"Purchase": {"score": None, "shares": {}}},
    )
    said = words_of(owner_client, page)
    assert "Purchase · event_id Page has it 100 % 71 %" in said
    assert "Code outside your library sends Purchase to the pixel without event_id." in said


def test_the_overview_says_what_is_counted_twice_and_nothing_else(
    owner_client: Client, page: str, from_page: Receive, prop: Property
) -> None:
    from_page("order-1")
    overview = page_text(owner_client.get(reverse("rules:overview", args=[prop.uid]), {"env": "prod"}))
    assert f'hx-get="{page}?part=short' in overview
    assert words_of(owner_client, page, part="short") == ""
    from_page("order-2", "ORDER-2")
    assert "50 % of Purchase is counted twice: 1 of 2." in words_of(owner_client, page, part="short")
