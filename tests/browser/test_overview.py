"""The overview in a browser: figures that come and stay in place, bars that lead to the log."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import requests
from playwright.sync_api import Browser, Page, expect

from capi_admin import demo
from tests.product import wait_for
from tests.work import HANG_SECONDS

from .axe import problems
from .conftest import Shop

pytestmark = [pytest.mark.browser, pytest.mark.processes]

TOP = "(id) => document.querySelector(id).getBoundingClientRect().top"
HIDE = "Object.defineProperty(document, 'hidden', { get: () => true })"


@pytest.fixture(scope="module")
def filled(module_shop: Shop) -> Shop:
    """A published shop that has received a few events of each kind."""
    shop = module_shop
    made = shop.apply("--publish", "production")
    datastream = made["environments"]["production"]["datastream_id"]
    before = shop.product.ledger()["accepted"]
    demo.send_samples(shop.product.url, datastream)
    wait_for(lambda: shop.product.ledger()["accepted"] > before, "events to arrive")
    wait_for(lambda: shop.product.ledger()["open"] == 0, "events to be delivered")
    return shop


@pytest.fixture
def page(filled: Shop, browser: Browser) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": 1280, "height": 1600})
    context.set_default_timeout(HANG_SECONDS * 1000)
    found = filled.sign_in_only(context)
    found.goto(f"{filled.url}?env=prod")
    expect(found.get_by_test_id("figures")).to_be_visible()
    yield found
    context.close()


def test_figures_come_without_moving_the_page(filled: Shop, page: Page) -> None:
    page.route("**/*part=figures*", lambda route: None)
    page.goto(f"{filled.url}?env=prod")
    before = page.evaluate(TOP, ".figures"), page.evaluate(TOP, ".plot")
    page.unroute_all(behavior="ignoreErrors")
    page.goto(f"{filled.url}?env=prod")
    expect(page.get_by_test_id("figures")).to_be_visible()
    after = page.evaluate(TOP, ".figures"), page.evaluate(TOP, ".plot")
    assert all(abs(late - early) <= 2 for early, late in zip(before, after, strict=True))


def test_a_bar_leads_to_the_events_of_its_time(page: Page) -> None:
    page.locator(".bar-links a").last.click()
    page.wait_for_url("**/events/?**since=**")
    assert "until=" in page.url


def test_a_range_of_ones_own_is_in_the_address_in_ones_own_zone(filled: Shop, browser: Browser) -> None:
    context = browser.new_context(viewport={"width": 1280, "height": 1600}, timezone_id="Asia/Kathmandu")
    context.set_default_timeout(HANG_SECONDS * 1000)
    page = filled.sign_in_only(context)
    page.goto(f"{filled.url}?env=prod")
    page.get_by_test_id("choose-dates").click()
    since, until = page.get_by_label("From", exact=True), page.get_by_label("To", exact=True)
    expect(until).to_have_value(re.compile(r"^20[\d-]+T\d\d:\d\d$"))
    yesterday = datetime.now(ZoneInfo("Asia/Kathmandu")) - timedelta(days=1)
    since.fill(f"{yesterday:%Y-%m-%d}T00:00")
    page.get_by_test_id("dates").get_by_role("button", name="Show").click()
    expect(page).to_have_url(re.compile(r"since=[\d-]+T00%3A00%3A00%2B05%3A45&until="))
    expect(page.get_by_test_id("figures")).to_be_visible()
    expect(page.get_by_test_id("choose-dates")).to_contain_text("to")
    page.get_by_role("link", name="24 h", exact=True).click()
    expect(page).not_to_have_url(re.compile("since="))
    context.close()


def test_an_event_is_seen_after_the_next_look_but_never_while_one_reads_the_table(
    filled: Shop, page: Page
) -> None:
    asked: list[str] = []
    page.on("request", lambda it: asked.append(it.url) if "part=figures" in it.url else None)
    page.get_by_test_id("results").get_by_text("Show as a table").click()
    page.evaluate("htmx.trigger('#overview', 'load')")
    page.wait_for_timeout(300)
    assert asked == []
    expect(page.get_by_role("region", name="Events by result as a table")).to_be_visible()


def test_a_hidden_tab_asks_for_nothing(page: Page) -> None:
    asked: list[str] = []
    page.on("request", lambda it: asked.append(it.url) if "part=figures" in it.url else None)
    page.evaluate("htmx.trigger('#overview', 'load')")
    wait_for(lambda: page.evaluate("1") and len(asked) == 1, "the figures to be asked for")
    page.evaluate(HIDE)
    page.evaluate("htmx.trigger('#overview', 'load')")
    page.wait_for_timeout(300)
    assert len(asked) == 1


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_everybody_can_read_it(page: Page, node_modules: Path, scheme: Any) -> None:
    page.emulate_media(color_scheme=scheme)
    page.evaluate("document.querySelectorAll('main details').forEach((it) => { it.open = true; })")
    for width in (320, 400, 900, 1280, 1920):
        page.set_viewport_size({"width": width, "height": 5000})
        assert problems(page, node_modules, "best-practice") == []


def test_the_address_of_the_figures_needs_a_session(filled: Shop) -> None:
    answer = requests.get(f"{filled.url}?part=figures", timeout=HANG_SECONDS, allow_redirects=False)
    assert answer.status_code == 302
