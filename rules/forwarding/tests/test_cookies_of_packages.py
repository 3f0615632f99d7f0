"""The edge keeps and writes the cookies that extension packages ask for, whichever vendor's they are."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from properties.catalog.descriptor import BrowserId, ClickId, ExtensionPackage
from rules.forwarding import clicks, visitor

CLICK_ID = ClickId(
    parameter="acid",
    cookie="_acid",
    label="Click ID (Acme)",
    new=lambda click, visit: f"ac.{int(visit.at)}.{click}",
    click_in=lambda value: value.rpartition(".")[2],
    seconds=2_592_000,
)
BROWSER_ID = BrowserId(
    cookie="_ac",
    label="Browser ID (Acme)",
    new=lambda visit: f"{visit.domain}.{visit.number_below(1_000, '_ac')}",
)
ACME = ExtensionPackage(
    name="acme",
    display_name="Acme",
    version="1.0.0",
    cookies=("_acid", "_ac", "_acme_*"),
    click_ids=(CLICK_ID,),
    browser_ids=(BROWSER_ID,),
)
PICKY = ExtensionPackage(
    name="picky",
    display_name="Picky",
    version="1.0.0",
    cookies=("_picky",),
    accepts_cookie=lambda name, value: value.startswith("p."),
)
SITE = {b"host": b"data.shop.example", b"origin": b"https://www.shop.example"}
PAGE = {"events": [{"xdm": {"web": {"webPageDetails": {"URL": "https://www.shop.example/?acid=Click1"}}}}]}


@pytest.fixture(autouse=True)
def installed(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Acme and Picky are the only packages."""
    found: Mapping[str, ExtensionPackage] = {it.name: it for it in (ACME, PICKY)}
    known = (visitor._asked_for, clicks.click_ids, clicks.browser_ids)
    for module in (visitor, clicks):
        monkeypatch.setattr(module, "packages", lambda: found)
    for function in known:
        function.cache_clear()
    yield
    for function in known:
        function.cache_clear()


def written(kept: Mapping[str, str], payload: Any = PAGE, *, is_first: bool = False) -> dict[str, str]:
    return clicks.new_cookies(kept, payload, SITE, now=1_700_000_000.5, seed=b"seed", is_first=is_first)


def test_declared_cookies_are_kept_and_all_others_dropped() -> None:
    sent = {"_ac": "7", "_acme_1": "a", "_acme_2": "b", "session": "secret", "_acid": ""}
    assert visitor.kept_cookies(sent) == ({"_ac": "7", "_acme_1": "a", "_acme_2": "b"}, [])


@pytest.mark.parametrize("value", ["a b", "ü", "x" * 501, "a\x00"])
def test_without_a_rule_of_the_package_a_value_is_visible_and_short(value: str) -> None:
    assert visitor.kept_cookies({"_ac": value}) == ({}, ["_ac_cookie_dropped"])


def test_a_package_decides_about_the_form_of_its_own_cookies() -> None:
    assert visitor.kept_cookies({"_picky": "p.1"}) == ({"_picky": "p.1"}, [])
    assert visitor.kept_cookies({"_picky": "q.1"}) == ({}, ["_picky_cookie_dropped"])


def test_a_name_that_only_begins_right_is_bounded() -> None:
    assert visitor.kept_cookies({"_acme_<b>": "1", f"_acme_{'x' * 100}": "1"}) == ({}, [])


def test_a_click_becomes_the_cookie_that_the_package_makes() -> None:
    assert written({})["_acid"] == "ac.1700000000.Click1"


def test_a_click_that_the_cookie_holds_already_is_not_written_again() -> None:
    assert "_acid" not in written({"_acid": "ac.5.Click1"})
    assert written({"_acid": "ac.5.Click0"})["_acid"] == "ac.1700000000.Click1"


def test_a_browser_id_is_written_from_the_second_event_on_and_never_replaced() -> None:
    assert "_ac" not in written({}, is_first=True)
    assert written({})["_ac"].startswith("shop.example.")
    assert written({}) == written({})
    assert "_ac" not in written({"_ac": "7"})


def test_a_cookie_lives_as_long_as_its_package_says() -> None:
    handle = clicks.click_handle({"_acid": "x", "_ac": "y"})
    assert [(it["key"], it["maxAge"]) for it in handle["payload"]] == [
        ("_acid", 2_592_000),
        ("_ac", 7_776_000),
    ]
