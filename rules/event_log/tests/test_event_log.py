"""The event log: order, pages, filters and new events."""

from __future__ import annotations

import html
import re
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from properties.models import Property
from rules.delivery.work import deliver_due
from rules.event_log import counts, rows
from rules.models import InboundEvent
from tests.pages import page_text

from .conftest import EMAIL, PURCHASE, TOKEN, Accept, FakeMeta


def log(prop: Property, query: str = "") -> str:
    return reverse("rules:event_log", args=[prop.uid]) + query


def shown(text: str) -> list[int]:
    """Ids of the rows, from top to bottom."""
    return [int(found) for found in re.findall(r'<tr id="event-(\d+)"', text)]


def live_address(text: str) -> str:
    found = re.search(r'id="live" data-poll hx-get="([^"]+)"', text)
    assert found
    return html.unescape(found[1])


def test_a_new_property_says_how_to_send_the_first_event(owner_client: Client, prop: Property) -> None:
    page = owner_client.get(log(prop)).content.decode()
    assert "Waiting for the first event of Production." in page
    assert "curl -sS -X POST" in page
    assert reverse("properties:environments", args=[prop.uid]) in page


def chip_texts(page: str) -> list[str]:
    """The chips with their counts, such as ``Delivered 1``."""
    found = re.findall(r'data-testid="chip">(.*?)</a>', page, re.DOTALL)
    return [" ".join(re.sub(r"<[^>]*>", " ", chip).split()) for chip in found]


def test_the_newest_event_is_first_with_outcome_value_id_and_rule(
    owner_client: Client, prop: Property, accept: Accept, delivered: InboundEvent
) -> None:
    newer = accept({"event": "PageView"})
    page = page_text(owner_client.get(log(prop)))
    assert shown(page) == [newer.pk, delivered.pk]
    assert chip_texts(page) == ["All 2", "Delivered 1", "Sending 1"]
    row = page[page.index(f'id="event-{delivered.pk}"') :]
    for text in ('data-outcome="delivered"', "9.50", "EUR", "order-1", ">Purchase</a>"):
        assert text in row, text


def test_the_list_shows_one_environment(owner_client: Client, prop: Property, accept: Accept) -> None:
    here, there = accept(), accept(stage="staging")
    staging = prop.environments.get(stage="staging")
    assert shown(owner_client.get(log(prop, "?env=prod")).content.decode()) == [here.pk]
    assert shown(owner_client.get(log(prop, f"?env={staging.uid}")).content.decode()) == [there.pk]
    old_address = log(prop, f"?environment={staging.uid}&state=received")
    assert shown(owner_client.get(old_address, follow=True).content.decode()) == [there.pk]


@pytest.mark.parametrize(
    ("state", "reason", "label", "words"),
    [
        ("received", "", "Sending", ""),
        ("open", "", "Sending", ""),
        ("delivered", "", "Delivered", ""),
        ("no_match", "no_build", "No match", "no build was live"),
        ("no_match", "conditions_not_met", "No match", ""),
        ("dead", "rule_failed", "Not sent", "a rule failed"),
        ("dead", "duplicate", "Duplicate", ""),
        ("expired", "expired", "Not sent", "too old"),
        ("erased", "erased", "Not sent", "property deleted"),
    ],
)
def test_every_state_has_a_word_and_a_reason(
    owner_client: Client, prop: Property, accept: Accept, state: str, reason: str, label: str, words: str
) -> None:
    event = accept(state=state, reason=reason)
    outcome = f'title="{label} {words}"' if words else f'title="{label}"'
    assert outcome in owner_client.get(log(prop)).content.decode()
    page = owner_client.get(reverse("rules:event_detail", args=[prop.uid, event.pk])).content.decode()
    kind = label.lower().replace(" ", "_")
    assert f'data-outcome="{kind}"' in page


def test_pages_continue_by_key(
    owner_client: Client, prop: Property, accept: Accept, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rows, "PAGE_SIZE", 2)
    events = [accept() for _ in range(5)]
    first = owner_client.get(log(prop)).content.decode()
    assert shown(first) == [events[4].pk, events[3].pk]
    assert f"before={events[3].pk}" in first
    second = owner_client.get(log(prop, f"?before={events[3].pk}")).content.decode()
    assert shown(second) == [events[2].pk, events[1].pk]
    assert 'id="live"' not in second
    last = owner_client.get(log(prop, f"?before={events[1].pk}")).content.decode()
    assert shown(last) == [events[0].pk]
    assert 'data-testid="older"' not in last


def test_filters_are_in_the_address(
    owner_client: Client, prop: Property, accept: Accept, meta: FakeMeta
) -> None:
    view = accept({"event": "PageView"})
    cart = accept({"event": "AddToCart"})
    deliver_due()
    for query, expected in {
        "?result=no_match": [cart.pk, view.pk],
        "?result=refused": [],
        "?state=no_match": [cart.pk, view.pk],
        "?q=pagev": [view.pk],
        "?name=pagev": [view.pk],
        f"?id={view.pk}": [view.pk],
        "?q=nothing": [],
        "?state=nonsense": [cart.pk, view.pk],
        "?result=nonsense&range=2y&since=never&test=no+code&cause=x": [cart.pk, view.pk],
        "?range=1h": [cart.pk, view.pk],
        "?until=2020-01-01": [],
        "?id=99999999999999999999999&before=x": [],
    }.items():
        page = owner_client.get(log(prop, query)).content.decode()
        assert shown(page) == expected, query


def test_an_empty_list_says_what_was_looked_for_and_where_there_is_some(
    owner_client: Client, prop: Property, accept: Accept
) -> None:
    """Source: docs/states.md, "What the states mean"; the text follows row 16 of the copy rules."""
    accept(id=InboundEvent.first_id_at(timezone.now() - timedelta(hours=5)))
    page = page_text(owner_client.get(log(prop, "?range=1h")))
    assert "No event in the last hour. 1 in the last 24 h." in page
    assert "range=24h" in page
    assert "No event with “nothing”." in page_text(owner_client.get(log(prop, "?q=nothing")))
    assert "No event that is Refused in the last 24 h." in page_text(
        owner_client.get(log(prop, "?result=refused"))
    )


def test_counts_are_capped(
    owner_client: Client, prop: Property, accept: Accept, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(counts, "MOST_COUNTED", 2)
    for _ in range(3):
        accept()
    assert "2+" in chip_texts(owner_client.get(log(prop)).content.decode())[0]


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
    assert chip_texts(answer)[0] == "All 3"
    assert owner_client.get(live_address(answer)).status_code == 204


def test_while_somebody_reads_new_events_are_only_counted(
    owner_client: Client, prop: Property, accept: Accept
) -> None:
    accept()
    address = live_address(owner_client.get(log(prop)).content.decode())
    new = accept()
    held = owner_client.get(f"{address}&held=1").content.decode()
    assert "1 new" in page_text_of(held)
    assert shown(held) == []
    assert shown(owner_client.get(live_address(held)).content.decode()) == [new.pk]


def page_text_of(text: str) -> str:
    return " ".join(text.split())


def test_a_row_that_is_not_finished_changes_in_place(
    owner_client: Client, prop: Property, accept: Accept, meta: FakeMeta
) -> None:
    event = accept()
    address = live_address(owner_client.get(log(prop)).content.decode())
    deliver_due()
    answer = page_text(owner_client.get(address))
    row = answer[answer.index(f'<tr id="event-{event.pk}"') :].partition(">")[0]
    assert 'data-outcome="delivered"' in row
    assert 'hx-swap-oob="true"' in row
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


def queries_of(client: Client, address: str) -> int:
    """The fewest queries of three requests: some of them also note that the person is there."""
    counts = []
    for _ in range(3):
        with CaptureQueriesContext(connection) as captured:
            assert client.get(address).status_code == 200
        counts.append(len(captured))
    return min(counts)


def test_list_and_drawer_need_as_many_queries_for_one_event_as_for_many(
    owner_client: Client, prop: Property, accept: Accept, meta: FakeMeta
) -> None:
    first = accept()
    deliver_due()
    addresses = (log(prop, "?range=24h"), log(prop, f"?event={first.pk}"))
    before = [queries_of(owner_client, address) for address in addresses]
    for number in range(5):
        accept({"event": "PageView", "number": number})
        accept(PURCHASE | {"event_id": f"order-{number + 5}"})
    deliver_due()
    assert [queries_of(owner_client, address) for address in addresses] == before
