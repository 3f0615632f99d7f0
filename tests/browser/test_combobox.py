"""Fields that take data elements: chips, the list, keys, undo, input methods, touch."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Locator, Page, Route, expect

from capi_admin import demo
from tests.work import HANG_SECONDS

from .conftest import Shop

pytestmark = [pytest.mark.browser, pytest.mark.processes]

PATH = "core::dataElements::path"
ODD = ["Quote \" and '", "<b>Tag</b> & more", "Größe", "注文番号", "Curse", "Currency, upper case"]
TRIES = 30
LIST = "#picker [role=option]:visible"


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    found = browser.new_context(viewport={"width": 1280, "height": 900})
    found.set_default_timeout(HANG_SECONDS * 1000)
    yield found
    found.close()


def action_of(shop: Shop, context: BrowserContext) -> Page:
    """The action of the example rule, opened."""
    document = demo.document()
    odd = [{"name": it, "delegate": PATH, "settings": {"path": "arc.event.data.x"}} for it in ODD]
    shop.apply(data_elements=document["data_elements"] + odd)
    page = shop.sign_in_only(context)
    open_action(page, shop)
    return page


def open_action(page: Page, shop: Shop) -> None:
    page.goto(f"{shop.url}rules/")
    page.get_by_role("link", name="Purchase", exact=True).click()
    page.get_by_test_id("actions").get_by_role("link").first.click()
    page.get_by_test_id("component-form").wait_for()


@pytest.fixture
def page(context: BrowserContext, shop: Shop) -> Page:
    return action_of(shop, context)


@pytest.fixture
def email(page: Page) -> Locator:
    return page.locator("#id_email")


def combo(field: Locator) -> Locator:
    return field.locator("xpath=ancestor::*[contains(concat(' ', @class, ' '), ' combo ')][1]")


def has(field: Locator, look: str) -> bool:
    """Wait for one frame, since a selection is told late; return whether the field looks so."""
    field.evaluate("() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")
    if look == "faced":
        return combo(field).locator(".face").text_content() != ""
    return f"is-{look}" in str(combo(field).get_attribute("class")).split()


def is_selected(field: Locator) -> bool:
    """Whether the field has the focus and shows its whole value as one selected chip."""
    return has(field, "faced") and bool(field.evaluate("it => it === document.activeElement"))


def type_in(page: Page, field: Locator, text: str) -> None:
    """Replace the value by typing, key by key, once the script of the fields runs."""
    page.locator(".has-combos").wait_for(state="attached")
    field.focus()
    page.keyboard.press("Control+A")
    page.keyboard.press("Delete")
    page.keyboard.type(text)


def names(page: Page) -> list[str]:
    expect(page.locator("#picker [data-name]").first).to_be_attached()
    return page.locator("#picker [role=option]:visible > .token").all_inner_texts()


# At rest and with the keyboard


def test_a_token_rests_as_a_chip_and_a_choice_as_its_label(page: Page, email: Locator) -> None:
    assert has(email, "faced")
    assert has(email, "token")
    expect(combo(email).locator(".face")).to_have_text("Email")
    source = page.locator("#id_actionSource")
    assert has(source, "faced")
    assert not has(source, "token")
    expect(combo(source).locator(".face")).to_have_text("Website")
    expect(source).to_have_value("website")


def test_mixed_text_is_tinted_and_an_unknown_name_is_marked(page: Page, email: Locator) -> None:
    type_in(page, email, "x{{Email}}y{{Nobody}}")
    page.keyboard.press("Escape")
    email.blur()
    assert not has(email, "faced")
    expect(combo(email).locator(".under mark")).to_have_text(["{{Email}}", "{{Nobody}}"])
    expect(combo(email).locator(".under mark.bad")).to_have_text(["{{Nobody}}"])
    type_in(page, email, "{{Nobody}}")
    email.blur()
    expect(combo(email).locator(".under mark.bad")).to_have_text(["{{Nobody}}"])


def test_tab_selects_the_chip_and_an_arrow_shows_its_text(page: Page, email: Locator) -> None:
    page.locator("#id_clientUserAgent").focus()
    page.keyboard.press("Tab")
    expect(email).to_be_focused()
    assert is_selected(email)
    page.keyboard.press("ArrowRight")
    assert not has(email, "faced")
    page.keyboard.press("Control+A")
    assert has(email, "faced")
    page.keyboard.press("F2")
    assert not has(email, "faced")
    assert email.evaluate("it => it.selectionStart") == len("{{Email}}")


def test_backspace_deletes_the_chip_and_undo_brings_it_back(page: Page, email: Locator) -> None:
    email.focus()
    page.keyboard.press("Backspace")
    expect(email).to_have_value("")
    page.keyboard.press("Control+Z")
    expect(email).to_have_value("{{Email}}")
    assert has(email, "faced")
    page.keyboard.press("Control+Shift+Z")
    expect(email).to_have_value("")


# The list


def test_two_braces_open_the_list_and_undo_gives_the_typed_text_back(page: Page, email: Locator) -> None:
    type_in(page, email, "{{cur")
    expect(page.locator(LIST).first).to_be_visible()
    assert names(page) == ["Curse", "Currency", "Currency, upper case"] or set(names(page)) == {
        "Curse",
        "Currency",
        "Currency, upper case",
    }
    page.keyboard.type("r")
    expect(page.locator("#picker [aria-selected=true] .token")).to_have_text("Currency")
    page.keyboard.press("Enter")
    expect(email).to_have_value("{{Currency}}")
    assert has(email, "faced")
    expect(page.locator("#picker")).to_be_hidden()
    page.keyboard.press("Control+Z")
    expect(email).to_have_value("{{curr")
    expect(page.locator("#picker")).to_be_hidden()
    page.keyboard.press("Control+Shift+Z")
    expect(email).to_have_value("{{Currency}}")


def test_editing_inside_the_braces_replaces_up_to_their_end(page: Page, email: Locator) -> None:
    type_in(page, email, "a {{Email}} b")
    page.keyboard.press("Escape")
    email.evaluate("it => it.setSelectionRange(4, 9)")
    page.keyboard.type("Phon")
    expect(page.locator("#picker [aria-selected=true] .token")).to_have_text("Phone")
    page.keyboard.press("Enter")
    expect(email).to_have_value("a {{Phone}} b")


def test_escape_closes_only_the_list_and_keeps_the_text(page: Page, email: Locator) -> None:
    type_in(page, email, "{{em")
    expect(page.locator("#picker")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator("#picker")).to_be_hidden()
    expect(email).to_have_value("{{em")
    expect(email).to_be_focused()
    page.keyboard.type("a")
    expect(page.locator("#picker")).to_be_visible()
    page.keyboard.press("Home")
    expect(page.locator("#picker")).to_be_hidden()


def test_escape_closes_the_list_before_the_drawer(page: Page, shop: Shop) -> None:
    page.goto(f"{shop.url}rules/")
    page.get_by_role("link", name="Purchase", exact=True).click()
    page.get_by_test_id("conditions").get_by_role("link").first.click()
    drawer = page.locator("#drawer")
    field = drawer.get_by_label("Left Operand", exact=True)
    field.click()
    page.keyboard.press("ArrowDown")
    expect(page.locator(LIST).first).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator("#picker")).to_be_hidden()
    expect(drawer).to_be_visible()
    expect(field).to_be_focused()
    page.keyboard.press("Escape")
    expect(drawer).to_have_count(0)


def test_escape_closes_the_list_before_a_dialog_and_the_mouse_works_in_it(page: Page, email: Locator) -> None:
    """No dialog of ours has such a field yet."""
    page.locator("#id_email-row").evaluate(
        """it => {
          const dialog = document.createElement('dialog');
          it.closest('form').append(dialog);
          dialog.append(it);
          dialog.showModal();
        }"""
    )
    dialog = page.locator("dialog:modal")
    type_in(page, email, "{{em")
    expect(page.locator(LIST).first).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator("#picker")).to_be_hidden()
    expect(dialog).to_be_visible()
    expect(email).to_have_value("{{em")
    combo(email).locator(".pick").click()
    page.locator("#picker [data-name=Phone]").click()
    expect(email).to_have_value("{{Phone}}")
    page.keyboard.press("Escape")
    expect(dialog).to_have_count(0)


def test_tab_takes_after_a_letter_and_leaves_without_one(page: Page, email: Locator) -> None:
    type_in(page, email, "{{")
    expect(page.locator(LIST).first).to_be_visible()
    page.keyboard.press("Tab")
    expect(email).to_have_value("{{")
    type_in(page, email, "{{Pho")
    expect(page.locator("#picker [aria-selected=true] .token")).to_have_text("Phone")
    page.keyboard.press("Tab")
    expect(email).to_have_value("{{Phone}}")
    expect(page.locator("#id_phone")).to_be_focused()


def test_a_new_data_element_is_offered_only_for_a_name_that_does_not_exist(
    page: Page, email: Locator
) -> None:
    type_in(page, email, "{{Loyalty")
    expect(page.locator("#picker-fresh")).to_have_text("New data element “Loyalty”")
    page.keyboard.type(" level")
    expect(page.locator("#picker-fresh")).to_have_text("New data element “Loyalty level”")
    type_in(page, email, "{{email")
    expect(page.locator(LIST).first).to_be_visible()
    expect(page.locator("#picker-fresh")).to_be_hidden()


def test_fixed_choices_have_labels_and_take_own_text(page: Page) -> None:
    source, event = page.locator("#id_actionSource"), page.locator("#id_eventName")
    source.focus()
    page.keyboard.press("ArrowDown")
    expect(page.locator("#picker [aria-selected=true]")).to_contain_text("Website")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(source).to_have_value("email")
    type_in(page, source, "Physical store")
    page.keyboard.press("Escape")
    source.blur()
    expect(source).to_have_value("physical_store")
    type_in(page, event, "MyOwnEvent")
    event.blur()
    expect(event).to_have_value("MyOwnEvent")
    type_in(page, event, "{{Email")
    page.keyboard.press("Enter")
    expect(event).to_have_value("{{Email}}")
    assert has(event, "token")


def test_pasted_text_keeps_its_braces_and_the_chip_copies_as_text(
    page: Page, email: Locator, context: BrowserContext
) -> None:
    context.grant_permissions(["clipboard-read", "clipboard-write"])
    email.focus()
    page.keyboard.press("Control+C")
    assert page.evaluate("navigator.clipboard.readText()") == "{{Email}}"
    page.keyboard.press("Control+X")
    expect(email).to_have_value("")
    page.keyboard.press("Control+V")
    expect(email).to_have_value("{{Email}}")
    assert not has(email, "faced")
    page.keyboard.press("Control+A")
    page.evaluate("navigator.clipboard.writeText('a\\nb {{Pho')")
    page.keyboard.press("Control+V")
    expect(email).to_have_value("a b {{Pho")
    expect(page.locator("#picker")).to_be_visible()


# The mouse and touch


def test_a_click_selects_the_chip_and_a_second_one_puts_the_caret(page: Page, email: Locator) -> None:
    box = combo(email).bounding_box()
    assert box
    page.mouse.click(box["x"] + 20, box["y"] + box["height"] / 2)
    assert is_selected(email)
    page.mouse.click(box["x"] + 20, box["y"] + box["height"] / 2)
    assert not has(email, "faced")
    email.blur()
    page.get_by_text("Email", exact=True).locator("visible=true").first.click()
    expect(email).to_be_focused()
    assert is_selected(email)


def test_the_button_opens_the_whole_list_and_a_chip_is_replaced(page: Page, email: Locator) -> None:
    combo(email).locator(".pick").click()
    expect(page.locator("#picker [aria-selected=true] .token")).to_have_text("Email")
    page.locator("#picker [data-name=Phone]").click()
    expect(email).to_have_value("{{Phone}}")
    type_in(page, email, "ab")
    page.keyboard.press("ArrowLeft")
    combo(email).locator(".pick").click()
    page.locator("#picker [data-name=Email]").click()
    expect(email).to_have_value("a{{Email}}b")


def test_the_second_tap_shows_the_text(shop: Shop, browser: Browser) -> None:
    context = browser.new_context(viewport={"width": 400, "height": 800}, has_touch=True, is_mobile=True)
    context.set_default_timeout(HANG_SECONDS * 1000)
    page = action_of(shop, context)
    email = page.locator("#id_email")
    email.scroll_into_view_if_needed()
    email.tap()
    assert is_selected(email)
    email.tap()
    assert not has(email, "faced")
    context.close()


# Input methods and odd names


def test_nothing_is_taken_while_an_input_method_composes(page: Page, email: Locator) -> None:
    type_in(page, email, "")
    client = page.context.new_cdp_session(page)
    compose: Callable[[str], Any] = lambda text: client.send(  # noqa: E731
        "Input.imeSetComposition", {"text": text, "selectionStart": len(text), "selectionEnd": len(text)}
    )
    compose("{{")
    compose("{{め")
    expect(page.locator("#picker")).to_be_hidden()
    client.send("Input.insertText", {"text": "｛｛注文"})
    expect(page.locator("#picker [aria-selected=true] .token")).to_have_text("注文番号")
    page.keyboard.press("Enter")
    expect(email).to_have_value("{{注文番号}}")


@pytest.mark.parametrize("name", ODD[:4])
def test_every_name_is_taken_as_it_is(page: Page, email: Locator, name: str) -> None:
    combo(email).locator(".pick").click()
    page.locator("#picker [role=option]").filter(has_text=name).first.click()
    expect(email).to_have_value(f"{{{{{name}}}}}")
    expect(combo(email).locator(".face")).to_have_text(name)


# What is sent


def test_the_stored_text_is_what_was_typed_with_and_without_scripts(
    page: Page, email: Locator, shop: Shop, browser: Browser
) -> None:
    type_in(page, email, "x {{Email}} ")
    page.keyboard.press("Escape")
    page.get_by_test_id("keep-changes").first.click()
    page.get_by_test_id("actions").wait_for()
    assert settings(shop)["email"] == "x {{Email}}"
    context = browser.new_context(java_script_enabled=False)
    plain = shop.sign_in_only(context)
    open_action(plain, shop)
    expect(plain.locator("#id_email")).to_have_value("x {{Email}}")
    plain.locator("#id_email").fill("{{Phone}}")
    plain.locator("#id_actionSource").fill("Phone call")
    plain.get_by_test_id("keep-changes").first.click()
    plain.get_by_test_id("actions").wait_for()
    assert (settings(shop)["email"], settings(shop)["actionSource"]) == ("{{Phone}}", "phone_call")
    context.close()


def settings(shop: Shop) -> Any:
    [rule] = [
        it
        for it in json.loads(shop.product.manage("export", shop.name).stdout)["rules"]
        if it["name"] == "Purchase"
    ]
    return rule["actions"][0]["settings"]


def test_without_its_script_a_field_is_plain_text(shop: Shop, context: BrowserContext) -> None:
    context.route("**/combobox*.js", lambda route: route.abort())
    email = action_of(shop, context).locator("#id_email")
    expect(combo(email).locator(".face")).to_be_hidden()
    assert email.evaluate("it => getComputedStyle(it).opacity") == "1"
    assert email.get_attribute("role") is None


def test_a_list_that_cannot_be_loaded_says_so_and_is_asked_for_again(page: Page, email: Locator) -> None:
    asked: list[str] = []

    def fail(route: Route) -> None:
        asked.append(route.request.url)
        route.fulfill(status=500)

    page.route("**/data-element-picker/**", fail)
    type_in(page, email, "{{Ema")
    expect(page.locator("#picker [role=status]")).to_contain_text("could not be loaded")
    page.keyboard.type("il}}")
    expect(email).to_have_value("{{Email}}")
    assert len(asked) == 1
    page.unroute("**/data-element-picker/**")
    combo(email).locator(".pick").click()
    expect(page.locator("#picker [data-name=Phone]")).to_be_visible()


def hold_back(page: Page) -> list[Route]:
    """Let the list of data elements come only when the returned routes are continued."""
    held: list[Route] = []
    page.route("**/data-element-picker/**", lambda route: held.append(route))
    return held


def release(page: Page, held: list[Route]) -> None:
    with page.expect_response("**/data-element-picker/**"):
        held[0].continue_()


def test_a_list_that_comes_late_leaves_the_mark_where_the_arrows_put_it(page: Page) -> None:
    held, source = hold_back(page), page.locator("#id_actionSource")
    source.focus()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    marked = page.locator("#picker [aria-selected=true]")
    expect(marked).to_have_attribute("data-value", "email")
    release(page, held)
    expect(page.locator("#picker [data-name]").first).to_be_attached()
    expect(marked).to_have_attribute("data-value", "email")


def test_enter_before_the_list_has_come_takes_the_name_once_it_is_here(page: Page, email: Locator) -> None:
    held = hold_back(page)
    type_in(page, email, "{{Pho")
    page.keyboard.press("Enter")
    expect(email).to_have_value("{{Pho")
    release(page, held)
    expect(email).to_have_value("{{Phone}}")


# Geometry and cost


BOTH = "it => [it.scrollLeft, it.parentElement.querySelector('.under').scrollLeft]"


def scrolled(page: Page, field: Locator) -> float:
    """Return how far the text is scrolled; the tint behind it is scrolled as far."""
    has(field, "faced")
    ours, theirs = field.evaluate(BOTH)
    assert abs(ours - theirs) <= 1
    return float(ours)


def test_the_tint_scrolls_with_its_text(page: Page, email: Locator) -> None:
    type_in(page, email, "a long text before {{Email}} " * 6)
    page.keyboard.press("Escape")
    for key in ("End", "Home", "End"):
        page.keyboard.press(key)
        scrolled(page, email)
    assert email.evaluate("it => it.scrollLeft") > 0
    email.blur()
    has(email, "faced")
    assert email.evaluate(BOTH) == [0, 0]


def test_the_tint_scrolls_with_a_drag_and_with_the_wheel(page: Page, email: Locator) -> None:
    type_in(page, email, "a long text before {{Email}} " * 6)
    page.keyboard.press("Escape")
    page.keyboard.press("Home")
    box = email.bounding_box()
    assert box
    middle = box["y"] + box["height"] / 2
    page.mouse.move(box["x"] + 20, middle)
    page.mouse.down()
    for step in range(6):
        page.mouse.move(box["x"] + box["width"] + 8 * step, middle)
        scrolled(page, email)
    page.mouse.up()
    assert email.evaluate("it => it.selectionEnd - it.selectionStart") > 20
    page.keyboard.press("End")
    assert scrolled(page, email) > 0
    page.keyboard.press("Home")
    assert scrolled(page, email) == 0
    page.mouse.move(box["x"] + 20, middle)
    page.mouse.wheel(90, 0)
    page.wait_for_function("it => it.scrollLeft > 0", arg=email.element_handle())
    assert scrolled(page, email) > 0


def room(page: Page, field: Locator) -> tuple[float, float, float]:
    """Return where the open list begins and ends, and where its field begins, from the top of the screen."""
    expect(page.locator("#picker [data-name]").first).to_be_visible()
    ours, theirs = combo(field).bounding_box(), page.locator("#picker").bounding_box()
    assert ours
    assert theirs
    return theirs["y"], theirs["y"] + theirs["height"], ours["y"]


@pytest.mark.parametrize("width", [1280, 400])
def test_the_list_opens_upwards_where_there_is_no_room_below(page: Page, email: Locator, width: int) -> None:
    for height, below, is_above in ((640, 140, True), (900, 600, False)):
        page.set_viewport_size({"width": width, "height": height})
        email.evaluate("(it, at) => scrollBy(0, it.getBoundingClientRect().top - at)", height - below)
        before = page.evaluate("scrollY")
        combo(email).locator(".pick").click()
        top, bottom, field_top = room(page, email)
        assert (bottom <= field_top) is is_above
        assert page.evaluate("scrollY") == before
        assert 0 <= top < bottom <= height
        page.keyboard.press("Escape")


PAINT_ALL = """() => {
  const fields = [...document.querySelectorAll('.combo .box > :is(input, textarea)')];
  const times = Array.from({length: 9}, () => {
    const start = performance.now();
    for (const it of fields) it.dispatchEvent(new Event('change')); // Only combobox.js hears it.
    return performance.now() - start;
  });
  return [fields.length, Math.min(...times)];
}"""


def once_within(limit: float, measure: Callable[[], float]) -> bool:
    """Return whether one of many tries stays within the limit: other work slows some, a fault all."""
    return any(measure() <= limit for _ in range(TRIES))


def test_painting_every_field_takes_less_than_a_fiftieth_of_a_second(page: Page, email: Locator) -> None:
    page.locator(".seg [data-view=all]").click()
    has(email, "faced")
    assert page.evaluate(PAINT_ALL)[0] > 80
    assert once_within(20, lambda: float(page.evaluate(PAINT_ALL)[1]))


WATCH = """() => {
  new PerformanceObserver((list) => window.long.push(...list.getEntries().map((it) => it.duration)))
    .observe({entryTypes: ['longtask']});
}"""


def test_no_key_blocks_the_page_while_the_list_is_open(page: Page, email: Locator) -> None:
    """A long task is one of 50 ms."""

    def long_tasks() -> int:
        type_in(page, email, "{{")
        expect(page.locator("#picker [data-name]").first).to_be_visible()
        page.evaluate("window.long = []")
        page.keyboard.type("currency", delay=30)
        has(email, "faced")
        return len(page.evaluate("window.long"))

    page.evaluate(WATCH)
    assert once_within(0, long_tasks)


def test_a_form_has_few_tab_stops_beside_its_fields(page: Page) -> None:
    stops = page.evaluate(
        """() => [...document.querySelectorAll('#component-form :is(input,select,textarea,button,a,summary)')]
          .filter((it) => it.tabIndex >= 0 && it.checkVisibility()).length"""
    )
    fields = page.locator("#component-form .f:visible").count()
    assert stops <= fields + 15


def test_nothing_breaks_the_policy_of_the_page(shop: Shop, context: BrowserContext) -> None:
    complaints: list[str] = []
    context.on("console", lambda it: complaints.append(it.text) if it.type in ("error", "warning") else None)
    context.on("weberror", lambda it: complaints.append(str(it.error)))
    page = action_of(shop, context)
    type_in(page, page.locator("#id_email"), "{{Pho")
    expect(page.locator("#picker [aria-selected=true] .token")).to_have_text("Phone")
    page.keyboard.press("Enter")
    expect(page.locator("#id_email")).to_have_value("{{Phone}}")
    assert complaints == []
