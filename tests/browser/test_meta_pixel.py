"""What the Meta Pixel extension sends. A stand-in for Meta's file follows the published queue protocol."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Route

from properties.catalog.registry import packages
from rules.publishing.web_library import library
from tests.web_page import LIBRARY, WebPage, code, component, document, element, rule
from tests.work import HANG_SECONDS

pytestmark = pytest.mark.browser

HANG = HANG_SECONDS * 1000
META = "https://connect.facebook.net/en_US/fbevents.js"
PIXEL = "1234567890"
# As Meta's page describes it: the file takes what waits in the queue, as it is then, and what comes later.
STAND_IN = """
(() => {
  const fbq = window.fbq;
  window.sent = [];
  fbq.callMethod = (...given) => window.sent.push(JSON.parse(JSON.stringify(given)));
  fbq.getState = () => ({pixels: window.sent.filter((it) => it[0] === 'init').map((it) => ({id: it[1]}))});
  fbq.queue.splice(0).forEach((given) => fbq.callMethod(...given));
})();
"""
BASE_CODE = f"""
!function(f,b,e,v,n,t,s){{if(f.fbq)return;n=f.fbq=function(){{n.callMethod?
n.callMethod.apply(n,arguments):n.queue.push(arguments)}};if(!f._fbq)f._fbq=n;
n.push=n;n.loaded=!0;n.version='2.0';n.queue=[];t=b.createElement(e);t.async=!0;
t.src=v;s=b.getElementsByTagName(e)[0];s.parentNode.insertBefore(t,s)}}(window,
document,'script','{META}');
"""


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    made = browser.new_context()
    yield made
    made.close()


def event(name: str, **settings: Any) -> dict[str, Any]:
    return component(f"core-web::events::{name}", settings)


def action(name: str, **settings: Any) -> dict[str, Any]:
    return component(f"facebook-pixel::actions::{name}", settings)


def send(name: str, parameters: Any = None, event_id: str = "%Event ID%") -> dict[str, Any]:
    return action("send-pixel-event", eventName=name, eventId=event_id, parameters=parameters or {})


NEW_ID = action("generate-event-id")
EVENT_ID = component("facebook-pixel::dataElements::event-id", {}, defaultValue=None)
CART = {"Event ID": EVENT_ID, "Layer": element("return window.dataLayer.meta")}
LAYER = "window.dataLayer = []; dataLayer.meta = {value: 99, contents: [{id: 'A-1', quantity: 2}]};"
ADD = rule([event("custom-event", type="add")], NEW_ID, send("AddToCart", "%Layer%"))
VIEW = rule([event("dom-ready"), event("history-change")], NEW_ID, send("PageView"))


def text_of(*rules: dict[str, Any], pixel: dict[str, Any] | None = None, **more: Any) -> str:
    extensions = {"facebook-pixel": {"pixelId": PIXEL, **(pixel or {})}}
    return library(document(*rules, elements=CART, extensions=extensions, **more), packages())


def opened(context: BrowserContext, text: str, **more: Any) -> tuple[WebPage, Page]:
    shop = WebPage(context, text, **{"before": LAYER, "answers": {META: STAND_IN}, **more})
    return shop, shop.open()


def sent(page: Page, count: int) -> list[Any]:
    """Return the events, once there are ``count`` of them."""
    page.wait_for_function(
        f"(window.sent || []).filter((it) => it[0].startsWith('track')).length >= {count}", timeout=HANG
    )
    found: list[Any] = page.evaluate("window.sent.filter((it) => it[0].startsWith('track'))")
    return found


def cookies(context: BrowserContext) -> dict[str, str]:
    return {it["name"]: it["value"] for it in context.cookies()}


ADD_NOW = "window.dispatchEvent(new CustomEvent('add'))"


def test_the_pixel_is_set_up_once_and_every_event_has_its_id(context: BrowserContext) -> None:
    shop, page = opened(context, text_of(VIEW, ADD))
    page.evaluate(ADD_NOW)
    page.evaluate(ADD_NOW)
    view, first, second = sent(page, 3)
    assert view[:4] == ["trackSingle", PIXEL, "PageView", {}]
    assert first[:3] == ["trackSingle", PIXEL, "AddToCart"]
    assert first[3]["contents"] == [{"id": "A-1", "quantity": 2}]
    ids = [it[4]["eventID"] for it in (view, first, second)]
    assert len(set(ids)) == 3
    assert ids[-1] == page.evaluate("dataLayer.meta.conversionData.eventId")
    set_up = page.evaluate("window.sent.filter((it) => !it[0].startsWith('track'))")
    assert set_up == [["set", "autoConfig", False, PIXEL], ["init", PIXEL, {}, {"agent": "capi_admin"}]]
    assert shop.asked.count(META) == 1
    assert (shop.errors, shop.refused) == ([], [])


def test_what_the_page_changes_later_is_not_sent(context: BrowserContext) -> None:
    waiting: list[Route] = []
    _, page = opened(context, text_of(ADD), answers={META: waiting.append})
    page.evaluate(ADD_NOW)
    page.wait_for_function("window.fbq && fbq.queue.length >= 3", timeout=HANG)
    page.evaluate("dataLayer.meta.contents[0].id = 'CHANGED'; dataLayer.meta.contents[0].quantity = 9;")
    page.wait_for_function("document.readyState !== 'loading'", timeout=HANG)
    while not waiting:
        page.wait_for_timeout(20)
    waiting[0].fulfill(body=STAND_IN, content_type="text/javascript")
    assert sent(page, 1)[0][3]["contents"] == [{"id": "A-1", "quantity": 2}]


@pytest.mark.parametrize("sequenced", [True, False])
def test_the_page_may_replace_its_data_layer_between_two_actions(
    context: BrowserContext, sequenced: bool
) -> None:
    replaces = code("window.made = dataLayer.meta.conversionData.eventId; dataLayer.meta = {value: 1};")
    rules = [rule([event("custom-event", type="add")], NEW_ID, replaces, send("AddToCart"))]
    _, page = opened(context, text_of(*rules, sequenced=sequenced))
    page.evaluate(ADD_NOW)
    assert sent(page, 1)[0][4] == {"eventID": page.evaluate("window.made")}


def test_without_a_data_layer_no_global_is_made_and_the_id_is_sent_all_the_same(
    context: BrowserContext,
) -> None:
    shop, page = opened(
        context, text_of(rule([event("dom-ready")], NEW_ID, send("Lead", event_id=""))), before=""
    )
    assert len(sent(page, 1)[0][4]["eventID"]) == 36
    assert page.evaluate("typeof window.dataLayer") == "undefined"
    assert shop.errors == []


def test_browser_id_and_click_id_are_there_before_the_first_action(context: BrowserContext) -> None:
    sees = code("window.seen = document.cookie;")
    shop = WebPage(
        context, text_of(rule([event("library-loaded")], sees), VIEW), before=LAYER, answers={META: STAND_IN}
    )
    page = shop.open("/?fbclid=AbC-1_x")
    sent(page, 1)
    found = cookies(context)
    assert page.evaluate("window.seen").count("_fb") == 2
    assert found["_fbp"].split(".")[:2] == ["fb", "1"]
    assert found["_fbc"].split(".")[:2] == ["fb", "1"]
    assert found["_fbc"].endswith(".AbC-1_x")
    assert {it["domain"] for it in context.cookies() if it["name"].startswith("_fb")} == {".shop.example"}
    shop.open("/?fbclid=AbC-1_x")
    assert cookies(context) == found
    shop.open("/?fbclid=another")
    assert cookies(context)["_fbp"] == found["_fbp"]
    assert cookies(context)["_fbc"].endswith(".another")


CONSENT = [rule([event("custom-event", type=it)], action("set-consent", general=it)) for it in ("in", "out")]


def decide(page: Page, general: str) -> None:
    page.evaluate(f"window.dispatchEvent(new CustomEvent('{general}'))")


def test_nothing_is_asked_for_and_no_cookie_is_written_before_consent(context: BrowserContext) -> None:
    shop, page = opened(context, text_of(VIEW, ADD, *CONSENT, pixel={"defaultConsent": "pending"}))
    page.evaluate(ADD_NOW)
    page.wait_for_function("dataLayer.meta.conversionData?.eventId", timeout=HANG)
    page.evaluate("dataLayer.meta.contents[0].id = 'CHANGED'")
    page.wait_for_load_state("load")
    assert META not in shop.asked
    assert cookies(context) == {}
    assert page.evaluate("typeof window.fbq") == "undefined"
    decide(page, "in")
    view, add = sent(page, 2)
    assert (view[2], add[2]) == ("PageView", "AddToCart")
    assert add[3]["contents"][0]["id"] == "A-1"
    assert "_fbp" in cookies(context)


def test_a_refusal_drops_what_waits_and_a_withdrawal_stops_the_pixel(context: BrowserContext) -> None:
    _, page = opened(context, text_of(VIEW, ADD, *CONSENT, pixel={"defaultConsent": "pending"}))
    decide(page, "out")
    page.evaluate(ADD_NOW)
    decide(page, "in")
    page.evaluate(ADD_NOW)
    assert [it[2] for it in sent(page, 1)] == ["AddToCart"]
    decide(page, "out")
    page.evaluate(ADD_NOW)
    decide(page, "in")
    page.evaluate(ADD_NOW)
    assert [it[2] for it in sent(page, 2)] == ["AddToCart", "AddToCart"]
    consents = page.evaluate("window.sent.filter((it) => it[0] === 'consent')")
    assert consents == [["consent", "revoke"], ["consent", "grant"]]


def test_another_extension_can_announce_the_decision(context: BrowserContext) -> None:
    _, page = opened(context, text_of(VIEW, pixel={"defaultConsent": "%Nothing%"}))
    page.evaluate("document.dispatchEvent(new CustomEvent('capi:consent', {detail: {general: 'in'}}))")
    assert sent(page, 1)[0][2] == "PageView"


def test_each_address_of_a_single_page_application_has_one_page_view(context: BrowserContext) -> None:
    _, page = opened(context, text_of(VIEW))
    sent(page, 1)
    page.evaluate("history.pushState({}, '', '/a'); history.replaceState({}, '', '/b');")
    assert [it[2] for it in sent(page, 2)] == ["PageView", "PageView"]
    assert page.evaluate("[fbq.disablePushState, fbq.allowDuplicatePageViews]") == [True, True]


def test_the_pages_own_base_code_is_left_alone(context: BrowserContext) -> None:
    own = f"{BASE_CODE} fbq('init', '{PIXEL}'); fbq('track', 'PageView');"
    shop, page = opened(context, text_of(ADD, pixel={"ownBaseCode": True}), before=f"{LAYER}{own}")
    page.evaluate(ADD_NOW)
    assert [it[:3] for it in sent(page, 2)] == [["track", "PageView"], ["trackSingle", PIXEL, "AddToCart"]]
    assert page.evaluate("window.sent.filter((it) => it[0] === 'init').length") == 1
    assert shop.asked.count(META) == 1


def test_base_code_that_comes_later_than_the_library_is_waited_for(context: BrowserContext) -> None:
    shop, page = opened(context, text_of(ADD, pixel={"ownBaseCode": True}))
    page.evaluate(ADD_NOW)
    page.wait_for_function("dataLayer.meta.conversionData?.eventId", timeout=HANG)
    page.evaluate(f"() => {{ {BASE_CODE} }}")
    assert [it[2] for it in sent(page, 1)] == ["AddToCart"]
    assert shop.errors == []


def test_a_pixel_that_the_page_has_set_up_is_not_set_up_again(context: BrowserContext) -> None:
    own = f"{BASE_CODE} fbq('init', '{PIXEL}'); fbq('init', '999');"
    _, page = opened(context, text_of(ADD), before=f"{LAYER}{own}")
    page.evaluate(ADD_NOW)
    assert sent(page, 1)[0][:3] == ["trackSingle", PIXEL, "AddToCart"]
    assert page.evaluate("window.sent.filter((it) => it[0] === 'init').map((it) => it[1])") == [PIXEL, "999"]


THROWS_TWICE = """
let broken = 2;
window.fbq = (...given) => {
  if (broken-- > 0) throw new Error('no');
  window.sent = [...(window.sent || []), given];
};
"""


def test_a_pixel_that_throws_harms_no_other_action_and_is_tried_again(context: BrowserContext) -> None:
    over = code("window.over = (window.over || 0) + 1;")
    rules = [rule([event("custom-event", type="add")], NEW_ID, send("AddToCart"), over)]
    shop, page = opened(context, text_of(*rules), before=f"{LAYER}{THROWS_TWICE}")
    for count in (1, 2, 3):
        page.evaluate(ADD_NOW)
        page.wait_for_function(f"window.over >= {count}", timeout=HANG)
    assert len(sent(page, 3)) == 3
    assert shop.errors == []


def test_a_page_with_trusted_types_gets_the_file_through_a_policy(context: BrowserContext) -> None:
    policy = "require-trusted-types-for 'script'; trusted-types capi"
    shop, page = opened(context, text_of(VIEW), policy=policy)
    page.wait_for_load_state("load")
    while not page.evaluate("() => window.sent && window.sent.some((it) => it[2] === 'PageView')"):
        page.wait_for_timeout(20)
    assert shop.errors == []


def test_a_policy_without_metas_host_leaves_the_page_and_the_rules_alone(context: BrowserContext) -> None:
    policy = "script-src 'nonce-n' https://data.shop.example"
    rules = [rule([event("dom-ready")], NEW_ID, send("Lead"), code("window.over = true;"))]
    shop, page = opened(context, text_of(*rules), policy=policy)
    page.wait_for_function("!!window.over", timeout=HANG)
    page.wait_for_load_state("load")
    assert all("Content Security Policy" in it for it in shop.errors)


def test_limited_data_use_and_customer_data_come_before_the_first_event(context: BrowserContext) -> None:
    pixel = {
        "lduEnabled": True,
        "dataProcessingOptionsCountry": "1",
        "dataProcessingOptionsState": "1000",
        "advancedMatching": {"em": "a@shop.example", "ph": "%Nothing%", "fn": ""},
    }
    _, page = opened(context, text_of(VIEW, pixel=pixel))
    sent(page, 1)
    commands = page.evaluate("window.sent.map((it) => it.slice(0, 4))")
    assert commands[1] == ["dataProcessingOptions", ["LDU"], 1, 1000]
    assert commands[2][:2] == ["init", PIXEL]
    assert commands[2][2]["em"] == "a@shop.example"
    assert "fn" not in commands[2][2]


def test_the_library_alone_requests_nothing(context: BrowserContext) -> None:
    shop, page = opened(context, text_of(ADD))
    page.wait_for_load_state("load")
    assert [url for url in shop.asked if "shop.example" not in url] == []
    assert LIBRARY in shop.asked
