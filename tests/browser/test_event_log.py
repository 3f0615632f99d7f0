"""The event log in a browser: live rows, the drawer and its address, keys, retries, masked data, phones."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import requests
from playwright.sync_api import Browser, Page, expect

from rules.event_log.tests.conftest import DOCUMENT, PURCHASE
from tests.work import HANG_SECONDS

from .axe import OVERFLOW, problems
from .conftest import Shop

pytestmark = [pytest.mark.browser, pytest.mark.processes]
FORBIDDEN = re.compile("Content Security Policy")


class Log:
    """The event log of a shop, opened by an administrator."""

    def __init__(self, shop: Shop, page: Page, datastream: str) -> None:
        self.shop, self.page, self._datastream = shop, page, datastream
        self.url = f"{shop.url}events/"

    def send(self, number: int, **data: Any) -> None:
        sent = {**PURCHASE, "event_id": f"order-{number}", **data}
        self.collect([{"xdm": {"eventType": "Purchase"}, "data": sent}])

    def collect(self, events: list[dict[str, Any]]) -> None:
        where = f"{self.shop.product.url}/ee/v2/collect?datastreamId={self._datastream}"
        answer = requests.post(where, json={"events": events}, timeout=HANG_SECONDS)
        assert answer.status_code == 202, answer.text

    @property
    def rows(self) -> Any:
        return self.page.get_by_test_id("event-row")

    @property
    def drawer(self) -> Any:
        return self.page.get_by_test_id("drawer")

    def open(self, query: str = "") -> None:
        self.page.goto(self.url + query)

    def link(self, row: int) -> Any:
        return self.rows.nth(row).get_by_role("link")


def published(shop: Shop) -> str:
    """Publish the property; return its datastream."""
    parts = {name: DOCUMENT[name] for name in ("rules", "data_elements")}
    made = shop.apply("--publish", "production", **parts)
    time.sleep(2)  # The edge uses the build within two seconds.
    return str(made["environments"]["production"]["datastream_id"])


@contextmanager
def opened(shop: Shop, browser: Browser, datastream: str, **options: Any) -> Iterator[Log]:
    """The log in a window of its own, which has nothing to complain about."""
    context = browser.new_context(**({"viewport": {"width": 1280, "height": 800}} | options))
    context.set_default_timeout(HANG_SECONDS * 1000)
    page = shop.sign_in_only(context)
    complaints: list[str] = []
    page.on("console", lambda it: complaints.append(it.text) if FORBIDDEN.search(it.text) else None)
    page.on("pageerror", lambda it: complaints.append(str(it)))
    yield Log(shop, page, datastream)
    context.close()
    assert complaints == []


def send_three(log: Log) -> None:
    """Send two purchases that are delivered, then one without a currency."""
    for number, currency in enumerate(("EUR", "EUR", "kronor")):
        log.send(number, currency=currency)
        log.open()
        expect(log.rows).to_have_count(number + 1)
    expect(log.rows.nth(0)).to_have_attribute("data-outcome", "not_sent")
    expect(log.rows.nth(1)).to_have_attribute("data-outcome", "delivered")


@pytest.fixture
def log(shop: Shop, browser: Browser) -> Iterator[Log]:
    """An empty log."""
    with opened(shop, browser, published(shop)) as found:
        yield found


@pytest.fixture
def own_three(log: Log) -> Log:
    """The log with three purchases, for a test that adds to it."""
    send_three(log)
    return log


@pytest.fixture(scope="module")
def sent(module_shop: Shop, browser: Browser) -> tuple[Shop, str]:
    datastream = published(module_shop)
    with opened(module_shop, browser, datastream) as found:
        send_three(found)
    return module_shop, datastream


@pytest.fixture
def three(sent: tuple[Shop, str], browser: Browser) -> Iterator[Log]:
    """The log with three purchases, for tests that only look."""
    with opened(sent[0], browser, sent[1]) as found:
        found.open()
        yield found


def test_a_new_event_appears_by_itself_and_space_pauses_the_list(log: Log) -> None:
    log.open()
    log.send(1)
    expect(log.rows).to_have_count(1)
    expect(log.rows.first).to_have_attribute("data-outcome", "delivered")
    assert log.rows.first.bounding_box()["y"] <= 300
    log.page.locator("main").focus()
    log.page.keyboard.press(" ")
    expect(log.page.get_by_test_id("pause")).to_be_checked()
    expect(log.page.locator("#live-state")).to_be_hidden()


def test_a_paused_list_stands_still_until_it_goes_on(log: Log) -> None:
    log.open()
    log.send(1)
    expect(log.rows).to_have_count(1)
    log.page.get_by_test_id("pause").check()
    log.send(2)
    expect(log.page.get_by_test_id("show-new")).to_have_text("1 new")
    expect(log.rows).to_have_count(1)
    log.page.get_by_test_id("pause").uncheck()
    expect(log.rows).to_have_count(2)


def test_the_first_event_takes_the_place_of_the_empty_state(log: Log) -> None:
    log.open()
    expect(log.page.get_by_test_id("no-events")).to_be_visible()
    log.send(1)
    expect(log.rows).to_have_count(1)
    expect(log.page.get_by_test_id("no-events")).to_have_count(0)


def test_while_a_drawer_is_open_new_events_wait_behind_a_count(own_three: Log) -> None:
    own_three.link(0).click()
    expect(own_three.drawer).to_be_visible()
    own_three.send(7)
    show = own_three.page.get_by_test_id("show-new")
    expect(show).to_have_text("1 new")
    expect(own_three.rows).to_have_count(3)
    show.click()
    expect(own_three.rows).to_have_count(4)


def test_the_drawer_says_why_and_leads_to_the_field(three: Log) -> None:
    three.rows.nth(0).click(position={"x": 500, "y": 10})
    why = three.drawer.get_by_test_id("why")
    expect(why).to_contain_text("Not sent: Purchase needs")
    expect(why.get_by_test_id("chain")).to_contain_text("Currency")
    expect(why.get_by_test_id("chain")).to_contain_text("arc.event.data.currency")
    expect(why.get_by_test_id("seen")).to_have_text("“kronor”")
    expect(why).to_contain_text("Meta takes three letters of ISO 4217")
    fix = three.drawer.get_by_test_id("fix").get_attribute("href")
    assert re.search(r"/actions/|/components/|/rules/", fix), fix
    assert fix.endswith("#id_customData.currency")


def test_the_drawer_has_an_address_and_gives_the_focus_back(three: Log) -> None:
    page = three.page
    for leave in (
        lambda: page.keyboard.press("Escape"),
        page.go_back,
        lambda: three.drawer.get_by_label("Close").click(),
    ):
        three.link(1).click()
        expect(page.locator("#drawer-title")).to_be_focused()
        assert "event=" in page.url
        expect(three.rows.nth(1)).to_have_attribute("aria-selected", "true")
        leave()
        expect(three.drawer).to_have_count(0)
        expect(three.link(1)).to_be_focused()
        assert "event=" not in page.url


def test_a_link_to_a_drawer_opens_it_and_closes_to_the_list(three: Log) -> None:
    three.link(2).click()
    expect(three.drawer).to_be_visible()
    address = three.page.url
    three.page.goto(address)
    expect(three.drawer).to_be_visible()
    expect(three.rows).to_have_count(3)
    three.page.keyboard.press("Escape")
    expect(three.drawer).to_have_count(0)
    assert "event=" not in three.page.url


def test_keys_move_open_tick_and_close(three: Log) -> None:
    page = three.page
    page.locator("main").focus()
    page.keyboard.press("j")
    expect(three.link(0)).to_be_focused()
    page.keyboard.press("j")
    expect(three.link(1)).to_be_focused()
    page.keyboard.press("x")
    expect(three.rows.nth(1).get_by_test_id("pick")).to_be_checked()
    expect(page.get_by_test_id("bulk")).to_contain_text("1 selected", use_inner_text=True)
    page.keyboard.press("Enter")
    expect(three.drawer).to_be_visible()
    page.keyboard.press("k")
    expect(three.drawer).to_have_attribute("data-row", three.rows.nth(0).get_attribute("id"))
    page.keyboard.press("Escape")
    expect(three.link(0)).to_be_focused()


def test_ticked_events_are_retried_with_their_number(three: Log) -> None:
    page = three.page
    three.rows.nth(0).get_by_test_id("pick").check()
    three.rows.nth(2).get_by_test_id("pick").click(modifiers=["Shift"])
    retry = page.get_by_test_id("bulk-retry")
    expect(retry).to_have_text(re.compile(r"Retry\s+3"), use_inner_text=True)
    retry.click()
    expect(page.get_by_test_id("replay-form")).to_be_visible()
    expect(page.get_by_test_id("count-current")).to_contain_text("1 of 3 events can be sent again")


def test_a_tick_stays_while_its_row_changes_and_new_events_wait(own_three: Log) -> None:
    page = own_three.page
    own_three.rows.nth(1).get_by_test_id("pick").check()
    own_three.send(8)
    expect(page.get_by_test_id("show-new")).to_have_text("1 new")
    expect(own_three.rows.nth(1).get_by_test_id("pick")).to_be_checked()
    expect(page.get_by_test_id("bulk")).to_contain_text("1 selected", use_inner_text=True)
    page.get_by_label("Clear the selection").click()
    expect(page.get_by_test_id("bulk")).to_be_hidden()
    expect(own_three.rows).to_have_count(4)


def test_all_that_match_are_retried_beyond_the_page(log: Log) -> None:
    events = [
        {"xdm": {"eventType": "Purchase"}, "data": {**PURCHASE, "event_id": f"o-{it}", "currency": "kronor"}}
        for it in range(52)
    ]
    log.collect(events)
    page = log.page
    log.open("?result=not_sent")
    expect(page.get_by_test_id("chip").filter(has_text="Not sent")).to_contain_text("52")
    log.open("?result=not_sent")
    log.rows.nth(0).get_by_test_id("pick").check()
    page.get_by_test_id("select-all").check()
    expect(page.get_by_test_id("bulk")).to_contain_text(re.compile(r"52\s+selected"), use_inner_text=True)
    retry = page.get_by_test_id("bulk-retry")
    expect(retry.locator(".all")).to_be_visible()
    expect(retry.locator("[data-count]")).to_be_hidden()
    retry.click()
    expect(page.get_by_test_id("count-current")).to_contain_text("52 of 52 events can be sent again")


def test_a_test_event_is_sent_from_the_drawer_and_shows_in_the_list_behind(own_three: Log) -> None:
    page = own_three.page
    page.get_by_test_id("send-test-event").first.click()
    expect(page.locator("#drawer-title")).to_contain_text("Send a test event to Production")
    assert page.url.endswith("/test-event/")
    page.locator("#drawer").get_by_test_id("send-test-event").click()
    outcome = page.get_by_test_id("outcome")
    expect(outcome).to_have_attribute("data-state", "delivered")
    expect(own_three.rows).to_have_count(4)
    page.keyboard.press("Escape")
    expect(page.locator("#drawer")).to_have_count(0)
    assert "test-event" not in page.url
    page.go_forward()
    expect(page.locator("#drawer-title")).to_contain_text("Send a test event")
    page.reload()
    expect(page.get_by_role("heading", level=1)).to_have_text("Send a test event to Production")


def test_an_event_is_tried_in_a_build_inside_the_drawer(three: Log) -> None:
    page = three.page
    three.link(0).click()
    page.get_by_test_id("dry-run-link").click()
    drawer = page.locator("#drawer")
    expect(drawer.get_by_test_id("verdict")).to_contain_text("Would not be sent")
    expect(drawer.get_by_test_id("verdict")).to_contain_text("Not sent Currency “kronor”")
    drawer.get_by_test_id("dry-run-build").select_option(index=1)
    drawer.get_by_test_id("dry-run-start").click()
    expect(drawer.locator(".htmx-request")).to_have_count(0)  # The first answer says the same.
    expect(drawer.get_by_test_id("verdict")).to_contain_text("Would not be sent")
    expect(three.rows).to_have_count(3)
    drawer.get_by_role("link", name="open the event").click()
    expect(three.drawer.get_by_test_id("why")).to_be_visible()
    page.go_back()
    expect(page.locator("#drawer")).to_have_count(0)


def test_the_menu_copies_the_address_of_the_event(three: Log) -> None:
    page = three.page
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    three.link(1).click()
    page.get_by_test_id("event-menu").locator("summary").click()
    page.get_by_test_id("copy-link").click()
    expect(page.get_by_test_id("copy-link")).to_have_text("Copied")
    event = three.rows.nth(1).get_attribute("id").removeprefix("event-")
    assert page.evaluate("navigator.clipboard.readText()") == f"{three.url}{event}/"
    page.goto(f"{three.url}{event}/")
    expect(page.get_by_role("heading", level=1)).to_contain_text("Purchase")


def test_customer_data_is_masked_until_somebody_asks_and_the_audit_log_says_so(three: Log) -> None:
    page = three.page
    event = three.rows.nth(1).get_attribute("id").removeprefix("event-")
    three.link(1).click()
    three.drawer.get_by_role("link", name="Incoming").click()
    data = three.drawer.get_by_test_id("incoming-data")
    expect(data).to_contain_text("order-1")
    expect(data).not_to_contain_text(PURCHASE["user"]["email"])
    three.drawer.get_by_test_id("show-incoming").click()
    expect(data).to_contain_text(PURCHASE["user"]["email"])
    page.goto(f"{three.shop.url}settings/audit/")
    expect(page.get_by_role("main")).to_contain_text(f"Event {event}")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 400])
def test_list_drawer_and_page_are_usable_by_everybody(
    three: Log, node_modules: Path, scheme: Any, width: int
) -> None:
    page = three.page
    page.set_viewport_size({"width": width, "height": 800})
    page.emulate_media(color_scheme=scheme)
    three.open()
    event = three.rows.nth(0).get_attribute("id").removeprefix("event-")
    for query in (
        "",
        *(f"?event={event}&tab={tab}" for tab in ("why", "elements", "payload", "incoming", "history")),
        f"{event}/",
    ):
        three.open(query)
        assert problems(page, node_modules) == [], query


def test_on_a_phone_the_drawer_fills_the_screen_and_keeps_the_focus(three: Log) -> None:
    page = three.page
    page.set_viewport_size({"width": 400, "height": 800})
    three.open()
    three.link(0).click()
    assert three.drawer.bounding_box()["width"] >= 399
    assert page.locator("main").evaluate("(main) => main.inert")
    page.keyboard.press("Escape")
    expect(three.link(0)).to_be_focused()


def tap(page: Page, row: Any) -> None:
    """Touch a row where its name stands."""
    box = row.bounding_box()
    page.touchscreen.tap(box["x"] + 60, box["y"] + box["height"] / 2)


@pytest.fixture
def phone(sent: tuple[Shop, str], browser: Browser) -> Iterator[Log]:
    """The log with three purchases on a phone."""
    with opened(sent[0], browser, sent[1], viewport={"width": 400, "height": 800}, has_touch=True) as found:
        found.open()
        yield found


def test_on_a_phone_the_button_select_lets_taps_select_rows(phone: Log) -> None:
    page, cell = phone.page, phone.rows.nth(0).get_by_role("cell").first
    pick = cell.get_by_test_id("pick")
    # Out of sight, but there for keyboards and screen readers.
    assert "inset" in cell.evaluate("(it) => getComputedStyle(it).clipPath")
    page.get_by_test_id("select-rows").tap()
    assert cell.evaluate("(it) => getComputedStyle(it).clipPath") == "none"
    tap(page, phone.rows.nth(0))
    expect(pick).to_be_checked()
    expect(phone.drawer).to_have_count(0)
    tap(page, phone.rows.nth(1))
    bulk = page.get_by_test_id("bulk")
    expect(bulk).to_contain_text("2 selected", use_inner_text=True)
    expect(phone.drawer).to_have_count(0)
    # Within reach of the thumb.
    box = bulk.bounding_box()
    assert box["y"] + box["height"] >= 799
    assert page.evaluate(OVERFLOW) == []
    tap(page, phone.rows.nth(0))
    expect(bulk).to_contain_text("1 selected", use_inner_text=True)
    page.get_by_label("Clear the selection").tap()
    expect(bulk).to_be_hidden()
    expect(page.get_by_test_id("select-rows")).not_to_be_checked()
    tap(page, phone.rows.nth(1))
    expect(phone.drawer).to_be_visible()


def test_on_a_phone_the_rows_stay_a_table_for_screen_readers(phone: Log) -> None:
    table = phone.page.get_by_role("table", name="Events, newest first")
    expect(table.get_by_role("row").filter(has=phone.page.get_by_role("rowheader"))).to_have_count(3)
    expect(table.get_by_role("cell").first).to_be_attached()


def test_nothing_is_wider_than_the_screen(three: Log) -> None:
    page = three.page
    page.emulate_media(reduced_motion="reduce")  # The drawer slides in from beyond the edge.
    event = three.rows.nth(0).get_attribute("id").removeprefix("event-")
    tabs = [f"?event={event}&tab={tab}" for tab in ("why", "elements", "payload", "incoming", "history")]
    for query in ("", *tabs, f"{event}/", f"dry-run/?source=event:{event}", f"{event}/save/"):
        three.open(query)
        for width in (320, 600, 900, 901, 1100, 1101, 1500, 1920):
            page.set_viewport_size({"width": width, "height": 900})
            assert page.evaluate(OVERFLOW) == [], (query, width)


def test_what_opens_beside_the_list_is_usable_by_everybody(three: Log, node_modules: Path) -> None:
    page = three.page
    page.emulate_media(reduced_motion="reduce")
    event = three.rows.nth(0).get_attribute("id").removeprefix("event-")

    def check(what: str) -> None:
        for width, scheme in ((1280, "light"), (1280, "dark"), (400, "light"), (400, "dark")):
            page.set_viewport_size({"width": width, "height": 1600})
            page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
            assert problems(page, node_modules) == [], (what, width, scheme)

    three.open()
    three.link(0).click()
    page.get_by_test_id("event-menu").locator("summary").click()
    check("menu")
    page.get_by_test_id("save-as-test").click()
    page.get_by_test_id("save-event-form").wait_for()
    check("save as test")
    page.get_by_test_id("saved-name").fill("A purchase in kronor")
    page.get_by_test_id("save-event").click()
    expect(page.get_by_test_id("toasts")).to_contain_text("Saved “A purchase in kronor”")
    three.open(f"?event={event}")
    page.get_by_test_id("dry-run-link").click()
    page.get_by_test_id("verdict").wait_for()
    check("dry run")
    three.open()
    three.rows.nth(0).get_by_test_id("pick").evaluate("(it) => it.click()")
    check("selection")
    page.get_by_label("Clear the selection").click()
    page.get_by_test_id("send-test-event").first.click()
    page.get_by_test_id("start-saved").click()
    expect(page.get_by_test_id("event")).to_have_value(re.compile("kronor"))
    check("test event")
