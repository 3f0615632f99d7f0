"""What a visitor decides holds for the Pixel and for the event endpoint, on this page and the next ones."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext

from tests.browser.both_sides import ADD, DECIDE, HANG, PENDING, VIEW, Site, filled, text_of

pytestmark = pytest.mark.browser

ASKS = text_of(VIEW, ADD, *DECIDE, **PENDING)
LATER = """
dataLayer.meta.value = 1; dataLayer.meta.contents[0].id = 'CHANGED';
window.changedAt = new Date().toISOString();
"""


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    made = browser.new_context()
    yield made
    made.close()


def remembers(site: Site, answer: str) -> None:
    """Wait until the browser remembers the visitor's decision."""
    site.wait(lambda: any(it == f"general={answer}" for it in site.cookies.values()))


def test_nobody_is_asked_before_a_yes_and_then_everything_is_sent_as_it_was(context: BrowserContext) -> None:
    site = Site(context, ASKS)
    page = site.open()
    page.wait_for_function("dataLayer.meta.conversionData?.eventId", timeout=HANG)
    view_id = page.evaluate("dataLayer.meta.conversionData.eventId")
    site.now("add")
    page.wait_for_function(f"dataLayer.meta.conversionData.eventId !== '{view_id}'", timeout=HANG)
    page.wait_for_load_state("load")
    assert (site.asked_others, site.cookies) == ([], {})
    page.evaluate(f"() => {{ {LATER} }}")
    site.now("in")
    view, add = site.browser(2)
    data = site.server(2)
    assert [it["event_id"] for it in data] == [view["id"], add["id"]]
    assert [it["event"] for it in data] == ["PageView", "AddToCart"]
    assert add["parameters"] == filled(data[1])
    assert add["parameters"]["contents"] == [{"id": "A-1", "quantity": 2}]
    assert add["parameters"]["value"] == 19.9
    times = [it["xdm"]["timestamp"] for it in site.edge.events]
    assert times == sorted(times)
    assert times[1] < page.evaluate("window.changedAt")
    assert site.shop.errors == []


def test_after_a_no_nothing_is_sent_on_this_page_and_the_next(context: BrowserContext) -> None:
    site = Site(context, ASKS)
    page = site.open()
    site.now("out")
    remembers(site, "out")
    site.now("add")
    page.wait_for_load_state("load")
    assert site.edge.events == []
    assert page.evaluate("() => typeof window.fbq") == "undefined"
    assert [url for url in site.asked_others if "set-consent" not in url] == []
    assert {"_fbp", "_fbc"}.isdisjoint(site.cookies)


def test_a_yes_can_be_taken_back(context: BrowserContext) -> None:
    site = Site(context, ASKS)
    site.open()
    site.now("in")
    site.browser(1)
    site.server(1)
    site.now("out")
    remembers(site, "out")
    site.now("add")
    site.now("in")
    remembers(site, "in")
    site.now("add")
    assert [it["name"] for it in site.browser(2)] == ["PageView", "AddToCart"]
    ids = [it["id"] for it in site.browser(2)]
    assert [it["event_id"] for it in site.server(2)] == ids


def test_the_next_page_remembers_a_yes_for_both_sides(context: BrowserContext) -> None:
    site = Site(context, ASKS)
    site.open()
    site.now("in")
    [first] = site.browser(1)
    site.server(1)
    remembers(site, "in")
    site.open("/next")
    [second] = site.browser(1)
    assert second["id"] != first["id"]
    assert site.server(2)[1]["event_id"] == second["id"]
