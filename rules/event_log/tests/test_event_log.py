"""The event log: order, pages, filters and new events."""

from __future__ import annotations

import html
import re
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from properties.models import Property
from rules.delivery.work import deliver_due
from rules.event_log import filters, rows
from rules.models import InboundEvent
from tests.pages import page_text

from .conftest import EMAIL, PIXEL, TOKEN, Accept, FakeMeta


def log(prop: Property, query: str = "") -> str:
    return reverse("rules:event_log", args=[prop.uid]) + query


def shown(text: str) -> list[int]:
    """Ids of the rows, from top to bottom."""
    return [int(found) for found in re.findall(r'<tr id="event-(\d+)"', text)]


def live_address(text: str) -> str:
    found = re.search(r'data-live hx-get="([^"]+)"', text)
    assert found
    return html.unescape(found[1])


def test_a_new_property_says_how_to_send_the_first_event(owner_client: Client, prop: Property) -> None:
    page = owner_client.get(log(prop)).content.decode()
    assert "No events yet" in page
    assert reverse("properties:environments", args=[prop.uid]) in page


def test_the_newest_event_is_first_with_state_destination_rule_and_environment(
    owner_client: Client, prop: Property, accept: Accept, delivered: InboundEvent
) -> None:
    newer = accept({"event": "PageView"}, stage="staging")
    page = owner_client.get(log(prop)).content.decode()
    assert shown(page) == [newer.pk, delivered.pk]
    assert "Received" in page
    assert "Delivered" in page
    assert f"Meta Conversions API ({PIXEL})" in page
    assert "Rule Purchase" in page
    assert "Staging" in page
    assert "2 events" in page


@pytest.mark.parametrize(
    ("state", "reason", "label", "words"),
    [
        ("received", "", "Received", ""),
        ("open", "", "Sending", ""),
        ("delivered", "", "Delivered", ""),
        ("no_match", "no_build", "No match", "No build was live in this environment"),
        ("no_match", "conditions_not_met", "No match", "No rule matched"),
        ("dead", "rule_failed", "Not sent", "A rule failed"),
        ("dead", "duplicate", "Duplicate", "The same event had arrived before"),
        ("expired", "expired", "Expired", ""),
        ("erased", "erased", "Erased", ""),
    ],
)
def test_every_state_has_a_badge_and_a_reason_in_words(
    owner_client: Client, prop: Property, accept: Accept, state: str, reason: str, label: str, words: str
) -> None:
    event = accept(state=state, reason=reason)
    page = owner_client.get(log(prop)).content.decode()
    assert f'data-testid="event-state">{label}<' in page
    assert words in page
    detail = owner_client.get(reverse("rules:event_detail", args=[prop.uid, event.pk]))
    assert f'data-testid="event-state">{label}<' in detail.content.decode()


def test_pages_continue_by_key(
    owner_client: Client, prop: Property, accept: Accept, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rows, "PAGE_SIZE", 2)
    events = [accept() for _ in range(5)]
    first = owner_client.get(log(prop)).content.decode()
    assert shown(first) == [events[4].pk, events[3].pk]
    assert f"?before={events[3].pk}" in first
    second = owner_client.get(log(prop, f"?before={events[3].pk}")).content.decode()
    assert shown(second) == [events[2].pk, events[1].pk]
    assert "data-live " not in second
    last = owner_client.get(log(prop, f"?before={events[1].pk}")).content.decode()
    assert shown(last) == [events[0].pk]
    assert 'data-testid="older"' not in last


def test_filters_are_in_the_address(owner_client: Client, prop: Property, accept: Accept) -> None:
    view = accept({"event": "PageView"}, state="no_match")
    cart = accept({"event": "AddToCart", "event_id": "cart-77"}, stage="staging")
    staging = prop.environments.get(stage="staging")
    for query, expected in {
        f"?environment={staging.uid}": [cart.pk],
        "?state=no_match": [view.pk],
        "?name=pagev": [view.pk],
        f"?id={view.pk}": [view.pk],
        "?id=cart-77": [cart.pk],
        "?name=nothing": [],
        "?state=nonsense": [cart.pk, view.pk],
        "?environment=EN0": [],
        "?id=99999999999999999999999&before=x": [],
    }.items():
        page = owner_client.get(log(prop, query)).content.decode()
        assert shown(page) == expected, query
    assert "No matching events" in owner_client.get(log(prop, "?name=nothing")).content.decode()


def test_only_people_who_may_see_bodies_search_in_them(
    reader_client: Client, prop: Property, accept: Accept
) -> None:
    accept({"event": "AddToCart", "event_id": "cart-77"})
    assert shown(reader_client.get(log(prop, "?id=cart-77")).content.decode()) == []


def test_a_search_stops_after_so_many_events_and_can_continue(
    owner_client: Client, prop: Property, accept: Accept, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(filters, "SEARCHED_AT_ONCE", 3)
    old = accept({"event": "Lead"})
    newer = [accept() for _ in range(4)]
    page = owner_client.get(log(prop, "?name=lead")).content.decode()
    assert shown(page) == []
    assert f"?name=lead&amp;before={newer[1].pk}" in page
    assert "Search older events" in page
    assert shown(owner_client.get(log(prop, f"?name=lead&before={newer[1].pk}")).content.decode()) == [old.pk]


def test_counts_are_capped(
    owner_client: Client, prop: Property, accept: Accept, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rows, "MOST_COUNTED", 2)
    for _ in range(3):
        accept()
    assert "More than 2 events" in owner_client.get(log(prop)).content.decode()


def test_nothing_new_is_answered_with_204(owner_client: Client, prop: Property, accept: Accept) -> None:
    accept()
    answer = owner_client.get(live_address(owner_client.get(log(prop)).content.decode()))
    assert (answer.status_code, answer.content) == (204, b"")


def test_an_empty_log_waits_for_its_first_event(owner_client: Client, prop: Property, accept: Accept) -> None:
    address = live_address(owner_client.get(log(prop)).content.decode())
    assert owner_client.get(address).status_code == 204
    event = accept()
    assert shown(owner_client.get(address).content.decode()) == [event.pk]


def test_new_events_come_on_top_and_only_once(owner_client: Client, prop: Property, accept: Accept) -> None:
    accept()
    address = live_address(owner_client.get(log(prop)).content.decode())
    new = [accept({"event": "PageView"}), accept({"event": "Lead"})]
    answer = owner_client.get(address).content.decode()
    assert shown(answer) == [new[1].pk, new[0].pk]
    assert "afterbegin:#event-rows" in answer
    assert "3 events" in answer
    assert owner_client.get(live_address(answer)).status_code == 204


def test_a_row_that_is_not_finished_changes_in_place(
    owner_client: Client, prop: Property, accept: Accept, meta: FakeMeta
) -> None:
    event = accept()
    address = live_address(owner_client.get(log(prop)).content.decode())
    deliver_due()
    answer = page_text(owner_client.get(address))
    assert (
        f'<tr id="event-{event.pk}" data-testid="event-row" data-state="delivered" hx-swap-oob="true"'
        in answer
    )
    assert owner_client.get(live_address(answer)).status_code == 204


def test_an_event_with_a_smaller_id_that_is_committed_late_is_shown(
    owner_client: Client, prop: Property, accept: Accept
) -> None:
    newest = accept()
    address = live_address(owner_client.get(log(prop)).content.decode())
    late = accept(id=newest.pk - 1_000)
    assert shown(owner_client.get(address).content.decode()) == [late.pk]


def test_more_new_events_than_fit_replace_the_list(
    owner_client: Client, prop: Property, accept: Accept, monkeypatch: pytest.MonkeyPatch
) -> None:
    accept()
    address = live_address(owner_client.get(log(prop)).content.decode())
    monkeypatch.setattr("rules.event_log.live.PAGE_SIZE", 2)
    new = [accept() for _ in range(3)]
    answer = owner_client.get(address).content.decode()
    assert "innerHTML:#event-rows" in answer
    assert shown(answer) == [new[2].pk, new[1].pk]


def test_new_events_match_the_filters(owner_client: Client, prop: Property, accept: Accept) -> None:
    address = live_address(owner_client.get(log(prop, "?name=lead")).content.decode())
    accept({"event": "PageView"})
    assert owner_client.get(address).status_code == 204
    lead = accept({"event": "Lead"})
    assert shown(owner_client.get(address).content.decode()) == [lead.pk]


@pytest.mark.parametrize(
    "query",
    [
        "?after=x&watch=y",
        "?watch=-,5,5-zz",
        "?after=-1",
        "?before=%00",
        f"?before={'0' * 20}{'9' * 5_000}",
        f"?watch={'0' * 20}{'9' * 30}-1",
        f"?id={'0' * 20}{'9' * 30}",
    ],
)
def test_odd_cursors_do_no_harm(owner_client: Client, prop: Property, accept: Accept, query: str) -> None:
    accept()
    for name in ("event_log", "event_live"):
        assert owner_client.get(reverse(f"rules:{name}", args=[prop.uid]) + query).status_code in (200, 204)


def test_no_page_holds_a_token_or_an_address_of_a_person(
    owner_client: Client, prop: Property, delivered: InboundEvent
) -> None:
    for name in ("event_log", "overview", "event_live"):
        page = owner_client.get(reverse(f"rules:{name}", args=[prop.uid])).content.decode()
        assert TOKEN not in page
        assert EMAIL not in page


def routes(prop: Property, event: InboundEvent) -> dict[str, tuple[Any, ...]]:
    environment = prop.environments.get(stage="production")
    return {
        "overview": (prop.uid,),
        "event_log": (prop.uid,),
        "event_live": (prop.uid,),
        "event_detail": (prop.uid, event.pk),
        "last_event": (prop.uid, environment.uid),
    }


def test_a_stranger_finds_nothing(stranger_client: Client, prop: Property, accept: Accept) -> None:
    for name, arguments in routes(prop, accept()).items():
        assert stranger_client.get(reverse(f"rules:{name}", args=arguments)).status_code == 404, name


def test_a_visitor_is_asked_to_sign_in(client: Client, prop: Property, accept: Accept) -> None:
    for name, arguments in routes(prop, accept()).items():
        answer = client.get(reverse(f"rules:{name}", args=arguments))
        assert answer.headers["Location"].startswith("/login/"), name


def test_a_reader_sees_every_page(reader_client: Client, prop: Property, accept: Accept) -> None:
    for name, arguments in routes(prop, accept()).items():
        assert reader_client.get(reverse(f"rules:{name}", args=arguments)).status_code == 200, name


def test_an_event_of_another_property_is_not_found(
    owner_client: Client, prop: Property, accept: Accept
) -> None:
    event = accept(property_id=prop.pk + 1)
    address = reverse("rules:event_detail", args=[prop.uid, event.pk])
    assert owner_client.get(address).status_code == 404


def test_an_hour_ago_has_smaller_ids_than_now() -> None:
    now = timezone.now()
    assert InboundEvent.first_id_at(now - timedelta(hours=1)) < InboundEvent.first_id_at(now)
