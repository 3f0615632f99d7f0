"""Writes click IDs and browser IDs of vendors as cookies of the site, in the answer to its Web SDK.

Extension packages declare these ids and their form. They are written only for a page on the same site as this
server. From elsewhere, the visitor's cookies do not arrive, and writing would replace the value that the
vendor's script on the page has set. The event of the same request carries the new values, too.

Source: https://github.com/facebook/capi-param-builder, Python 1.3.2: where a click is looked for, in order.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterable, Iterator, Mapping
from functools import cache, lru_cache
from typing import Any, TypeVar
from urllib.parse import parse_qsl, urlsplit

from publicsuffixlist import PublicSuffixList

from properties.catalog import dotted
from properties.catalog.registry import packages
from properties.catalog.visitors import BrowserId, ClickId, Visit

Id = TypeVar("Id", ClickId, BrowserId)


def new_cookies(
    kept: Mapping[str, str],
    payload: Any,
    headers: Mapping[bytes, bytes],
    *,
    now: float,
    seed: bytes,
    is_first: bool = False,
) -> dict[str, str]:
    """Return the cookies that the visitor lacks; none unless the page is on the same site as this server.

    Args:
        kept: Cookies of the visitor that extension packages accept.
        payload: The parsed body.
        headers: Headers of the request, by lower-case name.
        now: Seconds since 1970.
        seed: Equal for a request that is sent again; empty for a random one.
        is_first: It is the visitor's first event: a script on the page is about to create the browser ID.
    """
    site = registrable_domain(_host_of(headers.get(b"origin", b"")))
    if not site or site != registrable_domain(_host_of(b"//" + headers.get(b"host", b""))):
        return {}
    visit = Visit(now, site, seed)
    found = dict(_click_cookies(kept, payload, headers, visit))
    return found if is_first else found | dict(_browser_cookies(kept, visit))


def _click_cookies(
    kept: Mapping[str, str], payload: Any, headers: Mapping[bytes, bytes], visit: Visit
) -> Iterator[tuple[str, str]]:
    addresses = list(_addresses(payload, headers))
    for click_id in click_ids():
        click = next((it for address in addresses for it in _clicks_in(address, click_id)), "")
        if click and click_id.click_in(kept.get(click_id.cookie, "")) != click:
            yield click_id.cookie, click_id.new(click, visit)


def _browser_cookies(kept: Mapping[str, str], visit: Visit) -> Iterator[tuple[str, str]]:
    for browser_id in browser_ids():
        if not browser_id.counts(kept.get(browser_id.cookie, "")):
            yield browser_id.cookie, browser_id.new(visit)


def click_handle(cookies: Mapping[str, str]) -> dict[str, Any]:
    """Return ``state:store``: the Web SDK writes these as cookies of the whole site."""
    attributes = {"SameSite": "Lax"}
    lives = {it.cookie: it.seconds for package in packages().values() for it in package.written_cookies()}
    entries = [
        {"key": name, "value": value, "maxAge": lives[name], "attrs": attributes}
        for name, value in cookies.items()
    ]
    return {"payload": entries, "type": "state:store"}


@cache
def click_ids() -> tuple[ClickId, ...]:
    """Return the click IDs of all extension packages; if several use one cookie, the first."""
    return _first_by_cookie(it for package in packages().values() for it in package.click_ids)


@cache
def browser_ids() -> tuple[BrowserId, ...]:
    """Return the browser IDs of all extension packages; if several use one cookie, the first."""
    return _first_by_cookie(it for package in packages().values() for it in package.browser_ids)


def _first_by_cookie(ids: Iterable[Id]) -> tuple[Id, ...]:
    found: dict[str, Id] = {}
    for each in ids:
        found.setdefault(each.cookie, each)
    return tuple(found.values())


def refuses(cookies: Mapping[str, str]) -> bool:
    """Return whether the visitor refused consent in the Web SDK."""
    return any(name.endswith("_consent") and "general=out" in value for name, value in cookies.items())


@lru_cache(maxsize=1_024)
def registrable_domain(host: str) -> str:
    """Return the domain of one owner, such as ``example.co.uk`` for ``www.example.co.uk``.

    ``shop.github.io``, an IP address, and a name under which others register theirs are returned unchanged.

    Source: Public Suffix List, both sections of the list, as browsers use it for cookies.
    """
    return host if _is_address(host) else _suffixes().privatesuffix(host) or host


@cache
def _suffixes() -> PublicSuffixList:
    """Return the list, read when the first page on a site needs it. A worker never needs it."""
    return PublicSuffixList()


def is_same_site(headers: Mapping[bytes, bytes]) -> bool:
    """Return whether the page is on this server's site, by the browser's report, else by both host names."""
    reported = headers.get(b"sec-fetch-site")
    if reported:
        return reported != b"cross-site"
    host = registrable_domain(_host_of(b"//" + headers.get(b"host", b"")))
    return not host or registrable_domain(_host_of(headers.get(b"origin", b""))) == host


def _addresses(payload: Any, headers: Mapping[bytes, bytes]) -> Iterator[str]:
    """Yield the addresses of the pages, then of their referrers, then of the request's referrer."""
    for key in ("webPageDetails", "webReferrer"):
        for event in _events(payload):
            address = dotted.get(event, f"xdm.web.{key}.URL")
            if isinstance(address, str):
                yield address
    yield headers.get(b"referer", b"").decode("latin-1")


def _clicks_in(address: str, click_id: ClickId) -> Iterator[str]:
    """Yield the click IDs in an address, decoded once, with their letter case."""
    if f"{click_id.parameter}=" not in address:
        return
    try:
        values = [value for name, value in parse_qsl(urlsplit(address).query) if name == click_id.parameter]
    except ValueError:
        return
    yield from (value for value in values if re.fullmatch(click_id.pattern, value))


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
