"""What forms do in a browser while somebody fills them in."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, Route, expect

from tests.browser.test_journey import fill, open_nav
from tests.work import HANG_SECONDS

from .conftest import Shop

pytestmark = [pytest.mark.browser, pytest.mark.processes]


@pytest.fixture
def page(browser: Browser, shop: Shop) -> Iterator[Page]:
    """The example property, opened."""
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    context.set_default_timeout(HANG_SECONDS * 1000)
    yield shop.sign_in(context)
    context.close()


def test_the_check_box_of_an_added_row_counts(page: Page, shop: Shop) -> None:
    open_nav(page, "Rules")
    page.get_by_role("link", name="Purchase", exact=True).click()
    page.get_by_test_id("add-condition").click()
    page.get_by_test_id("component-picker").get_by_role("link", name=re.compile("^URL")).click()
    page.get_by_label("Part", exact=True).select_option("path")
    page.get_by_label("Value", exact=True).fill("/cart")
    page.get_by_role("button", name="Add another").click()
    page.get_by_label("Value", exact=True).nth(1).fill("^/thank-you")
    page.get_by_label("Regular Expression").nth(1).check()
    page.get_by_role("button", name="Add another").click()
    expect(page.get_by_label("Value", exact=True).nth(2)).to_have_value("")
    expect(page.get_by_label("Regular Expression").nth(2)).not_to_be_checked()
    page.get_by_test_id("keep-changes").click()
    expect(page.locator("#drawer")).to_have_count(0)

    [rule] = [it for it in exported(shop)["rules"] if it["name"] == "Purchase"]
    assert rule["conditions"][-1]["settings"]["values"] == [
        {"value": "/cart"},
        {"value": "^/thank-you", "valueIsRegex": True},
    ]


def exported(shop: Shop) -> Any:
    return json.loads(shop.product.manage("export", shop.name).stdout)


def test_sending_another_form_of_the_page_asks_before_changes_are_lost(page: Page) -> None:
    open_nav(page, "Environments")
    page.get_by_role("link", name="Access to Production").click()
    fill(page, "Aliases", "old-id")
    asked: list[str] = []
    page.on("dialog", lambda dialog: (asked.append(dialog.type), dialog.dismiss()))
    page.get_by_test_id("new-key-button").click()
    expect(page.get_by_label("Aliases", exact=True)).to_have_value("old-id")
    assert asked == ["beforeunload"]
    page.get_by_test_id("save").click()
    expect(page.get_by_test_id("environment-production")).to_contain_text("old-id")
    assert asked == ["beforeunload"]


def test_a_button_that_copies_says_so_for_a_moment(page: Page) -> None:
    open_nav(page, "Environments")
    button = page.get_by_role("button", name="Copy the datastream ID of Production")
    button.click()
    button.click()
    expect(button).to_have_text("Copied")
    expect(button).to_have_text("Copy")


def test_a_double_click_sends_a_form_once(page: Page) -> None:
    posts: list[str] = []
    open_nav(page, "Data Elements")
    page.get_by_test_id("new-data-element").click()
    fill(page, "Name", "Once")
    fill(page, "Path", "arc.event.data.once")

    def slow(route: Route) -> None:
        """Delay the first answer, so the second click happens before it."""
        if route.request.method == "POST":
            posts.append(route.request.url)
            time.sleep(0.5)
        route.continue_()

    page.route("**/data-elements/new/**", slow)
    page.get_by_test_id("save").evaluate("it => { it.click(); setTimeout(() => it.click(), 200); }")
    expect(page.get_by_test_id("data-element").filter(has_text="Once")).to_be_visible()
    assert len(posts) == 1
