"""The visitor's address of a request, also behind the operator's own proxies."""

from __future__ import annotations

import re
from functools import lru_cache
from ipaddress import IPv6Address, ip_address

# Some proxies add a port or brackets: "203.0.113.7:52713", "[2001:db8::7]:443", "[2001:db8::7]".
_IPV4_WITH_PORT = re.compile(r"([0-9.]{7,15}):[0-9]{1,5}")
_IN_BRACKETS = re.compile(r"\[([^\]]{2,60})\](?::[0-9]{1,5})?")


def client_address(forwarded_for: str, peer: str, trusted_proxies: int) -> str:
    """Return the visitor's address, or "" if it cannot be read.

    Each proxy appends the address that it saw. With N trusted proxies, the N-th entry from the end counts.
    The visitor can write earlier entries, so they prove nothing. With fewer entries than proxies, the request
    did not come through the proxies, and the address of the connection counts.

    Args:
        forwarded_for: The header ``X-Forwarded-For``. Several such headers are joined with commas.
        peer: The other end of the connection.
        trusted_proxies: Number of the operator's own proxies.
    """
    hops = [hop for hop in forwarded_for.split(",") if hop.strip()] if trusted_proxies else []
    return plain_address(hops[-trusted_proxies].strip() if 0 < trusted_proxies <= len(hops) else peer)


@lru_cache(maxsize=4096)
def plain_address(text: str) -> str:
    """Return the address without port, brackets and zone, in its usual spelling, or "" if it is not one."""
    match = _IPV4_WITH_PORT.fullmatch(text) or _IN_BRACKETS.fullmatch(text)
    bare = (match[1] if match else text).partition("%")[0]
    try:
        address = ip_address(bare)
    except ValueError:
        return ""
    mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    return str(mapped or address)
