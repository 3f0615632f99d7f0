"""Browser ID and click ID as cookies of the site.

Source: Meta, fbp and fbc Parameters (ClickID); facebook/capi-param-builder, Python 1.3.2: lifetime of a
cookie, subdomain index, and valid cookies.
"""

from __future__ import annotations

import ipaddress
import re

from properties.catalog.visitors import BrowserId, ClickId, Visit

BROWSER_COOKIE, CLICK_COOKIE = "_fbp", "_fbc"
COOKIES = (BROWSER_COOKIE, CLICK_COOKIE)
LARGEST_BROWSER_ID = 2_147_483_647
# Version, subdomain index, milliseconds, value.
_COOKIE = re.compile(r"fb\.[0-9]{1,2}\.[0-9]{1,20}\.[A-Za-z0-9_.-]{1,480}")
_SUFFIX = re.compile(r"AQ|Ag|Aw|BA|BQ|Bg|[A-Za-z0-9_-]{8}")


def accepts_cookie(name: str, value: str) -> bool:
    """Whether a value has the form that both cookies share."""
    return _COOKIE.fullmatch(value) is not None


def value_in(cookie: str) -> str:
    """Return the fourth part; "" if the number of parts is wrong or the suffix is unknown."""
    parts = cookie.split(".")
    is_known = len(parts) == 4 or (len(parts) == 5 and _SUFFIX.fullmatch(parts[4]))
    return parts[3] if is_known and parts[0] == "fb" else ""


def subdomain_index(domain: str) -> int:
    """Return 1 for ``example.com``, 2 for ``example.co.uk``, 0 for a single label or an IP address."""
    try:
        ipaddress.ip_address(domain)
    except ValueError:
        return domain.count(".")
    return 0


def _new_click_cookie(click: str, visit: Visit) -> str:
    return f"{_start(visit)}.{click}"


def _new_browser_cookie(visit: Visit) -> str:
    return f"{_start(visit)}.{visit.number_below(LARGEST_BROWSER_ID + 1, 'fbp')}"


def _start(visit: Visit) -> str:
    return f"fb.{subdomain_index(visit.domain)}.{int(visit.at * 1000)}"


CLICK_ID = ClickId(
    parameter="fbclid",
    cookie=CLICK_COOKIE,
    label="Click ID (fbc)",
    new=_new_click_cookie,
    click_in=value_in,
)

BROWSER_ID = BrowserId(
    cookie=BROWSER_COOKIE,
    label="Browser ID (fbp)",
    new=_new_browser_cookie,
    counts=lambda cookie: bool(value_in(cookie)),
)
