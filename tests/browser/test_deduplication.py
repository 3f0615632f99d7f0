"""A person reads that purchases count twice, sees one of them, and gets to the field that makes the ID."""

from __future__ import annotations

from pathlib import Path

import pytest
import requests
from playwright.sync_api import Page, expect

from rules.event_log.tests.conftest import DOCUMENT, PIXEL, PURCHASE
from tests.browser.axe import problems
from tests.browser.test_issues import SCHEMES, WIDTHS, context, page
from tests.product import Product, wait_for
from tests.work import HANG_SECONDS

__all__ = ["context", "page"]
pytestmark = [pytest.mark.browser, pytest.mark.processes]

VERDICT = "50 % of Purchase is counted twice: 1 of 2."


@pytest.fixture
def property_url(product: Product) -> str:
    """A shop that runs in development, after two purchases; the page wrote the ID of one in capitals."""
    made = product.apply(DOCUMENT, "--publish", "development")
    where = made["environments"]["development"]["datastream_id"]
    for event_id, in_page in (("order-1", "order-1"), ("order-2", "ORDER-2")):
        data = {**PURCHASE, "event_id": event_id, "capiCopies": [[PIXEL, "Purchase", in_page]]}
        answer = requests.post(
            f"{product.url}/ee/v2/collect?datastreamId={where}",
            json={"events": [{"xdm": {"eventType": "Purchase"}, "data": data}]},
            headers={"Origin": "https://shop.example"},
            timeout=HANG_SECONDS,
        )
        assert answer.status_code == 202, answer.text
    wait_for(lambda: product.ledger()["delivered"] == 2, "the purchases to be delivered")
    return f"{product.url}/p/{made['property_id']}/"


def test_from_overview_to_the_event_and_the_field_that_makes_its_id(page: Page, property_url: str) -> None:
    page.goto(property_url)
    part = page.get_by_test_id("deduplication")
    expect(part).to_contain_text(VERDICT)
    part.get_by_role("link", name="What to change").click()
    expect(page.get_by_test_id("verdict")).to_contain_text(VERDICT)
    finding = page.get_by_test_id("finding")
    expect(finding).to_contain_text("page and server write the ID in different letter case")
    address = finding.get_by_role("link").first.get_attribute("href")
    finding.get_by_role("link", name="Fix at the server").click()
    field = page.locator('[id="id_eventId"]')
    expect(field).to_be_in_viewport()
    expect(field).to_have_value("{{Event ID}}")
    page.goto(f"{property_url.partition('/p/')[0]}{address}")
    expect(page.locator("main")).to_contain_text("order-2")


def test_axe_finds_nothing(page: Page, property_url: str, node_modules: Path) -> None:
    for width, scheme in [(width, scheme) for width in WIDTHS for scheme in SCHEMES]:
        page.set_viewport_size({"width": width, "height": 2_000})
        page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
        page.goto(f"{property_url}deduplication/")
        expect(page.get_by_test_id("finding")).to_be_visible()
        assert problems(page, node_modules) == []
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
