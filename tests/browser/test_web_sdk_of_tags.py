"""What the Web SDK extension sends, with a stand-in for the event endpoint on a host of the site's domain."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Route

from properties.catalog.registry import packages
from rules.publishing.web_library import library
from tests.web_page import SITE, WebPage, code, component, document, element, rule
from tests.work import HANG_SECONDS

pytestmark = pytest.mark.browser

HANG = HANG_SECONDS * 1000
EDGE = "https://data.shop.example/ee/v1/"
ORG = "5BFE274A5F6980A50A495C08@AdobeOrg"
SETTINGS = {
    "developmentEdgeConfigId": "d-dev",
    "edgeConfigId": "d-prod",
    "orgId": ORG,
    "edgeDomain": "data.shop.example",
}
COOKIE = "kndctr_5BFE274A5F6980A50A495C08_AdobeOrg_"


@dataclass
class Edge:
    """Answers as the endpoint does.

    Args:
        status: Of each answer.
        asked: (path, body) of each request.
        held: Requests that wait for their answer, if ``holds``.
    """

    status: int = 200
    holds: bool = False
    asked: list[tuple[str, Any]] = field(default_factory=list)
    held: list[Route] = field(default_factory=list)

    def __call__(self, route: Route) -> None:
        path = route.request.url.removeprefix(EDGE)
        self.asked.append((path, json.loads(route.request.post_data or "null")))
        self.held.append(route) if self.holds else self.answer(route)

    def answer(self, route: Route) -> None:
        given = json.loads(route.request.post_data or "null") if "set-consent" in route.request.url else {}
        general = given["consent"][0]["value"]["general"] if given else ""
        entry = {"key": f"{COOKIE}consent", "value": f"general={general}", "maxAge": 3600}
        handle = [{"type": "state:store", "payload": [entry]}] if general else []
        origin = route.request.headers.get("origin", SITE)
        headers = {"Access-Control-Allow-Origin": origin, "Access-Control-Allow-Credentials": "true"}
        body = json.dumps({"requestId": "r", "handle": handle})
        route.fulfill(status=self.status, body=body, headers=headers, content_type="application/json")

    @property
    def events(self) -> list[dict[str, Any]]:
        return [event for path, body in self.asked for event in (body or {}).get("events", []) if path]


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    made = browser.new_context()
    yield made
    made.close()


def event(name: str, **settings: Any) -> dict[str, Any]:
    return component(f"core-web::events::{name}", settings)


def action(name: str, **settings: Any) -> dict[str, Any]:
    return component(f"adobe-alloy::actions::{name}", settings)


def general(answer: str) -> list[dict[str, Any]]:
    return [{"standard": "Adobe", "version": "1.0", "value": {"general": answer}}]


ADD = rule(
    [event("custom-event", type="add")],
    action("send-event", type="add", data="%Layer%"),
    code("window.over = (window.over || 0) + 1;"),
)
DECIDE = [
    rule([event("custom-event", type=it)], action("set-consent", consent=general(it))) for it in ("in", "out")
]
LAYER = "window.layer = {event: 'AddToCart', contents: [{id: 'A-1'}]};"


def text_of(*rules: dict[str, Any], alloy: dict[str, Any] | None = None, **more: Any) -> str:
    extensions = {"adobe-alloy": {**SETTINGS, **(alloy or {})}}
    return library(
        document(*rules, elements={"Layer": element("return layer")}, extensions=extensions, **more),
        packages(),
    )


def opened(context: BrowserContext, text: str, edge: Edge, **more: Any) -> tuple[WebPage, Page]:
    shop = WebPage(context, text, **{"before": LAYER, "answers": {EDGE: edge}, **more})
    return shop, shop.open()


def now(page: Page, kind: str) -> None:
    page.evaluate(f"window.dispatchEvent(new CustomEvent('{kind}'))")


def wait_for(page: Page, edge: Edge, count: int) -> list[dict[str, Any]]:
    while len(edge.events) < count:
        page.wait_for_timeout(10)
    return edge.events


def cookies(context: BrowserContext) -> dict[str, Any]:
    return {it["name"]: it for it in context.cookies()}


def test_an_event_has_the_data_of_the_moment_and_the_context_of_the_page(context: BrowserContext) -> None:
    edge = Edge(holds=True)
    shop, page = opened(context, text_of(ADD), edge)
    now(page, "add")
    page.wait_for_function("window.over === 1", timeout=HANG)
    page.evaluate("layer.contents[0].id = 'CHANGED'")
    [found] = wait_for(page, edge, 1)
    assert found["data"] == {"event": "AddToCart", "contents": [{"id": "A-1"}]}
    assert found["xdm"]["eventType"] == "add"
    assert found["xdm"]["web"]["webPageDetails"]["URL"] == f"{SITE}/"
    assert edge.asked[0][0].startswith("interact?configId=d-dev&")
    assert re.fullmatch(r"\d+\.\d+\.\d+.*", found["xdm"]["implementationDetails"]["version"])
    assert shop.errors == []
    for route in edge.held:
        edge.answer(route)


@pytest.mark.parametrize(("stage", "datastream"), [("production", "d-prod"), ("staging", "d-prod")])
def test_each_stage_has_its_datastream(context: BrowserContext, stage: str, datastream: str) -> None:
    edge = Edge()
    _, page = opened(context, text_of(ADD, stage=stage), edge)
    now(page, "add")
    wait_for(page, edge, 1)
    assert f"configId={datastream}&" in edge.asked[0][0]


def test_a_new_visitor_loses_nothing_before_the_first_answer(context: BrowserContext) -> None:
    """Without an identity the Web SDK would keep the second event until the first one is answered."""
    edge = Edge(holds=True)
    shop, page = opened(context, text_of(ADD), edge)
    now(page, "add")
    now(page, "add")
    assert len(wait_for(page, edge, 2)) == 2
    cookie = cookies(context)[f"{COOKIE}identity"]
    value = cookie["value"]
    message = base64.urlsafe_b64decode(value + "=" * (-len(value) % 4))
    assert (message[:2], message[2:].isdigit(), len(message)) == (b"\n&", True, 40)
    assert (cookie["domain"], cookie["sameSite"], cookie["secure"]) == (".shop.example", "None", True)
    for route in edge.held:
        edge.answer(route)
    shop.open()
    assert cookies(context)[f"{COOKIE}identity"]["value"] == value


def test_events_wait_for_consent_with_their_own_times(context: BrowserContext) -> None:
    edge = Edge()
    shop, page = opened(context, text_of(ADD, *DECIDE, alloy={"defaultConsent": "pending"}), edge)
    page.evaluate("document.addEventListener('capi:consent', (event) => { window.heard = event.detail; })")
    now(page, "add")
    page.wait_for_function("window.over === 1", timeout=HANG)
    page.evaluate("layer.event = 'CHANGED'; window.changedAt = new Date().toISOString();")
    assert (edge.asked, cookies(context)) == ([], {})
    now(page, "in")
    [found] = wait_for(page, edge, 1)
    assert edge.asked[0][0].startswith("privacy/set-consent?")
    assert edge.asked[0][1]["consent"] == general("in")
    assert found["data"]["event"] == "AddToCart"
    assert found["xdm"]["timestamp"] < page.evaluate("window.changedAt")
    assert page.evaluate("window.heard") == {"general": "in"}
    assert f"{COOKIE}identity" in cookies(context)
    assert shop.errors == []


def test_the_next_page_remembers_and_tells_other_extensions(context: BrowserContext) -> None:
    edge = Edge()
    made = text_of(ADD, *DECIDE, alloy={"defaultConsent": "pending"})
    before = (
        f"{LAYER} document.addEventListener('capi:consent', (event) => {{ window.heard = event.detail; }});"
    )
    shop, page = opened(context, made, edge, before=before)
    now(page, "in")
    while f"{COOKIE}consent" not in cookies(context):
        page.wait_for_timeout(10)
    page = shop.open("/next")
    page.wait_for_function("!!window.heard", timeout=HANG)
    assert page.evaluate("window.heard") == {"general": "in"}
    now(page, "add")
    assert len(wait_for(page, edge, 1)) == 1


def test_a_visitor_who_refuses_sends_nothing_and_rules_go_on(context: BrowserContext) -> None:
    edge = Edge()
    shop, page = opened(context, text_of(ADD, alloy={"defaultConsent": "out"}), edge)
    now(page, "add")
    page.wait_for_function("window.over === 1", timeout=HANG)
    page.wait_for_load_state("load")
    assert (edge.asked, cookies(context), shop.errors) == ([], {}, [])


def test_a_refused_or_unreachable_endpoint_leaves_page_and_rules_alone(context: BrowserContext) -> None:
    waits = {**action("send-event", type="add"), "delayNext": True, "timeout": 60_000}
    rules = [rule([event("custom-event", type="add")], waits, code("window.over = 1;"))]
    edge = Edge(status=400)
    shop, page = opened(context, text_of(*rules), edge)
    page.evaluate("window.addEventListener('unhandledrejection', () => { window.unhandled = true; })")
    now(page, "add")
    page.wait_for_function("window.over === 1", timeout=HANG)
    assert page.evaluate("window.unhandled") is None
    assert [it for it in shop.errors if "400" not in it] == []


def test_an_instance_that_is_configured_wrongly_harms_nobody(context: BrowserContext) -> None:
    edge = Edge()
    shop, page = opened(
        context, text_of(ADD, alloy={"developmentEdgeConfigId": "", "edgeConfigId": ""}), edge
    )
    now(page, "add")
    page.wait_for_function("window.over === 1", timeout=HANG)
    assert (edge.asked, shop.errors) == ([], [])


SITE_SDK = """
window.given = [];
window.alloy = (...given) => { window.given.push(given); return Promise.resolve({}); };
"""


def test_the_sites_own_alloy_is_left_alone_or_used(context: BrowserContext) -> None:
    edge = Edge()
    before = LAYER + SITE_SDK
    _, page = opened(context, text_of(ADD, alloy={"offerAlloy": True}), edge, before=before)
    now(page, "add")
    wait_for(page, edge, 1)
    assert page.evaluate("window.given") == []
    used = {"libraryCode": {"type": "preinstalled"}, "name": "alloy"}
    _, page = opened(context, text_of(ADD, alloy=used), edge, before=before)
    now(page, "add")
    page.wait_for_function("window.given.length === 1", timeout=HANG)
    assert page.evaluate("window.given[0][1].type") == "add"
    assert len(edge.events) == 1


@pytest.mark.parametrize("offers", [True, False])
def test_alloy_is_given_to_the_page_only_when_it_is_asked_for(context: BrowserContext, offers: bool) -> None:
    edge = Edge()
    shop, page = opened(context, text_of(ADD, alloy={"offerAlloy": offers}), edge)
    page.wait_for_load_state("load")
    assert page.evaluate("typeof window.alloy") == ("function" if offers else "undefined")
    if offers:
        page.evaluate("() => { alloy('sendEvent', {data: {own: 1}}); }")
        assert wait_for(page, edge, 1)[0]["data"] == {"own": 1}
    assert shop.errors == []


def test_only_the_named_globals_are_written(context: BrowserContext) -> None:
    names = "Object.getOwnPropertyNames(window)"
    before = f"{LAYER} window.names = null; window.names = {names};"
    edge = Edge()
    _, page = opened(context, text_of(ADD), edge, before=before)
    now(page, "add")
    wait_for(page, edge, 1)
    new = page.evaluate(f"{names}.filter((it) => !window.names.includes(it))")
    assert [it for it in new if not it.startswith("__capi_")] == ["after", "_satellite", "isReady", "over"]
