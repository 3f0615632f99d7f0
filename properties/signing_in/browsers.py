"""Describing a browser, and recognizing one in which a person has signed in before."""

from __future__ import annotations

import secrets
from datetime import timedelta

from django.conf import settings
from django.core import signing
from django.http import HttpRequest
from django.http.response import HttpResponseBase

COOKIE = "known_browser"
KEPT = timedelta(days=180)
_SALT = "properties.signing_in.browsers"

# The first match counts, because most browsers name other browsers too.
_BROWSERS = (
    ("Edg", "Edge"),
    ("OPR/", "Opera"),
    ("Firefox/", "Firefox"),
    ("FxiOS", "Firefox"),
    ("CriOS", "Chrome"),
)
_MORE_BROWSERS = (("Chrome/", "Chrome"), ("Safari/", "Safari"))
_SYSTEMS = (
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("CrOS", "ChromeOS"),
    ("Windows", "Windows"),
    ("Mac OS X", "macOS"),
    ("Linux", "Linux"),
)


def device(user_agent: str) -> str:
    """Describe a browser, such as “Firefox on Windows”. An unknown one is the start of its user agent."""
    name = next((name for mark, name in (*_BROWSERS, *_MORE_BROWSERS) if mark in user_agent), "")
    system = next((name for mark, name in _SYSTEMS if mark in user_agent), "")
    known = " on ".join(filter(None, (name, system)))
    return known or user_agent.strip()[:60] or "Unknown browser"


def known_browser(request: HttpRequest, name: str) -> str | None:
    """Return the id of the browser if ``name`` has signed in with it before.

    Source: OWASP, "Slow Down Online Guessing Attacks with Device Cookies".
    """
    try:
        whose, browser = signing.loads(request.COOKIES[_cookie()], salt=_SALT, max_age=KEPT)
    except (KeyError, ValueError, TypeError, signing.BadSignature):
        return None
    return browser if secrets.compare_digest(str(whose).encode(), name.casefold().encode()) else None


def remember_browser(response: HttpResponseBase, name: str) -> None:
    """Set a cookie that proves only that ``name`` has signed in here. It does not sign anybody in."""
    value = signing.dumps([name.casefold(), secrets.token_urlsafe(9)], salt=_SALT)
    is_https = settings.SESSION_COOKIE_SECURE
    response.set_cookie(_cookie(), value, max_age=KEPT, secure=is_https, httponly=True, samesite="Lax")


def _cookie() -> str:
    return f"__Host-{COOKIE}" if settings.SESSION_COOKIE_SECURE else COOKIE
