"""The source of the click ID. Source: Meta, fbp and fbc Parameters (ClickID)."""

from __future__ import annotations

from typing import Any

import pytest

from .meta import codes, item, sent

RECEIVED_MS = 1_700_000_000_000
COOKIE = "fb.1.1699990000000.CookieClick"
PAGE = "https://shop.example/?utm=1&fbclid=PageClick-_"
REFERRER = "https://l.example/?fbclid=ReferrerClick"


def fbc(**settings: Any) -> str | None:
    event = sent({"eventSourceUrl": "https://shop.example/"} | settings)
    found: str | None = event["user_data"].get("fbc")
    return found


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        ({"fbc": COOKIE}, COOKIE),
        ({"eventSourceUrl": PAGE}, f"fb.1.{RECEIVED_MS}.PageClick-_"),
        ({"eventSourceUrl": PAGE, "referrerUrl": REFERRER}, f"fb.1.{RECEIVED_MS}.PageClick-_"),
        ({"referrerUrl": REFERRER}, f"fb.1.{RECEIVED_MS}.ReferrerClick"),
        ({"fbc": COOKIE, "referrerUrl": REFERRER}, COOKIE),
        ({"fbc": COOKIE, "eventSourceUrl": PAGE}, f"fb.1.{RECEIVED_MS}.PageClick-_"),
        ({}, None),
        ({"eventSourceUrl": "https://shop.example/?fbclid="}, None),
        ({"eventSourceUrl": "https://shop.example/?xfbclid=a"}, None),
        ({"eventSourceUrl": "https://shop.example/#?fbclid=a"}, None),
    ],
    ids=[
        *("cookie", "page", "page before referrer", "referrer", "cookie before referrer"),
        *("a new click on the page", "nothing is invented", "empty", "another name", "behind the hash"),
    ],
)
def test_it_comes_from_the_cookie_else_the_page_else_the_referrer(
    settings: dict[str, Any], expected: str | None
) -> None:
    assert fbc(**settings) == expected


@pytest.mark.parametrize("suffix", ["", ".AQ", ".AQIAAQEB"])
def test_the_same_click_keeps_the_cookie_with_its_creation_time(suffix: str) -> None:
    # The fourth part is compared, not the text after the last dot.
    cookie = f"fb.1.1699990000000.PageClick-_{suffix}"

    assert fbc(fbc=cookie, eventSourceUrl=PAGE) == cookie


@pytest.mark.parametrize(
    "cookie", ["PageClick", "fb.1.1600000000000.Old", ""], ids=["bad form", "older than 90 days", "empty"]
)
def test_a_cookie_that_cannot_be_used_is_replaced_by_the_click_of_the_page(cookie: str) -> None:
    assert fbc(fbc=cookie, eventSourceUrl=PAGE) == f"fb.1.{RECEIVED_MS}.PageClick-_"


def test_letter_case_is_kept_and_the_address_is_decoded_once() -> None:
    assert fbc(eventSourceUrl="https://shop.example/?fbclid=AbC%2DdE") == f"fb.1.{RECEIVED_MS}.AbC-dE"
    assert fbc(eventSourceUrl="https://shop.example/?fbclid=AbC%252DdE") is None


def test_an_unknown_form_of_click_is_named_and_the_event_is_sent() -> None:
    result = item(eventSourceUrl="https://shop.example/?fbclid=a%20b")

    assert "fbc" not in result.payload["user_data"]
    assert codes(result) == ["not_fbclid"]


def test_an_old_click_is_named_and_the_event_is_sent() -> None:
    result = item(fbc="fb.1.1600000000000.Old")

    assert "fbc" not in result.payload["user_data"]
    assert [(warning.path, warning.code) for warning in result.warnings] == [("fbc", "old_fbc")]


@pytest.mark.parametrize("switch", [False, "false"])
def test_the_switch_leaves_addresses_alone(switch: object) -> None:
    assert fbc(eventSourceUrl=PAGE, deriveFbc=switch) is None
