"""Checks of typed addresses that need only their text.

Source: docs/reference/adobe.md, "Cloud Connector" (http or https, a host with a dot). The transport checks
the IP address of the host when it connects.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from urllib.parse import quote, urlsplit

_CONTROLS = re.compile(r"[\x00-\x1f\x7f\\]")


def refusal_of(url: str) -> str:
    """Return the reason why ``url`` cannot be called, as a sentence; "" if it can."""
    if _CONTROLS.search(url):
        return "The address contains a control character or a backslash."
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname or "", parts.port
    except ValueError:
        return "The address cannot be read."
    if parts.scheme not in ("http", "https"):
        return "The address must start with https:// or http://."
    if "@" in parts.netloc:
        return "The address must not contain a user name or password; put them into a header."
    if " " in parts.netloc or ("." not in host.strip(".") and ":" not in host):
        return "The address needs a host with a dot, such as api.example.com."
    return ""


def with_query(url: str, pairs: Iterable[tuple[str, str]]) -> str:
    """Return ``url`` with further query parameters, percent-encoded; existing ones stay unchanged."""
    added = "&".join(f"{quote(key, safe='')}={quote(value, safe='')}" for key, value in pairs)
    if not added:
        return url
    address, hash_sign, fragment = url.partition("#")
    joint = "" if address.endswith(("?", "&")) else "&" if "?" in address else "?"
    return f"{address}{joint}{added}{hash_sign}{fragment}"
