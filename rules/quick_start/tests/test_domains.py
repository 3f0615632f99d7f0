"""The domain, as people type it."""

from __future__ import annotations

import pytest

from rules.quick_start.domains import NoDomain, domain_of


@pytest.mark.parametrize(
    ("typed", "domain"),
    [
        ("shop.example", "shop.example"),
        ("  Shop.Example ", "shop.example"),
        ("https://www.shop.example/cart?x=1#top", "www.shop.example"),
        ("HTTP://shop.example", "shop.example"),
        ("shop.example/cart", "shop.example"),
        ("shop.example:8443", "shop.example"),
        ("shop.example.", "shop.example"),
        ("https://user:secret@shop.example/", "shop.example"),
        ("müller.example", "xn--mller-kva.example"),
        ("localhost", "localhost"),
    ],
)
def test_scheme_path_and_port_are_cut_off(typed: str, domain: str) -> None:
    assert domain_of(typed) == domain


@pytest.mark.parametrize(
    "typed", ["", "  ", "shop", "my shop", "https://", "shop..example", "-shop.example", "shop_1.example",
              "a" * 64 + ".example", ".".join(["a" * 60] * 5), "[::1", "https://[", "ßß", "<script>"],
)  # fmt: skip
def test_what_is_no_host_is_refused_with_an_example(typed: str) -> None:
    with pytest.raises(NoDomain, match=r"Write one such as shop\.example"):
        domain_of(typed)
