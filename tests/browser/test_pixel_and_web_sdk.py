"""A conversion in the browser and on the server: one click, one event ID, whatever happens to the Pixel."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Route

from properties.catalog.registry import packages
from rules.publishing.web_library import library
from tests.web_page import WebPage, component, document, element, rule
from tests.work import HANG_SECONDS

pytestmark = pytest.mark.browser

HANG = HANG_SECONDS * 1000
META = "https://connect.facebook.net/en_US/fbevents.js"
EDGE = "https://data.shop.example/ee/v1/"
KEEPS = """
window.sent = [];
fbq.callMethod = (...given) => window.sent.push(given);
fbq.queue.forEach((given) => fbq(...given));
"""
SHOP = """
window.dataLayer = [];
dataLayer.meta = {};
document.addEventListener('DOMContentLoaded', () => {
  document.querySelector('button').addEventListener('click', () => {
    dataLayer.meta = {value: 99, currency: 'EUR', contents: [{id: 'A-1', quantity: 2}], content_name: ''};
  });
});
"""
PARAMETERS = {name: f"%{name}%" for name in ("value", "currency", "contents", "content_name")}
ELEMENTS = {
    "Event ID": component("facebook-pixel::dataElements::event-id", {}, defaultValue=None),
    **{name: element(f"return dataLayer.meta.{name}") for name in PARAMETERS},
}
ADD = rule(
    [component("core-web::events::click", {"elementSelector": ".add-to-cart-button", "afterPage": True})],
    component("facebook-pixel::actions::generate-event-id", {}, delayNext=True),
    component(
        "adobe-alloy::actions::send-event",
        {"type": "add", "data": {"event": "AddToCart", "event_id": "%Event ID%", **PARAMETERS}},
    ),
    component(
        "facebook-pixel::actions::send-pixel-event",
        {"eventName": "AddToCart", "eventId": "%Event ID%", "parameters": PARAMETERS},
    ),
)
EXTENSIONS = {
    "adobe-alloy": {"edgeConfigId": "d-1", "orgId": "A@AdobeOrg", "edgeDomain": "data.shop.example"},
    "facebook-pixel": {"pixelId": "1234567890"},
}


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    made = browser.new_context()
    yield made
    made.close()


def opened(
    context: BrowserContext, before: str = "", sequenced: bool = True
) -> tuple[Page, list[Any], WebPage]:
    events: list[Any] = []

    def answer(route: Route) -> None:
        events.extend(json.loads(route.request.post_data or "{}")["events"])
        headers = {
            "Access-Control-Allow-Origin": "https://www.shop.example",
            "Access-Control-Allow-Credentials": "true",
        }
        route.fulfill(
            body='{"requestId": "r", "handle": []}', headers=headers, content_type="application/json"
        )

    made = library(document(ADD, elements=ELEMENTS, extensions=EXTENSIONS, sequenced=sequenced), packages())
    html = '<button class="add-to-cart-button"><b>Add</b></button>'
    shop = WebPage(context, made, html=html, before=SHOP + before, answers={META: KEEPS, EDGE: answer})
    return shop.open(), events, shop


@pytest.mark.parametrize("sequenced", [True, False])
def test_each_click_is_one_event_on_both_sides_with_the_values_of_its_own_handler(
    context: BrowserContext, sequenced: bool
) -> None:
    page, events, shop = opened(context, sequenced=sequenced)
    page.click("b")
    page.click("b")
    page.wait_for_function(
        "(window.sent || []).filter((it) => it[0] === 'trackSingle').length === 2", timeout=HANG
    )
    while len(events) < 2:
        page.wait_for_timeout(10)
    pixel = page.evaluate("window.sent.filter((it) => it[0] === 'trackSingle')")
    server = sorted((it["data"] for it in events), key=lambda it: str(it["event_id"]))
    assert [it[4]["eventID"] for it in sorted(pixel, key=lambda it: str(it[4]))] == [
        it["event_id"] for it in server
    ]
    assert len({it["event_id"] for it in server}) == 2
    for data in server:
        assert data["capiCopies"] == [["1234567890", "AddToCart", data["event_id"]]]
    sent = {"value": 99, "currency": "EUR", "contents": [{"id": "A-1", "quantity": 2}]}
    own = ("event", "event_id", "capiCopies")
    for data in server:
        filled = {key: it for key, it in data.items() if it != "" and key not in own}
        assert filled == sent
    assert [it[3] for it in pixel] == [sent, sent]
    assert shop.errors == []


def test_a_pixel_that_always_throws_takes_no_server_event_with_it(context: BrowserContext) -> None:
    page, events, shop = opened(context, "window.fbq = () => { throw new Error('no'); };")
    page.click("b")
    while not events:
        page.wait_for_timeout(10)
    assert events[0]["data"]["value"] == 99
    assert shop.errors == []
