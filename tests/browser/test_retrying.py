"""Failed events are sent again by hand: chosen in the log, counted, watched; their past stays."""

from __future__ import annotations

from typing import Any

import pytest
import requests
from playwright.sync_api import Page, expect

from rules.event_log.tests.conftest import DOCUMENT, PURCHASE
from tests.browser.pictures import picture
from tests.browser.test_journey import sign_in
from tests.product import Product, wait_for
from tests.work import HANG_SECONDS

pytestmark = [pytest.mark.browser, pytest.mark.processes]


@pytest.fixture
def page(launch: Any) -> Page:
    found: Page = launch().new_page(viewport={"width": 1280, "height": 900})
    found.set_default_timeout(HANG_SECONDS * 1000)
    return found


def send(product: Product, datastream: str, number: int) -> None:
    event = {"xdm": {"eventType": "Purchase"}, "data": {**PURCHASE, "event_id": f"order-{number}"}}
    where = f"{product.url}/ee/v2/collect?datastreamId={datastream}"
    answer = requests.post(where, json={"events": [event]}, timeout=HANG_SECONDS)
    assert answer.status_code == 202, answer.text


def refuse(product: Product, graph: Any, datastream: str, count: int) -> None:
    """Refuse events one after the other, as in real life: together they would look like a wrong setup."""
    for number in range(count):
        requests.post(f"{graph.url}/_simulator/faults", json={"kind": "invalid"}, timeout=HANG_SECONDS)
        send(product, datastream, number)
        wait_for(lambda done=number + 1: product.ledger()["dead"] == done, "Meta to refuse it")


def test_refused_events_are_chosen_counted_and_sent_again(page: Page, product: Product, graph: Any) -> None:
    made = product.apply(DOCUMENT, "--publish", "production")
    refuse(product, graph, made["environments"]["production"]["datastream_id"], 3)
    sign_in(page, product)
    page.goto(f"{product.url}/p/{made['property_id']}/")
    expect(page.get_by_test_id("issue")).to_have_count(1)
    picture(page, "overview")
    page.goto(f"{product.url}/p/{made['property_id']}/events/")
    picture(page, "log")
    page.get_by_test_id("pick").nth(0).check()
    page.get_by_test_id("pick").nth(1).check()
    expect(page.get_by_test_id("bulk")).to_contain_text("2 selected", use_inner_text=True)
    page.get_by_test_id("bulk-retry").click()
    expect(page.get_by_test_id("count-current")).to_have_text("2 of 2 events can be sent again.")
    picture(page, "confirm")
    page.get_by_test_id("start-replay").click()
    picture(page, "running")
    # The page asks by itself until all have ended.
    expect(page.get_by_test_id("replay")).to_have_attribute("data-state", "done")
    expect(page.get_by_test_id("replay")).to_contain_text("Delivered")
    picture(page, "done")
    page.get_by_test_id("replay-events").click()
    expect(page.get_by_test_id("event-row")).to_have_count(2)
    page.get_by_test_id("event-row").first.get_by_role("link").first.click()
    page.get_by_test_id("drawer").get_by_role("link", name="History").click()
    page.get_by_test_id("earlier-run").locator("summary").first.click()
    expect(page.get_by_test_id("earlier")).to_contain_text("Refused by Meta Conversions API")
    picture(page, "event")
    sent = [event["event_id"] for it in graph.requests for event in it["body"]["data"]]
    assert sorted(sent) == ["order-0", "order-1", "order-1", "order-2", "order-2"]
    assert product.ledger()["balanced"]
    page.goto(f"{product.url}/p/{made['property_id']}/events/?result=refused")
    page.get_by_test_id("event-row").get_by_role("link").first.click()
    page.get_by_test_id("drawer").get_by_test_id("retry").click()
    expect(page.get_by_test_id("count-original")).to_have_text("1 of 1 event can be sent again.")
