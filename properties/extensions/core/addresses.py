"""Splits page addresses into parts as browsers do. Accepts any text.

Source: RFC 3986, appendix B; WHATWG, URL Standard, application/x-www-form-urlencoded.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote_plus

from properties.catalog.descriptor import Field

from .paths import follow

PAGE = ("event", "xdm", "web", "webPageDetails", "URL")
# The setting that :func:`address_of` takes.
ADDRESS_FIELD = Field(
    key="url",
    label="Address",
    placeholder="{{Page Address}}",
    help=f"If empty, the page address of the event: arc.{'.'.join(PAGE)}.",
)
_PARTS = re.compile(
    r"(?:(?P<scheme>[A-Za-z][A-Za-z0-9+.-]*):)?(?://(?P<authority>[^/?#]*))?"
    r"(?P<path>[^?#]*)(?:\?(?P<query>[^#]*))?(?:#(?P<fragment>.*))?",
    re.DOTALL,
)
# WHATWG, URL Standard, basic URL parser: tabs and line breaks are removed.
_IGNORED = str.maketrans("", "", "\t\n\r")
_PORT = re.compile(r":[0-9]*$")


@dataclass(frozen=True, slots=True)
class Address:
    """The parts of an address, without the signs between them.

    Args:
        scheme: In lower case, such as ``https``; empty if the address has none.
        host: In lower case, without port, user and password.
        path: As written; ``/`` if nothing follows the host.
    """

    scheme: str
    host: str
    path: str
    query: str
    fragment: str

    def parameters(self) -> Iterator[tuple[str, str]]:
        """Return names and values of the query string, decoded, in order."""
        for part in self.query.split("&") if self.query else ():
            name, _, value = part.partition("=")
            yield _decoded(name), _decoded(value)

    def parameter(self, name: str, *, case_insensitive: bool = False) -> str | None:
        """Return the first value of a parameter: empty if it has no value, None if it is absent."""
        wanted = name.lower() if case_insensitive else name
        found = ((key.lower() if case_insensitive else key, value) for key, value in self.parameters())
        return next((value for key, value in found if key == wanted), None)


def _decoded(text: str) -> str:
    """Decode a text, without NUL, which databases refuse."""
    return unquote_plus(text).replace("\0", "")


def read_address(value: Any) -> Address | None:
    """Return the parts of an address; None if ``value`` is empty or not a text."""
    match = _PARTS.fullmatch(value.strip().translate(_IGNORED)) if isinstance(value, str) else None
    if match is None or not match[0]:
        return None
    part = match.groupdict(default="")
    host = _PORT.sub("", part["authority"].rpartition("@")[2]).lower()
    path = part["path"] or ("/" if host else "")
    return Address(part["scheme"].lower(), host, path, part["query"], part["fragment"])


def address_of(given: Any, arc: Mapping[str, Any]) -> Address | None:
    """Return the address in a setting; if the setting is empty, the page address of the event."""
    return read_address(follow(arc, PAGE) if given in (None, "") else given)
