"""A marketer sets Meta up: connection, Purchase from the preset, preview while typing, and a refusal."""

from __future__ import annotations

import json
from typing import Any

import pytest
import requests
from playwright.sync_api import Page, expect

from tests.browser.test_journey import add_data_element, create_property, fill, open_nav, sign_in
from tests.product import Product
from tests.work import HANG_SECONDS

pytestmark = [pytest.mark.browser, pytest.mark.processes]

TOKEN = "EAAB" + "q9w8e7r6t5" * 4
# Source: Meta, Customer Information Parameters, sample hash of john_smith@gmail.com.
HASH = "62a14e44f765419d10fea99367361a727c12365e2520f32218d505ed9aa0f62f"
PAGE = {
    "web": {"webPageDetails": {"URL": "https://shoes.example/thanks"}},
    "environment": {"browserDetails": {"userAgent": "Mozilla/5.0"}},
}
DATA = {"user": {"email": "John_Smith@gmail.com"}, "value": 99.5, "currency": "EUR", "event_id": "order-1"}


@pytest.fixture
def page(launch: Any) -> Page:
    found: Page = launch().new_page(viewport={"width": 1280, "height": 900})
    found.set_default_timeout(HANG_SECONDS * 1000)
    return found


@pytest.fixture
def complaints(page: Page) -> list[str]:
    """The errors in the console of the browser."""
    found: list[str] = []
    page.on("console", lambda message: found.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: found.append(str(error)))
    return found


def check_connection_before_saving(page: Page, graph: Any) -> None:
    """Check without a code, then with a refused token, then with a good one."""
    result, button = page.get_by_test_id("connection-result"), page.get_by_test_id("test-connection")
    button.click()
    expect(result).to_contain_text("counts in your reports")
    assert graph.requests == []

    page.locator("#inquiry-fields input").fill("TEST1")
    requests.post(f"{graph.url}/_simulator/faults", json={"kind": "token", "count": 1}, timeout=HANG_SECONDS)
    button.click()
    expect(result).to_contain_text("Token refused")
    button.click()
    expect(result).to_contain_text("Connected")
    assert graph.requests[-1]["body"]["access_token"] == TOKEN
    assert graph.requests[-1]["body"]["test_event_code"] == "TEST1"


def configure(page: Page, graph: Any) -> None:
    open_nav(page, "Extensions")
    page.get_by_test_id("catalog-tab").click()
    page.get_by_test_id("install-meta-conversions-api").click()
    fill(page, "Pixel ID", "1234567890")
    fill(page, "Access Token", TOKEN)
    check_connection_before_saving(page, graph)
    page.get_by_test_id("save").click()
    expect(page.get_by_test_id("extension").filter(has_text="Meta Conversions API")).to_be_visible()


def start_from_preset(page: Page) -> None:
    open_nav(page, "Rules")
    page.get_by_test_id("rule-new").first.click()
    fill(page, "Name", "Purchase")
    page.get_by_test_id("save").click()
    page.get_by_test_id("add-action").click()
    page.locator("[data-choice=purchase]").click()
    expect(page.get_by_test_id("suggested")).to_have_count(3)
    expect(page.locator("#id_email")).to_have_value("{{Email}}")
    expect(page.get_by_test_id("preset-start")).to_contain_text("Currency")


def paste(page: Page, **data: Any) -> None:
    page.get_by_test_id("preview-source").select_option("pasted")
    page.get_by_test_id("preview-pasted").fill(json.dumps({"xdm": PAGE, "data": DATA | data}))


def follow_the_preview(page: Page) -> None:
    payload = page.get_by_test_id("preview-payload")
    paste(page)
    expect(page.get_by_test_id("preview-verdict")).to_contain_text("1 to correct")
    expect(page.get_by_test_id("preview-problem").first).to_contain_text("Purchase")
    page.locator('[id="id_customData.currency"]').fill("EUR")
    expect(payload).to_contain_text(HASH)
    page.locator("#id_eventId").fill("typed-7")
    expect(payload).to_contain_text('"event_id": "typed-7"')
    expect(page.locator("#preview-said")).to_contain_text("Would be delivered")

    page.locator("#id_email").fill("")
    page.locator("#id_email").blur()
    expect(page.get_by_test_id("suggested").locator("visible=true")).to_have_count(2)
    expect(page.get_by_test_id("preview-result")).to_contain_text("no customer information")
    page.locator("#id_email").fill("{{Email}}")
    expect(payload).to_contain_text(HASH)


def send_test_event(page: Page, graph: Any) -> None:
    before, answer = len(graph.requests), page.get_by_test_id("preview-sent")
    page.get_by_test_id("send-now").click()  # It asks for the code.
    expect(answer).to_contain_text("Test Event Code is needed")
    page.locator("#preview-test input").fill("TEST7")
    page.get_by_test_id("send-test-event").click()
    expect(answer).to_contain_text("accepted the test event")
    [request] = graph.requests[before:]
    assert request["body"]["test_event_code"] == "TEST7"
    assert request["body"]["data"][0]["event_id"] == "typed-7"
    assert request["body"]["data"][0]["user_data"]["em"] == HASH


def read_why_a_broken_event_is_refused(page: Page, graph: Any) -> None:
    before = len(graph.requests)
    paste(page, value="1.299,50")
    expect(page.get_by_test_id("preview-result")).to_contain_text("Purchase needs currency and value")
    expect(page.get_by_test_id("preview-result")).to_contain_text("Value:")
    page.get_by_test_id("send-test-event").click()
    expect(page.get_by_test_id("preview-sent")).to_contain_text("Not sent")
    assert len(graph.requests) == before


def test_a_marketer_sets_meta_up_and_sees_what_would_be_sent(
    page: Page, product: Product, graph: Any, complaints: list[str]
) -> None:
    sign_in(page, product)
    create_property(page)
    configure(page, graph)
    add_data_element(page, "Email", "arc.event.data.user.email")
    add_data_element(page, "Order value", "arc.event.data.value")
    add_data_element(page, "Page URL", "arc.event.xdm.web.webPageDetails.URL")
    start_from_preset(page)
    follow_the_preview(page)
    send_test_event(page, graph)
    read_why_a_broken_event_is_refused(page, graph)

    page.get_by_test_id("keep-changes").click()
    expect(page.get_by_test_id("actions")).to_contain_text("Purchase")
    assert TOKEN not in page.content()
    assert complaints == []
