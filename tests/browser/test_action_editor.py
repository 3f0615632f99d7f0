"""The editor of an action: what it opens on, its keys, views, search, preview and drafts."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.browser.axe import problems
from tests.browser.test_combobox import open_action
from tests.work import HANG_SECONDS

from .conftest import Shop

pytestmark = [pytest.mark.browser, pytest.mark.processes]


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    found = browser.new_context(viewport={"width": 1280, "height": 900})
    found.set_default_timeout(HANG_SECONDS * 1000)
    yield found
    found.close()


@pytest.fixture
def page(context: BrowserContext, shop: Shop) -> Page:
    found = shop.sign_in(context)
    open_action(found, shop)
    return found


def test_the_editor_is_short_and_its_button_is_near(page: Page) -> None:
    """At most 1,800 px high, and three key presses from the top to Keep Changes."""
    assert page.evaluate("document.documentElement.scrollHeight") <= 1800
    page.evaluate("document.activeElement.blur()")
    for key in ("Tab", "Tab", "Enter"):
        page.keyboard.press(key)
    page.wait_for_url("**#keep")


def test_a_view_hides_rows_and_keeps_the_one_in_use(page: Page) -> None:
    """A cleared field stays under "Set" until the view changes."""
    page.locator(".seg [data-view=set]").click()
    expect(page).to_have_url(re.compile("show=set$"))
    email = page.locator("#id_email")
    email.fill("")
    expect(email).to_be_visible()
    expect(page.locator("#id_gender")).to_be_hidden()
    page.locator(".seg [data-view=all]").click()
    expect(page.locator("#id_gender")).to_be_visible()
    page.goto(page.url)
    expect(page.locator("#id_gender")).to_be_visible()


def test_a_link_shows_the_hidden_section_or_field_that_it_names(page: Page) -> None:
    expect(page.locator("#id_gender")).to_be_hidden()
    page.locator("[data-section=customerInformation]").get_by_role("link", name="Show all").click()
    expect(page.locator("#id_gender")).to_be_visible()
    expect(page.locator("#id_referrerUrl")).to_be_hidden()
    page.get_by_role("navigation", name="Sections").get_by_role("link", name="Limited Data Use").click()
    expect(page.locator("#id_lduEnabled")).to_be_visible()
    expect(page.locator("#section-limitedDataUse")).to_be_focused()
    page.locator("#id_eventName").fill("add to cart")
    page.get_by_text("Problems", exact=False).locator("visible=true").first.click()
    page.get_by_test_id("preview-problem").get_by_role("link", name="Go to field").first.click()
    expect(page.locator("#component-form :focus")).to_have_count(1)


def test_a_cure_changes_the_field_and_the_preview_follows(page: Page) -> None:
    page.locator("#id_eventName").fill("add to cart")
    page.locator("#id_eventId").fill("typed-now")
    page.get_by_text("Problems", exact=False).locator("visible=true").first.click()
    page.get_by_role("button", name="Use “AddToCart”").first.click()
    expect(page.locator("#id_eventName")).to_have_value("AddToCart")
    expect(page.get_by_role("button", name="Use “AddToCart”")).to_have_count(0)
    expect(page.locator("#id_eventId")).to_have_value("typed-now")


VALUE, CURRENCY = '[id="id_customData.value"]', '[id="id_customData.currency"]'
JSON = '[id="id_customData.*"]'


def test_an_object_is_edited_as_keys_or_as_json(page: Page) -> None:
    page.locator(VALUE).fill("12.5")
    switch = page.get_by_role("group", name="Edit Custom Data as")
    switch.get_by_role("button", name="JSON").click()
    expect(page.locator(JSON)).to_have_value(re.compile('"value": 12.5'))
    page.locator(JSON).fill('{"value": 7,}')
    switch.get_by_role("button", name="Keys").click()
    expect(page.locator("[data-object=customData] .errorlist")).to_contain_text("Line 1, column")
    expect(page.locator(JSON)).to_have_value('{"value": 7,}')
    page.locator(JSON).fill('{"value": 7, "currency": "{{Currency}}", "own": true}')
    switch.get_by_role("button", name="Keys").click()
    expect(page.locator(VALUE)).to_have_value("7")
    expect(page.locator(CURRENCY)).to_have_value("{{Currency}}")
    expect(page.locator(JSON)).to_have_value(re.compile('"own": true'))


def test_keys_and_json_and_cures_work_without_scripts(browser: Browser, shop: Shop) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = shop.sign_in(context)
    open_action(page, shop)
    page.locator("#id_eventId").fill("typed-now")
    page.locator(VALUE).fill("12.5")
    page.get_by_role("group", name="Edit Custom Data as").get_by_role("button", name="JSON").click()
    expect(page.get_by_test_id("draft-back")).to_contain_text("not saved yet")
    expect(page.locator("#id_eventId")).to_have_value("typed-now")
    page.locator(JSON).fill('{"value": 13, "currency": "EUR"}')
    page.locator("#id_clientUserAgent").fill("{{User Agnt}}")
    page.get_by_test_id("keep-changes").first.click()
    expect(page.get_by_test_id("refused")).to_be_visible()
    page.locator("[id=id_clientUserAgent-row]").get_by_test_id("cure").click()
    expect(page.locator("#id_clientUserAgent")).to_have_value("{{User Agent}}")
    page.get_by_test_id("keep-changes").first.click()
    page.get_by_test_id("actions").wait_for()
    open_action(page, shop)
    expect(page.locator(VALUE)).to_have_value("13")
    context.close()


def test_another_event_asks_for_other_fields(page: Page) -> None:
    search = page.locator('[id="id_customData.search_string"]')
    expect(search).to_be_hidden()
    page.locator("#id_eventName").fill("Search")
    expect(search).to_be_visible()


def test_a_field_is_found_by_its_name_or_value(page: Page) -> None:
    page.locator("main").press("/")
    expect(page.locator("#find-field")).to_be_focused()
    page.keyboard.type("gender")
    expect(page.locator("#id_gender")).to_be_visible()
    expect(page.locator("#id_email")).to_be_hidden()
    expect(page.locator("#found")).to_have_text("1 found")


def test_the_focused_field_marks_its_line_of_the_payload(page: Page) -> None:
    page.get_by_test_id("preview-source").select_option("sample:purchase")
    expect(page.locator("[data-line=id_email]").first).to_be_visible()
    page.locator("#id_email").focus()
    expect(page.locator(".l.is-on").first).to_contain_text('"em"')


def test_the_preview_goes_to_the_line_of_the_focused_field(page: Page) -> None:
    page.get_by_test_id("preview-source").select_option("sample:purchase")
    page.set_viewport_size({"width": 1280, "height": 420})
    line = page.locator("[data-line='id_customData.value']").first
    expect(line).not_to_be_in_viewport()
    page.locator("[id='id_customData.value']").focus()
    expect(line).to_be_in_viewport()


def test_what_is_typed_is_kept_without_leaving_the_page(page: Page) -> None:
    page.locator("#id_eventId").fill("typed-now")
    expect(page.locator("#draft-said")).to_contain_text("Draft kept")
    address = page.url
    page.on("dialog", lambda dialog: dialog.accept())
    page.goto(address)
    expect(page.get_by_test_id("draft-offer")).to_contain_text("Your draft of")
    page.get_by_test_id("draft-bring-back").click()
    expect(page.locator("#id_eventId")).to_have_value("typed-now")


def test_a_data_element_is_made_without_leaving(page: Page) -> None:
    field = page.locator("#id_eventId")
    field.click()
    page.keyboard.press("Control+A")
    page.keyboard.type("{{Loyalty number")
    expect(page.locator("#picker-fresh")).to_be_visible()
    page.locator("#picker-fresh").click()
    drawer = page.locator("#drawer")
    expect(drawer.get_by_label("Name", exact=True)).to_have_value("Loyalty number")
    drawer.get_by_label("Path", exact=True).fill("arc.event.data.loyalty")
    drawer.get_by_test_id("save").click()
    expect(field).to_have_value("{{Loyalty number}}")


MODES: list[dict[str, Any]] = [
    {"color_scheme": "light"},
    {"color_scheme": "dark"},
    {"color_scheme": "light", "forced_colors": "active"},
    {"color_scheme": "dark", "viewport": {"width": 400, "height": 900}},
]


@pytest.mark.parametrize("mode", MODES, ids=["light", "dark", "forced colours", "phone"])
def test_the_editor_is_usable_by_everybody(
    browser: Browser, shop: Shop, node_modules: Path, mode: dict[str, Any]
) -> None:
    """At rest, with the list open, and with every field."""
    context = browser.new_context(**({"viewport": {"width": 1280, "height": 900}} | mode))
    page = shop.sign_in(context)
    open_action(page, shop)
    expect(page.locator(".now:visible").first).to_be_visible()
    assert problems(page, node_modules) == []
    page.locator("#id_email").focus()
    page.keyboard.press("ArrowDown")
    expect(page.locator("#picker [data-name]").first).to_be_visible()
    assert problems(page, node_modules) == []
    page.keyboard.press("Escape")
    page.locator(".seg [data-view=all]").click()
    assert problems(page, node_modules) == []
    context.close()
