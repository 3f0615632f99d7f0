"""The transport against real sockets."""

from __future__ import annotations

import gzip
import hmac
import json
import socket
import time
import tracemalloc
import zlib
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from properties.catalog.errors import Misconfigured
from properties.catalog.outbound import Answer, HmacSha256, OutboundRequest
from properties.catalog.secret_markers import RunMarkers
from properties.http import transport
from tests.work import HANG_SECONDS, hang_limit

from .raw_server import OK, Server


@pytest.fixture
def serve() -> Iterator[Callable[[Callable[[socket.socket], None]], Server]]:
    servers: list[Server] = []

    def start(respond: Callable[[socket.socket], None]) -> Server:
        servers.append(Server(respond))
        return servers[-1]

    yield start
    for server in servers:
        server.close()


def _post(server: Server, body: Any = None, **extra: Any) -> OutboundRequest:
    return OutboundRequest(
        "POST", server.url, {"Content-Type": "application/json"}, body or {"data": []}, **extra
    )


marker = RunMarkers()


def _value(name: str) -> str:
    if name == "Token":
        return 'EAA"quoted'
    raise Misconfigured(f"Secret “{name}” is not stored.", code="secret_missing")


_known = transport.Secrets(marker.names, _value)


def test_a_marker_is_replaced_in_body_and_headers_when_the_request_is_sent(serve: Any) -> None:
    server = serve(lambda connection: connection.sendall(OK))
    request = OutboundRequest(
        "POST",
        server.url,
        {"Authorization": f"Bearer {marker('Token')}"},
        {"access_token": marker("Token")},
    )
    transport.send(request, secrets=_known)
    head, _, body = server.received[0].partition(b"\r\n\r\n")
    assert json.loads(body) == {"access_token": 'EAA"quoted'}
    assert b'Authorization: Bearer EAA"quoted' in head


def test_a_proof_of_two_secrets_is_worked_out_when_the_request_is_sent(serve: Any) -> None:
    # Source: Meta, Securing Graph API calls: hex HMAC-SHA256, app secret as key, access token as message.
    server = serve(lambda connection: connection.sendall(OK))
    proof = HmacSha256(marker("Token"), "message")
    transport.send(_post(server, {"appsecret_proof": proof}), secrets=_known)

    expected = hmac.new(_value("Token").encode(), b"message", "sha256").hexdigest()
    assert expected in server.received[0].decode()
    assert json.dumps(proof) == '"HMAC-SHA256"'


def test_text_that_only_looks_like_a_marker_is_sent_as_it_is(serve: Any) -> None:
    server = serve(lambda connection: connection.sendall(OK))
    marker("Token")
    forged = f"[[secret:{'0' * 32}]]"
    transport.send(_post(server, {"x": forged}), secrets=_known)
    assert forged.encode() in server.received[0]


def test_an_unknown_secret_is_a_misconfiguration_and_nothing_is_sent(serve: Any) -> None:
    server = serve(lambda connection: connection.sendall(OK))
    with pytest.raises(Misconfigured, match="“Gone” is not stored"):
        transport.send(_post(server, {"x": marker("Gone")}), secrets=_known)
    assert server.received == []


def test_the_value_of_a_secret_never_comes_back_in_an_answer(serve: Any) -> None:
    answer = b'HTTP/1.1 400 Bad\r\nContent-Length: 20\r\n\r\nbad token EAA"quoted'
    server = serve(lambda connection: connection.sendall(answer))
    answer = transport.send(_post(server, {"x": marker("Token")}), secrets=_known)
    assert (answer.status, answer.body) == (400, "bad token [secret]")


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ('{"you sent": "EAA\\"quoted"}', '{"you sent": "[secret]"}'),
        ("<p>EAA&quot;quoted</p>", "<p>[secret]</p>"),
        (r'{"data": "{\"x\": \"EAA\\\"quoted\"}"}', r'{"data": "{\"x\": \"[secret]\"}"}'),
        ("?token=EAA%22quoted&x", "?token=[secret]&x"),
    ],
)
def test_a_value_that_comes_back_spelled_otherwise_is_found_too(serve: Any, said: str, shown: str) -> None:
    answer = b'HTTP/1.1 400 Bad\r\nX-Echo: EAA"quoted\r\nContent-Length: %d\r\n\r\n' % len(said)
    server = serve(lambda connection: connection.sendall(answer + said.encode()))
    answer = transport.send(_post(server, {"x": marker("Token")}), secrets=_known)
    assert (answer.body, answer.headers["x-echo"]) == (shown, "[secret]")


def test_text_like_a_marker_in_an_answer_is_made_harmless(serve: Any) -> None:
    said = b'{"you": "[[secret:0123]]"}'
    head = b"HTTP/1.1 200 OK\r\nX-Echo: [[secret:0123]]\r\nContent-Length: %d\r\n\r\n" % len(said)
    answer = transport.send(_post(serve(lambda connection: connection.sendall(head + said))))
    assert "[[secret:" not in answer.body + answer.headers["x-echo"]
    assert json.loads(answer.body) == {"you": "[[secret :0123]]"}


@pytest.mark.parametrize("value", ["a token", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----"])
def test_a_secret_that_is_not_a_certificate_is_a_misconfiguration(serve: Any, value: str) -> None:
    server = serve(lambda connection: connection.sendall(OK))
    request = OutboundRequest("GET", server.url, client_certificate=marker("Certificate"))
    with pytest.raises(Misconfigured, match="type Client certificate") as refused:
        transport.send(request, secrets=transport.Secrets(marker.names, lambda name: value))
    assert (refused.value.code, server.received) == ("certificate_unusable", [])


@pytest.mark.parametrize("value", ["two\nlines", "nul\x00", "price €"])
def test_a_secret_that_no_header_can_carry_is_a_misconfiguration(serve: Any, value: str) -> None:
    """The event is not at fault, so it must not be lost. Source: RFC 9110 5.5."""
    server = serve(lambda connection: connection.sendall(OK))
    request = OutboundRequest("GET", server.url, {"X-Key": marker("Key")})
    with pytest.raises(Misconfigured, match="“Key” holds a line break or a letter") as refused:
        transport.send(request, secrets=transport.Secrets(marker.names, lambda name: value))
    assert (refused.value.code, server.received) == ("secret_unsendable", [])
    assert value not in str(refused.value)


@pytest.mark.parametrize(
    ("head", "content", "body"),
    [
        (b"", b"\xef\xbb\xbf{}", "{}"),
        (b"Content-Encoding: gzip\r\n", gzip.compress(b'{"a": 1}', mtime=0), '{"a": 1}'),
        (b"Content-Encoding: deflate\r\n", zlib.compress(b'{"a": 1}'), '{"a": 1}'),
    ],
)
def test_an_answer_is_the_text_that_the_server_means(
    serve: Any, head: bytes, content: bytes, body: str
) -> None:
    """Source: WHATWG, Encoding, "decode": a byte order mark is not text; RFC 9110 8.4 (content codings)."""
    length = b"Content-Length: %d\r\n\r\n" % len(content)
    server = serve(lambda connection: connection.sendall(b"HTTP/1.1 200 OK\r\n" + head + length + content))
    assert transport.send(_post(server)).body == body


def test_a_small_answer_that_unpacks_to_a_huge_one_is_cut(serve: Any) -> None:
    bomb = gzip.compress(b"0" * 50_000_000, mtime=0)
    start = b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: %d\r\n\r\n" % len(bomb)
    server = serve(lambda connection: connection.sendall(start + bomb))
    tracemalloc.start()
    try:
        answer = transport.send(_post(server))
        _, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert (answer.status, answer.error, len(answer.body)) == (200, "too_large", transport.MAX_BODY_BYTES)
    assert most < 5_000_000


def test_requests_say_who_sends_them(serve: Any) -> None:
    server = serve(lambda connection: connection.sendall(OK))
    transport.send(_post(server))
    assert b"\r\nUser-Agent: CAPI-Admin\r\n" in server.received[0]


def test_a_second_request_of_a_thread_uses_the_same_connection(serve: Any) -> None:
    server = serve(lambda connection: connection.sendall(OK))
    for _ in range(3):
        assert transport.send(_post(server)).status == 200
    assert server.connections == 1


def test_a_redirect_is_an_answer_and_is_not_followed(serve: Any) -> None:
    elsewhere = b"HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n"
    server = serve(lambda connection: connection.sendall(elsewhere))
    assert transport.send(_post(server)).status == 302
    assert len(server.received) == 1


def test_cookies_of_an_answer_are_not_sent_back(serve: Any) -> None:
    server = serve(lambda c: c.sendall(OK.replace(b"\r\n\r\n", b"\r\nSet-Cookie: a=b; Path=/\r\n\r\n")))
    transport.send(_post(server))
    transport.send(_post(server))
    assert b"cookie" not in server.received[1].lower()


def _say(text: bytes) -> Callable[[socket.socket], None]:
    def respond(connection: socket.socket) -> None:
        connection.sendall(text)
        connection.close()

    return respond


@pytest.mark.parametrize(
    ("respond", "error"),
    [
        (lambda connection: connection.close(), "connection"),
        (_say(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{"), "connection"),
        (_say(b"nonsense"), "connection"),
        (_say(b"HTTP/1.1 200 OK\r\nContent-Length: 70000\r\n\r\n" + b"x" * 70000), "too_large"),
        (lambda connection: time.sleep(1), "timeout"),
    ],
    ids=["closed", "truncated", "no HTTP", "too large", "silent"],
)
def test_an_unreadable_answer_says_why(
    serve: Any, respond: Callable[[socket.socket], None], error: str
) -> None:
    answer = transport.send(_post(serve(respond), read_timeout_seconds=0.2))
    assert (answer.error, answer.is_sent) == (error, True)


def test_nothing_listening_is_a_connection_error() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    answer = transport.send(OutboundRequest("POST", f"http://127.0.0.1:{port}/"))
    assert (answer.error, answer.is_sent) == ("connection", False)


def _drip(head: bytes) -> Callable[[socket.socket], None]:
    def respond(connection: socket.socket) -> None:
        connection.sendall(head)
        for _ in range(60):
            connection.sendall(b"a")
            time.sleep(0.05)

    return respond


@pytest.mark.parametrize("head", [b"HTTP/1.1 200 ", b"HTTP/1.1 200 OK\r\nContent-Length: 60\r\n\r\n"])
def test_an_answer_that_drips_ends_at_the_wall(
    serve: Any, monkeypatch: pytest.MonkeyPatch, head: bytes
) -> None:
    monkeypatch.setattr(transport, "WALL_SECONDS", 0.4)
    # A read always finishes in time.
    with hang_limit():
        answer = transport.send(_post(serve(_drip(head)), read_timeout_seconds=10 * HANG_SECONDS))
    assert answer.error == "timeout"


def test_an_inquiry_gets_each_answer_and_gives_its_result(serve: Any) -> None:
    server = serve(lambda connection: connection.sendall(OK))

    def inquiry() -> Any:
        first: Answer = yield _post(server)
        second: Answer = yield _post(server)
        return first.status, second.body

    assert transport.run_inquiry(inquiry()) == (200, "{}")
