"""Connect to Meta as a new user does: one click at the simulator's page, and every other end of it."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from .conftest import Shop, _kept_session

pytestmark = [pytest.mark.browser, pytest.mark.processes]

PACKAGE = "meta-conversions-api"
PIXEL, OTHER = "1234567890", "9876543210"


@pytest.fixture
def page(shop: Shop, browser: Any) -> Iterator[Page]:
    """An administrator's browser; the simulator is as new."""
    shop.graph.reset_state()
    context: BrowserContext = browser.new_context()
    cookies = _kept_session(shop.product).cookies
    context.add_cookies([{"name": it.name, "value": it.value, "url": shop.product.url} for it in cookies])
    found = context.new_page()
    found.goto(f"{shop.product.url}/p/new/")
    found.get_by_label("Name").fill(f"Empty shop {shop.number} {time.time()}")
    found.locator("main button.primary").click()
    [home] = re.findall(r".+/p/[^/]+/", found.url)
    found.goto(f"{home}extensions/catalog/{PACKAGE}/")
    yield found
    context.close()
    shop.graph.reset_state()


def leave(page: Page) -> None:
    page.get_by_test_id("connect").click()
    expect(page.locator("#continue")).to_be_visible()


def test_one_click_at_metas_page_fills_both_fields_of_an_empty_property(page: Page) -> None:
    leave(page)
    page.locator("#continue").click()
    expect(page.get_by_test_id("vendor-status")).to_contain_text("The token reaches the pixel")
    expect(page.locator('[name="pixelId"]')).to_have_value(PIXEL)
    expect(page.get_by_test_id("extension-form")).to_contain_text("Stored for every environment, ends in")
    assert "code=" not in page.url
    stored = page.evaluate("JSON.stringify([{...localStorage}, {...sessionStorage}])")
    assert "EAA" not in stored
    assert "EAA" not in page.content()


def test_cancel_two_pixels_no_pixel_and_a_token_taken_back_end_in_a_sentence_and_a_way_on(
    page: Page, shop: Shop
) -> None:
    leave(page)
    page.locator("#cancel").click()
    expect(page.get_by_test_id("connect-trouble")).to_contain_text("You did not allow the access at Meta")
    page.get_by_test_id("back").click()
    shop.graph.set_state(code="expired")
    leave(page)
    page.locator("#continue").click()
    expect(page.get_by_test_id("connect-trouble")).to_contain_text("Meta's code is too old")
    page.get_by_test_id("back").click()
    shop.graph.set_state(code="valid", pixels=[])
    leave(page)
    page.locator("#continue").click()
    expect(page.get_by_test_id("create")).to_be_visible()
    page.get_by_role("link", name="Cancel").click()
    shop.graph.set_state(pixels=[{"id": PIXEL, "name": "Web"}, {"id": OTHER, "name": "App"}])
    leave(page)
    page.locator("#continue").click()
    page.get_by_label("App").check()
    page.get_by_test_id("take").click()
    expect(page.locator('[name="pixelId"]')).to_have_value(OTHER)
    shop.graph.set_state(token="revoked")
    page.get_by_test_id("read-status").click()
    expect(page.get_by_test_id("vendor-status")).to_contain_text("Somebody took the access back at Meta.")
    page.get_by_test_id("disconnect").click()
    page.get_by_test_id("confirm").click()
    expect(page.get_by_test_id("vendor")).to_contain_text("Not connected.")


def test_quick_start_is_filled_in_and_keeps_what_was_typed(page: Page, shop: Shop) -> None:
    page.goto(f"{shop.product.url}/quick-start/new/{PACKAGE}/")
    page.get_by_label("Domain").fill(f"shop{shop.number}.example")
    page.locator("main button.primary").click()
    page.get_by_label("Data Layer Path").fill("window.shop")
    leave(page)
    page.locator("#continue").click()
    expect(page.get_by_label("Meta Pixel ID")).to_have_value(PIXEL)
    expect(page.get_by_label("Data Layer Path")).to_have_value("window.shop")
    expect(page.get_by_label("Meta Conversion API Access Token")).to_have_attribute(
        "placeholder", re.compile("Stored")
    )
