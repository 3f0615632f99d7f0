"""Whose address a request has, if proxies of the operator stand in front of the product."""

from __future__ import annotations

import re
from functools import lru_cache
from ipaddress import IPv6Address, ip_address

# An address with a port, as some proxies write it: "203.0.113.7:52713", "[2001:db8::7]:443", "[2001:db8::7]".
_IPV4_WITH_PORT = re.compile(r"([0-9.]{7,15}):[0-9]{1,5}")
_IN_BRACKETS = re.compile(r"\[([^\]]{2,60})\](?::[0-9]{1,5})?")


def client_address(forwarded_for: str, peer: str, trusted_proxies: int) -> str:
    """The visitor's address; empty if a proxy wrote something else.

    Each proxy appends the address it saw, so with N trusted proxies the N-th entry from the end counts.
    The visitor wrote what is before it, which proves nothing. With fewer entries than proxies the request did
    not come through them, and the connection counts.

    Args:
        forwarded_for: The header ``X-Forwarded-For``, of several all of them with commas between.
        peer: The other end of the connection.
        trusted_proxies: Number of the operator's own proxies.
    """
    hops = [hop for hop in forwarded_for.split(",") if hop.strip()] if trusted_proxies else []
    return plain_address(hops[-trusted_proxies].strip() if 0 < trusted_proxies <= len(hops) else peer)


@lru_cache(maxsize=4096)
def plain_address(text: str) -> str:
    """The address without port, brackets and zone, in its one spelling; empty if it is none."""
    match = _IPV4_WITH_PORT.fullmatch(text) or _IN_BRACKETS.fullmatch(text)
    bare = (match[1] if match else text).partition("%")[0]
    try:
        address = ip_address(bare)
    except ValueError:
        return ""
    mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    return str(mapped or address)
