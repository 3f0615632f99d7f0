"""The domain of a site, as a person types it."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from properties.http.origins import host

LONGEST = 253
_AFTER_HOST = re.compile(r"[/?#]")


class NoDomain(ValueError):
    """The text names no host. The message says what to write."""


def domain_of(text: str) -> str:
    """Return the host of a domain or an address, in small letters: ``shop.example`` for ``HTTPS://Shop.example/a``.

    Raises:
        NoDomain: There is no host in it.
    """
    typed = text.strip()
    address = typed if "://" in typed else f"https://{_AFTER_HOST.split(typed)[0]}"
    try:
        name = host((urlsplit(address).hostname or "").rstrip("."))
    except ValueError:
        name = ""
    if not name or len(name) > LONGEST or ("." not in name and name != "localhost"):
        raise NoDomain(f"“{typed[:80]}” is not a domain. Write one such as shop.example.")
    return name
