"""Pages that really leave: a conversion whose own click or submit opens the next page, or closes the tab.

The site and a slow event endpoint in front of the real one are servers: a browser that leaves a page breaks
off what it has not sent, which no intercepted request would show.
"""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
import requests
from playwright.sync_api import Browser, BrowserContext, Page

from properties.catalog.registry import FOLDER
from tests.browser.both_sides import VIEW, Document, conversion, event, on, text_of
from tests.browser.conftest import Shop
from tests.product import wait_for
from tests.work import HANG_SECONDS

pytestmark = [pytest.mark.browser, pytest.mark.processes]

STAND_IN = FOLDER / "facebook_pixel/shop/stand_in.js"
# Longer than a shopper stays on the page; the endpoint stores an event before it waits.
ANSWER_SECONDS = 1.5
KEYS = ("value", "currency", "contents")
# The site fills its data layer in its own handler, as sites do.
PAGE = """<!doctype html><meta charset="utf-8"><title>Shop</title><link rel="icon" href="data:,">
<script src="/stand_in.js"></script>
<script>
window.dataLayer = []; dataLayer.meta = {value: 19.9};
function fill() { dataLayer.meta = {value: 99, currency: 'EUR', contents: [{id: 'A-1', quantity: 2}]}; }
document.addEventListener('DOMContentLoaded', () => {
  document.querySelector('a').addEventListener('click', fill);
  document.querySelector('form').addEventListener('submit', fill);
});
</script>
<script src="/library.js" async></script>
<a href="/next" class="buy">Buy</a>
<form action="/next" class="order"><button>Order</button></form>
"""


@dataclass
class LeavingSite:
    """The site and its event endpoint on one port, each under its own name.

    Args:
        upstream: The product.
        library: Text of the library in its pages.
        calls: Events of the browser, as the stand-in for the Pixel sends them.
        exchanges: (path, events, status) of each request to the endpoint.
    """

    upstream: str = ""
    library: str = ""
    calls: list[dict[str, Any]] = field(default_factory=list)
    exchanges: list[tuple[str, list[dict[str, Any]], int]] = field(default_factory=list)

    def start(self) -> None:
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self._server.daemon_threads = True
        self.port = self._server.server_port
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()

    @property
    def url(self) -> str:
        return f"http://shop.localhost:{self.port}/"

    def begin(self, library: str) -> None:
        self.library = library
        self.calls.clear()
        self.exchanges.clear()

    def answer(self, path: str) -> tuple[str, bytes]:
        files = {"/library.js": self.library.encode(), "/stand_in.js": STAND_IN.read_bytes()}
        if path in files:
            return "text/javascript; charset=utf-8", files[path]
        # The next page has no library: what arrives was sent by the page that was left.
        return "text/html; charset=utf-8", PAGE.encode() if path == "/" else b"<title>Next</title>"

    def forward(self, path: str, body: bytes, headers: dict[str, str]) -> requests.Response:
        answer = requests.post(self.upstream + path, data=body, headers=headers, timeout=HANG_SECONDS)
        events = json.loads(body or b"{}").get("events", [])
        self.exchanges.append((path.partition("?")[0], events, answer.status_code))
        time.sleep(ANSWER_SECONDS)
        return answer

    @property
    def server(self) -> dict[str, dict[str, Any]]:
        """Data of the events that the endpoint has stored, by name."""
        stored = [it for _, events, status in list(self.exchanges) if status < 300 for it in events]
        return {it["data"]["event"]: it["data"] for it in stored}

    @property
    def browser(self) -> dict[str, dict[str, Any]]:
        return {it["name"]: it for it in list(self.calls)}


def _handler(site: LeavingSite) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            kind, body = site.answer(self.path.partition("?")[0])
            self.reply(200, {"Content-Type": kind}, body)

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            if self.path == "/calls":
                site.calls.append(json.loads(body))
                self.reply(204, {}, b"")
                return
            kept = ("content-type", "origin", "cookie", "user-agent", "referer")
            headers = {name: value for name, value in self.headers.items() if name.lower() in kept}
            answer = site.forward(self.path, body, headers)
            cors = {k: v for k, v in answer.headers.items() if k.lower().startswith("access-control")}
            kind = answer.headers.get("Content-Type", "application/json")
            self.reply(answer.status_code, {**cors, "Content-Type": kind}, answer.content)

        def reply(self, status: int, headers: dict[str, str], body: bytes) -> None:
            try:
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                if status != 204:
                    self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)
            except OSError:
                pass  # The page that asked is gone.

        def log_message(self, *_: Any) -> None:
            pass

    return Handler


@pytest.fixture(scope="module")
def servers() -> Iterator[LeavingSite]:
    site = LeavingSite()
    site.start()
    yield site
    site.stop()


@pytest.fixture
def site(servers: LeavingSite, shop: Shop) -> LeavingSite:
    """The site, whose events go to a property of the shared product."""
    applied = shop.apply("--publish", "production")
    servers.upstream = shop.product.url
    servers.datastream = applied["environments"]["production"]["datastream_id"]  # type: ignore[attr-defined]
    return servers


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    made = browser.new_context()
    yield made
    made.close()


def library_of(site: LeavingSite, *rules: Document) -> str:
    alloy = {
        "developmentEdgeConfigId": site.datastream,  # type: ignore[attr-defined]
        "edgeDomain": f"data.shop.localhost:{site.port}",
    }
    return text_of(*rules, alloy=alloy)


def bought(kind: str, selector: str, **more: Any) -> Document:
    starts = event(kind, elementSelector=selector, afterPage=True)
    return conversion("Purchase", starts, keys=KEYS, **more)


def opened(context: BrowserContext, site: LeavingSite) -> Page:
    """Open the page as a new visitor; the first answer of the endpoint is still far."""
    page = context.new_page()
    page.goto(site.url)
    wait_for(lambda: "PageView" in site.server, "the first event", HANG_SECONDS)
    return page


def both(site: LeavingSite, name: str) -> tuple[dict[str, Any], dict[str, Any]]:
    try:
        wait_for(lambda: name in site.browser and name in site.server, f"{name} on both sides", 20)
    except AssertionError as error:
        raise AssertionError(f"{error}: {site.calls}, {site.exchanges}") from None
    return site.browser[name], site.server[name]


SENT = {"value": 99, "currency": "EUR", "contents": [{"id": "A-1", "quantity": 2}]}


@pytest.mark.parametrize("way", ["link", "form"])
@pytest.mark.parametrize("beacon", [False, True])
def test_a_new_visitor_who_leaves_at_once_is_counted_on_both_sides(
    site: LeavingSite, context: BrowserContext, way: str, beacon: bool
) -> None:
    kind, selector = ("click", ".buy") if way == "link" else ("submit", ".order")
    site.begin(library_of(site, VIEW, bought(kind, selector, documentUnloading=beacon)))
    page = opened(context, site)
    page.click("a" if way == "link" else "button")
    page.wait_for_url("**/next*")
    browser, server = both(site, "Purchase")
    assert browser["id"] == server["event_id"]
    assert browser["parameters"] == SENT
    assert {key: server[key] for key in KEYS} == SENT
    [(path, _, status)] = [it for it in site.exchanges if it[1] and it[1][0]["data"]["event"] == "Purchase"]
    assert (path, status) == (("/ee/v1/collect", 204) if beacon else ("/ee/v1/interact", 200))


def test_what_is_sent_when_the_tab_closes_arrives(site: LeavingSite, context: BrowserContext) -> None:
    left = conversion("Lead", on("pagehide"), keys=KEYS, documentUnloading=True)
    site.begin(library_of(site, VIEW, left))
    page = opened(context, site)
    page.evaluate("() => fill()")
    page.close(run_before_unload=True)
    browser, server = both(site, "Lead")
    assert browser["id"] == server["event_id"]
    assert browser["parameters"] == SENT


def test_a_click_just_before_the_tab_closes_arrives(site: LeavingSite, context: BrowserContext) -> None:
    site.begin(library_of(site, VIEW, bought("click", ".buy", documentUnloading=True)))
    page = opened(context, site)
    page.evaluate("() => { document.querySelector('a').href = '#'; }")
    page.click("a")
    page.close(run_before_unload=True)
    browser, server = both(site, "Purchase")
    assert (browser["id"], browser["parameters"]) == (server["event_id"], SENT)


def test_without_after_page_a_click_has_the_old_values(site: LeavingSite, context: BrowserContext) -> None:
    """The setting exists for imported rules; Core reads the page before its own handler, as Adobe's does."""
    starts = event("click", elementSelector=".buy", afterPage=False)
    site.begin(library_of(site, VIEW, conversion("Purchase", starts, keys=KEYS)))
    page = opened(context, site)
    page.click("a")
    browser, server = both(site, "Purchase")
    assert browser["parameters"] == {"value": 19.9}
    assert server["value"] == 19.9
