"""The palette and the keys of pages, as a person uses them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, Request, expect

pytestmark = [pytest.mark.browser, pytest.mark.processes]


@pytest.fixture
def page(browser: Browser, shop: Any) -> Iterator[Page]:
    """The page of secrets, which has few requests of its own."""
    context = browser.new_context()
    page = shop.sign_in(context)
    page.goto(f"{shop.url}secrets/")
    yield page
    context.close()


def opened(page: Page) -> Any:
    page.keyboard.press("Control+k")
    palette = page.get_by_test_id("palette")
    expect(palette.get_by_role("option").first).to_be_visible()
    return palette


def test_a_rule_is_opened_by_the_keyboard_alone(page: Page, shop: Any) -> None:
    palette = opened(page)
    page.keyboard.type("purchase")
    row = palette.get_by_role("option", name=re.compile("^Purchase"))
    expect(row).to_have_attribute("aria-selected", "true")
    active = palette.get_by_role("combobox").evaluate("it => it.ariaActiveDescendantElement.id")
    assert active == row.get_attribute("id")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Purchase")
    assert page.url.startswith(f"{shop.url}rules/")


def test_enter_waits_for_the_answer_to_what_was_typed(page: Page, shop: Any) -> None:
    """Otherwise it would open the first row of the earlier answer."""
    opened(page)
    held: list[Any] = []
    page.route(re.compile(r"/search/"), lambda route: held.append(route))
    page.keyboard.type("environments")
    page.keyboard.press("Enter")
    while not held:
        page.wait_for_timeout(20)
    assert page.url == f"{shop.url}secrets/"
    held[0].continue_()
    expect(page.get_by_role("heading", level=1)).to_have_text("Environments")


def test_fast_typing_asks_once(page: Page) -> None:
    opened(page)
    asked: list[Request] = []
    page.on("request", lambda request: asked.append(request) if "/search/" in request.url else None)
    page.keyboard.type("event", delay=5)
    expect(page.get_by_role("option", name=re.compile("^Event Log"))).to_be_visible()
    assert len(asked) == 1


def test_arrows_move_over_sections_and_around(page: Page) -> None:
    palette = opened(page)
    rows = palette.get_by_role("option")
    last = rows.last
    page.keyboard.press("ArrowUp")
    expect(last).to_have_attribute("aria-selected", "true")
    page.keyboard.press("ArrowDown")
    expect(rows.first).to_have_attribute("aria-selected", "true")
    expect(palette.locator('[aria-selected="true"]')).to_have_count(1)


def test_escape_closes_and_gives_the_focus_back(page: Page) -> None:
    button = page.get_by_role("button", name="Search or jump to").first
    button.click()
    expect(page.get_by_test_id("palette")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_test_id("palette")).to_be_hidden()
    expect(button).to_be_focused()


def test_an_act_presses_the_button_of_the_page(page: Page) -> None:
    opened(page)
    before = page.locator("html").get_attribute("data-theme")
    page.keyboard.type("theme")
    expect(page.get_by_role("option", name="Switch theme")).to_be_visible()
    page.keyboard.press("Enter")
    expect(page.get_by_test_id("palette")).to_be_hidden()
    assert page.locator("html").get_attribute("data-theme") != before


def test_when_the_search_fails_it_says_so_and_goes_on(page: Page) -> None:
    opened(page)
    page.route(re.compile(r"/search/"), lambda route: route.fulfill(status=500), times=1)
    page.keyboard.type("ruleset")
    expect(page.get_by_text("Could not search.")).to_be_visible()
    for _ in range(3):
        page.keyboard.press("Backspace")
    expect(page.get_by_role("option", name=re.compile("^Rules"))).to_be_visible()


def test_letters_go_to_pages_but_not_while_typing(page: Page, shop: Any) -> None:
    page.keyboard.press("g")
    page.keyboard.press("r")
    expect(page.get_by_role("heading", level=1)).to_have_text("Rules")
    page.goto(f"{shop.url}data-elements/new/?type=core::dataElements::path")
    page.get_by_label("Name", exact=True).focus()
    page.keyboard.type("gr?")
    expect(page.get_by_label("Name", exact=True)).to_have_value("gr?")
    expect(page.get_by_test_id("keys")).to_be_hidden()


def test_the_question_mark_shows_the_keys(page: Page) -> None:
    page.keyboard.press("?")
    expect(page.get_by_test_id("keys").get_by_text("Search or jump to")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_test_id("keys")).to_be_hidden()


def test_who_switched_letters_off_keeps_only_the_palette(page: Page, shop: Any) -> None:
    page.goto(f"{shop.product.url}/account/")
    page.get_by_label("Single letters are shortcuts").uncheck()
    page.get_by_role("button", name="Save").click()
    page.goto(f"{shop.url}secrets/")
    page.keyboard.press("g")
    page.keyboard.press("r")
    page.keyboard.press("?")
    expect(page.get_by_test_id("keys")).to_be_hidden()
    assert page.url == f"{shop.url}secrets/"
    opened(page)
    page.keyboard.press("Escape")
    page.goto(f"{shop.product.url}/account/")
    page.get_by_label("Single letters are shortcuts").check()
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_test_id("toasts")).to_contain_text("Saved how pages look for you.")


def test_without_scripts_the_button_leads_to_the_search_page(browser: Browser, shop: Any, page: Page) -> None:
    cookies = page.context.cookies()
    context = browser.new_context(java_script_enabled=False)
    context.add_cookies(cookies)
    bare = context.new_page()
    bare.goto(f"{shop.url}secrets/")
    bare.get_by_role("link", name="Search", exact=True).first.click()
    bare.get_by_role("searchbox").fill("purchase")
    bare.get_by_role("button", name="Search", exact=True).click()
    bare.get_by_role("link", name=re.compile("^Purchase")).click()
    expect(bare.get_by_role("heading", level=1)).to_have_text("Purchase")
    context.close()
