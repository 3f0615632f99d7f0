"""Home in a browser: an empty installation led by the hand, then what needs attention."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from rules.event_log.tests.conftest import DOCUMENT
from tests.browser.axe import problems
from tests.browser.test_issues import SCHEMES, WIDTHS, context, page, property_url
from tests.product import Product

pytestmark = [pytest.mark.browser, pytest.mark.processes]
__all__ = ["context", "page", "property_url"]


def check(page: Page, address: str, node_modules: Path) -> None:
    """Check the page at each width and in each colour scheme."""
    for width in WIDTHS:
        for scheme in SCHEMES:
            page.set_viewport_size({"width": width, "height": 2_000})
            page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
            page.goto(address)
            assert problems(page, node_modules) == []


def test_an_empty_installation_leads_to_the_first_property(
    page: Page, product: Product, node_modules: Path
) -> None:
    check(page, product.url, node_modules)
    page.get_by_test_id("get-started").click()
    expect(page).to_have_url(f"{product.url}/quick-start/new/meta-conversions-api/")
    page.goto(product.url)
    page.get_by_test_id("new-property").click()
    expect(page).to_have_url(f"{product.url}/p/new/")


def test_home_says_what_needs_attention_and_leads_there(
    page: Page, product: Product, property_url: str, context: BrowserContext, node_modules: Path
) -> None:
    page.goto(product.url)
    expect(page).to_have_url(property_url)
    product.apply({**DOCUMENT, "property": {"name": "Second", "platform": "edge"}})
    page.goto(product.url)
    expect(page.get_by_test_id("property")).to_have_count(2)
    expect(page.get_by_test_id("go-on")).to_contain_text("Second")
    page.get_by_test_id("attention-item").get_by_role("link").first.click()
    expect(page.get_by_test_id("issue")).to_be_in_viewport()
    check(page, product.url, node_modules)
