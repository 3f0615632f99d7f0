"""Cookies, compared with Meta's own library.

Source: Meta, fbp and fbc Parameters (ClickID); facebook/capi-param-builder, Python 1.3.2.
"""

from __future__ import annotations

import re

import pytest

from properties.catalog.visitors import Visit

from ..visitor_cookies import BROWSER_ID, CLICK_ID, accepts_cookie, subdomain_index

VISIT = Visit(1_596_403_881.668, "example.co.uk", b"seed")


@pytest.mark.parametrize(
    ("domain", "index"),
    [("example.com", 1), ("example.co.uk", 2), ("localhost", 0), ("192.0.2.7", 0), ("2001:db8::1", 0)],
)
def test_the_index_counts_the_labels_of_the_registrable_domain(domain: str, index: int) -> None:
    assert subdomain_index(domain) == index


def test_a_click_becomes_a_cookie_that_holds_it() -> None:
    cookie = CLICK_ID.new("IwAR2F4", VISIT)
    assert cookie == "fb.2.1596403881668.IwAR2F4"
    assert accepts_cookie("_fbc", cookie)
    assert CLICK_ID.click_in(cookie) == "IwAR2F4"


def test_a_browser_id_has_at_most_31_bits_and_is_the_same_for_a_repeated_request() -> None:
    cookie = BROWSER_ID.new(VISIT)
    assert re.fullmatch(r"fb\.2\.1596403881668\.[0-9]{1,10}", cookie)
    assert int(cookie.split(".")[3]) <= 2_147_483_647
    assert BROWSER_ID.new(VISIT) == cookie != BROWSER_ID.new(Visit(VISIT.at, VISIT.domain, b"another"))
    assert BROWSER_ID.counts(cookie)


@pytest.mark.parametrize(
    "cookie", ["", "fb.1.1596403881668", "fb.1.1.2.3.4", "fb.1.1596403881668.1.XX", "ga.1.2.3"]
)
def test_a_cookie_of_another_form_does_not_count(cookie: str) -> None:
    assert not BROWSER_ID.counts(cookie)
    assert CLICK_ID.click_in(cookie) == ""


@pytest.mark.parametrize("value", ["fb.1.2", "fb.x.1.2", "IwAR2F4", f"fb.1.1.{'a' * 481}"])
def test_the_edge_keeps_no_value_of_another_form(value: str) -> None:
    assert not accepts_cookie("_fbc", value)
