"""Quick Start from an empty installation to a page behind TLS: the Pixel and the server with one event ID.

With ``PICTURES=docs/pictures`` it makes the pictures of docs/quick_start.md anew.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
from playwright.sync_api import BrowserContext, Page, Route, expect

from tests.browser.pictures import picture
from tests.browser.test_new_user import NewUser, sign_in
from tests.browser.tls_proxy import TlsProxy
from tests.product import Product, running, wait_for
from tests.work import HANG_SECONDS

pytestmark = [pytest.mark.browser, pytest.mark.processes]

DOMAIN, SITE, DATA = "shoes.example", "www.shoes.example", "data.shoes.example"
PIXEL = "1234567890"
TOKEN = "EAAB" + "w1d2f3g4h5" * 4
STAND_IN = """
window.sent = [];
fbq.callMethod = (...given) => window.sent.push(given);
fbq.queue.splice(0).forEach((given) => fbq.callMethod(...given));
"""
# The page fills the data layer in its own click handler, after the library has seen the click.
SHOP = """<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Shoes</title>
<link rel="icon" href="data:,">
<script>
window.dataLayer = [];
window.dataLayer.meta = {};
document.addEventListener('DOMContentLoaded', () => {
  document.querySelector('.add-to-cart-button').addEventListener('click', () => {
    window.dataLayer.meta = {value: 129.9, currency: 'EUR', content_ids: ['A-1'], content_type: 'product',
      contents: [{id: 'A-1', quantity: 1}], content_name: '', user: {email: 'anna@shoes.example'}};
  });
});
</script>
%s
</head><body><button class="add-to-cart-button"><b>Add to cart</b></button></body></html>"""
# Meta, Pixel Reference: each parameter with a value of its type.
LAYER = {
    "value": 129.9, "currency": "EUR", "content_ids": ["A-1", "B-2"], "content_type": "product",
    "contents": [{"id": "A-1", "quantity": 1, "item_price": 129.9}], "content_name": "Trail shoe",
    "content_category": "Shoes", "num_items": 2, "search_string": "trail", "status": "complete",
    "predicted_ltv": 300, "order_id": "10001",
}  # fmt: skip
# Source: adobe/reactor-extension-facebook-pixel, the forms of its actions.
_CATEGORY = {"content_category", "content_ids", "contents", "currency", "value"}
_PRODUCT = {"content_ids", "content_name", "content_type", "contents", "currency", "value"}
PARAMETERS: dict[str, set[str]] = {
    "AddPaymentInfo": _CATEGORY,
    "AddToCart": _PRODUCT,
    "AddToWishlist": _CATEGORY | {"content_name"},
    "CompleteRegistration": {"content_name", "currency", "status", "value"},
    "Contact": set(),
    "CustomizeProduct": set(),
    "Donate": set(),
    "FindLocation": set(),
    "InitiateCheckout": _CATEGORY | {"num_items"},
    "Lead": {"content_name", "content_category", "currency", "value"},
    "PageView": set(),
    "Purchase": _PRODUCT | {"num_items"},
    "Schedule": set(),
    "Search": _CATEGORY | {"search_string"},
    "StartTrial": {"currency", "predicted_ltv", "value"},
    "SubmitApplication": set(),
    "Subscribe": {"currency", "predicted_ltv", "value"},
    "ViewContent": _PRODUCT | {"content_category"},
}


class Site:
    """The shop behind TLS, beside the product on another host of its domain, in a Chromium of its own.

    Args:
        context: Of the visitor.
    """

    def __init__(self, proxy: TlsProxy, files: dict[str, Any], context: BrowserContext) -> None:
        self.proxy, self.files, self.context = proxy, files, context
        self.trouble: list[str] = []
        self.asked: list[str] = []

    def open(self, embed_code: str, address: str = f"https://{SITE}/") -> Page:
        """Open the page with this code in its head, as a visitor does."""
        self.files["/"] = ("text/html; charset=utf-8", (SHOP % embed_code).encode())
        page = self.context.new_page()
        page.set_default_timeout(HANG_SECONDS * 1000)
        page.on("console", lambda it: self.trouble.append(it.text) if it.type == "error" else None)
        page.on("pageerror", lambda error: self.trouble.append(str(error)))
        page.on("request", lambda request: self.asked.append(request.url))
        page.goto(address)
        return page


@pytest.fixture
def product(tmp_path: Path, graph: Any) -> Iterator[Product]:
    """A product that sites reach under a name of their own domain."""
    variables = {"META_GRAPH_URL": graph.url, "TRUSTED_PROXY_COUNT": "1", "TAGS_URL": f"https://{DATA}"}
    with running(tmp_path, **variables) as found:
        yield found


@pytest.fixture
def site(product: Product, launch: Any, tmp_path: Path) -> Iterator[Site]:
    files: dict[str, Any] = {}
    proxy = TlsProxy(product.url, tmp_path, (SITE, DATA), files)
    rules = f"--host-resolver-rules=MAP *:443 127.0.0.1:{proxy.port}"
    context = launch(rules, "--ignore-certificate-errors").new_context(ignore_https_errors=True)
    context.route("https://connect.facebook.net/**", _answer)
    yield Site(proxy, files, context)
    context.close()
    proxy.stop()


def _answer(route: Route) -> None:
    route.fulfill(body=STAND_IN, content_type="text/javascript")


def pixel(page: Page, name: str, count: int = 1) -> list[Any]:
    """The Pixel's calls for an event, as Meta's file gets them: parameters and event ID."""

    def sent() -> list[Any]:
        calls = page.evaluate("(window.sent || []).filter((it) => it[0].startsWith('trackSingle'))")
        return [(it[3], it[4]["eventID"]) for it in calls if it[1:3] == [PIXEL, name]]

    return wait_for(lambda: found if len(found := sent()) >= count else None, f"the Pixel's {name}")


def server(graph: Any, event_id: str) -> dict[str, Any]:
    """The server event with this ID, as the simulator accepted it."""

    def arrived() -> Any:
        events = [it for request in list(graph.requests) for it in request["body"]["data"]]
        return next((it for it in events if it.get("event_id") == event_id), None)

    found: dict[str, Any] = wait_for(arrived, f"the server event {event_id}")
    return found


def wizard(user: NewUser) -> str:
    """Go through the screens as far as the code; return it."""
    page = user.page
    user.click("get-started")
    user.type("Domain", f"https://{DOMAIN}/")
    user.click("next")
    user.type("Meta Pixel ID", PIXEL)
    user.type("Meta Conversion API Access Token", TOKEN)
    picture(page, "quick_start_setup")
    user.click("next")
    expect(page.get_by_test_id("created-count")).to_contain_text("19 rules")
    user.click("next")
    user.click("copy")
    picture(page, "quick_start_code")
    return page.get_by_test_id("embed-code").inner_text()


def add_click(user: NewUser) -> None:
    """The mission's example: Click on a selector for MetaConversion_AddToCart, saved and built."""
    page = user.page
    user.click("edit-tags")
    user.click(page.get_by_role("link", name="MetaConversion_AddToCart", exact=True))
    user.click("add-event")
    user.click(page.get_by_test_id("component-picker").get_by_role("link", name=re.compile(r"^Click\b")))
    page.locator("[data-path=elementSelector]").fill(".add-to-cart-button")
    user.click(page.locator("[data-path=afterPage]"))
    user.click("keep-changes")
    expect(page.get_by_test_id("events")).to_contain_text(".add-to-cart-button")
    user.click("more-saves")
    user.click("save-build")
    expect(page.get_by_test_id("toasts")).to_contain_text("live in Development")


def loaded(site: Site, code: str, part: str) -> Page:
    """The page, once the library on it is the newest."""
    url = site.proxy.upstream + code.removeprefix(f'<script src="https://{DATA}').partition('"')[0]
    wait_for(lambda: part in requests.get(url, timeout=HANG_SECONDS).text, f"a library with {part}")
    return site.open(code)


def test_from_an_empty_installation_to_both_sides_by_the_pages_alone(
    launch: Any, product: Product, graph: Any, site: Site, record_property: Any
) -> None:
    user = NewUser(launch().new_page(viewport={"width": 1280, "height": 900}))
    user.page.set_default_timeout(HANG_SECONDS * 1000)
    sign_in(user, product)
    before = user.clicks
    code = wizard(user)
    to_code = user.clicks - before
    assert code.startswith(f'<script src="https://{DATA}/t/')
    assert TOKEN not in user.page.content()

    page = loaded(site, code, "PageView")
    [(parameters, event_id)] = pixel(page, "PageView")
    view = server(graph, event_id)
    assert (view["event_name"], view["event_source_url"], parameters) == ("PageView", f"https://{SITE}/", {})
    assert view["user_data"]["fbp"] == next(
        it["value"] for it in site.context.cookies() if it["name"] == "_fbp"
    )

    user.click("start-validation")
    address = user.page.locator("#validation-address").inner_text()
    site.open(code, address)
    expect(user.page.locator("[data-check][data-state=ok]")).to_have_count(15)
    expect(user.page.locator("[data-check]")).to_have_count(15)
    picture(user.page, "quick_start_validation")
    user.click("next")
    add_click(user)
    record_property("clicks", user.clicks - before)
    print(f"\nclicks to the code {to_code}, to AddToCart {user.clicks - before}")
    page = loaded(site, code, "add-to-cart-button")
    pixel(page, "PageView")
    page.click("b")
    page.click("b")
    calls = pixel(page, "AddToCart", 2)
    assert len({event_id for _, event_id in calls}) == 2
    for parameters, event_id in calls:
        added = server(graph, event_id)
        assert parameters == added["custom_data"] == {
            "value": 129.9, "currency": "EUR", "content_ids": ["A-1"], "content_type": "product",
            "contents": [{"id": "A-1", "quantity": 1}],
        }  # fmt: skip
        assert added["event_name"] == "AddToCart"
        assert added["user_data"]["em"] == hashlib.sha256(b"anna@shoes.example").hexdigest()
    assert site.trouble == []
    assert not [url for url in site.asked if TOKEN in url]
    assert to_code <= 8


def test_each_rule_sends_the_same_from_both_sides(product: Product, graph: Any, site: Site) -> None:
    made = json.loads(
        product.manage("quick_start", DOMAIN, "--pixel-id", PIXEL, "--access-token", TOKEN, "--json").stdout
    )
    document = json.loads(product.manage("export", made["tags_property_id"]).stdout)
    for rule in document["rules"]:
        kind = {"type": rule["name"].removeprefix("MetaConversion_")}
        rule["events"] = [{"delegate": "core-web::events::custom-event", "settings": kind}]
    product.apply(document, "--publish", "development")
    page = loaded(site, made["environments"]["development"]["embed_code"], "AddPaymentInfo")
    page.wait_for_function("Object.keys(window).some((it) => it.startsWith('__capi_') && !!window[it].track)")
    assert {rule["name"].removeprefix("MetaConversion_") for rule in document["rules"]} == set(PARAMETERS)
    for name in PARAMETERS:
        for layer in (LAYER, {**dict.fromkeys(LAYER, ""), "value": 0, "currency": "EUR"}):
            page.evaluate("(it) => { dataLayer.meta = it; }", layer)
            page.evaluate("(it) => { window.dispatchEvent(new CustomEvent(it)); }", name)
            page.wait_for_timeout(20)
    for name, keys in PARAMETERS.items():
        (full, full_id), (empty, empty_id) = pixel(page, name, 2)
        assert full == {key: LAYER[key] for key in keys}, name
        assert empty == {key: it for key, it in {"value": 0, "currency": "EUR"}.items() if key in keys}, name
        for parameters, event_id in ((full, full_id), (empty, empty_id)):
            sent = server(graph, event_id)
            further = {"order_id": "10001"} if name == "Purchase" and parameters is full else {}
            assert sent["event_name"] == name
            assert sent.get("custom_data", {}) == {**parameters, **further}, name
    assert site.trouble == []
