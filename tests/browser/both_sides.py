"""A site whose conversions go to the Pixel and to the event endpoint: the rules as Quick Start makes them.

Everything else that a page asks for is refused and noted.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from playwright.sync_api import BrowserContext, Page, Route

from properties.catalog.registry import packages
from rules.publishing.web_library import library
from tests.browser.test_meta_pixel import META, PIXEL, STAND_IN
from tests.browser.test_web_sdk_of_tags import EDGE, SETTINGS, Edge, general
from tests.web_page import WebPage, component, document, element, rule
from tests.work import HANG_SECONDS, hang_limit

HANG = HANG_SECONDS * 1000
# As the pages of most sites: an array of a tag manager, with our object beside its entries.
LAYER = """
window.dataLayer = [];
dataLayer.meta = {value: 19.9, currency: 'EUR', contents: [{id: 'A-1', quantity: 2}]};
"""
# What Meta's Pixel Reference lists for any of the 18.
KEYS = (
    *("value", "currency", "content_ids", "contents", "content_type", "content_name", "content_category"),
    *("num_items", "search_string", "status", "predicted_ltv"),
)
Document = dict[str, Any]


def event(name: str, **settings: Any) -> Document:
    return component(f"core-web::events::{name}", settings)


def on(kind: str) -> Document:
    """Return the event that starts a rule when the page dispatches an event of this kind."""
    return event("custom-event", type=kind)


def conversion(name: str, *events: Document, keys: Iterable[str] = KEYS, **more: Any) -> Document:
    """Return a rule with an ID, the server's event and the Pixel's event, in this order.

    Args:
        more: Further settings of the server's event.
    """
    parameters = {key: f"%{key}%" for key in keys}
    data = {"event": name, "event_id": "%Event ID%", **parameters}
    sends = {"type": f"metaConversion.{name}", "data": data, **more}
    pixel = {"eventName": name, "eventId": "%Event ID%", "parameters": parameters}
    return rule(
        events,
        component("facebook-pixel::actions::generate-event-id", {}, delayNext=True),
        component("adobe-alloy::actions::send-event", sends),
        component("facebook-pixel::actions::send-pixel-event", pixel),
    )


VIEW = conversion("PageView", event("dom-ready"), event("history-change"), keys=())
ADD = conversion("AddToCart", on("add"))
DECIDE = [
    rule([on(answer)], component("adobe-alloy::actions::set-consent", {"consent": general(answer)}))
    for answer in ("in", "out")
]
ELEMENTS = {
    "Event ID": component("facebook-pixel::dataElements::event-id", {}, defaultValue=None),
    **{key: element(f"return (window.dataLayer.meta || {{}}).{key}") for key in KEYS},
}


def text_of(
    *rules: Document,
    pixel: Mapping[str, Any] | None = None,
    alloy: Mapping[str, Any] | None = None,
    **more: Any,
) -> str:
    """Return a library with these rules and settings of the two extensions."""
    extensions = {
        "adobe-alloy": {**SETTINGS, **(alloy or {})},
        "facebook-pixel": {"pixelId": PIXEL, **(pixel or {})},
    }
    return library(document(*rules, elements=ELEMENTS, extensions=extensions, **more), packages())


PENDING = {"pixel": {"defaultConsent": "pending"}, "alloy": {"defaultConsent": "pending"}}


class Site:
    """A site with a library, and what came of its events on both sides."""

    def __init__(self, context: BrowserContext, text: str, edge: Edge | None = None, **more: Any) -> None:
        self.context, self.edge = context, edge or Edge()
        answers = {META: STAND_IN, EDGE: self.edge, **more.pop("answers", {})}
        self.shop = WebPage(context, text, **{"before": LAYER, "answers": answers, **more})

    def open(self, url: str = "/") -> Page:
        self.page = self.shop.open(url)
        self.page.evaluate(
            "() => { window.addEventListener('unhandledrejection', () => { window.unhandled = true; }); }"
        )
        return self.page

    def wait(self, holds: Callable[[], bool]) -> None:
        with hang_limit():
            while not holds():
                self.page.wait_for_timeout(10)

    def now(self, kind: str) -> None:
        self.page.evaluate(f"() => {{ window.dispatchEvent(new CustomEvent('{kind}')); }}")

    def browser(self, count: int) -> list[dict[str, Any]]:
        """Return the events of the Pixel on this page, once there are ``count``."""
        tracked = "(window.sent || []).filter((it) => it[0].startsWith('track'))"
        self.wait(lambda: self.page.evaluate(f"() => {tracked}.length") >= count)
        found = self.page.evaluate(f"() => {tracked}")
        return [{"name": it[2], "parameters": it[3], "id": it[4]["eventID"]} for it in found]

    def server(self, count: int) -> list[dict[str, Any]]:
        """Return the events of the endpoint on all pages, once there are ``count``."""
        self.wait(lambda: len(self.edge.events) >= count)
        return [it["data"] for it in self.edge.events]

    @property
    def cookies(self) -> dict[str, str]:
        return {it["name"]: it["value"] for it in self.context.cookies()}

    @property
    def asked_others(self) -> list[str]:
        """What pages have asked of anybody but the site and the host of its library."""
        shops = ("https://www.shop.example/", "https://data.shop.example/t/")
        return [url for url in self.shop.asked if not url.startswith(shops)]


def blocked(route: Route) -> None:
    """Answer as an ad blocker does."""
    route.abort("blockedbyclient")


def filled(data: Mapping[str, Any]) -> dict[str, Any]:
    """Return the parameters of a server event, as the Pixel sends them: without empty ones."""
    own = ("event", "event_id", "user", "capiCopies")
    return {key: value for key, value in data.items() if key not in own and value not in ("", None)}
