"""Addresses that people type reach the public internet and nothing else."""

from __future__ import annotations

import re
import socket
import threading
from collections.abc import Iterator
from ipaddress import IPv6Address, ip_address, ip_network
from typing import Any

import pytest

from properties.catalog.errors import Misconfigured
from properties.catalog.outbound import OutboundRequest
from properties.catalog.secret_markers import RunMarkers
from properties.http import transport
from properties.http.connections import Network
from properties.http.public_internet import NotPublic, is_public, public_addresses

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"


class Listener:
    """A local server that counts its connections, on IPv4 and IPv6."""

    def __init__(self) -> None:
        self.accepted = 0
        self._sockets = [socket.create_server(("127.0.0.1", 0))]
        self.port = self._sockets[0].getsockname()[1]
        if socket.has_dualstack_ipv6():
            self._sockets.append(socket.create_server(("::1", self.port), family=socket.AF_INET6))
        for listener in self._sockets:
            threading.Thread(target=self._accept, args=(listener,), daemon=True).start()

    def _accept(self, listener: socket.socket) -> None:
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            self.accepted += 1
            with connection:
                connection.recv(65536)
                connection.sendall(OK)

    def close(self) -> None:
        """End the threads: closing alone does not wake a waiting thread."""
        for listener in self._sockets:
            listener.shutdown(socket.SHUT_RDWR)
            listener.close()


@pytest.fixture
def listener() -> Iterator[Listener]:
    made = Listener()
    yield made
    made.close()


# Forms in which an address of the inside has been written to get past a filter.
HOSTS = """
127.0.0.1 127.1 127.0.1 127.000.000.001 0177.0.0.1 0177.0000.0000.0001 0x7f.0.0.1 0x7f.1 0x7f000001 0x7F000001
2130706433 017700000001 127.0.0.1. 127.127.127.127 0.0.0.0 0 0x0 0.0 00000000 localhost LOCALHOST localhost.
localhost.localdomain ip6-localhost [::1] [::] [0:0:0:0:0:0:0:1] [::127.0.0.1] [::ffff:127.0.0.1]
[::ffff:7f00:1] [0:0:0:0:0:ffff:127.0.0.1] [::ffff:0.0.0.0] [64:ff9b::7f00:1] [64:ff9b::127.0.0.1]
[64:ff9b:1::7f00:1] [2002:7f00:1::] [2001:0:7f00:1::] [fe80::1%25lo] [fe80::1%lo] [fec0::1] [fc00::1]
[fd00:ec2::254] [ff02::1] [100::1] [5f00::1] [2001:db8::1] 10.0.0.1 10.255.255.255 172.16.0.1 172.31.255.254
192.168.0.1 169.254.169.254 0xa9fea9fe 2852039166 100.64.0.1 100.100.100.200 168.63.129.16 192.0.0.1
192.0.2.1 198.18.0.1 198.51.100.1 203.0.113.1 192.88.99.1 224.0.0.1 240.0.0.1 255.255.255.255
0xa.0.0.1 012.0.0.1 167772161 10.1 0xC0A80001 0300.0250.0.1 3232235521 192.11010049 192.168.1 0xac.0x10.0.1
0251.0376.0251.0376 169.254.43518 169.16689662 025177524776 4294967295 037777777777 6425673729 127.0.0.1.1
[::ffff:10.0.0.1] [::ffff:a9fe:a9fe] [::ffff:169.254.169.254] [::ffff:0:127.0.0.1] [::169.254.169.254]
[64:ff9b::a9fe:a9fe] [64:ff9b::10.0.0.1] [64:ff9b:1::169.254.169.254] [64:ff9b::93.184.215.14]
[::ffff:93.184.215.14] [::93.184.215.14] [2002:a9fe:a9fe::1] [2002:5db8:d70e::1] [2001:0:a00:1::1]
[2001:0:4136:e378:8000:63bf:3fff:fdd2] [2606:2800:21f:cb07:6820:80da:af6b:8b2c%25lo]
[2606:2800:21f:cb07:6820:80da:af6b:8b2c%251] [fe80::a9fe:a9fe%251] [::1%25lo] [100:0:0:1::1] [3fff::1]
[2001:2::1] [2001:10::1] [2001:20::1] [2001:1::1] [2001:4:112::1] [4000::1] [fe00::1] [feff::1]
１２７.０.０.１ ①②⑦.⓪.⓪.① 127。0。0。1 ⓛⓞⓒⓐⓛⓗⓞⓢⓣ %31%32%37.0.0.1 inside.example rebinding.example both.example
user@127.0.0.1 user:pass@127.0.0.1 public.example@127.0.0.1 public.example%40127.0.0.1
""".split()  # noqa: SIM905 - short texts, readable as a list of words
URLS = [f"http://{host}:PORT/latest/meta-data/" for host in HOSTS] + [
    "http://127.0.0.1:PORT\\@public.example/",
    "http://127.0.0.1:PORT#@public.example/",
    "http://127.0.0.1:PORT?@public.example/",
    "http://public.example\\@127.0.0.1:PORT/",
    "http://127.0.0.1\t:PORT/",
    "http://127.0.0.1:PORT@127.0.0.1:PORT/",
    "http:127.0.0.1:PORT/",
    "http:///127.0.0.1:PORT/",
    "//127.0.0.1:PORT/",
    "https://127.0.0.1:PORT/",
    "HTTP://127.0.0.1:PORT/",
    "ftp://127.0.0.1:PORT/",
    "file:///etc/passwd",
    "gopher://127.0.0.1:PORT/_x",
    "dict://127.0.0.1:PORT/",
    "unix:///var/run/docker.sock",
    "http+unix://%2Fvar%2Frun%2Fdocker.sock/",
    " http://127.0.0.1:PORT/",
    "http://[::1",
    "http://",
    "",
]
NAMES = {
    "inside.example": ["127.0.0.1"],
    "both.example": ["93.184.215.14", "127.0.0.1"],
    "many.example": ["8.8.8.8", "1.1.1.1", "8.8.8.8", "9.9.9.9", "8.8.4.4", "1.0.0.1"],
    "late.example": ["8.8.8.8", "1.1.1.1", "9.9.9.9", "8.8.4.4", "10.0.0.1"],
    "empty.example": [],
    "zone.example": ["fe80::1%eth0"],
}


@pytest.fixture
def names(monkeypatch: pytest.MonkeyPatch) -> None:
    """A hostile name server: one name is internal, one is both, one changes between them."""
    real, asked = socket.getaddrinfo, [0]

    def getaddrinfo(host: Any, port: Any, *args: Any, **kwargs: Any) -> Any:
        name = host.decode() if isinstance(host, bytes) else host
        if name == "rebinding.example":
            asked[0] += 1
            found = ["93.184.215.14"] if asked[0] % 2 else ["127.0.0.1"]
        elif "localhost" in name.lower():
            found = ["127.0.0.1"]
        elif name in NAMES:
            found = NAMES[name]
        else:
            # Numbers in any notation that the system takes; no name is asked for outside of this machine.
            return real(host, port, *args, **{**kwargs, "flags": socket.AI_NUMERICHOST})
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port)) for address in found]

    monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)


@pytest.fixture
def no_way_out(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Let nothing leave this machine; return the attempted connections, without those to the listener."""
    real, reached = socket.socket.connect, list[str]()

    def connect(self: socket.socket, address: Any) -> None:
        if address[0] not in ("127.0.0.1", "::1"):
            reached.append(address[0])
            raise ConnectionRefusedError
        real(self, address)

    monkeypatch.setattr(socket.socket, "connect", connect)
    return reached


def test_there_are_enough_forms() -> None:
    assert len(set(URLS)) == len(URLS) >= 90


@pytest.mark.usefixtures("names")
def test_no_form_of_an_address_of_the_inside_is_connected_to(
    listener: Listener, no_way_out: list[str]
) -> None:
    """Source: docs/reference/failures.md, "Application security": calls into private networks."""
    answers = {}
    for url in URLS:
        address = url.replace("PORT", str(listener.port))
        request = OutboundRequest("GET", address, public_only=True, connect_timeout_seconds=0.3)
        # Twice, for the name that changes sides.
        answers[url] = [transport.send(request) for _ in range(2)]
    assert listener.accepted == 0
    # The first address of the name that changes sides.
    assert no_way_out == ["93.184.215.14"]
    assert [url for url, found in answers.items() if any(answer.status for answer in found)] == []
    assert {answer.error for found in answers.values() for answer in found} <= {
        "not_public",
        "connection",
        "unsendable",
    }


def test_the_listener_would_have_counted(listener: Listener) -> None:
    transport.send(OutboundRequest("GET", f"http://127.0.0.1:{listener.port}/"))
    assert listener.accepted == 1


def test_a_connection_made_without_a_check_is_not_used_by_one_with(listener: Listener) -> None:
    url = f"http://127.0.0.1:{listener.port}/"
    transport.send(OutboundRequest("GET", url))
    assert transport.send(OutboundRequest("GET", url, public_only=True)).error == "not_public"
    assert listener.accepted == 1


def test_the_address_that_was_checked_is_the_one_that_is_connected_to(listener: Listener) -> None:
    """A name server that changes its mind between check and connection changes nothing."""
    network = Network(resolve=lambda host, port: ["127.0.0.1"])
    request = OutboundRequest("GET", f"http://nowhere.invalid:{listener.port}/", public_only=True)
    assert transport.send(request, network=network).status == 200
    assert listener.accepted == 1


def test_a_connection_that_was_not_made_sent_nothing() -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    request = OutboundRequest("POST", f"http://shop.example:{port}/", public_only=True)
    answer = transport.send(request, network=Network(resolve=lambda host, port: ["127.0.0.1"]))
    assert (answer.error, answer.is_sent) == ("connection", False)


def test_public_addresses_are_let_through(names: None, no_way_out: list[str]) -> None:
    for url in ("http://93.184.215.14/", "http://[2606:2800:21f:cb07:6820:80da:af6b:8b2c]/"):
        transport.send(OutboundRequest("GET", url, public_only=True))
    assert no_way_out == ["93.184.215.14", "2606:2800:21f:cb07:6820:80da:af6b:8b2c"]


# Every block of the IANA registries of special-purpose addresses (IPv4 and IPv6, RFC 6890 and 8190, as of
# October 2025), and what is said elsewhere. "no": it is not reachable from everywhere, "yes": it is. "not
# by us": the registry says reachable or nothing, but it leads into networks that an address does not name.
SPECIAL = """
no  0.0.0.0/8             this network, RFC 791
no  0.0.0.0/32            this host, RFC 1122
no  10.0.0.0/8            private use, RFC 1918
no  100.64.0.0/10         shared address space, RFC 6598
no  127.0.0.0/8           loopback, RFC 1122
no  169.254.0.0/16        link local, RFC 3927
no  172.16.0.0/12         private use, RFC 1918
no  192.0.0.0/24          IETF protocol assignments, RFC 6890
no  192.0.0.0/29          IPv4 service continuity, RFC 7335
no  192.0.0.8/32          dummy address, RFC 7600
not by us 192.0.0.9/32    Port Control Protocol anycast, RFC 7723: the nearest gateway
not by us 192.0.0.10/32   TURN anycast, RFC 8155: the nearest relay
no  192.0.0.170/32        NAT64 discovery, RFC 8880
no  192.0.0.171/32        NAT64 discovery, RFC 8880
no  192.0.2.0/24          documentation, RFC 5737
yes 192.31.196.0/24       AS112, RFC 7535
yes 192.52.193.0/24       AMT, RFC 7450
not by us 192.88.99.0/24  6to4 relays, RFC 7526: deprecated
no  192.88.99.2/32        6a44 relays, RFC 6751
no  192.168.0.0/16        private use, RFC 1918
yes 192.175.48.0/24       AS112, RFC 7534
no  198.18.0.0/15         benchmarking, RFC 2544
no  198.51.100.0/24       documentation, RFC 5737
no  203.0.113.0/24        documentation, RFC 5737
no  224.0.0.0/4           multicast, RFC 5771
no  240.0.0.0/4           reserved, RFC 1112
no  255.255.255.255/32    limited broadcast, RFC 8190
not by us 168.63.129.16/32 platform service in Azure's networks
no  ::/128                unspecified, RFC 4291
no  ::1/128               loopback, RFC 4291
no  ::/96                 IPv4 inside IPv6, RFC 4291: deprecated
no  ::ffff:0:0/96         IPv4-mapped, RFC 4291
no  ::ffff:0:0:0/96       IPv4-translated, RFC 2765
not by us 64:ff9b::/96    NAT64, RFC 6052: IPv4 behind a translator
no  64:ff9b:1::/48        NAT64 of a network, RFC 8215
no  100::/64              discarded, RFC 6666
no  100:0:0:1::/64        dummy prefix, RFC 9780
no  2001::/23             IETF protocol assignments, RFC 2928
not by us 2001::/32       Teredo, RFC 4380: IPv4 inside IPv6
not by us 2001:1::1/128   Port Control Protocol anycast, RFC 7723
not by us 2001:1::2/128   TURN anycast, RFC 8155
not by us 2001:1::3/128   DNS-SD registration anycast, RFC 9665
no  2001:2::/48           benchmarking, RFC 5180
not by us 2001:3::/32     AMT, RFC 7450: a tunnel
not by us 2001:4:112::/48 AS112, RFC 7535
no  2001:10::/28          ORCHID, RFC 4843: deprecated
not by us 2001:20::/28    ORCHIDv2, RFC 7343: names of hosts, not places
not by us 2001:30::/28    drone remote ID, RFC 9374: names too
no  2001:db8::/32         documentation, RFC 3849
not by us 2002::/16       6to4, RFC 3056: IPv4 inside IPv6
yes 2620:4f:8000::/48     AS112, RFC 7534
no  3fff::/20             documentation, RFC 9637
no  5f00::/16             segment routing, RFC 9602
no  fc00::/7              unique local, RFC 4193
no  fe80::/10             link local, RFC 4291
no  fec0::/10             site local, RFC 3879: deprecated
no  ff00::/8              multicast, RFC 4291
yes 2000::/3              global unicast, RFC 4291
no  ::/0                  every other IPv6 block is reserved by the IETF, RFC 4291
yes 0.0.0.0/0             every other IPv4 address
"""
ROWS = re.findall(r"^(yes|no|not by us) +(\S+)", SPECIAL, re.M)
BLOCKS = [(ip_network(block), said == "yes") for said, block in ROWS]


def is_reachable(address: str) -> bool:
    """Return the entry of the smallest block that holds the address."""
    ip = ip_address(address)
    _, found = max((block.prefixlen, said) for block, said in BLOCKS if ip in block)
    return found


def edges() -> Iterator[str]:
    """The first and last address of each block, and those right before and after it."""
    for block, _ in BLOCKS:
        kind, first, last = type(block[0]), int(block[0]), int(block[-1])
        for number in (first - 1, first, (first + last) // 2, last, last + 1):
            if 0 <= number < 1 << block.max_prefixlen:
                yield str(kind(number))


ADDRESSES = dict.fromkeys(
    [
        *edges(),
        *("8.8.8.8", "1.1.1.1", "93.184.215.14", "100.63.255.255", "172.32.0.1", "192.169.0.1"),
        *("2001:4860:4860::8888", "2606:4700::1111", "2a00:1450:4001::1", "2001:200::1", "2003::1"),
    ]
)


def test_the_table_of_special_addresses_is_whole() -> None:
    """Source: IANA special-purpose address registries: 26 and 25 blocks; nine are from elsewhere."""
    assert len(ROWS) == SPECIAL.strip().count("\n") + 1 == 26 + 25 + 9
    assert len(ADDRESSES) > 200


@pytest.mark.parametrize("address", ADDRESSES)
def test_an_address_is_public_as_the_registries_say(address: str) -> None:
    assert is_public(address) is is_reachable(address)


@pytest.mark.parametrize("address", [it for it in ADDRESSES if is_reachable(it) and ":" in it])
def test_an_address_with_a_zone_belongs_to_a_network_of_this_machine(address: str) -> None:
    """Source: RFC 4007, 11: a zone is of the node that names it."""
    assert not is_public(f"{address}%eth0")
    assert not is_public(f"{address}%1")


@pytest.mark.parametrize("address", [it for it in ADDRESSES if ":" not in it])
def test_no_address_inside_of_another_is_public(address: str) -> None:
    """Mapped, translated, NAT64 of both kinds, 6to4 and Teredo: the inner address is not examined."""
    number = int(ip_address(address))
    for prefix in ("::", "::ffff:0:0", "::ffff:0:0:0", "64:ff9b::", "64:ff9b:1::", "2001::"):
        assert not is_public(str(IPv6Address(int(IPv6Address(prefix)) + number)))
    assert not is_public(str(IPv6Address((0x2002 << 112) + (number << 80) + 1)))
    # Teredo keeps the address of the client with every bit turned over.
    assert not is_public(str(IPv6Address((0x20010000 << 96) + (number ^ 0xFFFFFFFF))))


@pytest.mark.parametrize(
    "text",
    [
        *("", " ", "public.example", "8.8.8", "8.8.8.8.8", "08.8.8.8", "0x8.8.8.8", "134744072", "8.8.8.256"),
        *(
            "8.8.8.8/32",
            "8.8.8.8:80",
            "8.8.8.8%1",
            "[2606:4700::1111]",
            "2606:4700::1111/128",
            "2606:4700::%",
        ),
    ],
)
def test_anything_but_a_plain_address_is_not_public(text: str) -> None:
    assert not is_public(text)


def test_one_address_of_the_inside_refuses_the_whole_name(names: None) -> None:
    with pytest.raises(NotPublic):
        public_addresses("both.example", 80)


def test_a_name_keeps_its_first_four_addresses_in_their_order(names: None) -> None:
    assert public_addresses("many.example", 80) == ["8.8.8.8", "1.1.1.1", "9.9.9.9", "8.8.4.4"]


def test_an_address_of_the_inside_counts_behind_the_fourth_too(names: None) -> None:
    with pytest.raises(NotPublic, match=r"late\.example"):
        public_addresses("late.example", 80)


def test_a_name_without_addresses_is_not_public(names: None) -> None:
    with pytest.raises(NotPublic):
        public_addresses("empty.example", 80)


def test_what_is_asked_for_is_a_connection_to_the_port(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []

    def getaddrinfo(*args: Any, **kwargs: Any) -> Any:
        asked.append((args, kwargs))
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("8.8.8.8", 8443))]

    monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)
    assert public_addresses("shop.example", 8443) == ["8.8.8.8"]
    assert asked == [(("shop.example", 8443), {"type": socket.SOCK_STREAM})]


def test_a_secret_in_an_address_is_not_sent(listener: Listener) -> None:
    """Secrets never reach URLs."""
    marker = RunMarkers()
    url = f"http://127.0.0.1:{listener.port}/?key={marker('Key')}"
    known = transport.Secrets(marker.names, lambda name: "value")
    with pytest.raises(Misconfigured, match="“Key” must not be part of an address"):
        transport.send(OutboundRequest("GET", url), secrets=known)
    assert listener.accepted == 0


def test_a_header_that_cannot_be_sent_is_not_tried_again(listener: Listener) -> None:
    for value in ("two\r\nlines", "ключ"):
        request = OutboundRequest("GET", f"http://127.0.0.1:{listener.port}/", {"X-Key": value})
        assert transport.send(request).error == "unsendable"


def test_only_networks_that_the_operator_names_are_reached(names: None) -> None:
    beside = (ip_network("127.0.0.0/8"), ip_network("fd12::/16"))
    assert public_addresses("127.0.0.1", 80, beside) == ["127.0.0.1"]
    assert public_addresses("fd12::7", 80, beside) == ["fd12::7"]
    assert public_addresses("both.example", 80, beside) == ["93.184.215.14", "127.0.0.1"]
    for other in ("10.0.0.1", "169.254.169.254", "::1", "::ffff:127.0.0.1", "fe80::1", "fd13::7"):
        with pytest.raises(NotPublic):
            public_addresses(other, 80, beside)


def test_a_network_that_the_operator_names_holds_no_address_with_a_zone(names: None) -> None:
    """Which interface it would leave by is not the operator's word."""
    with pytest.raises(NotPublic):
        public_addresses("zone.example", 80, (ip_network("fe80::/10"),))


def test_the_setting_of_the_operator_decides(listener: Listener, settings: Any) -> None:
    """Source: docs/configuration.md, "Variables": REACHABLE_NETWORKS."""
    request = OutboundRequest("GET", f"http://127.0.0.1:{listener.port}/", public_only=True)
    assert transport.send(request).error == "not_public"
    settings.REACHABLE_NETWORKS = (ip_network("127.0.0.0/8"),)
    assert transport.send(request).error != "not_public"
