"""The visitor's IP address."""

from __future__ import annotations

import re
import socket
from collections.abc import Iterator
from ipaddress import ip_network
from typing import Any

from .cleaning import Hints, UnusableValue, as_text, clean
from .nothing import only_member

_PRIVATE = tuple(
    ip_network(network)
    for network in (
        *("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "127.0.0.0/8", "169.254.0.0/16", "100.64.0.0/10"),
        *("224.0.0.0/4", "0.0.0.0/32", "::/128", "::1/128", "fe80::/10", "fc00::/7", "ff00::/8"),
    )
)


def _by_first_byte(size: int) -> dict[int, list[tuple[bytes, bytes]]]:
    """Map the first byte to the private ranges of ``size`` bytes; most addresses have none."""
    found: dict[int, list[tuple[bytes, bytes]]] = {}
    for network in _PRIVATE:
        low, high = network.network_address.packed, network.broadcast_address.packed
        for first in range(low[0], high[0] + 1) if len(low) == size else ():
            found.setdefault(first, []).append((low, high))
    return found


_PRIVATE_BY_FIRST_BYTE = {size: _by_first_byte(size) for size in (4, 16)}
_is_usual = re.compile(r"[0-9A-Fa-f.:]+").fullmatch
_MAPPED = bytes(10) + b"\xff\xff"


def client_ip(value: Any, hints: Hints, suffix: re.Pattern[str] | None = None) -> str | None:
    """Return the visitor's public IPv4 or IPv6 address.

    Of several, as in ``X-Forwarded-For`` and ``Forwarded``, returns the first public one, without its port.

    Args:
        value: A text, or a list of texts.
        hints: Not used.
        suffix: Suffix that a vendor's own tools append to an address; it is removed.

    Raises:
        UnusableValue: There is no IP address, or only private ones.

    Source: RFC 7239, 6.
    """
    if type(value) is str and _is_usual(value) and (packed := _packed(value)):
        if packed[:12] != _MAPPED and packed[0] not in _PRIVATE_BY_FIRST_BYTE[len(packed)]:
            return value
        return _public(value, packed)
    found = [address for text in _texts(value) for address in _addresses_in(text, suffix)]
    problem: UnusableValue | None = None
    for address in found:
        try:
            return _public(address, _packed(address))
        except UnusableValue as error:
            problem = error if problem is None or error.code == "private_ip_address" else problem
    if problem:
        raise problem
    return None


client_ip.takes_lists = True  # type: ignore[attr-defined]


def _public(text: str, packed: bytes | None) -> str:
    if packed is None:
        raise UnusableValue("It is not an IP address; left out.", "no_ip_address")
    if packed[:12] == _MAPPED:
        packed = packed[12:]
        text = socket.inet_ntop(socket.AF_INET, packed)
    ranges = _PRIVATE_BY_FIRST_BYTE[len(packed)].get(packed[0])
    for low, high in ranges or ():
        if low <= packed <= high:
            raise UnusableValue("It is a private address, not the visitor's; left out.", "private_ip_address")
    return text


# Longer than any real list of hops; the visitor's address is not beyond it.
_LONGEST_LIST = 2000
_PORT = re.compile(r"\[(?P<six>[0-9A-Fa-f:.]+)\](:[0-9]{1,5})?|(?P<four>[0-9]+(\.[0-9]+){3}):[0-9]{1,5}")


def _texts(value: Any) -> Iterator[str]:
    for member in map(only_member, value) if isinstance(value, list) else (value,):
        if member is not None:
            yield clean(as_text(member))[:_LONGEST_LIST]


def _addresses_in(text: str, suffix: re.Pattern[str] | None) -> Iterator[str]:
    """Split a header value at its commas, and reduce each part to an address where possible."""
    for hop in text.split(","):
        parts = [part.strip() for part in hop.split(";")]
        named = [part[4:] for part in parts if part[:4].lower() == "for="]
        if bare := (named or parts)[0].strip('" '):
            yield _bare(bare, suffix)


def _bare(text: str, suffix: re.Pattern[str] | None) -> str:
    if found := _PORT.fullmatch(text):
        return found["six"] or found["four"]
    head, dot, tail = text.rpartition(".")
    text = head if suffix and suffix.fullmatch(dot + tail) else text
    return text.partition("%")[0]


def _packed(text: str) -> bytes | None:
    """Return the 4 or 16 bytes of an address, or None. ``ipaddress`` would take ten times as long."""
    try:
        return socket.inet_pton(socket.AF_INET6 if ":" in text else socket.AF_INET, text)
    except (OSError, ValueError):
        return None
