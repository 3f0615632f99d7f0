"""The working-library bar, as a person uses it: build from any page, and see what is missing."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from .conftest import Shop

pytestmark = [pytest.mark.browser, pytest.mark.processes]


@pytest.fixture
def page(browser: Browser, shop: Shop) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": 1280, "height": 800})
    yield shop.sign_in(context)
    context.close()


def bar_of(page: Page) -> Any:
    return page.get_by_test_id("library-bar").locator("visible=true").first


def open_library(page: Page, shop: Shop) -> None:
    page.goto(f"{shop.url}secrets/")
    bar = bar_of(page)
    bar.get_by_text("Select a working library").click()
    bar.get_by_role("button", name="Add library").click()
    expect(bar_of(page)).to_contain_text("Library 1")


def test_a_library_is_opened_named_and_built_without_leaving_the_page(page: Page, shop: Shop) -> None:
    open_library(page, shop)
    expect(page.locator('[data-act="build"]').first).to_be_disabled()
    expect(page.locator('[data-act="build"]').first).to_have_text(re.compile("Nothing to build"))
    page.goto(f"{shop.url}publishing/")
    page.get_by_test_id("add-all-changed").click()
    page.goto(f"{shop.url}secrets/")
    summary = page.locator(".lib summary").first
    expect(summary).to_contain_text("changes")
    summary.click()
    page.get_by_label("Name of the library").first.fill("Currency fix")
    page.get_by_role("button", name="Rename").first.click()
    expect(page.get_by_test_id("toasts")).to_contain_text("Renamed the working library to Currency fix.")
    page.get_by_role("button", name="Build to Development").first.click()
    expect(page.get_by_test_id("toasts")).to_contain_text("Built. Development runs it.")
    expect(page.get_by_role("button", name="Nothing to build").first).to_be_disabled()
    assert page.url == f"{shop.url}secrets/"


def test_what_is_missing_is_added_and_built_in_one_dialog(page: Page, shop: Shop) -> None:
    page.goto(f"{shop.url}publishing/")
    page.get_by_test_id("add-all-changed").click()
    page.get_by_role("button", name="Remove Core from library").click()
    page.goto(f"{shop.url}secrets/")
    page.get_by_role("button", name="Build to Development").first.click()
    dialog = page.get_by_test_id("bar-dialog")
    expect(dialog.get_by_role("heading")).to_have_text("Missing in Library 1: 1")
    expect(dialog.get_by_role("listitem")).to_have_text(re.compile(r"^\s*Core\s+extension\s*$"))
    expect(dialog.get_by_role("button", name="Add 1 and build")).to_be_focused()
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    page.get_by_role("button", name="Build to Development").first.click()
    expect(dialog.get_by_role("button", name="Add 1 and build")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_test_id("toasts")).to_contain_text("Built. Development runs it.")
    expect(dialog).to_have_count(0)


STATE = "(toast) => toast.getAnimations().find((it) => it.animationName === 'leave').playState"
END = "(toast) => toast.getAnimations().forEach((it) => it.finish())"


def test_a_toast_leaves_by_itself_but_not_under_the_pointer(page: Page, shop: Shop) -> None:
    open_library(page, shop)
    page.locator(".lib summary").first.click()
    page.get_by_label("Name of the library").first.fill("Autumn")
    page.get_by_role("button", name="Rename").first.click()
    toast = page.locator(".toast")
    expect(toast).to_contain_text("Autumn")
    toast.hover()
    assert toast.evaluate(STATE) == "paused"
    page.mouse.move(5, 5)
    assert toast.evaluate(STATE) == "running"
    toast.evaluate(END)
    expect(toast).to_be_hidden()


def test_on_a_phone_the_bar_is_at_the_foot_and_its_menu_opens_upwards(page: Page, shop: Shop) -> None:
    open_library(page, shop)
    page.set_viewport_size({"width": 400, "height": 800})
    summary = page.locator(".lib-bar summary")
    expect(summary).to_be_visible()
    expect(page.locator("header .lib")).to_be_hidden()
    summary.click()
    link = page.locator(".lib-bar").get_by_role("link", name="Open in Publishing Flow")
    expect(link).to_be_in_viewport(ratio=1)
    link.click()
    expect(page.get_by_role("heading", level=1)).to_have_text(re.compile("Publishing"))
