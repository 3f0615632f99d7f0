"""Reads the visitor's cookies and address from headers, and selects the headers that an event keeps."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from functools import cache

from properties.catalog.registry import packages

from . import body_limits

Headers = Iterable[tuple[bytes, bytes]]

# No credentials and no unknown headers: people see the kept ones later.
# The first ones matter most if there is not room for all.
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
    """Return ``{lower-case name: [value]}`` of the allow-list, as Adobe's rules see it, and a flag if cut."""
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
    """Return names and values as sent. If a name repeats, the last one counts."""
    cookies = {}
    for part in header.decode("latin-1").split(";"):
        name, _, value = part.strip().partition("=")
        cookies[name] = value
    return cookies


def kept_cookies(cookies: dict[str, str]) -> tuple[dict[str, str], list[str]]:
    """Return the cookies that extension packages ask for, and a flag for each value that none accepts."""
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
    """Return the checks of a cookie's value, by the name that packages declare."""
    found: dict[str, list[Accepts]] = {}
    for package in packages().values():
        for name in package.cookies:
            found.setdefault(name, []).append(package.accepts_cookie or _is_visible)
    return found


def _names(declared: str, cookies: Mapping[str, str]) -> list[str]:
    """Return the names of non-empty cookies: the declared one, or those with the prefix of ``_acme_*``."""
    if not declared.endswith("*"):
        return [declared] if cookies.get(declared) else []
    start = declared[:-1]
    return [it for it in cookies if it.startswith(start) and _COOKIE_NAME.fullmatch(it) and cookies[it]]


def _is_visible(name: str, value: str) -> bool:
    return _COOKIE_VALUE.fullmatch(value) is not None


def forwarded_for(headers: Headers) -> str:
    """Return ``X-Forwarded-For``; several are joined with commas."""
    return b",".join(value for name, value in headers if name == b"x-forwarded-for").decode("latin-1")
