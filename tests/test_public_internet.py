"""Addresses that people type reach the public internet and nothing else."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from ipaddress import ip_network
from typing import Any

import pytest

from properties import transport
from properties.catalog.errors import Misconfigured
from properties.catalog.outbound import OutboundRequest
from properties.http_sessions import Network
from properties.markers import RunMarkers
from properties.public_internet import NotPublic, is_public, public_addresses

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"


class Listener:
    """A server of this machine that counts who comes, on IPv4 and IPv6."""

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
        """End the threads: closing alone wakes none that is waiting."""
        for listener in self._sockets:
            listener.shutdown(socket.SHUT_RDWR)
            listener.close()


@pytest.fixture
def listener() -> Iterator[Listener]:
    made = Listener()
    yield made
    made.close()


# Reliability S8: forms in which an address of the inside has been written to get past a filter.
HOSTS = """
127.0.0.1 127.1 127.0.1 127.000.000.001 0177.0.0.1 0177.0000.0000.0001 0x7f.0.0.1 0x7f.1 0x7f000001 0x7F000001
2130706433 017700000001 127.0.0.1. 127.127.127.127 0.0.0.0 0 0x0 0.0 00000000 localhost LOCALHOST localhost.
localhost.localdomain ip6-localhost [::1] [::] [0:0:0:0:0:0:0:1] [::127.0.0.1] [::ffff:127.0.0.1]
[::ffff:7f00:1] [0:0:0:0:0:ffff:127.0.0.1] [::ffff:0.0.0.0] [64:ff9b::7f00:1] [64:ff9b::127.0.0.1]
[64:ff9b:1::7f00:1] [2002:7f00:1::] [2001:0:7f00:1::] [fe80::1%25lo] [fe80::1%lo] [fec0::1] [fc00::1]
[fd00:ec2::254] [ff02::1] [100::1] [5f00::1] [2001:db8::1] 10.0.0.1 10.255.255.255 172.16.0.1 172.31.255.254
192.168.0.1 169.254.169.254 0xa9fea9fe 2852039166 100.64.0.1 100.100.100.200 168.63.129.16 192.0.0.1
192.0.2.1 198.18.0.1 198.51.100.1 203.0.113.1 192.88.99.1 224.0.0.1 240.0.0.1 255.255.255.255
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
}


@pytest.fixture
def names(monkeypatch: pytest.MonkeyPatch) -> None:
    """A name server of the bad sort: one name is of the inside, one of both, one changes sides."""
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
    """Nothing leaves this machine; tells which public addresses would have been connected to."""
    real, reached = socket.socket.connect, list[str]()

    def connect(self: socket.socket, address: Any) -> None:
        if is_public(address[0]):
            reached.append(address[0])
            raise ConnectionRefusedError
        real(self, address)

    monkeypatch.setattr(socket.socket, "connect", connect)
    return reached


def test_there_are_enough_forms() -> None:
    assert len(set(URLS)) == len(URLS) >= 90


@pytest.mark.usefixtures("names", "no_way_out")
def test_no_form_of_an_address_of_the_inside_is_connected_to(listener: Listener) -> None:
    """Reliability S8: 0 connections to what is not allowed."""
    answers = {}
    for url in URLS:
        address = url.replace("PORT", str(listener.port))
        request = OutboundRequest("GET", address, public_only=True, connect_timeout_seconds=0.3)
        # Twice, for the name that changes sides.
        answers[url] = [transport.send(request) for _ in range(2)]
    assert listener.accepted == 0
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


@pytest.mark.parametrize(
    "address", ["8.8.8.8", "1.1.1.1", "2001:4860:4860::8888", "172.32.0.1", "192.169.0.1"]
)
def test_an_ordinary_address_is_public(address: str) -> None:
    assert is_public(address)


def test_one_address_of_the_inside_refuses_the_whole_name(names: None) -> None:
    with pytest.raises(NotPublic):
        public_addresses("both.example", 80)


def test_a_secret_in_an_address_is_not_sent(listener: Listener) -> None:
    """Style 7: secrets never reach URLs."""
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


def test_what_the_operator_names_is_reached_and_nothing_beside_it(names: None) -> None:
    beside = (ip_network("127.0.0.0/8"), ip_network("fd12::/16"))
    assert public_addresses("127.0.0.1", 80, beside) == ["127.0.0.1"]
    for other in ("10.0.0.1", "169.254.169.254", "::1", "::ffff:127.0.0.1", "fe80::1"):
        with pytest.raises(NotPublic):
            public_addresses(other, 80, beside)


def test_the_setting_of_the_operator_decides(listener: Listener, settings: Any) -> None:
    """Source: docs/configuration.md, REACHABLE_NETWORKS."""
    request = OutboundRequest("GET", f"http://127.0.0.1:{listener.port}/", public_only=True)
    assert transport.send(request).error == "not_public"
    settings.REACHABLE_NETWORKS = (ip_network("127.0.0.0/8"),)
    assert transport.send(request).error != "not_public"
