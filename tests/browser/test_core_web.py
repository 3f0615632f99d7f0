"""What Core for tags does on a page: order, data of the moment, and never any harm to the page."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page

from properties.catalog.registry import packages
from rules.publishing.web_library import library
from tests.web_page import LIBRARY, SITE, WebPage, code, component, document, element, rule
from tests.work import HANG_SECONDS

pytestmark = pytest.mark.browser

HANG = HANG_SECONDS * 1000
SEES = "(window.seen = window.seen || []).push"


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    made = browser.new_context()
    yield made
    made.close()


def event(name: str, **settings: Any) -> dict[str, Any]:
    return component(f"core-web::events::{name}", settings)


def text_of(*rules: dict[str, Any], **more: Any) -> str:
    return library(document(*rules, **more), packages())


def seen(page: Page, count: int) -> Any:
    page.wait_for_function(f"(window.seen || []).length >= {count}", timeout=HANG)
    return page.evaluate("window.seen")


LOADS = [
    rule([event(name)], code(f"{SEES}('{name}');"))
    for name in ("window-loaded", "dom-ready", "page-bottom", "library-loaded")
]
LATE = (
    "<script>window.addEventListener('load', () => setTimeout(() => document.head.append("
    f"Object.assign(document.createElement('script'), {{src: '{LIBRARY}'}})), 50));</script>"
)


@pytest.mark.parametrize(
    "embed", [f'<script src="{LIBRARY}" async></script>', f'<script src="{LIBRARY}"></script>', LATE]
)
def test_the_steps_of_a_page_come_in_order_however_late_the_library_is(
    context: BrowserContext, embed: str
) -> None:
    page = WebPage(context, text_of(*LOADS), embed=embed).open()
    assert seen(page, 4) == ["library-loaded", "page-bottom", "dom-ready", "window-loaded"]


# The shop fills its data layer in its own handler, and hides the click from everybody else.
SHOP = """
window.shop = {value: 19.9};
document.addEventListener('DOMContentLoaded', () => {
  document.querySelector('a').addEventListener('click', (event) => {
    window.shop.value = 99; event.stopPropagation(); event.preventDefault();
  });
});
"""
READS = code(f"{SEES}(_satellite.getVar('Value'));")


@pytest.mark.parametrize(("after_page", "value"), [(True, 99), (False, 19.9)])
@pytest.mark.parametrize("sequenced", [True, False])
def test_a_click_is_noticed_although_it_is_stopped_and_can_wait_for_the_page(
    context: BrowserContext, after_page: bool, value: float, sequenced: bool
) -> None:
    click = rule([event("click", elementSelector="a", afterPage=after_page)], READS)
    made = text_of(click, elements={"Value": element("return shop.value")}, sequenced=sequenced)
    page = WebPage(context, made, html='<a href="/next">Add</a>', before=SHOP).open()
    page.click("a")
    assert seen(page, 1) == [value]


# A page that is left before its next task.
LEFT = """async () => {
  document.querySelector('a').click();
  dispatchEvent(new Event('pagehide'));
  for (let turn = 0; turn < 50; turn += 1) await null;
  return window.seen;
}"""


@pytest.mark.parametrize("sequenced", [True, False])
def test_a_click_that_leaves_the_page_at_once_is_not_lost(context: BrowserContext, sequenced: bool) -> None:
    click = rule([event("click", elementSelector="a", afterPage=True)], READS)
    made = text_of(click, elements={"Value": element("return shop.value")}, sequenced=sequenced)
    page = WebPage(context, made, html='<a href="/next">Add</a>', before=SHOP).open()
    assert page.evaluate(LEFT) == [99]
    page.wait_for_timeout(50)
    assert seen(page, 1) == [99]


NESTED = '<section class="outer"><div class="inner"><b>Add</b></div></section>'


@pytest.mark.parametrize(
    ("inner", "outer", "runs"),
    [
        ({}, {}, ["inner DIV B", "outer SECTION B"]),
        ({"bubbleStop": True}, {}, ["inner DIV B"]),
        ({}, {"bubbleFireIfChildFired": False}, ["inner DIV B"]),
        ({"bubbleFireIfParent": False}, {}, ["outer SECTION B"]),
    ],
)
def test_the_nearest_element_comes_first_and_may_stop_the_others(
    context: BrowserContext, inner: dict[str, Any], outer: dict[str, Any], runs: list[str]
) -> None:
    says = "event.element.nodeName + ' ' + event.target.nodeName"
    made = text_of(
        rule([event("click", elementSelector=".outer", **outer)], code(f"{SEES}('outer ' + {says});")),
        rule([event("click", elementSelector=".inner", **inner)], code(f"{SEES}('inner ' + {says});")),
        rule([event("custom-event", type="end")], code(f"{SEES}('end');")),
    )
    page = WebPage(context, made, html=NESTED).open()
    page.click("b")
    page.evaluate("window.dispatchEvent(new CustomEvent('end'))")
    assert seen(page, len(runs) + 1) == [*runs, "end"]


def test_a_click_inside_an_open_shadow_root_is_found(context: BrowserContext) -> None:
    made = text_of(rule([event("click", elementSelector="button")], code(f"{SEES}(this.id);")))
    inner = '<button id="in">Add</button>'
    shadow = f"document.querySelector('p').attachShadow({{mode: 'open'}}).innerHTML = '{inner}';"
    page = WebPage(context, made, html="<p></p>", then=shadow).open()
    page.click("button")
    assert seen(page, 1) == ["in"]


def test_a_delayed_link_may_be_inside_an_open_shadow_root(context: BrowserContext) -> None:
    made = text_of(rule([event("click", elementSelector="a", anchorDelay=60_000)], code(f"{SEES}(this.id);")))
    inner = '<a id="in" href="/next">Next</a>'
    shadow = f"document.querySelector('p').attachShadow({{mode: 'open'}}).innerHTML = '{inner}';"
    notes = "window.addEventListener('click', (event) => window.prevented = event.defaultPrevented);"
    page = WebPage(context, made, html="<p></p>", before=notes, then=shadow).open()
    page.click("a")
    assert seen(page, 1) == ["in"]
    assert page.evaluate("window.prevented")


def test_tokens_read_the_element_and_the_event(context: BrowserContext) -> None:
    told = component(
        "core-web::actions::trigger-direct-call",
        {
            "identifier": "told",
            "detail": {"eventObjectEntries": [{"key": "link", "value": "%this.getAttribute(href)%"}]},
        },
    )
    made = text_of(
        rule([event("click", elementSelector="a")], told),
        rule([event("direct-call", identifier="told")], code(f"{SEES}(event.detail.link);")),
    )
    before = "window.addEventListener('click', (event) => event.preventDefault());"
    page = WebPage(context, made, html='<a href="/next"><i>Next</i></a>', before=before).open()
    page.click("i")
    assert seen(page, 1) == ["/next"]


def test_a_delayed_link_is_followed_once(context: BrowserContext) -> None:
    rules = [rule([event("click", elementSelector="a", anchorDelay=50)], code(";")) for _ in range(2)]
    shop = WebPage(context, text_of(*rules), html='<a href="/next">Next</a>')
    page = shop.open()
    page.click("a")
    page.wait_for_url(f"{SITE}/next", timeout=HANG)
    assert shop.asked.count(f"{SITE}/next") == 1


def test_custom_code_runs_under_a_strict_policy(context: BrowserContext) -> None:
    """All four kinds are functions of the library: nothing is evaluated, nothing stands in the page."""
    made = text_of(
        rule(
            [event("custom-code", source="trigger({detail: 7}); // at once")],
            code(f"{SEES}([event.detail, _satellite.getVar('Text')]); // the end"),
            conditions=[
                component("core-web::conditions::custom-code", {"source": "return event.detail === 7"})
            ],
        ),
        elements={"Text": element("return 'a' // a comment")},
    )
    policy = "default-src 'none'; script-src 'nonce-n' https://data.shop.example"
    shop = WebPage(context, made, policy=policy)
    assert seen(shop.open(), 1) == [[7, "a"]]
    assert shop.errors == []


def test_broken_code_of_one_rule_leaves_the_others_and_the_page_alone(context: BrowserContext) -> None:
    made = text_of(
        rule([event("custom-code", source="throw new Error('event')")], code(f"{SEES}('never');")),
        rule([event("dom-ready")], code("throw new Error('action');"), code(f"{SEES}('same rule');")),
        rule(
            [event("dom-ready")], code("return Promise.reject(new Error('late'));"), code(f"{SEES}('after');")
        ),
        rule([event("click", elementSelector=".a")], code(f"{SEES}('click');")),
    )
    shop = WebPage(context, made, html='<button class="a">Add</button>')
    page = shop.open()
    page.click("button")
    assert seen(page, 3) == ["same rule", "after", "click"]
    assert shop.errors == []


def test_several_changes_of_the_address_count_once_and_history_works_as_before(
    context: BrowserContext,
) -> None:
    made = text_of(rule([event("history-change")], code(f"{SEES}(location.pathname + location.search);")))
    page = WebPage(context, made).open()
    page.evaluate("history.pushState({a: 1}, '', '/a'); history.replaceState({a: 2}, '', '/a?b=1');")
    assert seen(page, 1) == ["/a?b=1"]
    assert page.evaluate("history.state") == {"a": 2}
    page.evaluate("history.replaceState({a: 3}, '', location.href); history.pushState({}, '', '/c');")
    assert seen(page, 2) == ["/a?b=1", "/c"]
    page.go_back()
    assert seen(page, 3) == ["/a?b=1", "/c", "/a?b=1"]


def test_two_rules_get_their_own_copies_of_an_event(context: BrowserContext) -> None:
    made = text_of(
        *(
            rule(
                [event("custom-event", type="buy")],
                code(f"event.mine = {n}; {SEES}([event.mine, event.detail]);"),
            )
            for n in (1, 2)
        )
    )
    page = WebPage(context, made, html="<p></p>").open()
    page.evaluate(
        "document.querySelector('p').dispatchEvent(new CustomEvent('buy', {bubbles: false, detail: 5}))"
    )
    assert seen(page, 2) == [[1, 5], [2, 5]]


def test_a_second_copy_of_the_embed_code_does_nothing(context: BrowserContext) -> None:
    made = text_of(
        rule([event("dom-ready")], code(f"{SEES}(1);")), rule([event("window-loaded")], code(f"{SEES}(2);"))
    )
    page = WebPage(context, made, embed=f'<script src="{LIBRARY}"></script>' * 2).open()
    assert seen(page, 2) == [1, 2]


def test_an_element_comes_into_view_each_time_and_its_delay_can_be_broken_off(
    context: BrowserContext,
) -> None:
    made = text_of(
        rule([event("enters-viewport", elementSelector="p", frequency="everyEntry")], code(f"{SEES}('p');")),
        rule([event("enters-viewport", elementSelector="p", delay=600_000)], code(f"{SEES}('late');")),
    )
    page = WebPage(context, made, html='<div style="height: 5000px"></div><p>End</p>').open()
    for count in (1, 2):
        page.evaluate("document.querySelector('p').scrollIntoView()")
        assert seen(page, count) == ["p"] * count
        page.evaluate("window.scrollTo(0, 0)")
        page.wait_for_function(
            "document.querySelector('p').getBoundingClientRect().top > innerHeight", timeout=HANG
        )


def test_a_request_of_the_page_is_never_made(context: BrowserContext) -> None:
    shop = WebPage(context, text_of(rule([event("dom-ready")], code(f"{SEES}(1);"))))
    seen(shop.open(), 1)
    assert shop.refused == []
    assert [url for url in shop.asked if url not in (f"{SITE}/", LIBRARY, f"{SITE}/favicon.ico")] == []
