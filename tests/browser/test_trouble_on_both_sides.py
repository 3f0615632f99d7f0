"""Whatever goes wrong on a site, its page is not disturbed, and the side that can still send does."""

from __future__ import annotations

import gzip
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext

from properties.catalog.registry import packages
from rules.publishing.web_library import engine_name
from tests.browser.both_sides import (
    ADD,
    EDGE,
    HANG,
    LAYER,
    META,
    VIEW,
    Edge,
    Site,
    blocked,
    conversion,
    event,
    filled,
    on,
    text_of,
)
from tests.web_page import LIBRARY, code, rule
from tests.work import hang_limit

pytestmark = pytest.mark.browser


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    made = browser.new_context()
    yield made
    made.close()


def undisturbed(site: Site, *noise: str) -> bool:
    """Whether the page noticed nothing, but for the browser's own console lines about ``noise``."""
    others = [it for it in site.shop.errors if not any(word in it for word in noise)]
    assert others == []
    return site.page.evaluate("() => window.unhandled") is None


# IDs and data


@pytest.mark.parametrize("sequenced", [True, False])
def test_two_rules_of_one_click_have_ids_of_their_own(context: BrowserContext, sequenced: bool) -> None:
    click = event("click", elementSelector="button", afterPage=True)
    rules = [conversion("AddToCart", click), conversion("Lead", click, keys=["value"])]
    site = Site(context, text_of(*rules, sequenced=sequenced), html="<button>Add</button>")
    site.open().click("button")
    browser = {it["name"]: it for it in site.browser(2)}
    server = {it["event"]: it for it in site.server(2)}
    assert {name: it["id"] for name, it in browser.items()} == {
        name: it["event_id"] for name, it in server.items()
    }
    assert browser["AddToCart"]["id"] != browser["Lead"]["id"]
    assert browser["Lead"]["parameters"] == {"value": 19.9}
    assert undisturbed(site)


def test_a_conversion_with_the_data_of_the_one_before_is_sent_with_a_warning(context: BrowserContext) -> None:
    site = Site(context, text_of(ADD))
    page = site.open()
    warned: list[str] = []
    page.on("console", lambda it: warned.append(it.text) if it.type == "warning" else None)
    page.evaluate(f"() => {engine_name('EN1')}.setDebug(true)")
    site.now("add")
    site.now("add")
    first, second = site.browser(2)
    assert first["parameters"] == second["parameters"]
    assert first["id"] != second["id"]
    assert [text for text in warned if "has not changed since the conversion before" in text]
    page.evaluate("() => { dataLayer.meta = {value: 5}; }")
    before = len(warned)
    site.now("add")
    site.browser(3)
    assert [text for text in warned[before:] if "has not changed" in text] == []


def test_a_data_layer_that_becomes_an_array_costs_only_its_values(
    context: BrowserContext,
) -> None:
    site = Site(context, text_of(ADD))
    site.open().evaluate("() => { window.dataLayer = []; }")
    site.now("add")
    [browser], [server] = site.browser(1), site.server(1)
    assert browser["id"] == server["event_id"]
    assert (browser["parameters"], filled(server)) == ({}, {})
    assert undisturbed(site)


# Blocked


def test_without_metas_hosts_the_server_has_the_event_with_the_browser_id(context: BrowserContext) -> None:
    site = Site(context, text_of(VIEW, ADD), answers={META: blocked})
    site.open()
    site.now("add")
    assert [it["event"] for it in site.server(2)] == ["PageView", "AddToCart"]
    assert site.cookies["_fbp"].startswith("fb.1.")
    assert undisturbed(site, "ERR_BLOCKED_BY_CLIENT")


@pytest.mark.parametrize("edge", ["blocked", "503", "not JSON"])
def test_without_the_endpoint_the_pixel_sends_and_nobody_notices(context: BrowserContext, edge: str) -> None:
    answers: dict[str, Any] = {"blocked": blocked, "503": Edge(status=503), "not JSON": "<html>"}
    site = Site(context, text_of(VIEW, ADD), answers={EDGE: answers[edge]})
    site.open()
    site.now("add")
    assert [it["name"] for it in site.browser(2)] == ["PageView", "AddToCart"]
    site.page.wait_for_load_state("networkidle")
    assert undisturbed(site, "ERR_BLOCKED_BY_CLIENT", "503", "CORS", "ERR_FAILED")


# Policies of the site: with the hosts that the README of Meta Pixel names.
HOSTS = (
    "default-src 'none'; script-src 'nonce-n' https://data.shop.example https://connect.facebook.net;"
    " connect-src https://data.shop.example; img-src https://www.facebook.com"
)
STRICT = "script-src 'nonce-n' 'strict-dynamic'; object-src 'none'; base-uri 'none'"
TYPES = f"{HOSTS}; require-trusted-types-for 'script'; trusted-types capi"


@pytest.mark.parametrize("policy", [HOSTS, STRICT, TYPES])
def test_a_policy_that_names_the_hosts_is_enough(context: BrowserContext, policy: str) -> None:
    embed = f'<script nonce="n" src="{LIBRARY}" async></script>'
    site = Site(context, text_of(VIEW, ADD), policy=policy, embed=embed)
    site.open()
    site.now("add")
    assert [it["name"] for it in site.browser(2)] == ["PageView", "AddToCart"]
    assert len(site.server(2)) == 2
    assert undisturbed(site)


# Other code of the page and of other rules

SOURCES = [
    "throw new Error('no');",
    "return Promise.reject(new Error('no'));",
    "return new Promise(() => {});",
]


@pytest.mark.parametrize("source", SOURCES)
@pytest.mark.parametrize("sequenced", [True, False])
def test_code_of_another_rule_that_throws_or_never_ends_takes_no_event_with_it(
    context: BrowserContext, source: str, sequenced: bool
) -> None:
    broken = rule([on("add")], code(source, delayNext=True, timeout=200))
    site = Site(context, text_of(broken, ADD, sequenced=sequenced))
    site.open()
    site.now("add")
    assert site.browser(1)[0]["id"] == site.server(1)[0]["event_id"]
    assert undisturbed(site)


def test_an_element_that_throws_costs_only_its_own_value(context: BrowserContext) -> None:
    throws = "Object.defineProperty(dataLayer.meta, 'value', {get() { throw new Error('no'); }});"
    site = Site(context, text_of(ADD), before=f"{LAYER} {throws}")
    site.open()
    site.now("add")
    assert site.browser(1)[0]["parameters"].keys() == {"currency", "contents"}
    assert filled(site.server(1)[0]).keys() == {"currency", "contents"}
    assert undisturbed(site)


def test_a_second_embed_code_sends_nothing_twice(context: BrowserContext) -> None:
    embed = f'<script src="{LIBRARY}" async></script>' * 2
    site = Site(context, text_of(VIEW, ADD), embed=embed)
    site.open()
    site.now("add")
    assert [it["name"] for it in site.browser(2)] == ["PageView", "AddToCart"]
    site.page.wait_for_load_state("networkidle")
    assert (len(site.browser(2)), len(site.server(2))) == (2, 2)


def test_page_bottom_of_an_embed_code_without_async_comes_before_dom_ready(context: BrowserContext) -> None:
    kinds = ("dom-ready", "page-bottom")
    says = [rule([event(it)], code(f"(window.seen = window.seen || []).push('{it}');")) for it in kinds]
    end = f"<script>{engine_name('EN1')}.pageBottom(); window.atEnd = [...window.seen];</script>"
    embed = f'<script src="{LIBRARY}"></script>'
    site = Site(context, text_of(*says, sequenced=False), embed=embed, html=end)
    page = site.open()
    page.wait_for_function("window.seen.length === 2", timeout=HANG)
    assert page.evaluate("window.atEnd") == ["page-bottom"]
    assert page.evaluate("window.seen") == ["page-bottom", "dom-ready"]


# A single-page application


def test_each_address_has_one_page_view_on_both_sides(context: BrowserContext) -> None:
    site = Site(context, text_of(VIEW))
    page = site.open("/start")
    site.browser(1)
    steps = ["history.pushState({}, '', '/a')", "history.replaceState({}, '', '/b?c=1')", "history.back()"]
    for count, step in enumerate(steps, 2):
        page.evaluate(f"() => {{ {step}; }}")
        site.browser(count)
        site.server(count)
    urls = [it["xdm"]["web"]["webPageDetails"]["URL"].partition(".example")[2] for it in site.edge.events]
    assert urls == ["/start", "/a", "/b?c=1", "/start"]
    ids = [it["id"] for it in site.browser(4)]
    assert [it["event_id"] for it in site.server(4)] == ids
    assert len(set(ids)) == 4
    # The Pixel's own PageView on pushState is switched off.
    assert page.evaluate("() => fbq.disablePushState") is True
    assert undisturbed(site)


@pytest.mark.parametrize(
    ("site_url", "domain", "asked_url"),
    [
        ("http://shop.localhost/", "data.shop.localhost:8000", "http://data.shop.localhost:8000/ee/v1/"),
        ("http://shop.localhost/", "127.0.0.1:8000", "http://127.0.0.1:8000/ee/v1/"),
        ("https://www.shop.example/", "localhost:8000", "https://localhost:8000/ee/v1/"),
        ("http://shop.localhost/", "localhost.shop.example", "https://localhost.shop.example/ee/v1/"),
        ("http://shop.localhost/", "data.shop.example:8443", "https://data.shop.example:8443/ee/v1/"),
    ],
)
def test_only_an_endpoint_of_this_machine_is_asked_without_tls(
    context: BrowserContext, site_url: str, domain: str, asked_url: str
) -> None:
    asked: list[str] = []
    text = text_of(ADD, alloy={"edgeDomain": domain})

    def answer(route: Any) -> None:
        asked.append(route.request.url)
        route.abort()

    body = f'<!doctype html><title>Shop</title><script>{LAYER}</script><script src="/library.js"></script>'
    context.route("**/*", lambda it: it.abort())
    context.route(site_url, lambda it: it.fulfill(body=body, content_type="text/html"))
    context.route("**/library.js", lambda it: it.fulfill(body=text, content_type="text/javascript"))
    context.route("**/ee/v1/**", answer)
    page = context.new_page()
    page.goto(site_url)
    page.evaluate("() => { window.dispatchEvent(new CustomEvent('add')); }")
    with hang_limit():
        while not asked:
            page.wait_for_timeout(10)
    assert asked[0].startswith(asked_url)


def test_the_whole_library_of_the_18_rules_is_small() -> None:
    # As the table of docs/performance.md promises.
    [send] = [it for it in packages()["facebook-pixel"].actions if it.name == "send-pixel-event"]
    names = [preset.settings["eventName"] for preset in send.presets]
    assert len(names) == 18
    text = text_of(*(conversion(name, on(name)) for name in names), stage="production")
    assert len(gzip.compress(text.encode(), mtime=0)) <= 32 * 1024
