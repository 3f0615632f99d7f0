"""What the headers of a request say about the visitor, and which of them are kept with the event."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

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

CLICK_COOKIES = ("_fbp", "_fbc")
# Source: Meta, fbp and fbc Parameters (ClickID): version, subdomain index, milliseconds, value.
_CLICK_COOKIE = re.compile(r"fb\.[0-9]{1,2}\.[0-9]{1,20}\.[A-Za-z0-9_.-]{1,480}")


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


def click_cookies(cookies: dict[str, str]) -> tuple[dict[str, str], list[str]]:
    """``_fbp`` and ``_fbc`` in Meta's form, and a flag for each that has another."""
    good = {name: cookies[name] for name in CLICK_COOKIES if _CLICK_COOKIE.fullmatch(cookies.get(name, ""))}
    bad = [f"{name}_cookie_dropped" for name in CLICK_COOKIES if cookies.get(name) and name not in good]
    return good, bad


def forwarded_for(headers: Headers) -> str:
    """``X-Forwarded-For``, of several all of them with commas between."""
    return b",".join(value for name, value in headers if name == b"x-forwarded-for").decode("latin-1")
