"""From an empty database to a delivered purchase, by hand, as a new user would."""

from __future__ import annotations

import re
import subprocess
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.product import OWN_PASSWORD, Product, wait_for
from tests.work import HANG_SECONDS

pytestmark = [pytest.mark.browser, pytest.mark.processes]

TOKEN = "EAAB" + "w1d2f3g4h5" * 4


@pytest.fixture
def page(launch: Any) -> Page:
    found: Page = launch().new_page(viewport={"width": 1280, "height": 900})
    found.set_default_timeout(HANG_SECONDS * 1000)
    return found


def fill(page: Page, label: str, value: str) -> None:
    page.get_by_label(label, exact=True).first.fill(value)


def sign_in(page: Page, product: Product) -> None:
    page.goto(product.url)
    fill(page, "Username", "admin")
    fill(page, "Password", product.password())
    page.get_by_test_id("sign-in-button").click()
    fill(page, "Old password", product.password())
    fill(page, "New password", OWN_PASSWORD)
    fill(page, "New password confirmation", OWN_PASSWORD)
    page.get_by_role("button", name="Change password").click()


def create_property(page: Page) -> None:
    page.get_by_test_id("new-property").click()
    fill(page, "Name", "Shoe shop")
    page.get_by_test_id("save").click()


def open_nav(page: Page, name: str) -> None:
    link = re.compile(rf"^{re.escape(name)}( \d|$)")  # A count follows the name.
    page.get_by_role("navigation").get_by_role("link", name=link).first.click()


def install_meta(page: Page) -> None:
    open_nav(page, "Extensions")
    page.get_by_test_id("catalog-tab").click()
    page.get_by_test_id("install-meta-conversions-api").click()
    fill(page, "Pixel ID", "1234567890")
    fill(page, "Access Token", TOKEN)
    page.get_by_test_id("save").click()
    expect(page.get_by_test_id("extension").filter(has_text="Meta Conversions API")).to_be_visible()


def save_in_menu(page: Page, name: str) -> None:
    """Press a button of the menu beside Save to Library."""
    page.get_by_test_id("more-saves").click()
    page.get_by_test_id(name).click()


def add_data_element(page: Page, name: str, path: str) -> None:
    open_nav(page, "Data Elements")
    page.wait_for_url("**/data-elements/")
    page.goto(f"{page.url}new/")
    fill(page, "Name", name)
    fill(page, "Path", path)
    page.get_by_test_id("save").first.click()
    expect(page.get_by_test_id("data-element").filter(has_text=name)).to_be_visible()


def add_condition(page: Page) -> None:
    page.get_by_test_id("add-condition").click()
    page.get_by_test_id("component-picker").get_by_role("link", name=re.compile("Value Comparison")).click()
    pick_data_element(page, "Left Operand", "Event Name")
    page.get_by_label("Operator").select_option("equals")
    fill(page, "Right Operand", "Purchase")
    page.get_by_test_id("keep-changes").click()
    expect(page.locator("#drawer")).to_have_count(0)


def pick_data_element(page: Page, label: str, name: str) -> None:
    """Type two braces and letters of the name; Enter takes it."""
    field = page.get_by_label(label, exact=True).first
    field.click()
    page.keyboard.press("Control+A")
    page.keyboard.type("{{" + name)
    expect(page.locator("#picker [aria-selected=true] .token")).to_have_text(name)
    page.keyboard.press("Enter")
    expect(field).to_have_value(f"{{{{{name}}}}}")


def add_action(page: Page) -> None:
    page.get_by_test_id("add-action").click()
    send = re.compile("Send Conversions API Event")
    page.get_by_test_id("component-picker").get_by_role("link", name=send).click()
    page.get_by_label("Event Name", exact=False).first.fill("Purchase")
    fill(page, "Action Source", "website")
    fill(page, "Event Source URL", "https://shoes.example/thank-you")
    pick_data_element(page, "Email", "Email")
    fill(page, "Value", "99.50")
    fill(page, "Currency", "EUR")
    page.get_by_test_id("keep-changes").click()


def test_from_an_empty_database_to_a_delivered_purchase(page: Page, product: Product, graph: Any) -> None:
    sign_in(page, product)
    create_property(page)
    install_meta(page)
    add_data_element(page, "Event Name", "arc.event.data.event")
    add_data_element(page, "Email", "arc.event.data.user.email")

    open_nav(page, "Rules")
    page.get_by_test_id("rule-new").first.click()
    fill(page, "Name", "Purchase")
    page.get_by_test_id("save").click()
    add_condition(page)
    add_action(page)
    save_in_menu(page, "save-build")
    expect(page.get_by_test_id("toasts")).to_contain_text("live in Development. With it: extension")
    page.wait_for_timeout(2000)  # The edge uses the build within two seconds.

    open_nav(page, "Environments")
    page.get_by_test_id("environment-development").get_by_role("link", name="Development").first.click()
    curl = page.locator("#drawer").get_by_test_id("curl").inner_text()
    answer = subprocess.run(["sh", "-c", curl], capture_output=True, text=True, check=True)
    assert '"requestId"' in answer.stdout, answer.stdout + answer.stderr

    request = wait_for(lambda: next(iter(graph.requests), None), "the purchase at the Graph simulator")
    assert request["status"] == 200, request["response"]
    assert request["body"]["access_token"] == TOKEN
    [event] = request["body"]["data"]
    assert event["event_name"] == "Purchase"
    assert event["custom_data"] == {"value": 99.5, "currency": "EUR"}

    open_nav(page, "Event Log")
    row = page.get_by_test_id("event-row").first
    expect(row).to_contain_text("Delivered")
    row.get_by_role("link").first.click()
    expect(page.get_by_test_id("drawer")).to_contain_text("Delivered to Meta Conversions API (1234567890)")
    assert TOKEN not in page.content()
