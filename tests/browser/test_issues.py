"""A person with an error gets to the wrong value and the field, mends it, and sends the events again."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
from playwright.sync_api import Browser, BrowserContext, Locator, Page, expect

from rules.event_log.tests.conftest import DOCUMENT, PURCHASE
from tests.browser.axe import problems
from tests.browser.conftest import choose_password, signed_in
from tests.product import Product, wait_for
from tests.work import HANG_SECONDS

pytestmark = [pytest.mark.browser, pytest.mark.processes]

WIDTHS, SCHEMES = (1280, 400), ("light", "dark")


KRONOR = {"currency": "kronor", "currency_code": "SEK"}


class Person:
    """A person whose presses of buttons and links are counted; typing is not."""

    def __init__(self, page: Page) -> None:
        self.page, self.clicks = page, 0

    def click(self, place: Locator) -> None:
        place.click()
        self.clicks += 1


@pytest.fixture
def context(browser: Browser, product: Product) -> Iterator[BrowserContext]:
    choose_password(product)
    found = browser.new_context(viewport={"width": 1280, "height": 900})
    cookies = signed_in(product).cookies
    found.add_cookies([{"name": it.name, "value": it.value, "url": product.url} for it in cookies])
    found.set_default_timeout(HANG_SECONDS * 1000)
    yield found
    found.close()


@pytest.fixture
def page(context: BrowserContext) -> Page:
    return context.new_page()


@pytest.fixture
def property_url(product: Product) -> str:
    """A shop that runs in development, after two purchases in kronor that were not sent."""
    made = product.apply(DOCUMENT, "--publish", "development")
    for number in range(2):
        data = {**PURCHASE, "event_id": f"order-{number}", **KRONOR}
        where = made["environments"]["development"]["datastream_id"]
        answer = requests.post(
            f"{product.url}/ee/v2/collect?datastreamId={where}",
            json={"events": [{"xdm": {"eventType": "Purchase"}, "data": data}]},
            timeout=HANG_SECONDS,
        )
        assert answer.status_code == 202, answer.text
    wait_for(lambda: product.ledger()["dead"] == 2, "the purchases to be refused")
    return f"{product.url}/p/{made['property_id']}/"


def test_from_home_to_the_wrong_value_and_the_field_in_two_clicks(
    page: Page, product: Product, property_url: str
) -> None:
    person = Person(page)
    page.goto(f"{product.url}/?all=1")
    item = page.get_by_test_id("attention-item")
    expect(item).to_contain_text("2 × Purchase not sent: it needs a currency code")
    expect(item).to_contain_text("“kronor”")
    person.click(item.get_by_test_id("fix"))
    field = page.locator('[id="id_customData.currency"]')
    expect(field).to_be_in_viewport()
    expect(field).to_have_value("{{Currency}}")
    # The failing event is the one beside the form.
    expect(page.locator("#preview-badge")).to_contain_text("Would not be sent")
    assert person.clicks <= 2


def test_from_home_mended_and_sent_again_in_six_clicks(
    page: Page, product: Product, property_url: str, graph: Any
) -> None:
    """The shop sends the code in another place than the data element reads."""
    person = Person(page)
    page.goto(f"{product.url}/?all=1")
    person.click(page.get_by_test_id("attention-item").get_by_role("link", name="Currency", exact=True))
    page.locator('[name="path"]').fill("arc.event.data.currency_code")
    person.click(page.get_by_test_id("more-saves"))
    with page.expect_response(lambda it: it.request.method == "POST" and it.status < 400):
        person.click(page.get_by_test_id("save-build"))
    person.click(page.get_by_role("navigation", name="Main").get_by_role("link", name="Issues"))
    wait_for(lambda: page.reload() and page.get_by_test_id("mended").count() == 1, "the build to be live")
    expect(page.get_by_test_id("mended")).to_contain_text("None since build 2")
    person.click(page.get_by_test_id("retry"))
    expect(page.get_by_test_id("retry-dialog")).to_contain_text("2 of 2 would be delivered")
    person.click(page.get_by_test_id("start-retry"))
    assert person.clicks <= 6
    expect(page.get_by_test_id("replay")).to_have_attribute("data-state", "done")
    wait_for(lambda: product.ledger()["delivered"] == 2, "the purchases to be delivered")
    sent = [event["custom_data"]["currency"] for it in graph.requests for event in it["body"]["data"]]
    assert sent == ["SEK", "SEK"]


def test_from_home_mended_in_the_action_and_sent_again_in_six_clicks(
    page: Page, product: Product, property_url: str, graph: Any
) -> None:
    """The action takes a fixed code instead of what the shop sends."""
    person = Person(page)
    page.goto(f"{product.url}/?all=1")
    person.click(page.get_by_test_id("attention-item").get_by_test_id("fix"))
    page.locator('[id="id_customData.currency"]').fill("SEK")
    person.click(page.get_by_test_id("keep-and-build").first)
    expect(page.get_by_test_id("toasts")).to_contain_text("live in Development")
    person.click(page.get_by_role("navigation", name="Main").get_by_role("link", name="Issues"))
    expect(page.get_by_test_id("mended")).to_contain_text("None since build 2")
    person.click(page.get_by_test_id("retry"))
    expect(page.get_by_test_id("retry-dialog")).to_contain_text("2 of 2 would be delivered")
    person.click(page.get_by_test_id("start-retry"))
    assert person.clicks <= 6
    wait_for(lambda: product.ledger()["delivered"] == 2, "the purchases to be delivered")
    sent = [event["custom_data"]["currency"] for it in graph.requests for event in it["body"]["data"]]
    assert sent == ["SEK", "SEK"]


def test_only_who_comes_to_fix_something_may_keep_and_build_at_once(page: Page, property_url: str) -> None:
    page.goto(f"{property_url}issues/")
    page.get_by_test_id("fix").click()
    expect(page.get_by_test_id("keep-and-build").first).to_be_visible()
    page.goto(page.url.partition("?")[0])
    expect(page.get_by_test_id("keep-changes")).to_be_visible()
    expect(page.get_by_test_id("keep-and-build")).to_have_count(0)


def test_an_issue_is_muted_with_a_reason_and_comes_back(page: Page, property_url: str) -> None:
    page.goto(f"{property_url}issues/")
    page.get_by_test_id("mute").click()
    page.get_by_label("Why, for colleagues").fill("The shop corrects it on Monday.")
    page.get_by_role("button", name="For 7 days").click()
    expect(page.get_by_test_id("verdict")).to_contain_text("Nothing in Development needs you.")
    page.get_by_test_id("issues-muted").click()
    expect(page.get_by_test_id("issue")).to_contain_text("“The shop corrects it on Monday.”")
    page.get_by_test_id("unmute").click()
    expect(page.get_by_test_id("issue")).to_be_visible()


def test_axe_finds_nothing_with_everything_open(page: Page, property_url: str, node_modules: Path) -> None:
    for width, scheme in [(width, scheme) for width in WIDTHS for scheme in SCHEMES]:
        page.set_viewport_size({"width": width, "height": 2_000})
        page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
        page.goto(f"{property_url}issues/")
        page.get_by_test_id("mute").click()
        assert problems(page, node_modules) == []
        page.keyboard.press("Escape")
        page.get_by_test_id("retry").click()
        expect(page.get_by_test_id("retry-dialog")).to_contain_text("0 of 2 would be delivered")
        assert problems(page, node_modules) == []
