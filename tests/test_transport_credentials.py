"""Credentials in the address, and headers that prove the sender, against real sockets."""

from __future__ import annotations

import base64
import hmac
import json
import logging
import socket
import traceback
from collections.abc import Iterator
from dataclasses import asdict, replace
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qsl

import pytest
import requests
import time_machine
from django.views.debug import ExceptionReporter

from properties.catalog.errors import Misconfigured
from properties.catalog.outbound import HmacSha256, OutboundRequest, Signature
from properties.catalog.secret_markers import RunMarkers
from properties.http import transport

from .raw_server import OK, Server

CANARY = "canary/secret+4711 ä"
SPELLED = ("canary/secret+4711", "canary%2Fsecret%2B4711", "canary/secret%2B4711")
marker = RunMarkers()
SECRETS = transport.Secrets(marker.names, lambda name: {"GA": CANARY, "Webhook": KEY}[name])


@pytest.fixture
def vendor() -> Iterator[Server]:
    server = Server(lambda connection: connection.sendall(OK))
    yield server
    server.close()


def collect(url: str, **extra: Any) -> OutboundRequest:
    """An endpoint like that of Google Analytics."""
    query = {"api_secret": marker("GA")}
    return OutboundRequest(
        "POST", f"{url}?measurement_id=G-1", {}, {"events": []}, secret_query=query, **extra
    )


def test_a_credential_is_added_to_the_query_when_the_request_is_sent(vendor: Server) -> None:
    """Source: Google, Measurement Protocol, "Send events": measurement_id and api_secret in the query."""
    assert transport.send(collect(vendor.url), secrets=SECRETS).status == 200
    target = vendor.received[0].split(b" ")[1].decode()
    assert parse_qsl(target.partition("?")[2]) == [("measurement_id", "G-1"), ("api_secret", CANARY)]


def test_an_address_without_a_query_gets_one(vendor: Server) -> None:
    request = replace(collect(vendor.url), url=f"{vendor.url}#part")
    transport.send(request, secrets=SECRETS)
    assert vendor.received[0].startswith(b"POST /events?api_secret=canary%2F")


def test_a_proof_in_the_query_is_made_when_the_request_is_sent(vendor: Server) -> None:
    """Source: Meta, Securing Graph API calls: the HMAC of the token with the app secret."""
    proof = {"appsecret_proof": HmacSha256(marker("GA"), "token")}
    transport.send(OutboundRequest("GET", vendor.url, secret_query=proof), secrets=SECRETS)
    expected = hmac.new(CANARY.encode(), b"token", "sha256").hexdigest()
    assert f"?appsecret_proof={expected} ".encode() in vendor.received[0]


def test_an_unknown_credential_for_the_query_is_a_misconfiguration(vendor: Server) -> None:
    def value_of(name: str) -> str:
        raise Misconfigured(f"Secret “{name}” is not stored.", code="secret_missing")

    with pytest.raises(Misconfigured, match="“GA” is not stored"):
        transport.send(collect(vendor.url), secrets=transport.Secrets(marker.names, value_of))
    assert vendor.received == []


def test_a_credential_in_the_query_never_comes_back_in_an_answer(vendor: Server) -> None:
    def echo(connection: socket.socket) -> None:
        target = vendor.received[0].split(b" ")[1]
        head = b"HTTP/1.1 400 Bad\r\nLocation: https://other.example%b\r\nContent-Length: %d\r\n\r\n"
        connection.sendall(head % (target, len(target)) + target)

    vendor.respond = echo
    answer = transport.send(collect(vendor.url), secrets=SECRETS)
    shown = "/events?measurement_id=G-1&api_secret=[secret]"
    assert (answer.body, answer.headers["location"]) == (shown, f"https://other.example{shown}")
    assert not any(spelled in f"{answer}" for spelled in SPELLED)


BROKEN = (
    lambda connection: connection.close(),
    lambda connection: connection.sendall(
        b"HTTP/1.1 200 OK\r\nno header at all\r\nContent-Length: 0\r\n\r\n"
    ),
    lambda connection: connection.sendall(b"nonsense\r\n\r\n"),
)


@pytest.mark.parametrize("respond", BROKEN, ids=["closed", "odd header", "no HTTP"])
def test_no_log_line_names_a_credential_in_the_query(
    vendor: Server, caplog: pytest.LogCaptureFixture, respond: Any
) -> None:
    """urllib3 warns with the whole address when it cannot read a header. Only its level keeps that out."""
    vendor.respond = respond
    with caplog.at_level(logging.DEBUG):
        answer = transport.send(collect(vendor.url), secrets=SECRETS)
    logged = caplog.text + "".join(f"{it.__dict__}" for it in caplog.records)
    assert not any(spelled in logged + repr(answer) for spelled in SPELLED)


def _buggy_library(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(self: Any, method: str, url: str, **_: Any) -> None:
        raise RuntimeError(f"a bug at {url}")

    monkeypatch.setattr(requests.Session, "request", fail)


def test_an_error_of_the_http_library_does_not_carry_the_address(
    vendor: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    logged: list[str] = []
    _buggy_library(monkeypatch)
    monkeypatch.setattr(transport.logger, "error", lambda text, *values: logged.append(text % values))
    with pytest.raises(transport.SendingFailed, match=r"^RuntimeError$") as failed:
        transport.send(collect(vendor.url), secrets=SECRETS)
    text = "".join([*traceback.format_exception(failed.value), *logged])
    assert "in fail" in logged[0], "The log says where it happened."
    assert not any(spelled in text for spelled in SPELLED)


def test_the_page_that_a_developer_sees_after_an_error_shows_no_credential(
    vendor: Server, monkeypatch: pytest.MonkeyPatch, rf: Any, settings: Any
) -> None:
    settings.DEBUG = True
    _buggy_library(monkeypatch)
    with pytest.raises(transport.SendingFailed) as failed:
        transport.send(collect(vendor.url), secrets=SECRETS)
    page = ExceptionReporter(rf.get("/"), failed.type, failed.value, failed.tb).get_traceback_html()
    assert "SendingFailed" in page
    assert not any(spelled in page for spelled in SPELLED)


def test_a_request_that_waited_carries_what_it_carried_before() -> None:
    request = collect("https://vendor.example/", signature=STANDARD_WEBHOOKS)
    assert OutboundRequest.from_stored(json.loads(json.dumps(asdict(request)))) == request


# Signatures

# Of the specification's own example.
KEY = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
STANDARD_WEBHOOKS = Signature(
    "webhook-signature",
    marker("Webhook"),
    message="msg_p5jXN8AQM9LWM0D4loKWxJek.{timestamp}.{body}",
    value="v1,{signature}",
    timestamp_header="webhook-timestamp",
    encoding="base64",
    secret_encoding="base64",
    secret_prefix="whsec_",
)


def test_a_signature_is_made_over_the_bytes_as_sent(vendor: Server) -> None:
    """Source: Standard Webhooks, "Signature scheme", and the vector of its libraries' tests."""
    request = OutboundRequest("POST", vendor.url, {}, '{"test": 2432232314}', signature=STANDARD_WEBHOOKS)
    with time_machine.travel(datetime.fromtimestamp(1614265330, UTC), tick=False):
        transport.send(request, secrets=SECRETS)
    head, _, body = vendor.received[0].partition(b"\r\n\r\n")
    assert body == b'{"test": 2432232314}'
    assert b"webhook-timestamp: 1614265330\r\n" in head
    assert b"webhook-signature: v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=" in head


def test_a_signature_covers_the_credential_that_the_body_holds(vendor: Server) -> None:
    """Source: GitHub, Validating webhook deliveries: sha256= and the hex HMAC of the body."""
    signature = Signature("X-Hub-Signature-256", marker("GA"), value="sha256={signature}")
    body = {"token": marker("GA"), "text": "{timestamp} {body}"}
    transport.send(OutboundRequest("POST", vendor.url, {}, body, signature=signature), secrets=SECRETS)
    head, _, sent = vendor.received[0].partition(b"\r\n\r\n")
    assert json.loads(sent) == {"token": CANARY, "text": "{timestamp} {body}"}
    expected = hmac.new(CANARY.encode(), sent, "sha256").hexdigest()
    assert f"X-Hub-Signature-256: sha256={expected}".encode() in head


@pytest.mark.parametrize(("key", "encoding"), [("not base64!", "base64"), ("xyz", "hex")])
def test_a_key_that_is_written_otherwise_is_a_misconfiguration(
    vendor: Server, key: str, encoding: Any
) -> None:
    signature = replace(STANDARD_WEBHOOKS, secret_encoding=encoding)
    request = OutboundRequest("POST", vendor.url, signature=signature)
    with pytest.raises(Misconfigured, match=f"not encoded as {encoding}") as refused:
        transport.send(request, secrets=transport.Secrets(marker.names, lambda name: key))
    assert (refused.value.code, key in str(refused.value), vendor.received) == ("signing_key", False, [])


def test_a_key_written_as_hex_is_decoded(vendor: Server) -> None:
    signature = Signature("X-Signature", "00ff", secret_encoding="hex", algorithm="sha512", encoding="base64")
    transport.send(OutboundRequest("POST", vendor.url, {}, "body", signature=signature))
    expected = base64.b64encode(hmac.new(b"\x00\xff", b"body", "sha512").digest())
    assert b"X-Signature: " + expected in vendor.received[0]
