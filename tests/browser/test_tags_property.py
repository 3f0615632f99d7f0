"""A tags property by its pages, until its library acts in a page of another origin."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.test_journey import fill, open_nav, save_in_menu, sign_in
from tests.product import Product, wait_for
from tests.work import HANG_SECONDS

pytestmark = [pytest.mark.browser, pytest.mark.processes]


@pytest.fixture
def page(launch: Any) -> Page:
    found: Page = launch().new_page(viewport={"width": 1280, "height": 900})
    found.set_default_timeout(HANG_SECONDS * 1000)
    return found


@contextmanager
def site(head: str) -> Iterator[str]:
    """A shop on an origin of its own, with this text in the head of its page; yield its address."""
    body = "<button class='greet'>Greet</button>"
    text = f"<!doctype html><head><title>Shop</title>{head}</head>{body}".encode()

    class Shop(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.end_headers()
            self.wfile.write(text)

        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Shop)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://localhost:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def choose(page: Page, title: str) -> None:
    """Choose a type in the picker of components."""
    page.get_by_test_id("component-picker").get_by_role("link", name=re.compile(rf"^{title}\b")).first.click()


def add_word(page: Page) -> None:
    open_nav(page, "Data Elements")
    page.wait_for_url("**/data-elements/")
    page.goto(f"{page.url}new/?type=core-web::dataElements::constant")
    fill(page, "Name", "Word")
    fill(page, "Value", '"hello"')
    page.get_by_test_id("save").first.click()
    expect(page.get_by_test_id("data-element").filter(has_text="Word")).to_be_visible()


def add_condition(page: Page) -> None:
    """Pick the data element by a percent sign and letters of its name."""
    page.get_by_test_id("add-condition").click()
    choose(page, "Value Comparison")
    field = page.locator("[data-path=leftOperand]")
    field.click()
    page.keyboard.type("%Wo")
    expect(page.locator("#picker [aria-selected=true]")).to_contain_text("Word")
    page.keyboard.press("Enter")
    expect(field).to_have_value("%Word%")
    page.locator("[data-path='comparison.operator']").select_option("equals")
    page.locator("[data-path=rightOperand]").fill("hello")
    page.get_by_test_id("keep-changes").first.click()
    expect(page.get_by_test_id("if")).to_contain_text("Word equals “hello”")


def add_rule(page: Page) -> None:
    open_nav(page, "Rules")
    page.get_by_test_id("rule-new").first.click()
    fill(page, "Name", "Greet")
    page.get_by_test_id("save").click()
    expect(page.get_by_test_id("never-runs")).to_be_visible()
    page.get_by_test_id("add-event").click()
    choose(page, "Click")
    page.locator("[data-path=elementSelector]").fill(".greet")
    page.get_by_test_id("keep-changes").first.click()
    expect(page.get_by_test_id("events")).to_contain_text("If Click on .greet")
    add_condition(page)
    page.get_by_test_id("add-action").click()
    choose(page, "Custom Code")
    page.locator("[data-path=source]").fill("document.title = _satellite.getVar('Word');")
    page.get_by_test_id("keep-changes").first.click()
    expect(page.get_by_test_id("then")).to_contain_text("Custom Code")


def test_a_library_made_by_the_pages_acts_in_a_page_of_another_origin(page: Page, product: Product) -> None:
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    sign_in(page, product)
    page.get_by_test_id("new-property").click()
    page.get_by_label("Tags: rules run in the browsers of a site").check()
    fill(page, "Name", "Shoe shop tags")
    page.get_by_test_id("save").click()
    add_word(page)
    add_rule(page)
    save_in_menu(page, "save-build")
    expect(page.get_by_test_id("toasts")).to_contain_text("live in Development")

    open_nav(page, "Environments")
    development = page.get_by_test_id("environment-development")
    expect(development.get_by_test_id("library-size")).to_contain_text("as sent")
    embed_code = development.get_by_test_id("embed-code").inner_text()
    development.get_by_text("Embed code with integrity").click()
    pinned_code = development.get_by_test_id("pinned-code").inner_text()
    # Who edits rules writes a library: no page of the product may load one.
    assert not [url for url in asked if "/t/" in url]

    browser: Any = page.context.browser
    for code in (embed_code, pinned_code):
        with site(code) as address:
            shop = browser.new_context().new_page()
            said: list[str] = []
            shop.on("console", lambda message, said=said: said.append(message.text))
            shop.on("pageerror", lambda error, said=said: said.append(str(error)))
            shop.goto(address)

            def greeted(shop: Page = shop) -> bool:
                shop.get_by_role("button", name="Greet").click()
                return shop.title() == "hello"

            wait_for(greeted, "the rule to run")
            assert [text for text in said if "favicon" not in text] == []
            assert shop.evaluate("Object.keys(window).filter((it) => it.startsWith('__capi_')).length") == 1
            shop.close()
