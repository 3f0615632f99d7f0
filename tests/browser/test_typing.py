"""What only a browser shows: Back after a refusal, two tabs, signing out with a form half filled in."""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.browser.test_journey import fill, open_nav, save_in_menu
from tests.product import OWN_PASSWORD, wait_for
from tests.work import HANG_SECONDS

from .conftest import Shop

pytestmark = [pytest.mark.browser, pytest.mark.processes]

TOKEN = "EAAB" + "z1x2c3v4b5" * 4


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    found = browser.new_context(viewport={"width": 1280, "height": 900})
    found.set_default_timeout(HANG_SECONDS * 1000)
    yield found
    found.close()


@pytest.fixture
def page(context: BrowserContext, shop: Shop) -> Page:
    """The example property, opened."""
    return shop.sign_in(context)


def open_rule(page: Page) -> None:
    open_nav(page, "Rules")
    page.get_by_role("link", name="Purchase", exact=True).click()


def sign_out(page: Page) -> None:
    page.get_by_test_id("user-menu").click()
    page.get_by_test_id("sign-out").click()
    page.get_by_test_id("sign-in-button").wait_for()


def sign_in_again(page: Page) -> None:
    fill(page, "Username", "admin")
    fill(page, "Password", OWN_PASSWORD)
    page.get_by_test_id("sign-in-button").click()


def test_back_after_a_refused_form_returns_to_it_with_what_was_typed(page: Page, shop: Shop) -> None:
    page.goto(f"{shop.url}data-elements/new/")
    fill(page, "Name", "Order number")
    page.get_by_test_id("save").click()
    expect(page.get_by_test_id("refused")).to_be_visible()
    open_nav(page, "Rules")
    page.go_back()
    expect(page.get_by_label("Name", exact=True)).to_have_value("Order number")
    expect(page.locator(".errorlist").first).to_be_visible()
    page.reload()
    expect(page.get_by_label("Name", exact=True)).to_have_value("Order number")
    fill(page, "Path", "arc.event.data.order_id")
    page.get_by_test_id("save").click()
    expect(page.get_by_test_id("data-element").filter(has_text="Order number")).to_be_visible()


def test_a_typed_token_survives_a_refusal_and_never_comes_back_to_the_browser(page: Page, shop: Shop) -> None:
    open_nav(page, "Extensions")
    page.get_by_role("link", name="Configure Meta Conversions API").click()
    fill(page, "Access Token", TOKEN)
    fill(page, "Pixel ID", "")
    page.get_by_test_id("save").click()
    expect(page.get_by_test_id("typed-before")).to_be_visible()
    assert TOKEN not in page.content()
    assert TOKEN not in page.evaluate("JSON.stringify([{...localStorage}, {...sessionStorage}])")
    fill(page, "Pixel ID", "998877665544")
    page.get_by_test_id("save").click()
    expect(page.get_by_test_id("extension").filter(has_text="Meta Conversions API")).to_be_visible()
    page.get_by_role("link", name="Configure Meta Conversions API").click()
    expect(page.locator(".stored").get_by_text(f"ends in {TOKEN[-4:]}")).to_be_visible()
    assert TOKEN not in shop.product.log.read_text()


def test_the_second_of_two_tabs_sees_both_versions(page: Page, context: BrowserContext) -> None:
    open_rule(page)
    second = context.new_page()
    second.goto(page.url)
    fill(second, "Name", "Purchase, paid")
    save_in_menu(second, "save")
    expect(second.get_by_role("heading", level=1)).to_have_text("Purchase, paid")
    fill(page, "Name", "Order")
    save_in_menu(page, "save")
    overlap = page.get_by_test_id("overlap")
    expect(overlap).to_contain_text("admin saved this after you opened it")
    expect(overlap.get_by_role("row").nth(1)).to_contain_text("Purchase, paid")
    expect(overlap.get_by_role("row").nth(1)).to_contain_text("Order")
    page.get_by_test_id("save-mine").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Order")
    second.reload()
    fill(second, "Name", "Third")
    fill(page, "Name", "Fourth")
    save_in_menu(page, "save")
    expect(page.get_by_role("heading", level=1)).to_have_text("Fourth")
    save_in_menu(second, "save")
    second.get_by_test_id("keep-theirs").click()
    expect(second.get_by_label("Name", exact=True)).to_have_value("Fourth")


def test_signing_out_in_another_tab_keeps_the_form_for_the_same_person(
    page: Page, context: BrowserContext, shop: Shop
) -> None:
    open_rule(page)
    page.get_by_test_id("conditions").get_by_role("link").first.click()
    fill(page, "Right Operand", "Order completed")
    second = context.new_page()
    second.goto(shop.product.url)
    sign_out(second)
    fill(page, "Right Operand", "Order paid")  # The page asks for values, and finds nobody signed in.
    expect(page.get_by_test_id("signed-out").locator("visible=true")).to_have_count(1)
    expect(page.get_by_label("Right Operand", exact=True)).to_have_value("Order paid")
    page.get_by_test_id("keep-changes").click()
    sign_in_again(page)
    expect(page.get_by_label("Right Operand", exact=True)).to_have_value("Order paid")
    page.get_by_test_id("keep-changes").click()
    expect(page.get_by_test_id("conditions")).to_contain_text("Order paid")


def test_signing_out_and_in_again_in_another_tab_keeps_the_form(
    page: Page, context: BrowserContext, shop: Shop
) -> None:
    open_rule(page)
    fill(page, "Name", "Order")
    second = context.new_page()
    second.goto(shop.product.url)
    sign_out(second)
    sign_in_again(second)
    save_in_menu(page, "save")
    expect(page.get_by_test_id("draft-back")).to_be_visible()
    expect(page.get_by_label("Name", exact=True)).to_have_value("Order")


def test_a_form_that_was_left_is_offered_to_its_person_and_to_nobody_else(page: Page, shop: Shop) -> None:
    open_nav(page, "Settings")
    fill(page, "Domains", "typed-by-admin.example")
    page.on("dialog", lambda dialog: dialog.accept())
    address = page.url
    sign_out(page)
    made = (
        "from django.contrib.auth.models import User; from properties.models import *;"
        "user = User.objects.create_user('paula', password='a long password 1');"
        f"user.password_to_change.delete(); prop = Property.objects.get(name='{shop.name}');"
        "Membership.objects.create(user=user, prop=prop, rights=list(RIGHTS))"
    )
    shop.product.manage("shell", "-c", made)
    drafts = f"Draft.objects.filter(address='{urlsplit(address).path}')"
    kept = f"from properties.models import Draft; print({drafts}.count())"
    wait_for(lambda: shop.product.manage("shell", "-c", kept).stdout.strip().endswith("1"), "the draft")
    fill(page, "Username", "paula")
    fill(page, "Password", "a long password 1")
    page.get_by_test_id("sign-in-button").click()
    page.get_by_test_id("user-menu").wait_for()
    page.goto(address)
    expect(page.get_by_test_id("draft-offer")).to_have_count(0)
    assert "typed-by-admin" not in page.content()
    sign_out(page)
    sign_in_again(page)
    page.get_by_test_id("user-menu").wait_for()
    page.goto(address)
    page.get_by_test_id("draft-bring-back").click()
    expect(page.get_by_label("Domains", exact=True)).to_have_value("typed-by-admin.example")
    page.get_by_test_id("save").click()
    expect(page.get_by_test_id("toasts")).to_contain_text("Saved")
    expect(page.get_by_test_id("draft-offer")).to_have_count(0)


def test_a_new_name_of_a_data_element_goes_to_every_place_that_uses_it(page: Page) -> None:
    open_nav(page, "Data Elements")
    page.get_by_role("link", name="Email", exact=True).click()
    fill(page, "Name", "Customer mail")
    expect(page.get_by_label("Also rename in 4 places")).to_be_checked()
    page.get_by_test_id("save").click()
    expect(page.get_by_test_id("data-element").filter(has_text="Customer mail")).to_be_visible()
    open_rule(page)
    page.get_by_test_id("actions").get_by_role("link", name=re.compile("Conversions API")).first.click()
    expect(page.get_by_label("Email", exact=True).first).to_have_value("{{Customer mail}}")


def test_what_a_library_lacks_is_added_and_built_by_one_button(page: Page) -> None:
    open_rule(page)
    page.get_by_test_id("save-library").click()
    expect(page.get_by_test_id("toasts")).to_contain_text("With it: extension")
    open_nav(page, "Publishing Flow")
    page.get_by_role("button", name="Remove Email from library").click()
    expect(page.get_by_test_id("missing")).to_contain_text("Data element Email")
    page.get_by_test_id("publish-development").click()
    page.get_by_test_id("complete").click()
    expect(page.get_by_test_id("environment-development")).to_contain_text("Development · since")
