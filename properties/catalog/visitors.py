"""The cookies of a vendor in a visitor's browser, and the click IDs in the addresses of its ads.

A package lists them in its ``ExtensionPackage``. The edge stores the cookies with each event. It sets missing
ones if the datastream allows it.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Callable
from dataclasses import dataclass

NINETY_DAYS = 7_776_000


@dataclass(frozen=True, slots=True)
class Visit:
    """The request of a page that receives a new cookie.

    Args:
        at: Seconds since 1970.
        domain: The registrable domain of the page, such as ``example.co.uk``; the cookie is set for it.
        seed: Identical for a request that is sent again, and unique otherwise; empty if there is none.
    """

    at: float
    domain: str
    seed: bytes = b""

    def number_below(self, limit: int, purpose: str) -> int:
        """Return a random number from 0 to below ``limit``, identical for a request that is sent again.

        Args:
            purpose: Distinguishes several numbers of one request, such as the cookie's name.
        """
        if not self.seed:
            return secrets.randbelow(limit)
        digest = hmac.new(self.seed, purpose.encode(), hashlib.sha256).digest()
        return int.from_bytes(digest[:8], "big") % limit


def _the_click(click: str, visit: Visit) -> str:
    return click


def _the_value(value: str) -> str:
    return value


@dataclass(frozen=True, slots=True, kw_only=True)
class ClickId:
    """A query parameter that marks a click on a vendor's ad, and the cookie that remembers the click.

    Args:
        parameter: Name in the query string, such as ``acid``; letter case counts.
        cookie: Name of the cookie, one of the package's ``cookies``.
        label: Name of the data element with the cookie's value, such as ``Click ID (acid)``.
        new: ``new(click, visit)`` returns the cookie's value for a click. Without it, the click itself.
        click_in: ``click_in(value)`` returns the click in a cookie's value, or "" if the value is not valid.
            Without it, the value itself.
        pattern: A regular expression that the whole click must match; other clicks are ignored.
        seconds: How long the cookie lives.
    """

    parameter: str
    cookie: str
    label: str
    new: Callable[[str, Visit], str] = _the_click
    click_in: Callable[[str], str] = _the_value
    pattern: str = r"[A-Za-z0-9_-]{1,500}"
    seconds: int = NINETY_DAYS


@dataclass(frozen=True, slots=True, kw_only=True)
class BrowserId:
    """A cookie that identifies a browser. A visitor without one receives it with the second event.

    The vendor's script on the page may be creating its own while the first event is answered.

    Args:
        cookie: Name of the cookie, one of the package's ``cookies``.
        label: Name of the data element with the cookie's value, such as ``Browser ID (acme)``.
        new: ``new(visit)`` returns the cookie's value.
        counts: ``counts(value)`` returns whether a cookie's value is a browser ID. Without it, every value
            is.
        seconds: How long the cookie lives.
    """

    cookie: str
    label: str
    new: Callable[[Visit], str]
    counts: Callable[[str], bool] = bool
    seconds: int = NINETY_DAYS


__all__ = ["NINETY_DAYS", "BrowserId", "ClickId", "Visit"]
