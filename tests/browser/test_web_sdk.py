"""A real site on the unmodified Adobe Web SDK: from the visitor's browser to Meta."""

from __future__ import annotations

import json
import re
import time
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page

from tests.browser.tls_proxy import VISITOR, TlsProxy
from tests.product import wait_for
from tests.recordings import recording

from .conftest import Shop

pytestmark = [pytest.mark.browser, pytest.mark.processes]

FBP = "fb.1.1596403881668.1116446470"
# A click of yesterday: Meta accepts click ids for 90 days.
FBC = f"fb.1.{int(time.time() - 86_400) * 1000}.AbCdEfGhIjKlMnOpQrStUvWxYz1234567890"
ORGANIZATION = "5BFE274A5F6980A50A495C08@AdobeOrg"
SHOP, EDGE = "www.shop.example", "data.shop.example"
PURCHASE = {
    "event": "Purchase",
    "event_id": "order-1001",
    "order_id": "1001",
    "value": 99.5,
    "currency": "USD",
    "contents": [{"id": "sku-1", "quantity": 2, "item_price": 49.75}],
    "content_ids": ["sku-1"],
    "user": {
        "email": " John_Smith@gmail.com ",
        "phone": "+1 (650)555-1212",
        "first_name": "Mary",
        "country": "us",
    },
}
PAGE = """<!doctype html><html lang="en"><meta charset="utf-8"><title>Thank you</title>
<link rel="icon" href="data:,"><h1>Thank you</h1>
<script src="/alloy.js"></script>"""
BASE_CODE = """!function(n,o){o.forEach(function(o){n[o]||((n.__alloyNS=n.__alloyNS||[]).push(o),
n[o]=function(){var u=arguments;return new Promise(function(i,l){n[o].q.push([i,l,u])})},n[o].q=[])})}
(window,["alloy"]);"""


@pytest.fixture
def datastream(shop: Shop) -> str:
    datastreams = {"production": {"org_id": ORGANIZATION}}
    made = shop.apply("--publish", "production", datastreams=datastreams)
    return str(made["environments"]["production"]["datastream_id"])


@pytest.fixture
def proxy(shop: Shop, tmp_path: Path, node_modules: Path) -> Any:
    alloy = (node_modules / "@adobe/alloy/dist/alloy.js").read_bytes()
    script = ("text/javascript", BASE_CODE.encode() + b"\n" + alloy)
    files = {"/thank-you": ("text/html", PAGE.encode()), "/alloy.js": script}
    found = TlsProxy(shop.product.url, tmp_path, (SHOP, EDGE), files)
    yield found
    found.stop()


@pytest.fixture
def opened(launch: Any, proxy: TlsProxy, datastream: str) -> Any:
    """The shop's page with the Web SDK configured, and the lines of the console."""
    rules = (
        f"--host-resolver-rules=MAP {SHOP}:443 127.0.0.1:{proxy.port},MAP {EDGE}:443 127.0.0.1:{proxy.port}"
    )
    context = launch(rules, "--ignore-certificate-errors").new_context(ignore_https_errors=True)
    cookies = [
        {"name": n, "value": v, "domain": ".shop.example", "path": "/"}
        for n, v in (("_fbp", FBP), ("_fbc", FBC))
    ]
    context.add_cookies(cookies)
    page: Page = context.new_page()
    noise: list[str] = []
    page.on("console", lambda message: noise.append(f"{message.type}: {message.text}"))
    page.on("pageerror", lambda error: noise.append(str(error)))
    visit(page, datastream)
    yield page, noise
    context.close()


def visit(page: Page, datastream: str, query: str = "") -> None:
    """Open the shop's page, which configures the Web SDK."""
    page.goto(f"https://{SHOP}/thank-you{query}")
    page.evaluate(
        """configuration => alloy("configure", configuration)""",
        {
            "datastreamId": datastream,
            "orgId": ORGANIZATION,
            "edgeDomain": EDGE,
            "thirdPartyCookiesEnabled": False,
        },
    )


def test_a_purchase_in_the_browser_reaches_meta(opened: Any, shop: Shop) -> None:
    page, noise = opened
    started = int(time.time())
    page.evaluate("""data => alloy("sendEvent", {type: "commerce.purchases", data})""", PURCHASE)

    request = wait_for(lambda: next(iter(shop.requests), None), "the purchase at the Graph simulator")
    assert request["status"] == 200, request["response"]
    body = request["body"]
    assert body["partner_agent"] == "capi_admin_1_0"
    [event] = body["data"]
    user_agent = page.evaluate("navigator.userAgent")
    # Hashes: Meta, Customer Information Parameters, the documented examples.
    assert event["user_data"] == {
        "em": "62a14e44f765419d10fea99367361a727c12365e2520f32218d505ed9aa0f62f",
        "ph": "e323ec626319ca94ee8bff2e4c87cf613be6ea19919ed1364124e16807ab3176",
        "fn": "6915771be1c5aa0c886870b6951b03d7eafc121fea0e80a5ea83beb7c449f4ec",
        "country": "79adb2a2fce5c6ba215fe5f27f532d4e7edbac4b6a5e09e1ef3a08084a904621",
        "client_ip_address": VISITOR,
        "client_user_agent": user_agent,
        "fbp": FBP,
        "fbc": FBC,
    }
    assert event["event_name"] == "Purchase"
    assert event["event_id"] == "order-1001"
    assert event["action_source"] == "website"
    assert event["event_source_url"] == f"https://{SHOP}/thank-you"
    assert isinstance(event["event_time"], int)
    assert started - 1 <= event["event_time"] <= time.time()
    assert event["custom_data"] == {
        "value": 99.5,
        "currency": "USD",
        "contents": [{"id": "sku-1", "quantity": 2, "item_price": 49.75}],
        "content_ids": ["sku-1"],
        "content_type": "product",
        "order_id": "1001",
    }
    assert noise == []


def test_the_commands_of_the_web_sdk_resolve(opened: Any, proxy: TlsProxy) -> None:
    page, noise = opened
    assert "decisions" in page.evaluate("""() => alloy("sendEvent", {data: {event: "PageView"}})""")
    identity = page.evaluate("""() => alloy("getIdentity", {namespaces: ["ECID"]})""")
    assert len(identity["identity"]["ECID"]) == 38
    assert identity["identity"]["ECID"].isdigit()
    consent = {"standard": "Adobe", "version": "1.0", "value": {"general": "in"}}
    page.evaluate("""consent => alloy("setConsent", {consent: [consent]})""", consent)
    assert page.evaluate("""() => alloy("getIdentity")""")["identity"] == identity["identity"]
    assert noise == []
    assert {exchange["status"] for exchange in proxy.exchanges} <= {200, 204}


def test_a_refusal_by_iab_tcf_ends_what_the_web_sdk_sends(opened: Any, proxy: TlsProxy) -> None:
    """Source: @adobe/alloy, integration tests C224671 and C224675."""
    page, _noise = opened

    def set_consent(standard: str, value: str) -> str:
        consent = {"standard": standard, "version": "2.0", "value": value, "gdprApplies": True}
        return str(
            page.evaluate(
                """consent => alloy("setConsent", {consent: [consent]}).then(() => "", it => it.message)""",
                consent,
            )
        )

    assert set_consent("IAB TCF", "CO052oTO052oTDGAMBFRACBgAABAAAAAAIYgEawAQEagAAAA") == ""
    assert "_consent=general=out" in page.evaluate("decodeURIComponent(document.cookie)")
    page.evaluate("""() => alloy("sendEvent", {data: {event: "PageView"}})""")
    assert [each for each in proxy.exchanges if "/interact" in each["path"]] == []
    assert "EXEG-0102-400" in set_consent("IAB", "CO052l-O052l-DGAMBFRACBgAIBAAAAAAIYgEawAQEagAAAA")


def test_a_visitor_from_an_ad_gets_metas_cookies_of_the_site(
    opened: Any, shop: Shop, datastream: str
) -> None:
    """Source: facebook/capi-param-builder, Python 1.3.2: cookies of the registrable domain."""
    page, _noise = opened
    options = {"org_id": ORGANIZATION, "write_click_cookies": True}
    shop.apply("--publish", "production", datastreams={"production": options})
    page.context.clear_cookies()

    def cookies_after_an_event() -> dict[str, str]:
        visit(page, datastream, "?fbclid=AbCdEf")
        page.evaluate("""data => alloy("sendEvent", {type: "commerce.purchases", data})""", PURCHASE)
        return dict(part.split("=", 1) for part in page.evaluate("document.cookie").split("; "))

    def only_with_click(cookies: dict[str, str]) -> dict[str, str] | None:
        return cookies if {"_fbc", "_fbp"} <= cookies.keys() else None

    # The edge reloads its datastreams once a second; the second event gets the browser id.
    cookies = wait_for(lambda: only_with_click(cookies_after_an_event()), "the cookie of the click")
    assert re.fullmatch(r"fb\.1\.[0-9]{13}\.AbCdEf", cookies["_fbc"])
    assert re.fullmatch(r"fb\.1\.[0-9]{13}\.[0-9]+", cookies["_fbp"])
    assert cookies_after_an_event() == cookies
    sent = wait_for(
        lambda: [
            event
            for request in shop.requests
            for event in request["body"]["data"]
            if event["user_data"].get("fbp") == cookies["_fbp"]
        ],
        "the purchase with the new cookies",
    )
    assert sent[0]["user_data"]["fbc"] == cookies["_fbc"]


def test_the_unload_beacon_is_taken(opened: Any, proxy: TlsProxy, shop: Shop) -> None:
    page, _noise = opened
    send = """options => alloy("sendEvent", options)"""
    page.evaluate(send, {"data": {"event": "PageView", "event_id": "first"}})
    page.evaluate(send, {"data": {"event": "PageView", "event_id": "beacon"}, "documentUnloading": True})
    beacon = wait_for(
        lambda: next((e for e in proxy.exchanges if "/collect" in e["path"]), None), "the beacon"
    )
    assert beacon["status"] == 204
    sent = wait_for(
        lambda: {e["event_id"] for r in shop.requests for e in r["body"]["data"]} >= {"first", "beacon"},
        "both",
    )
    assert sent


def test_the_kept_request_is_what_the_web_sdk_sends_today(opened: Any, proxy: TlsProxy) -> None:
    """Faster tests use the recorded request; this one notices when the Web SDK sends another one."""
    page, _noise = opened
    page.evaluate("""data => alloy("sendEvent", {type: "commerce.purchases", data})""", PURCHASE)
    sent = next(e for e in proxy.exchanges if "/interact" in e["path"])
    kept = recording("web_sdk_purchase")
    assert set(kept["body"]) == set(json.loads(sent["body"]))
    assert set(kept["body"]["events"][0]["xdm"]) == set(json.loads(sent["body"])["events"][0]["xdm"])
    assert kept["headers"]["content-type"].lower() == sent["headers"]["content-type"].lower()
