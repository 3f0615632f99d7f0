"""A validation on the real site: each line is right on a good page, and says what is wrong on a bad one."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import count
from typing import Any
from urllib.parse import urlsplit

import pytest
import requests
from playwright.sync_api import Browser, BrowserContext, Page, Playwright

from properties.catalog.registry import packages
from rules.publishing.web_library import library
from tests.product import Product, wait_for
from tests.web_page import WebPage, component, document, rule
from tests.work import HANG_SECONDS

from .conftest import QUIET, Shop, post, signed_in
from .tls_proxy import TlsProxy

pytestmark = [pytest.mark.browser, pytest.mark.processes]

SITE, EDGE = "www.shop.example", "data.shop.example"
TOKEN = "0123456789abcdef0123456789abcdef"
# In the place of Meta's file: it takes the commands that wait, and asks for an image of each event.
FBEVENTS = """
fbq.callMethod = (verb, ...given) => {
  if (!/^track/.test(verb)) return;
  const single = /^trackSingle/.test(verb);
  const [name, , options] = single ? given.slice(1) : given;
  new Image().src = 'https://www.facebook.com/tr?' + new URLSearchParams(
    {id: PIXEL, ev: name, ...(options && options.eventID ? {eid: options.eventID} : {})});
};
fbq.queue.splice(0).forEach((given) => fbq.callMethod(...given));
"""
GOOD = "window.dataLayer = {meta: {}};"
FILLS = """addEventListener('click', () => {
  window.dataLayer.meta = {value: Math.random(), currency: 'EUR', content_ids: ['A-1']};
});"""
SAME = "window.dataLayer = {meta: {value: 99, currency: 'EUR', content_ids: ['A-1']}};"


def sends(event: str) -> str:
    return f"addEventListener('load', () => dispatchEvent(new CustomEvent('{event}')));"


@dataclass(frozen=True)
class Fault:
    """A page with something wrong, and what the validation says then.

    Args:
        check: The line that turns red, and words of it.
        before: JavaScript before the library.
        policy: Its Content Security Policy.
        clicks: How often the visitor clicks on the button.
    """

    check: str
    says: str
    before: str = GOOD
    policy: str = ""
    clicks: int = 0
    library: str = "library"


FAULTS = {
    "no-layer": Fault("data-layer", "There is no object at", ""),
    "list": Fault("data-layer", "is a list", "window.dataLayer = {meta: []};"),
    "gone": Fault(
        "data-layer",
        "gone after loading",
        GOOD + "document.addEventListener('readystatechange', () => {"
        "if (document.readyState === 'complete') window.dataLayer = [];});",
    ),
    "late": Fault(
        "data-layer",
        "came only after DOM ready",
        "document.addEventListener('readystatechange', () => {"
        "if (document.readyState === 'complete') window.dataLayer = {meta: {}};});",
    ),
    "blocked": Fault(
        "pixel",
        "did not run within five seconds",
        GOOD,
        f"script-src 'unsafe-inline' https://{EDGE}; connect-src https://{EDGE}",
    ),
    "policy": Fault(
        "policy",
        "connect.facebook.net",
        GOOD,
        f"script-src 'unsafe-inline' https://{EDGE}; connect-src https://{EDGE}",
    ),
    "base-code": Fault(
        "pixel-once",
        "base code of its own",
        GOOD + "window.fbq = (...given) => window.fbq.queue.push(given); window.fbq.queue = [];",
    ),
    "twice": Fault(
        "pixel-once",
        "set up 2 times",
        GOOD + "const again = setInterval(() => {"
        "if (window.fbq) { clearInterval(again); fbq('init', PIXEL); } }, 20);",
    ),
    "foreign": Fault(
        "pixel-once",
        "PageView, without an event ID of ours",
        GOOD + "const track = setInterval(() => {"
        "if (window.fbq) { clearInterval(track); fbq('track', 'PageView'); } }, 20);",
    ),
    "engine": Fault("engine", "_satellite", GOOD + "window._satellite = {track() {}};"),
    "alloy": Fault("own-sdk", "Web SDK of its own", GOOD + "window.alloy = () => Promise.resolve({});"),
    "out": Fault("consent", "refused", GOOD + "window.choice = 'out';"),
    "no-cookies": Fault(
        "identity",
        "keeps no identity",
        GOOD + "Object.defineProperty(document, 'cookie', {get: () => '', set() {}});",
    ),
    "no-browser-id": Fault(
        "cookies",
        "_fbp",
        GOOD + "Object.defineProperty(document, 'cookie', {get: () => '', set() {}});",
    ),
    "stale": Fault("stale-data", "AddToCart", SAME, clicks=2),
    "names": Fault("pairs", "Lead is AddToCart at the server", SAME + sends("names")),
    "no-id": Fault("pairs", "no event ID", SAME + sends("no-id")),
    "alone": Fault("pairs", "Missing: Contact", GOOD + sends("alone")),
    "refused": Fault("server", "not delivered", GOOD + sends("refused")),
    "broken": Fault("rules", "Broken", GOOD + sends("broken")),
    "older": Fault("build", "older build", GOOD, library="older"),
    "other": Fault("build", "another environment", GOOD, library="other"),
}
PAGES = {
    **FAULTS,
    "good": Fault("", "", GOOD + FILLS),
    "pending": Fault("", "", GOOD + "window.choice = '';"),
    "left": Fault("", "", GOOD),
}


def named(delegate: str, settings: dict[str, Any] | None = None, **more: Any) -> dict[str, Any]:
    return {"delegate": delegate, "settings": settings or {}, **more}


NEW_ID = named("facebook-pixel::actions::generate-event-id", delay_next=True)
ID = "%Event ID%"


def to_server(event: str, event_id: str = ID) -> dict[str, Any]:
    data = {"event": event, "event_id": event_id, "value": "%Value%", "currency": "%Currency%"}
    settings = {"type": f"metaConversion.{event}", "data": {**data, "content_ids": "%Content IDs%"}}
    return named("adobe-alloy::actions::send-event", settings)


def to_pixel(event: str, event_id: str = ID) -> dict[str, Any]:
    settings = {"eventName": event, "eventId": event_id, "parameters": {}}
    return named("facebook-pixel::actions::send-pixel-event", settings)


def when(event: str) -> dict[str, Any]:
    return named("core-web::events::custom-event", {"type": event})


def a_rule(name: str, event: dict[str, Any], *actions: dict[str, Any]) -> dict[str, Any]:
    return {"name": name, "events": [event], "conditions": [], "actions": list(actions)}


def variable(name: str, path: str, **more: Any) -> dict[str, Any]:
    return {"name": name, **named("core-web::dataElements::javascript-variable", {"path": path}), **more}


def tags_document(shop: Shop) -> dict[str, Any]:
    click = named("core-web::events::click", {"elementSelector": ".add-to-cart-button", "afterPage": True})
    rejects = {"source": "return Promise.reject(new Error('broken'));"}
    fails = named("core-web::actions::custom-code", rejects, delay_next=True)
    consent = {"defaultConsent": "%Consent%"}
    return {
        "format": "capi-admin/property/v1",
        "property": {"name": f"{shop.name} tags", "platform": "web", "domains": ["shop.example"]},
        "extensions": [
            {"package": "core-web", "settings": {}},
            {
                "package": "adobe-alloy",
                "settings": {"forwardingProperty": shop.name, "edgeDomain": EDGE, **consent},
            },
            {"package": "facebook-pixel", "settings": {"pixelId": shop.pixel, **consent}},
        ],
        "data_elements": [
            {"name": "Event ID", **named("facebook-pixel::dataElements::event-id")},
            variable("Consent", "choice", default_value="in"),
            variable("Value", "dataLayer.meta.value"),
            variable("Currency", "dataLayer.meta.currency"),
            variable("Content IDs", "dataLayer.meta.content_ids"),
        ],
        "rules": [
            a_rule(
                "View",
                named("core-web::events::dom-ready"),
                NEW_ID,
                to_server("PageView"),
                to_pixel("PageView"),
            ),
            a_rule("Add", click, NEW_ID, to_server("AddToCart"), to_pixel("AddToCart")),
            a_rule("Names", when("names"), NEW_ID, to_server("AddToCart"), to_pixel("Lead")),
            a_rule("No ID", when("no-id"), to_pixel("Lead", "")),
            a_rule("Alone", when("alone"), NEW_ID, to_pixel("Contact")),
            a_rule("Refused", when("refused"), to_server("Purchase", "purchase-1")),
            a_rule("Broken", when("broken"), fails),
        ],
    }


def page_text(page: Fault, pixel: str) -> str:
    policy = f'<meta http-equiv="Content-Security-Policy" content="{page.policy}">' if page.policy else ""
    script = page.before.replace("PIXEL", f"'{pixel}'")
    return (
        f'<!doctype html><meta charset="utf-8"><title>Shop</title><link rel="icon" href="data:,">{policy}'
        f'<script>{script}</script><script src="https://{EDGE}/lib/{page.library}.js" async></script>'
        '<button class="add-to-cart-button">Add</button>'
    )


@dataclass
class Validated:
    """The validations of one property, started and read by its pages.

    Args:
        sessions: Name of a page → id of its session.
        tabs: Name of a page → where it is open.
    """

    product: Product
    browser: Browser
    proxy: TlsProxy
    url: str
    http: requests.Session
    sessions: dict[str, str] = field(default_factory=dict)
    tabs: dict[str, Page] = field(default_factory=dict)
    errors: dict[str, list[str]] = field(default_factory=dict)

    def open(self, name: str) -> Page:
        """Start a validation at a page, and open the address that the product gives, in a new browser."""
        post(self.http, f"{self.url}validation/start/", {"page": f"https://{SITE}/{name}"})
        shown = self.http.get(f"{self.url}validation/").text
        [address] = re.findall(rf'href="(https://{SITE}/{name}\?capi_validate=[0-9a-f]+)"', shown)
        [self.sessions[name]] = re.findall(r"results/\?session=(\d+)", shown)
        tab = self.browser.new_context(ignore_https_errors=True).new_page()
        said: list[str] = []
        tab.on("pageerror", lambda error: said.append(str(error)))
        tab.goto(address)
        for _ in range(PAGES[name].clicks):
            tab.click("button")
        self.tabs[name], self.errors[name] = tab, said
        return tab

    def results(self, name: str) -> str:
        answer = self.http.get(f"{self.url}validation/results/?session={self.sessions[name]}")
        answer.raise_for_status()
        return answer.text

    def lines(self, name: str) -> dict[str, tuple[str, str]]:
        """Name of each line → its state and its text."""
        found = re.findall(
            r'data-check="([^"]+)" data-state="([^"]+)">(.*?)</li>', self.results(name), re.DOTALL
        )
        return {
            check: (state, " ".join(re.sub("<[^>]+>", " ", text).split())) for check, state, text in found
        }


_numbers = count(500)


def live_text(url: str) -> str:
    """The library of Development once it is live; else ""."""
    text = requests.get(url, timeout=HANG_SECONDS).text
    return text if "capi_validate" in text else ""


@pytest.fixture(scope="module")
def site(
    shared: tuple[Product, Any],
    playwright: Playwright,
    chromium: str,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Validated]:
    """A published property, and every page of this module open in a browser of its own."""
    shop = Shop(*shared, number=next(_numbers))
    shop.apply("--publish", "development")
    made = shop.product.apply(tags_document(shop), "--publish", "development")
    environment = made["environments"]["development"]
    library_path = urlsplit(environment["library_url"]).path
    text = wait_for(lambda: live_text(shop.product.url + library_path), "the library", HANG_SECONDS)
    content = re.findall(r"content\W{1,5}([0-9a-f]{64})", text)[0]
    files = {f"/{name}": ("text/html", page_text(page, shop.pixel).encode()) for name, page in PAGES.items()}
    libraries = {
        "library": text,
        "older": text.replace(content, "0" * 64),
        "other": text.replace(environment["environment_id"], "EN" + "0" * 32),
    }
    files |= {f"/lib/{name}.js": ("text/javascript", it.encode()) for name, it in libraries.items()}
    files["/en_US/fbevents.js"] = ("text/javascript", FBEVENTS.replace("PIXEL", f"'{shop.pixel}'").encode())
    proxy = TlsProxy(shop.product.url, tmp_path_factory.mktemp("tls"), (SITE, EDGE), files, keeps_alive=False)
    rules = f"--host-resolver-rules=MAP *:443 127.0.0.1:{proxy.port}"
    browser = playwright.chromium.launch(
        executable_path=chromium, args=[*QUIET, rules, "--ignore-certificate-errors"]
    )
    url = f"{shop.product.url}/p/{made['property_id']}/"
    found = Validated(shop.product, browser, proxy, url, signed_in(shop.product))
    for name in PAGES:
        found.open(name)
    yield found
    browser.close()
    proxy.stop()


def test_every_line_is_right_on_a_good_page(site: Validated) -> None:
    site.tabs["good"].click("button")

    def all_right() -> bool:
        lines = site.lines("good")
        return {state for state, _ in lines.values()} == {"ok"} and "2 of 2" in lines["pairs"][1]

    try:
        wait_for(all_right, "every line to be right", HANG_SECONDS)
    except AssertionError:
        raise AssertionError(site.lines("good")) from None
    lines = site.lines("good")
    assert list(lines) == [
        *("library", "build", "engine", "policy", "rules", "consent", "identity", "own-sdk"),
        *("data-layer", "pixel", "pixel-once", "cookies", "stale-data", "server", "pairs"),
    ]
    assert f"Last seen on {SITE}/good." in lines["library"][1]
    assert "capi_validate" not in lines["library"][1]
    assert site.errors["good"] == []
    # The report is no event: the list has what the shop sent, once each.
    events = re.findall(
        r'data-testid="validation-event".*?<a href="[^"]+">([^<]+)</a>', site.results("good"), re.DOTALL
    )
    assert events == ["AddToCart", "PageView"]


@pytest.mark.parametrize("name", FAULTS)
def test_a_fault_turns_its_line_red_and_says_what_to_do(site: Validated, name: str) -> None:
    fault = FAULTS[name]

    def is_red() -> bool:
        state, text = site.lines(name)[fault.check]
        return state == "failed" and fault.says in text

    try:
        wait_for(is_red, "a red line", HANG_SECONDS)
    except AssertionError:
        raise AssertionError(site.lines(name)) from None
    assert site.errors[name] == []


def test_while_consent_is_pending_only_the_report_leaves_the_page(site: Validated) -> None:
    wait_for(lambda: site.lines("pending")["library"][0] == "ok", "the report", HANG_SECONDS)
    lines = site.lines("pending")
    assert lines["consent"][0] == "open"
    assert "Agree there" in lines["consent"][1]
    assert lines["pixel"][0] == lines["cookies"][0] == lines["server"][0] == "open"
    assert site.tabs["pending"].context.cookies() == []
    token = re.findall(r"capi_validate=([0-9a-f]{32})", site.results("pending"))[0]
    sent = [json.loads(it["body"]) for it in site.proxy.exchanges if token in it["body"]]
    assert {event["xdm"]["eventType"] for body in sent for event in body["events"]} == {"validation.report"}


def test_the_session_lasts_from_page_to_page(site: Validated) -> None:
    tab = site.tabs["left"]
    tab.goto(f"https://{SITE}/pending")
    wait_for(lambda: f"{SITE}/pending" in site.lines("left")["library"][1], "the next page", HANG_SECONDS)


def test_the_link_shows_the_events_of_this_validation_alone(site: Validated) -> None:
    link = re.findall(r'href="([^"]+)"\s+data-testid="validation-log"', site.results("stale"))[0]
    log = site.product.url + link.replace("&amp;", "&")

    def rows() -> int:
        return site.http.get(log).text.count('data-testid="event-row"')

    wait_for(lambda: rows() == 3, "a view and two clicks", HANG_SECONDS)


# Only the library of Development may report.


@pytest.mark.parametrize("stage", ["staging", "production"])
def test_other_libraries_hold_nothing_of_it_and_report_nothing(browser: Browser, stage: str) -> None:
    view = rule(
        [component("core-web::events::dom-ready")],
        component("facebook-pixel::actions::generate-event-id", {}, delayNext=True),
        component("adobe-alloy::actions::send-event", {"type": "view", "data": {"event": "PageView"}}),
        component("facebook-pixel::actions::send-pixel-event", {"eventName": "PageView"}),
    )
    extensions = {
        "adobe-alloy": {"edgeConfigId": "d-1", "orgId": "A@AdobeOrg", "edgeDomain": EDGE},
        "facebook-pixel": {"pixelId": "1234567890"},
    }
    made = library(document(view, extensions=extensions, stage=stage), packages())
    assert "capi_validate" not in made
    assert "validation" not in made
    bodies: list[str] = []

    def answer(route: Any) -> None:
        bodies.append(route.request.post_data or "")
        headers = {
            "Access-Control-Allow-Origin": f"https://{SITE}",
            "Access-Control-Allow-Credentials": "true",
        }
        body = '{"requestId": "r", "handle": []}'
        route.fulfill(body=body, headers=headers, content_type="application/json")

    context: BrowserContext = browser.new_context()
    shop = WebPage(context, made, before=GOOD, answers={f"https://{EDGE}/": answer, "https://connect.": ""})
    page = shop.open(f"/?capi_validate={TOKEN}")
    page.wait_for_load_state("load")
    while not bodies:
        page.wait_for_timeout(10)
    page.wait_for_timeout(1500)  # Reports are looked for once a second.
    assert len(bodies) == 1
    assert "validation" not in json.loads(bodies[0])["events"][0]["data"]
    assert page.evaluate("sessionStorage.length") == 0
    context.close()
