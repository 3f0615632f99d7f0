"""Meta's browser id and click id as cookies of the site, written in the answer to its Web SDK.

Only for a page on the same site as this server: elsewhere the visitor's cookies do not come along, and
writing would replace what the Pixel has set. The event that brings the visitor carries the new values, too.

Source: Meta, fbp and fbc Parameters (ClickID); facebook/capi-param-builder, Python 1.3.2: life of a cookie,
subdomain index, which cookies count, the order in which a click is looked for.
"""

from __future__ import annotations

import hashlib
import hmac
import ipaddress
import re
import secrets
from collections.abc import Iterator, Mapping
from functools import cache, lru_cache
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from publicsuffixlist import PublicSuffixList

from properties.catalog import dotted

COOKIE_SECONDS = 7_776_000
FBP, FBC = "_fbp", "_fbc"
LARGEST_BROWSER_ID = 2_147_483_647
_CLICK = re.compile(r"[A-Za-z0-9_-]{1,500}")
_SUFFIX = re.compile(r"AQ|Ag|Aw|BA|BQ|Bg|[A-Za-z0-9_-]{8}")


def new_cookies(
    kept: Mapping[str, str],
    payload: Any,
    headers: Mapping[bytes, bytes],
    *,
    now: float,
    seed: bytes,
    is_first: bool = False,
) -> dict[str, str]:
    """Cookies that the visitor lacks: none unless the page is on the same site as this server.

    Args:
        kept: ``_fbp`` and ``_fbc`` as they came, where they have Meta's form.
        payload: The parsed body.
        headers: Of the request, by lower-case name.
        now: Seconds since 1970.
        seed: The same for a request that is sent again; empty for a random one.
        is_first: It is the visitor's first event: a Pixel on the page is about to make the browser id.
    """
    site = registrable_domain(_host_of(headers.get(b"origin", b"")))
    if not site or site != registrable_domain(_host_of(b"//" + headers.get(b"host", b""))):
        return {}
    start = f"fb.{subdomain_index(site)}.{int(now * 1000)}"
    found = {}
    click = next(_clicks(payload, headers), "")
    if click and _value_of(kept.get(FBC, "")) != click:
        found[FBC] = f"{start}.{click}"
    if not is_first and not _value_of(kept.get(FBP, "")):
        found[FBP] = f"{start}.{_browser_id(seed)}"
    return found


def click_handle(cookies: Mapping[str, str]) -> dict[str, Any]:
    """``state:store``: the Web SDK writes these as cookies of the whole site."""
    attributes = {"SameSite": "Lax"}
    entries = [
        {"key": name, "value": value, "maxAge": COOKIE_SECONDS, "attrs": attributes}
        for name, value in cookies.items()
    ]
    return {"payload": entries, "type": "state:store"}


def refuses(cookies: Mapping[str, str]) -> bool:
    """Whether the visitor said no to the Web SDK's question for consent."""
    return any(name.endswith("_consent") and "general=out" in value for name, value in cookies.items())


@lru_cache(maxsize=1_024)
def registrable_domain(host: str) -> str:
    """``example.co.uk`` of ``www.example.co.uk``, ``shop.github.io`` of itself: what one owner has.

    An address, and a name under which others register theirs, is its own.

    Source: Public Suffix List, both sections of the list, as browsers use it for cookies.
    """
    return host if _is_address(host) else _suffixes().privatesuffix(host) or host


@cache
def _suffixes() -> PublicSuffixList:
    """Read once, when the first page on a site asks: a worker never needs it."""
    return PublicSuffixList()


def is_same_site(headers: Mapping[bytes, bytes]) -> bool:
    """Whether the page is on the site of this server, as the browser tells it, else by the names of both."""
    told = headers.get(b"sec-fetch-site")
    if told:
        return told != b"cross-site"
    host = registrable_domain(_host_of(b"//" + headers.get(b"host", b"")))
    return not host or registrable_domain(_host_of(headers.get(b"origin", b""))) == host


def subdomain_index(domain: str) -> int:
    """1 for ``example.com``, 2 for ``example.co.uk``, 0 for a single label or an address."""
    return 0 if _is_address(domain) else domain.count(".")


def _clicks(payload: Any, headers: Mapping[bytes, bytes]) -> Iterator[str]:
    """Click ids in the addresses of the page, then of what led to it."""
    for key, part in (("webPageDetails", "URL"), ("webReferrer", "URL")):
        for event in _events(payload):
            yield from _click_in(dotted.get(event, f"xdm.web.{key}.{part}"))
    yield from _click_in(headers.get(b"referer", b"").decode("latin-1"))


def _click_in(address: Any) -> Iterator[str]:
    """Decoded once, letter case kept."""
    if not isinstance(address, str) or "fbclid=" not in address:
        return
    try:
        values = [value for name, value in parse_qsl(urlsplit(address).query) if name == "fbclid"]
    except ValueError:
        return
    yield from (value for value in values if _CLICK.fullmatch(value))


def _value_of(cookie: str) -> str:
    """The fourth part; empty where the cookie does not count: too few or many parts, or an unknown suffix."""
    parts = cookie.split(".")
    is_known = len(parts) == 4 or (len(parts) == 5 and _SUFFIX.fullmatch(parts[4]))
    return parts[3] if is_known and parts[0] == "fb" else ""


def _browser_id(seed: bytes) -> int:
    if not seed:
        return secrets.randbelow(LARGEST_BROWSER_ID + 1)
    digest = hmac.new(seed, b"fbp", hashlib.sha256).digest()
    return int.from_bytes(digest[:8], "big") % (LARGEST_BROWSER_ID + 1)


def _host_of(origin: bytes) -> str:
    try:
        return (urlsplit(origin.decode("latin-1").lower()).hostname or "").rstrip(".")
    except ValueError:
        return ""


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


def _events(payload: Any) -> list[Any]:
    events = payload.get("events") if isinstance(payload, dict) else None
    single = payload.get("event") if isinstance(payload, dict) else None
    return events if isinstance(events, list) else [single]
