"""Whose address a page request has, when proxies of ours stand before the product."""

from __future__ import annotations

import re
from ipaddress import IPv6Address, ip_address

from django.conf import settings
from django.http import HttpRequest

# An address with a port, as some proxies write it: "203.0.113.7:52713", "[2001:db8::7]:443", "[2001:db8::7]".
_IPV4_WITH_PORT = re.compile(r"([0-9.]{7,15}):[0-9]{1,5}")
_IN_BRACKETS = re.compile(r"\[([^\]]{2,60})\](?::[0-9]{1,5})?")


def client_address(request: HttpRequest) -> str:
    """The visitor's address: the last entry of ``X-Forwarded-For`` that our own proxies did not write.

    Each proxy appends the address it saw, so with N trusted proxies the N-th entry from the end counts.
    Whatever stands before it was written by the visitor and proves nothing. An entry that is no
    address is not believed: then the address of the proxy counts.
    """
    peer = request.META.get("REMOTE_ADDR", "")
    hops = [hop.strip() for hop in request.META.get("HTTP_X_FORWARDED_FOR", "").split(",") if hop.strip()]
    trusted = settings.TRUSTED_PROXY_COUNT
    hop = hops[-trusted] if 0 < trusted <= len(hops) else ""
    return plain_address(hop) or plain_address(peer) or peer


def plain_address(text: str) -> str:
    """The address without port, brackets and zone, in its one spelling; empty when it is none."""
    match = _IPV4_WITH_PORT.fullmatch(text) or _IN_BRACKETS.fullmatch(text)
    bare = (match[1] if match else text).partition("%")[0]
    try:
        address = ip_address(bare)
    except ValueError:
        return ""
    mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    return str(mapped or address)
