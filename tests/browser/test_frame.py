"""The frame of every page: it fits any width, and works without a mouse and with a screen reader."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from .axe import OVERFLOW
from .conftest import Shop

pytestmark = [pytest.mark.browser, pytest.mark.processes]

# Below and above each width at which the layout changes, and usual screens.
WIDTHS = (320, 360, 600, 900, 901, 1100, 1101, 1280, 1440, 1920)
PAGES = (
    "",
    "rules/",
    "data-elements/",
    "extensions/",
    "extensions/catalog/",
    "secrets/",
    "secrets/new/?type=token",
    "publishing/",
    "environments/",
    "events/",
    "events/dry-run/",
    "settings/",
    "people/",
)
TABLES = ("extensions/", "extensions/catalog/", "publishing/")
UNNAMED = """() => [...document.querySelectorAll("nav, aside, [role=region], section[role]")]
  .filter((it) => it.checkVisibility() && !it.matches("[aria-label], [aria-labelledby]"))
  .map((it) => it.outerHTML.slice(0, 120))"""
# Letters in the first second of a page. Returns what they pressed.
EARLY = """(keys) => {
  const pressed = [];
  document.addEventListener("click", (event) => {
    event.preventDefault();
    pressed.push(event.target.dataset.go);
  });
  keys.forEach((key, at) => {
    const event = new KeyboardEvent("keydown", { key, bubbles: true });
    Object.defineProperty(event, "timeStamp", { value: 500 + at });
    document.body.dispatchEvent(event);
  });
  return pressed;
}"""
ROLES_LOST = """() => [...document.querySelectorAll("table.stack, table.diff")].flatMap((table) => {
  const parts = {tr: "row", td: "cell", th: /header$/, tbody: "rowgroup"};
  const fits = (role, wanted) => (wanted.test ? wanted.test(role || "") : role === wanted);
  return [table.getAttribute("role") === "table" ? "" : "table",
    ...Object.entries(parts).flatMap(([name, wanted]) => [...table.querySelectorAll(name)]
      .filter((it) => !fits(it.getAttribute("role"), wanted)).map((it) => it.outerHTML.slice(0, 80)))]
    .filter(Boolean);
})"""


@pytest.fixture(scope="module")
def shop(module_shop: Shop) -> Shop:
    module_shop.apply()
    return module_shop


@pytest.fixture
def page(browser: Browser, shop: Shop) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": 1280, "height": 800})
    yield shop.sign_in_only(context)
    context.close()


@pytest.mark.parametrize("address", PAGES)
def test_no_page_is_wider_than_the_screen(page: Page, shop: Shop, address: str) -> None:
    page.goto(shop.url + address)
    found = {}
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 800})
        if wide := page.evaluate(OVERFLOW):
            found[width] = wide
    assert found == {}


def test_the_first_key_offers_to_skip_the_navigation(page: Page) -> None:
    page.reload()
    page.keyboard.press("Tab")
    skip = page.get_by_role("link", name="Skip to the page")
    expect(skip).to_be_focused()
    expect(skip).to_be_in_viewport()
    page.keyboard.press("Enter")
    expect(page.locator("main")).to_be_focused()


def test_every_landmark_has_a_name(page: Page, shop: Shop) -> None:
    for address in PAGES:
        page.goto(shop.url + address)
        assert page.evaluate(UNNAMED) == [], address


def test_the_page_that_is_open_is_marked_in_the_navigation(page: Page, shop: Shop) -> None:
    page.goto(f"{shop.url}secrets/")
    current = page.get_by_role("navigation", name="Main").locator("[aria-current=page]")
    expect(current).to_contain_text("Secrets")
    expect(current).to_have_count(1)


def test_tables_keep_their_roles_where_a_phone_shows_them_as_lines(page: Page, shop: Shop) -> None:
    page.set_viewport_size({"width": 400, "height": 800})
    for address in TABLES:
        page.goto(shop.url + address)
        assert page.evaluate(ROLES_LOST) == [], address
        expect(page.get_by_role("row").first).to_be_attached()


def test_a_phone_has_the_navigation_in_a_menu(page: Page) -> None:
    page.set_viewport_size({"width": 400, "height": 800})
    menu = page.get_by_role("navigation", name="Main")
    expect(menu).to_be_hidden()
    page.get_by_test_id("menu").click()
    menu.get_by_role("link", name="Extensions", exact=False).click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Extensions")
    page.get_by_test_id("menu").click()
    page.keyboard.press("Escape")
    expect(menu).to_be_hidden()
    expect(page.get_by_test_id("menu")).to_be_focused()


def test_a_narrow_screen_keeps_the_names_of_the_signs_for_a_screen_reader(page: Page) -> None:
    page.set_viewport_size({"width": 1000, "height": 800})
    link = page.get_by_role("navigation", name="Main").get_by_role("link", name="Extensions", exact=False)
    expect(link).to_be_visible()
    assert page.locator(".side").bounding_box()["width"] < 60  # type: ignore[index]


def test_the_chosen_theme_stays_and_wins_over_the_system(page: Page) -> None:
    page.get_by_test_id("user-menu").click()
    page.get_by_role("button", name="Theme").click()
    page.reload()
    ground = page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert ground == "rgb(19, 20, 25)"


def test_letters_lead_to_a_page_only_after_g(page: Page) -> None:
    assert page.evaluate(EARLY, ["j", "x"]) == []
    assert page.evaluate(EARLY, ["g", "x"]) == ["x"]
