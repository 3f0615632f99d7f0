"""As a new user: from an empty database to a delivered event and a published build, by the pages alone."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.product import OWN_PASSWORD, Product
from tests.work import HANG_SECONDS

pytestmark = [pytest.mark.browser, pytest.mark.processes]

TOKEN = "EAAB" + "w1d2f3g4h5" * 4
MOST_CLICKS = 20
REFUSAL = ".errorlist, .notice.warning, .notice.error, [data-testid=trouble]"


class NewUser:
    """A person with a mouse and a keyboard. Typing is free; each click counts, and a select takes two."""

    def __init__(self, page: Page) -> None:
        self.page, self.clicks = page, 0

    def click(self, target: Locator | str) -> None:
        found = self.page.get_by_test_id(target).first if isinstance(target, str) else target.first
        found.click()
        self.clicks += 1
        self.page.wait_for_load_state()
        self.check_nothing_was_refused()

    def type(self, label: str, text: str) -> None:
        self.page.get_by_label(label, exact=True).first.fill(text)

    def choose(self, label: str, choice: str) -> None:
        self.page.get_by_label(label, exact=True).select_option(label=choice)
        self.clicks += 2

    def check_nothing_was_refused(self) -> None:
        """A refusal must offer its correction: a link or a button in it."""
        for refusal in self.page.locator(REFUSAL).all():
            if refusal.is_visible():
                assert refusal.locator("a, button").count(), refusal.inner_text()


@pytest.fixture
def user(launch: Any) -> Iterator[NewUser]:
    page = launch().new_page(viewport={"width": 1280, "height": 900}, timezone_id="America/New_York")
    page.set_default_timeout(HANG_SECONDS * 1000)
    yield NewUser(page)
    page.context.close()


def sign_in(user: NewUser, product: Product) -> None:
    user.page.goto(product.url)
    user.type("Username", "admin")
    user.type("Password", product.password())
    user.click("sign-in-button")
    user.type("Old password", product.password())
    user.type("New password", OWN_PASSWORD)
    user.type("New password confirmation", OWN_PASSWORD)
    user.click(user.page.get_by_role("button", name="Change password"))


def create_property(user: NewUser) -> None:
    user.click("new-property")
    user.type("Name", "Shoe shop")
    user.click("save")


def install_meta(user: NewUser) -> None:
    user.click(
        user.page.get_by_test_id("next-steps").get_by_role("link", name="Install an extension that sends")
    )
    user.click("install-meta-conversions-api")
    user.type("Pixel ID", "1234567890")
    user.type("Access Token", TOKEN)
    user.click("save")


def create_elements(user: NewUser) -> None:
    user.click(user.page.get_by_role("navigation").get_by_role("link", name="Data Elements"))
    user.click("create-usual")


def make_rule(user: NewUser) -> None:
    user.click("notice-link")
    user.type("Name", "Purchase")
    user.type("Only for events named", "Purchase")
    user.choose("Start with", "Purchase")
    user.click("save")
    user.click("keep-changes")
    user.click("more-saves")
    user.click("save-build")
    expect(user.page.get_by_test_id("toasts")).to_contain_text("live in Development")


def send_test_event(user: NewUser) -> None:
    user.click("notice-link")
    user.click("send-test-event")
    outcome = user.page.get_by_test_id("outcome")
    expect(outcome).to_have_attribute("data-state", "delivered")
    expect(outcome).to_contain_text("Delivered")


def publish(user: NewUser) -> None:
    user.click("publish-next")
    user.click("confirm-publish")
    expect(user.page.get_by_test_id("environment-production")).to_contain_text("since")


def check_the_event(user: NewUser, graph: Any) -> None:
    """Follow the link. This is not one of the counted steps."""
    page = user.page
    page.get_by_test_id("sent-event").click()
    expect(page.get_by_test_id("why")).to_have_attribute("data-outcome", "delivered")
    assert page.get_by_test_id("notes").count() == 0
    expect(page.get_by_test_id("zone")).to_have_text("Times in America/New_York")
    assert TOKEN not in page.content()
    [request] = graph.requests
    assert request["status"] == 200, request["response"]
    [event] = request["body"]["data"]
    assert event["event_name"] == "Purchase"
    assert re.fullmatch(r"test-\d{10}", event["event_id"])
    assert event["event_source_url"].startswith("https://")
    assert event["user_data"]["client_user_agent"].startswith("Mozilla/5.0")
    page.go_back()


def test_a_new_user_gets_an_event_delivered_and_publishes_within_20_clicks(
    user: NewUser, product: Product, graph: Any
) -> None:
    sign_in(user, product)
    create_property(user)
    install_meta(user)
    create_elements(user)
    make_rule(user)
    send_test_event(user)
    delivered_after = user.clicks
    check_the_event(user, graph)
    publish(user)
    print(f"\nA new user's clicks until an event is delivered: {delivered_after}, published: {user.clicks}")
    assert delivered_after < user.clicks <= MOST_CLICKS
