"""Consent conditions and the bot condition.

Source: Adobe, XDM Consents and Preferences; IAB Tech Lab, Consent string and vendor list formats v2.2;
the pages that the owners of crawlers publish.
"""

from __future__ import annotations

import base64
from typing import Any

import pytest
from crawleruseragents import CRAWLER_USER_AGENTS_DATA

from properties.catalog.tcf import read_consent_string
from properties.catalog.testing import fake_context, run_component

from ..bots import APPS as PATTERNS_OF_APPS
from ..bots import BOT, NO_BOT, find_bot
from ..consent import CONSENT

SAFARI = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) "
    "Version/17.5 Mobile/15E148 Safari/604.1"
)
CUBOT = "Mozilla/5.0 (Linux; Android 9; CUBOT X19) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/89.0"
APPS = ("okhttp/4.12.0", "Apache-HttpClient/UNAVAILABLE (java 1.4)", "Shop/3 CFNetwork/1410 Darwin/22")
INSTAGRAM = f"{SAFARI} Instagram 300.0.0.0 (iPhone12,1; iOS 17_5; de_DE)"


def tc_string(purposes: set[int], vendors: list[tuple[int, int]] | set[int], version: int = 2) -> str:
    """A core string, field by field in the order and length of the specification."""
    fields = [
        (version, 6),
        (0, 36),
        (0, 36),
        (1, 12),
        (1, 12),
        (0, 6),
        (0, 12),
        (1, 12),
        (4, 6),
        (0, 1),
        (0, 1),
        (0, 12),
    ]
    bits = "".join(f"{value:0{length}b}" for value, length in fields)
    bits += "".join("1" if n in purposes else "0" for n in range(1, 25)) + "0" * 24 + "0" + "0" * 12
    last = max([0, *(max(it) if isinstance(it, tuple) else it for it in vendors)])
    bits += f"{last:016b}"
    if isinstance(vendors, set):
        bits += "0" + "".join("1" if n in vendors else "0" for n in range(1, last + 1))
    else:
        bits += f"1{len(vendors):012b}"
        for first, end in vendors:
            bits += f"0{first:016b}" if first == end else f"1{first:016b}{end:016b}"
    data = int(bits.ljust(-(-len(bits) // 8) * 8, "0"), 2).to_bytes(-(-len(bits) // 8))
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


def agreed(consent: Any, *purposes: str, **settings: Any) -> bool:
    given = {"consent": "{{Consent}}", "purposes": list(purposes), **settings}
    return bool(run_component(CONSENT, given, fake_context(data_elements={"Consent": consent})))


@pytest.mark.parametrize("consent", [True, 1, "y", "YES", " granted ", "true", "in", {"val": "y"}])
def test_these_are_a_yes(consent: Any) -> None:
    assert agreed(consent)
    assert agreed(consent, whenMissing="met")


@pytest.mark.parametrize("consent", [False, 0, "n", "No", "denied", "out", {"val": "n"}])
def test_these_are_a_no(consent: Any) -> None:
    assert not agreed(consent)
    assert not agreed(consent, whenMissing="met")


@pytest.mark.parametrize(
    "consent", [None, "", "pending", "perhaps", "no, yes", ",", [], {}, {"val": "p"}, 7, float("nan")]
)
def test_these_values_do_not_say_yes_or_no(consent: Any) -> None:
    assert not agreed(consent)
    assert agreed(consent, whenMissing="met")


@pytest.mark.parametrize(
    ("consent", "purposes", "expected"),
    [
        ({"marketing": True, "ads": False}, ["marketing"], True),
        ({"marketing": True, "ads": False}, ["marketing", "ads"], False),
        ({"marketing": True}, ["ads"], False),
        ({"collect": {"val": "y"}, "share": {"val": "n"}}, ["collect"], True),
        ({"collect": {"val": "y"}, "share": {"val": "n"}}, ["share"], False),
        ({"ad_storage": "granted"}, ["ad_storage"], True),
        ('{"marketing": true}', ["marketing"], True),
        (["marketing", "statistics"], ["marketing"], True),
        ('["statistics"]', ["marketing"], False),
        ("{not json", ["marketing"], False),
        # OneTrust, OnetrustActiveGroups and its cookie OptanonConsent.
        (",C0001,C0004,", ["C0004"], True),
        (",C0001,", ["C0004"], False),
        ("C0001:1,C0004:1", ["C0004"], True),
        ("C0001:1, C0004:0", ["C0004"], False),
    ],
)
def test_all_asked_purposes_must_be_granted(consent: Any, purposes: list[str], expected: bool) -> None:
    assert agreed(consent, *purposes) is expected


@pytest.mark.parametrize(
    ("purposes", "settings", "expected"),
    [
        (["1", "4"], {}, True),
        (["1", "2"], {}, False),
        ([], {}, True),
        (["1"], {"vendor": 89}, True),
        (["1"], {"vendor": "90"}, False),
        (["marketing"], {}, False),
    ],
)
@pytest.mark.parametrize("vendors", [{3, 89}, [(3, 3), (80, 89)]])
def test_a_consent_string_is_read(
    purposes: list[str], settings: dict[str, Any], expected: bool, vendors: Any
) -> None:
    assert agreed(tc_string({1, 4}, vendors) + ".YAAA", *purposes, **settings) is expected


def test_a_consent_string_shows_purposes_and_vendors() -> None:
    found = read_consent_string(tc_string({1, 24}, [(2, 2), (10, 12)]))
    assert found is not None
    assert found.purposes == {1, 24}
    assert [vendor for vendor in range(20) if found.allows_vendor(vendor)] == [2, 10, 11, 12]


def test_ranges_of_all_vendors_cost_no_more_than_their_number() -> None:
    found = read_consent_string(tc_string({1}, [(1, 65_535)] * 3_000))
    assert found is not None
    assert found.vendors == (range(1, 65_536),) * 3_000


@pytest.mark.parametrize(
    "text", ["", "C", "x" * 40, tc_string({1}, set(), version=1), tc_string({1}, [(1, 60000)])[:-6], "ä" * 40]
)
def test_a_broken_consent_string_is_none(text: str) -> None:
    assert read_consent_string(text) is None


@pytest.mark.parametrize(
    ("user_agent", "name", "category"),
    [
        ("Mozilla/5.0 (compatible; bingbot/2.0; +http://www.bing.com/bingbot.htm)", "bingbot", "search"),
        ("facebookexternalhit/1.1", "facebookexternalhit", "preview"),
        (
            "Mozilla/5.0 AppleWebKit/537.36 (compatible; GPTBot/1.2; +https://openai.com/gptbot)",
            "GPTBot",
            "ai",
        ),
        (
            "Mozilla/5.0 (X11; Linux x86_64) HeadlessChrome/120.0 Safari/537.36",
            "HeadlessChrome",
            "automation",
        ),
        ("curl/8.5.0", "curl", "library"),
        ("python-requests/2.34", "python-requests", "library"),
        ("Mozilla/5.0 (compatible; MyShopBot/1.0)", "MyShopBot", "other"),
        ("Mozilla/5.0 (compatible; AhrefsSiteAudit/6.1)", "AhrefsSiteAudit", "seo"),
        ("meta-externalagent/1.1", "meta-externalagent", "ai"),
        ("Screaming Frog SEO Spider/19.2", "Screaming Frog SEO Spider", "seo"),
        ("Mozilla/5.0 (compatible; Feedly/1.0)", "Feedly", "other"),
    ],
)
def test_a_bot_is_named(user_agent: str, name: str, category: str) -> None:
    context = fake_context(xdm={"environment": {"browserDetails": {"userAgent": user_agent}}})
    assert run_component(BOT, {}, context) == name
    assert run_component(BOT, {"give": "category"}, context) == category
    assert run_component(BOT, {"give": "flag"}, context) is True
    assert run_component(NO_BOT, {}, context) is False
    assert run_component(NO_BOT, {"metBy": "bots"}, context) is True


@pytest.mark.parametrize("user_agent", [SAFARI, CUBOT, INSTAGRAM, *APPS, "", None, 7, {}])
def test_people_are_no_bots(user_agent: Any) -> None:
    context = fake_context(xdm={"environment": {"browserDetails": {"userAgent": user_agent}}})
    assert run_component(BOT, {}, context) is None
    assert run_component(BOT, {"give": "flag"}, context) is False
    assert run_component(NO_BOT, {}, context) is True


def test_each_program_of_the_list_is_found() -> None:
    """Source: crawler-user-agents, the user agents in its entries' instances."""
    given = [
        text
        for it in CRAWLER_USER_AGENTS_DATA
        if it["pattern"] not in PATTERNS_OF_APPS
        for text in it.get("instances", [])
    ]
    assert len(given) > 2_000
    assert [text for text in given if find_bot(text) is None] == []


def test_a_user_agent_can_come_from_a_data_element() -> None:
    context = fake_context(data_elements={"User Agent": "curl/8"})
    assert run_component(BOT, {"userAgent": "{{User Agent}}"}, context) == "curl"
