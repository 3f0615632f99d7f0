"""Which addresses a request may connect to if a person typed its address. Plain Python.

The connection uses exactly the addresses that were checked, so they cannot change in between.

Source: docs/reference/failures.md, "Application security"; IANA special-purpose address registries.
"""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Callable, Sequence

IPNetwork = ipaddress.IPv4Network | ipaddress.IPv6Network
IPAddress = ipaddress.IPv4Address | ipaddress.IPv6Address
# Host and port → numeric addresses to connect to, best first.
Resolve = Callable[[str, int], list[str]]

MOST_ADDRESSES = 4
_GLOBAL_UNICAST = ipaddress.IPv6Network("2000::/3")
_REFUSED = tuple(
    ipaddress.ip_network(block)
    for block in (
        "100.64.0.0/10",  # shared address space of internet providers
        "168.63.129.16/32",  # platform service of a cloud, in spite of its public range
        "192.0.0.0/24",  # protocol assignments
        "192.88.99.0/24",  # relays from IPv6 to IPv4
        "198.18.0.0/15",  # benchmarks
        "2001::/23",  # protocol assignments, including tunnels over IPv4
        "2001:db8::/32",  # documentation
        "2002::/16",  # IPv4 inside IPv6
        "3fff::/20",  # documentation
    )
)


class NotPublic(OSError):
    """The name resolves to an address that is not on the public internet."""


def public_addresses(host: str, port: int, also_allowed: Sequence[IPNetwork] = ()) -> list[str]:
    """Resolve a host to at most four addresses.

    Args:
        also_allowed: Further networks that the operator of the installation allows.

    Raises:
        NotPublic: At least one address is private, local, or otherwise not on the public internet. A name
            with both public and private addresses is suspicious.
        OSError: The name is unknown.
    """
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    addresses = list(dict.fromkeys(str(sockaddr[0]) for *_, sockaddr in found))
    if not addresses or not all(is_public(each) or _is_within(each, also_allowed) for each in addresses):
        raise NotPublic(host)
    return addresses[:MOST_ADDRESSES]


def is_public(address: str) -> bool:
    """Return whether a numeric address can be reached only through the public internet."""
    try:
        ip = ipaddress.ip_address(address)
    except ValueError:
        return False
    if isinstance(ip, ipaddress.IPv6Address) and (ip.scope_id or ip not in _GLOBAL_UNICAST):
        return False
    is_plain = ip.is_global and not (ip.is_multicast or ip.is_reserved or ip.is_unspecified)
    return is_plain and not any(ip.version == block.version and ip in block for block in _REFUSED)


def _is_within(address: str, networks: Sequence[IPNetwork]) -> bool:
    if not networks or "%" in address:
        return False
    ip = ipaddress.ip_address(address)
    return any(ip.version == network.version and ip in network for network in networks)
