"""What the headers of a request say about the visitor, and which of them are kept with the event."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from functools import cache

from properties.catalog.registry import packages

from . import body_limits

Headers = Iterable[tuple[bytes, bytes]]

# Nothing that authorises and nothing that we do not know: what is kept is shown to people later.
# The first ones matter most, when there is not room for all.
KEPT_HEADERS = {
    name.encode(): name
    for name in (
        "user-agent",
        "origin",
        "sec-gpc",
        "dnt",
        "content-type",
        "referer",
        "accept-language",
        "sec-ch-ua",
        "sec-ch-ua-mobile",
        "sec-ch-ua-platform",
    )
}

COOKIE_DROPPED = "_cookie_dropped"
_COOKIE_NAME = re.compile(r"[A-Za-z0-9_.-]{1,100}")
_COOKIE_VALUE = re.compile(r"[!-~]{1,500}")
Accepts = Callable[[str, str], bool]


def kept_headers(headers: Mapping[bytes, bytes]) -> tuple[dict[str, list[str]], list[str]]:
    """``{lower-case name: [value]}`` of the allow-list, as Adobe gives them to rules, and a flag when cut."""
    kept: dict[str, list[str]] = {}
    left, most, is_cut = body_limits.HEADERS_CHARACTERS, body_limits.HEADER_CHARACTERS, False
    for sent, name in KEPT_HEADERS.items():
        value = headers.get(sent)
        if value:
            if len(value) > most:
                value, is_cut = value[:most], True
            kept[name] = [value.decode("latin-1")]
            left -= len(value)
            if left < most:
                most = left
    return kept, ["headers_cut"] if is_cut else []


def read_cookies(header: bytes) -> dict[str, str]:
    """Names and values as sent. The last of several with the same name counts."""
    cookies = {}
    for part in header.decode("latin-1").split(";"):
        name, _, value = part.strip().partition("=")
        cookies[name] = value
    return cookies


def kept_cookies(cookies: dict[str, str]) -> tuple[dict[str, str], list[str]]:
    """Those that extension packages ask for, and a flag for each whose value no package accepts."""
    good, bad = {}, []
    for declared, accepts in _asked_for().items():
        for name in _names(declared, cookies):
            if any(accept(name, cookies[name]) for accept in accepts):
                good[name] = cookies[name]
            else:
                bad.append(f"{name}{COOKIE_DROPPED}")
    return good, bad


@cache
def _asked_for() -> Mapping[str, list[Accepts]]:
    """Name of a cookie as packages declare it → what decides about its value."""
    found: dict[str, list[Accepts]] = {}
    for package in packages().values():
        for name in package.cookies:
            found.setdefault(name, []).append(package.accepts_cookie or _is_visible)
    return found


def _names(declared: str, cookies: Mapping[str, str]) -> list[str]:
    """The names of cookies that are not empty: the declared one, or those that begin as ``_acme_*`` says."""
    if not declared.endswith("*"):
        return [declared] if cookies.get(declared) else []
    start = declared[:-1]
    return [it for it in cookies if it.startswith(start) and _COOKIE_NAME.fullmatch(it) and cookies[it]]


def _is_visible(name: str, value: str) -> bool:
    return _COOKIE_VALUE.fullmatch(value) is not None


def forwarded_for(headers: Headers) -> str:
    """``X-Forwarded-For``, of several all of them with commas between."""
    return b",".join(value for name, value in headers if name == b"x-forwarded-for").decode("latin-1")
