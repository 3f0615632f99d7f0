"""The rule builder in a browser: sentences with live counts, the order of components, saving, revisions."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from capi_admin import demo
from tests.work import HANG_SECONDS

from .axe import in_every_look
from .conftest import Shop

pytestmark = [pytest.mark.browser, pytest.mark.processes]


@pytest.fixture
def page(browser: Browser, shop: Shop) -> Iterator[Page]:
    """The rule Purchase of a shop that has received events."""
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    context.set_default_timeout(HANG_SECONDS * 1000)
    applied = shop.apply("--publish", "production")
    opened = shop.sign_in_only(context)
    demo.send_samples(shop.product.url, applied["environments"]["production"]["datastream_id"])
    opened.goto(f"{shop.url}rules/")
    opened.get_by_role("link", name="Purchase", exact=True).click()
    opened.get_by_text("Would run for").wait_for()
    yield opened
    context.close()


def test_conditions_show_what_the_chosen_event_has(page: Page) -> None:
    condition = page.get_by_test_id("conditions").get_by_test_id("component")
    expect(page.get_by_test_id("would-run")).to_contain_text("Would run for 2 of the last 6 events")
    expect(condition).to_contain_text("Event Name equals “Purchase”")
    expect(condition).to_contain_text("not met")
    for _ in range(6):
        if page.get_by_text("It would run for this event").is_visible():
            break
        page.get_by_label("Older event").click()
        page.wait_for_load_state("networkidle")
    expect(condition).to_contain_text("“Purchase”")
    expect(condition.get_by_text("met", exact=True)).to_be_visible()


def test_a_condition_is_changed_beside_the_rule(page: Page) -> None:
    rule = page.url
    link = page.get_by_test_id("conditions").get_by_role("link", name="Event Name equals “Purchase”")
    link.click()
    drawer = page.locator("#drawer")
    expect(drawer.get_by_role("heading", level=2).first).to_be_focused()
    expect(page).to_have_url(re.compile("/components/RC"))
    drawer.get_by_test_id("dry-run-of-event").first.wait_for()
    drawer.get_by_label("Right Operand", exact=True).fill("PageView")
    page.keyboard.press("Control+s")
    expect(drawer).to_have_count(0)
    expect(page).to_have_url(rule)
    expect(page.get_by_test_id("toasts")).to_contain_text("saved")
    expect(page.get_by_test_id("conditions")).to_contain_text("Event Name equals “PageView”")
    expect(page.get_by_test_id("would-run")).not_to_contain_text("Would run for 2 of the last 6 events")


def test_a_condition_is_added_beside_the_rule_with_a_data_element_made_on_the_way(page: Page) -> None:
    rule, drawer = page.url, page.locator("#drawer")
    page.get_by_test_id("add-condition").click()
    drawer.get_by_role("link", name=re.compile("^Value Comparison")).click()
    left = drawer.get_by_label("Left Operand", exact=True)
    drawer.get_by_label("Right Operand", exact=True).fill("gold")
    left.click()
    page.keyboard.type("{{Customer tier")
    page.locator("#picker-fresh").click()
    expect(drawer.get_by_role("heading", level=2, name="New data element")).to_be_visible()
    drawer.get_by_label("Path", exact=True).fill("arc.event.data.tier")
    drawer.get_by_test_id("save").click()
    # The form of the condition is there again, with what was typed.
    expect(drawer.get_by_label("Left Operand", exact=True)).to_have_value("{{Customer tier}}")
    expect(drawer.get_by_label("Right Operand", exact=True)).to_have_value("gold")
    drawer.get_by_test_id("keep-changes").click()
    expect(drawer).to_have_count(0)
    expect(page).to_have_url(rule)
    expect(page.get_by_test_id("conditions").get_by_test_id("component")).to_have_count(2)
    expect(page.get_by_test_id("would-run")).to_contain_text("Would run for 0 of the last 6 events")


def test_back_closes_the_drawer_of_a_condition_and_a_reload_shows_its_page(page: Page) -> None:
    rule = page.url
    page.get_by_test_id("conditions").get_by_role("link").first.click()
    page.locator("#drawer").wait_for()
    page.go_back()
    expect(page.locator("#drawer")).to_have_count(0)
    expect(page).to_have_url(rule)
    page.go_forward()
    page.locator("#drawer").wait_for()
    page.reload()
    expect(page.locator("main #component-form")).to_be_visible()


def test_without_scripts_a_condition_is_a_page(browser: Browser, page: Page) -> None:
    context = browser.new_context(java_script_enabled=False)
    context.add_cookies(page.context.cookies())
    plain = context.new_page()
    plain.goto(page.url)
    plain.get_by_test_id("conditions").get_by_role("link").first.click()
    plain.get_by_label("Right Operand", exact=True).fill("Lead")
    plain.get_by_test_id("keep-changes").click()
    expect(plain.get_by_test_id("conditions")).to_contain_text("Event Name equals “Lead”")
    context.close()


def test_components_are_copied_and_moved_from_their_menu(page: Page) -> None:
    actions = page.get_by_test_id("actions").get_by_test_id("component")
    actions.get_by_test_id("component-more").click()
    actions.get_by_role("button", name=re.compile("^Copy")).click()
    expect(actions).to_have_count(2)
    expect(actions.first).to_contain_text("stops here if it fails")
    actions.last.get_by_test_id("component-more").click()
    actions.last.get_by_role("button", name=re.compile("up$")).click()
    expect(page.get_by_test_id("toasts")).to_contain_text("moved up")


def test_the_split_button_saves_to_the_library_and_the_state_follows(page: Page) -> None:
    page.get_by_label("Name", exact=True).fill("Orders")
    page.get_by_test_id("save-library").click()
    expect(page.get_by_role("heading", level=1, name="Orders")).to_be_visible()
    expect(page.get_by_text("In Library", exact=False).first).to_be_visible()
    page.get_by_role("link", name="Revisions").click()
    expect(page.get_by_test_id("revisions")).to_contain_text(re.compile(r"Name:\s+was Purchase\s+now Orders"))
    page.get_by_role("button", name="Restore revision 1").click()
    expect(page.get_by_role("heading", level=1, name="Purchase")).to_be_visible()


def test_a_rule_starts_with_a_preset_in_one_form(page: Page, shop: Shop) -> None:
    page.goto(f"{shop.url}rules/")
    page.keyboard.press("c")
    page.get_by_label("Name", exact=True).fill("Signups")
    page.get_by_label("Only for events named").fill("Lead")
    page.get_by_label("Start with").select_option(label="CompleteRegistration")
    page.get_by_test_id("save").click()
    expect(page).to_have_url(re.compile(r"/new/actions/.*\?preset="))


def test_axe_finds_nothing_in_any_look(page: Page, browser: Browser, shop: Shop, node_modules: Path) -> None:
    cookies, rule = page.context.cookies(), page.url

    def opened(address: str, wait: str) -> list[str]:
        def show(page: Page) -> None:
            page.goto(address)
            page.get_by_text(wait).first.wait_for()

        return in_every_look(browser, cookies, node_modules, show)

    assert opened(f"{shop.url}rules/", "Event Name equals") == []
    assert opened(f"{shop.url}rules/new/", "Only for events named") == []
    assert opened(rule, "Would run for") == []

    def with_drawer(page: Page) -> None:
        page.goto(rule)
        page.get_by_text("Would run for").wait_for()
        page.get_by_test_id("conditions").get_by_role("link").first.click()
        page.locator("#drawer").get_by_test_id("dry-run-of-event").first.wait_for()

    assert in_every_look(browser, cookies, node_modules, with_drawer) == []
    assert opened(f"{rule}events/", "Events it ran for") == []
    assert opened(f"{rule}revisions/", "Created") == []
