"""The shop of the demo: the 18 standard events as things a shopper does, on an origin of its own.

Which parameters an event has: Meta, Pixel Reference. Contract: "Tags (web) properties".
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import requests
from playwright.sync_api import Browser, BrowserContext, Page, Request, expect

from properties.catalog.registry import FOLDER
from tests.browser.axe import in_every_look
from tests.browser.conftest import choose_password, post, signed_in
from tests.product import Product, running, wait_for
from tests.work import HANG_SECONDS

pytestmark = [pytest.mark.browser, pytest.mark.processes]

# The page and what the shopper does there.
ACTS = {
    "/": {
        "ViewContent": ".look-closer",
        "AddToCart": ".add-to-cart-button",
        "AddToWishlist": ".wish",
        "CustomizeProduct": ".initials",
        "FindLocation": ".find-store",
        "Search": ".search-form button",
        "InitiateCheckout": ".checkout-link",
    },
    "/checkout": {"AddPaymentInfo": ".use-card", "Purchase": ".order-form button"},
    "/club": {
        "Lead": ".lead-form button",
        "CompleteRegistration": ".register",
        "StartTrial": ".start-trial",
        "Subscribe": ".subscribe",
        "Contact": ".contact",
        "Schedule": ".schedule",
        "SubmitApplication": ".apply",
        "Donate": ".donate",
    },
}
LEAVES = {"Search", "InitiateCheckout", "Purchase"}


@dataclass
class Playground:
    """The demo, and what a browser asked for in it.

    Args:
        url: Address of the shop.
        hosts: The hosts that pages of the shop have asked.
        noise: What the console said.
    """

    product: Product
    url: str
    hosts: set[str] = field(default_factory=set)
    noise: list[str] = field(default_factory=list)

    def open(self, context: BrowserContext, path: str = "/") -> Page:
        """Open a page of the shop. Its log begins anew: events of other tests have the same names."""
        requests.delete(f"{self.local}/calls", timeout=30).raise_for_status()
        page = context.new_page()
        page.on("request", self._note)
        page.on("console", lambda it: self.noise.append(it.text) if it.type == "error" else None)
        page.on("pageerror", lambda error: self.noise.append(str(error)))
        page.goto(self.url + path)
        return page

    def _note(self, request: Request) -> None:
        if not request.url.startswith("data:"):
            self.hosts.add(str(urlsplit(request.url).netloc))

    @property
    def local(self) -> str:
        """The address of the shop for a client that does not know its name."""
        return f"http://127.0.0.1:{urlsplit(self.url).port}"

    def events(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = requests.get(f"{self.local}/log", timeout=30).json()["events"]
        return found

    def finished(self, *names: str) -> list[dict[str, Any]]:
        """Return the newest events of these names, once both sides have them and the worker is done."""

        def look() -> list[dict[str, Any]] | None:
            named = {it["name"]: it for it in reversed(self.events())}
            found = [named[name] for name in names if name in named]
            words = [(it["server"] or {}).get("word", "") for it in found if it["browser"]]
            is_over = len(words) == len(names) and all(it.startswith("Delivered") for it in words)
            return found if is_over else None

        try:
            return wait_for(look, f"{names} on both sides", HANG_SECONDS)
        except AssertionError as error:
            raise AssertionError(f"{error}: {self.events()}") from None


@pytest.fixture(scope="module")
def playground(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Playground]:
    with running(tmp_path_factory.mktemp("playground"), "--demo") as product:
        [url] = wait_for(lambda: re.findall(r"Shop +(http\S+[^/\s])", product.log.read_text()), "the shop")
        choose_password(product)
        yield Playground(product, url)


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    made = browser.new_context()
    yield made
    made.close()


def sent(playground: Playground) -> dict[str, dict[str, Any]]:
    """The server events that the simulator accepted, by id."""
    lines = (playground.product.folder / "simulator.jsonl").read_text().splitlines()
    bodies = [record["body"] for record in map(json.loads, lines) if record["status"] == 200]
    return {event["event_id"]: event for body in bodies for event in body["data"] if event.get("event_id")}


def test_each_event_of_a_shopper_is_counted_once(playground: Playground, context: BrowserContext) -> None:
    page = playground.open(context)
    for path, acts in ACTS.items():
        for name, selector in acts.items():
            page.goto(playground.url + path) if name in LEAVES or page.url != playground.url + path else None
            if name == "CustomizeProduct":
                page.locator(".look-closer").first.click()
            page.locator(selector).first.click()
            playground.finished(name)
    names = ["PageView", *(name for acts in ACTS.values() for name in acts)]
    found = playground.finished(*names)
    assert len(names) == 18
    assert {it["verdict"] for it in found} == {"Counted once"}
    received = sent(playground)
    for event in found:
        server, browser_parameters = received[event["id"]], event["browser"]["parameters"]
        assert server["event_name"] == event["name"]
        assert server.get("custom_data", {}).items() >= browser_parameters.items()
    assert playground.noise == []


def test_values_are_those_of_the_click(playground: Playground, context: BrowserContext) -> None:
    page = playground.open(context)
    page.locator("[data-id=mug] .add-to-cart-button").click()
    page.locator("[data-id=blanket] .add-to-cart-button").click()

    def of_both() -> list[float] | None:
        added = [it["browser"] for it in playground.events() if it["name"] == "AddToCart"][:2]
        found = [it["parameters"]["value"] for it in added if it]
        return found if set(found) == {14.5, 89} else None

    wait_for(of_both, "the values of both products", HANG_SECONDS)


def test_both_sides_have_one_browser_id_from_the_first_page_on(
    playground: Playground, context: BrowserContext
) -> None:
    page = playground.open(context, "/?fbclid=AbC-1_x")
    page.locator(".find-store").click()
    [event] = playground.finished("FindLocation")
    user = sent(playground)[event["id"]]["user_data"]
    cookies = {it["name"]: it["value"] for it in context.cookies()}
    assert (user["fbp"], user["fbc"]) == (cookies["_fbp"], cookies["_fbc"])
    assert cookies["_fbc"].endswith(".AbC-1_x")


def test_the_drawer_shows_the_data_layer_and_both_sides(
    playground: Playground, context: BrowserContext
) -> None:
    page = playground.open(context)
    page.get_by_test_id("clear").click()
    expect(page.get_by_test_id("empty")).to_be_visible()
    page.locator("[data-id=bag] .add-to-cart-button").click()
    expect(page.get_by_test_id("data-layer")).to_contain_text('"content_name": "Canvas bag"')
    row = page.locator("[data-event=AddToCart]")
    expect(row).to_contain_text("Counted once")
    expect(row).to_contain_text("Delivered")
    expect(row).to_contain_text("39 EUR")
    event_id = playground.finished("AddToCart")[0]["id"]
    expect(row).to_contain_text(event_id)
    leads_to = row.get_by_role("link").get_attribute("href") or ""
    assert event_id in signed_in(playground.product).get(leads_to).text
    rules = page.get_by_test_id("rules").get_attribute("href") or ""
    assert "MetaConversion_AddToCart" in signed_in(playground.product).get(rules).text


def test_nobody_but_the_shop_and_the_endpoint_is_asked(
    playground: Playground, context: BrowserContext
) -> None:
    playground.hosts.clear()
    page = playground.open(context)
    page.locator(".find-store").click()
    playground.finished("FindLocation")
    shop, endpoint = urlsplit(playground.url), urlsplit(playground.product.url)
    assert playground.hosts == {shop.netloc, f"data.shop.localhost:{endpoint.port}"}


@pytest.mark.parametrize(
    "asks",
    [
        "fetch('https://www.facebook.com/tr')",
        "navigator.sendBeacon('https://www.facebook.com/tr', 'x')",
        "(new Image()).src = 'https://www.facebook.com/tr?ev=Purchase'",
        "document.head.append(Object.assign(document.createElement('script'),"
        " {src: 'https://connect.facebook.net/en_US/fbevents.js'}))",
    ],
)
def test_the_policy_of_a_page_forbids_every_way_to_meta(
    playground: Playground, context: BrowserContext, asks: str
) -> None:
    answered: list[str] = []
    context.on("response", lambda response: answered.append(response.url))
    page = playground.open(context)
    watch = "(it) => { window.blocked = it.blockedURI; }"
    page.evaluate(f"() => document.addEventListener('securitypolicyviolation', {watch})")
    page.evaluate(f"() => {{ try {{ Promise.resolve({asks}).catch(() => 0); }} catch (error) {{}} }}")
    page.wait_for_function("!!window.blocked")
    assert "facebook" in page.evaluate("window.blocked")
    assert [url for url in answered if "facebook" in url] == []
    playground.noise.clear()


def test_the_shop_shares_no_cookie_with_the_pages(playground: Playground, context: BrowserContext) -> None:
    product = playground.product
    cookies = signed_in(product).cookies
    context.add_cookies([{"name": it.name, "value": it.value, "url": product.url} for it in cookies])
    asked: list[Request] = []
    context.on("request", lambda request: asked.append(request))
    page = playground.open(context)
    page.locator(".find-store").click()
    playground.finished("FindLocation")
    names = {it["name"] for it in context.cookies(playground.url)}
    assert names.isdisjoint({"sessionid", "csrftoken"})
    assert [it.url for it in asked if "sessionid" in it.all_headers().get("cookie", "")] == []


def test_the_pages_never_run_the_library(playground: Playground, context: BrowserContext) -> None:
    product = playground.product
    cookies = signed_in(product).cookies
    context.add_cookies([{"name": it.name, "value": it.value, "url": product.url} for it in cookies])
    asked: list[str] = []
    context.on("request", lambda request: asked.append(request.url))
    page = context.new_page()
    page.goto(f"{product.url}/properties/")
    home = page.get_by_role("link", name="shop.localhost tags").first.get_attribute("href") or ""
    root = "/".join(home.split("/")[:3])
    for path in ("rules", "data-elements", "extensions", "environments", "publishing"):
        opened = page.goto(f"{product.url}{root}/{path}/")
        assert opened is not None
        assert opened.ok
        assert page.evaluate("Object.keys(window).filter((it) => it.startsWith('__capi_'))") == []
    assert [url for url in asked if "/t/" in url] == []


def test_the_shop_can_be_validated(playground: Playground, context: BrowserContext) -> None:
    session = signed_in(playground.product)
    listed = session.get(f"{playground.product.url}/properties/").text
    [tags] = {*re.findall(r'href="(/p/PR\w+/)rules/"', listed)}
    post(session, f"{playground.product.url}{tags}validation/start/", {})
    results = f"{playground.product.url}{tags}validation/results/"
    [address] = re.findall(r'href="([^"]+capi_validate=\w+)"', session.get(results).text)
    assert address.startswith(playground.url)
    page = playground.open(context, address.removeprefix(playground.url))
    page.locator("[data-id=mug] .add-to-cart-button").click()

    def lines() -> dict[str, str]:
        found = re.findall(r'data-check="([^"]+)" data-state="([^"]+)"', session.get(results).text)
        return dict(found)

    def all_right() -> bool:
        # The stand-in is on the page before the library, as a site's own base code would be.
        found = lines()
        return found.pop("pixel-once") == "failed" and set(found.values()) == {"ok"}

    try:
        wait_for(all_right, "every line to be right", HANG_SECONDS)
    except AssertionError:
        raise AssertionError(lines()) from None


def test_the_library_holds_no_token(playground: Playground) -> None:
    page = requests.get(playground.local, timeout=HANG_SECONDS).text
    [path] = re.findall(r'src="http://data\.shop\.localhost:\d+(/t/\w+\.js)"', page)
    library = requests.get(playground.product.url + path, timeout=HANG_SECONDS).text
    assert ".add-to-cart-button" in library
    answers = json.loads((FOLDER / "facebook_pixel/shop/answers.json").read_text())
    assert answers["pixelId"] in library
    assert answers["accessToken"] not in library


def test_the_shop_answers_only_its_own_pages(playground: Playground) -> None:
    def ask(method: str, path: str, **more: Any) -> int:
        return requests.request(method, playground.local + path, timeout=30, **more).status_code

    call = {"name": "Forged", "parameters": {}}
    assert ask("GET", "/", headers={"Host": "evil.example"}) == 421
    assert ask("POST", "/calls", json=call, headers={"Sec-Fetch-Site": "cross-site"}) == 403
    assert ask("DELETE", "/calls", headers={"Sec-Fetch-Site": "cross-site"}) == 403
    assert ask("POST", "/calls", data="no JSON") == 400
    assert ask("POST", "/calls", json={"name": "x" * 20_000, "parameters": {}}) == 400
    assert ask("POST", "/") == 405
    assert ask("GET", "/starts.json") == 404
    assert ask("GET", "/../extension.py") == 404
    assert "Forged" not in {it["name"] for it in playground.events()}


def test_the_shop_is_usable_by_everybody(
    playground: Playground, browser: Browser, node_modules: Path
) -> None:
    def show(page: Page) -> None:
        page.goto(playground.url)
        page.locator(".look-closer").first.click()
        page.locator(".drawer > summary").click() if page.viewport_size["width"] < 900 else None  # type: ignore[index]
        expect(page.locator("[data-event=ViewContent]").first).to_be_visible()

    assert in_every_look(browser, [], node_modules, show) == []
