"""What a validation says about the Pixel, from what its module has reported."""

from __future__ import annotations

from typing import Any

import pytest

from properties.catalog.site_checks import BrowserCall, SiteCheck, SiteFacts

from ..site_checks import site_checks

SEEN: dict[str, Any] = {
    "path": "window.dataLayer.meta",
    "ready": "object",
    "loaded": "object",
    "isLoaded": True,
    "hasWaited": True,
    "isThePages": False,
    "setUps": 1,
    "foreign": [],
    "consent": "in",
    "browserId": True,
    "click": False,
    "clickId": False,
}
COOKIES = frozenset({"_fbp"})
CALLS = [BrowserCall("PageView", "1")]


def lines(
    seen: dict[str, Any] | None = None, settings: dict[str, Any] | None = None, **more: Any
) -> dict[str, SiteCheck]:
    facts = {"cookies": COOKIES, "calls": CALLS, "host": "www.shop.example", **more}
    found = SiteFacts(settings or {}, SEEN if seen is None else SEEN | seen, **facts)
    return {it.name: it for it in site_checks(found)}


def test_everything_is_right() -> None:
    assert {it.state for it in lines().values()} == {"ok"}


def test_before_the_first_report_everything_is_open() -> None:
    found = list(site_checks(SiteFacts({})))
    assert {it.state for it in found} == {"open"}
    assert [it.name for it in found] == list(lines())


@pytest.mark.parametrize(
    ("seen", "more", "check", "words"),
    [
        ({"ready": "missing"}, {}, "data-layer", "came only after DOM ready"),
        ({"loaded": "other", "ready": "other"}, {}, "data-layer", "no object"),
        ({"isLoaded": False}, {}, "pixel", "within five seconds"),
        ({"isThePages": True}, {}, "pixel-once", "before the library"),
        ({"click": True}, {}, "cookies", "_fbc"),
        ({"browserId": False}, {}, "cookies", "_fbp"),
        # Source: docs/tags.md, "Put a library on a site": best a subdomain of the site.
        ({}, {"cookies": frozenset({"_fbc"})}, "cookies", "no event brought it along"),
        ({}, {"calls": [BrowserCall("Purchase", "1", is_stale=True)]}, "stale-data", "Purchase"),
    ],
)
def test_a_fault_says_what_was_seen_and_what_to_do(
    seen: dict[str, Any], more: dict[str, Any], check: str, words: str
) -> None:
    found = lines(seen, **more)[check]
    assert found.state == "failed"
    assert words in found.text
    assert found.cure


@pytest.mark.parametrize(
    ("seen", "more", "check"),
    [
        ({"isLoaded": False, "hasWaited": False}, {}, "pixel"),
        ({"isLoaded": False, "consent": "pending"}, {}, "pixel"),
        ({"browserId": False, "consent": "pending"}, {}, "cookies"),
        ({}, {"cookies": None}, "cookies"),
        ({}, {"calls": []}, "stale-data"),
        ({"loaded": ""}, {}, "data-layer"),
    ],
)
def test_what_is_not_known_yet_stays_open(seen: dict[str, Any], more: dict[str, Any], check: str) -> None:
    assert lines(seen, **more)[check].state == "open"


def test_the_sites_own_base_code_is_right_if_the_extension_says_so() -> None:
    assert lines({"isThePages": True}, {"ownBaseCode": True})["pixel-once"].state == "ok"
