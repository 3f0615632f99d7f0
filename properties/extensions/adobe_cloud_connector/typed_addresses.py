"""Addresses that a person typed: what can be told from the text alone.

Source: docs/reference/adobe.md, "Cloud Connector" (http or https, a host with a dot). Where the host leads is
seen when it is connected to, by the transport.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from urllib.parse import quote, urlsplit

_CONTROLS = re.compile(r"[\x00-\x1f\x7f\\]")


def refusal_of(url: str) -> str:
    """Why nothing can be sent to ``url``, as a sentence; empty when something can."""
    if _CONTROLS.search(url):
        return "The address holds a control character or a backslash."
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname or "", parts.port
    except ValueError:
        return "The address cannot be read."
    if parts.scheme not in ("http", "https"):
        return "The address must start with https:// or http://."
    if "@" in parts.netloc:
        return "The address must not hold a user name or password; put them into a header."
    if " " in parts.netloc or ("." not in host.strip(".") and ":" not in host):
        return "The address needs a host with a dot, such as api.example.com."
    return ""


def with_query(url: str, pairs: Iterable[tuple[str, str]]) -> str:
    """``url`` with more query parameters, percent-encoded; those that it has stay as they are."""
    added = "&".join(f"{quote(key, safe='')}={quote(value, safe='')}" for key, value in pairs)
    if not added:
        return url
    address, hash_sign, fragment = url.partition("#")
    joint = "" if address.endswith(("?", "&")) else "&" if "?" in address else "?"
    return f"{address}{joint}{added}{hash_sign}{fragment}"
