"""Data elements in a browser: values, the drawer, keys of received events, several at once."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, Page, Route, expect

from capi_admin import demo
from tests.work import HANG_SECONDS

from .axe import in_every_look
from .conftest import Shop

pytestmark = [pytest.mark.browser, pytest.mark.processes]


@pytest.fixture
def page(browser: Browser, shop: Shop) -> Iterator[Page]:
    """The list of data elements of a shop that has received events."""
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    context.set_default_timeout(HANG_SECONDS * 1000)
    applied = shop.apply("--publish", "production")
    opened = shop.sign_in_only(context)
    demo.send_samples(shop.product.url, applied["environments"]["production"]["datastream_id"])
    go(opened, shop)
    yield opened
    context.close()


def go(page: Page, shop: Shop) -> None:
    """Open the list and wait for its values."""
    page.goto(f"{shop.url}data-elements/")
    page.get_by_text("the newest event").wait_for()


def row(page: Page, name: str) -> Locator:
    exact = re.compile(f"^{re.escape(name)}$")
    return page.get_by_test_id("data-element").filter(has=page.get_by_role("link", name=exact))


def drawer(page: Page) -> Locator:
    return page.locator("#drawer")


def test_the_list_gets_its_values_after_the_page(page: Page) -> None:
    expect(row(page, "Event Name")).to_contain_text("Newsletter opened")
    expect(row(page, "Order ID")).to_contain_text("33 %")
    expect(row(page, "Email")).not_to_contain_text("mary@")


def test_values_are_searched_while_typing(page: Page) -> None:
    page.get_by_label("Search data elements").fill("newsletter")
    expect(page.get_by_test_id("data-element")).to_have_count(1)


def test_a_row_opens_in_the_drawer_and_escape_returns_to_it(page: Page) -> None:
    link = row(page, "Currency").get_by_role("link", name="Currency")
    link.click()
    expect(drawer(page).get_by_role("heading", name="Currency")).to_be_focused()
    expect(page).to_have_url(re.compile("/data-elements/DE"))
    page.keyboard.press("Escape")
    expect(drawer(page)).to_have_count(0)
    expect(page).to_have_url(re.compile("/data-elements/$"))
    expect(link).to_be_focused()


def test_back_closes_the_drawer_and_a_reload_shows_its_page(page: Page) -> None:
    row(page, "Currency").get_by_role("link", name="Currency").click()
    drawer(page).wait_for()
    page.reload()
    expect(page.get_by_role("heading", level=1, name="Currency")).to_be_visible()
    page.go_back()
    expect(page.get_by_role("heading", level=1, name="Data Elements")).to_be_visible()


def test_a_new_element_is_made_without_leaving_the_list(page: Page) -> None:
    page.keyboard.press("c")
    drawer(page).get_by_label("Name", exact=True).fill("Basket")
    drawer(page).get_by_text("Choose from received events").click()
    drawer(page).get_by_test_id("picks").get_by_role("button", name=re.compile("^content_ids")).click()
    expect(drawer(page).get_by_label("Path", exact=True)).to_have_value("arc.event.data.content_ids")
    expect(drawer(page).get_by_label("Name", exact=True)).to_have_value("Basket")
    drawer(page).get_by_test_id("save").click()
    expect(drawer(page)).to_have_count(0)
    expect(page.get_by_test_id("toasts")).to_contain_text("Saved Basket.")
    expect(row(page, "Basket")).to_contain_text("sku-1")


def test_an_error_is_shown_in_the_drawer_with_what_was_typed(page: Page) -> None:
    page.get_by_test_id("new-data-element").click()
    drawer(page).get_by_label("Name", exact=True).fill("CURRENCY")
    drawer(page).get_by_label("Path", exact=True).fill("arc.event.data.currency")
    drawer(page).get_by_test_id("save").click()
    expect(drawer(page)).to_contain_text("“Currency” exists already.")
    expect(drawer(page).get_by_label("Name", exact=True)).to_have_value("CURRENCY")


@pytest.mark.parametrize("path", ["arc.event.data.basket", ""], ids=["saved", "refused"])
def test_a_form_that_is_left_while_it_is_sent_changes_nothing_in_what_is_opened_next(
    page: Page, path: str
) -> None:
    page.get_by_test_id("new-data-element").click()
    drawer(page).get_by_label("Name", exact=True).fill("Basket")
    drawer(page).get_by_label("Path", exact=True).fill(path)
    sent: list[Route] = []
    page.route("**/data-elements/new/**", lambda route: sent.append(route))
    drawer(page).get_by_test_id("save").click()
    while not sent:
        page.wait_for_timeout(20)
    row(page, "Currency").get_by_role("link", name="Currency").click()
    expect(drawer(page).get_by_role("heading", name="Currency")).to_be_visible()
    with page.expect_response("**/data-elements/new/**"):
        sent[0].continue_()
    if path:
        expect(row(page, "Basket")).to_have_count(1)
    page.wait_for_timeout(300)
    expect(drawer(page)).to_have_count(1)
    expect(drawer(page).get_by_role("heading", name="Currency")).to_be_visible()


def test_save_and_add_another_keeps_the_drawer(page: Page) -> None:
    page.get_by_test_id("new-data-element").click()
    drawer(page).get_by_label("Name", exact=True).fill("First")
    drawer(page).get_by_label("Path", exact=True).fill("arc.event.data.first")
    drawer(page).get_by_test_id("save-another").click()
    expect(drawer(page).get_by_label("Name", exact=True)).to_have_value("")
    expect(page.get_by_test_id("toasts")).to_contain_text("Saved First.")


def test_ticked_keys_become_elements_at_once_and_undo_takes_them_back(page: Page, shop: Shop) -> None:
    page.get_by_test_id("from-events").click()
    for path in ("arc.event.data.contents[0].quantity", "arc.event.xdm.eventType"):
        page.get_by_label(f"Select {path}", exact=True).check()
    page.get_by_role("button", name="Create 2 data elements").click()
    expect(page.get_by_test_id("toasts")).to_contain_text("Created 2 data elements: Quantity and Event Type.")
    page.get_by_test_id("undo").click()
    expect(page.get_by_test_id("toasts")).to_contain_text("Undone")
    page.get_by_text("the newest event").wait_for()
    expect(row(page, "Quantity")).to_have_count(0)


def test_several_are_deleted_with_what_breaks_named_and_come_back(page: Page) -> None:
    expect(page.get_by_test_id("bulk")).to_be_hidden()
    page.get_by_label("Select Currency", exact=True).check()
    page.get_by_label("Select Order ID", exact=True).check()
    expect(page.get_by_test_id("bulk")).to_contain_text("2 selected")
    page.get_by_test_id("bulk-delete").click()
    expect(page.get_by_test_id("toasts")).to_contain_text("Deleted Currency and Order ID.")
    expect(page.get_by_test_id("toasts")).to_contain_text("Purchase")
    page.get_by_test_id("undo").click()
    page.get_by_text("the newest event").wait_for()
    expect(row(page, "Currency")).to_have_count(1)


def test_axe_finds_nothing_in_any_look(page: Page, browser: Browser, shop: Shop, node_modules: Path) -> None:
    cookies = page.context.cookies()

    def opened(address: str, wait: str) -> list[str]:
        def show(page: Page) -> None:
            page.goto(f"{shop.url}{address}")
            page.locator(wait).first.wait_for()

        return in_every_look(browser, cookies, node_modules, show)

    def with_drawer(page: Page) -> None:
        go(page, shop)
        row(page, "Currency").get_by_role("link", name="Currency").click()
        drawer(page).get_by_test_id("dry-run-of-event").first.wait_for()

    assert opened("data-elements/", "#elements .chip") == []
    assert opened("received-keys/", "[data-testid=tree]") == []
    assert in_every_look(browser, cookies, node_modules, with_drawer) == []
