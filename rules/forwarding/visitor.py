"""What the headers of a request say about the visitor, and which of them are kept with the event."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterable, Mapping
from functools import lru_cache

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


def client_address(headers: Headers, peer: str, trusted_proxies: int) -> str:
    """The visitor's address: the N-th entry of ``X-Forwarded-For`` from its end, N being our own proxies.

    Each proxy appends the address it saw. What stands before was written by the visitor and proves nothing;
    with fewer entries than proxies the request did not come through them, and the connection counts.
    """
    if trusted_proxies:
        forwarded = b",".join(value for name, value in headers if name == b"x-forwarded-for")
        hops = [hop.strip() for hop in forwarded.decode("latin-1").split(",") if hop.strip()]
        if len(hops) >= trusted_proxies:
            return _address(hops[-trusted_proxies])
    return _address(peer)


@lru_cache(maxsize=4096)
def _address(text: str) -> str:
    """The address in its usual form, without a port or zone; IPv4 also when it came as IPv6. Else empty."""
    host = text.removeprefix("[").partition("]")[0] if text.startswith("[") else text
    host = host.partition(":")[0] if host.count(":") == 1 else host
    try:
        address = ipaddress.ip_address(host.partition("%")[0])
    except ValueError:
        return ""
    mapped = getattr(address, "ipv4_mapped", None)
    return str(mapped or address)
