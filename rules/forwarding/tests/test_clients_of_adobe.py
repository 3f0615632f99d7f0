"""Expectations of mobile SDKs, media players and servers of Adobe's customers.

Source: adobe/aepsdk-edge-android, ``EdgeNetworkService`` and ``KonductorConfig``; @adobe/alloy,
``createMediaRequest`` and ``createMediaResponseHandler``.
"""

from __future__ import annotations

import json
from typing import Any

import pytest

from properties.models import Datastream
from rules.forwarding.tests.conftest import Answer, EdgeClient
from rules.models import InboundEvent

EVENT = {"data": {"a": 1}}
STREAMING = {"konductorConfig": {"streaming": {"enabled": True, "recordSeparator": "\0", "lineFeed": "\n"}}}


def as_android_reads_it(body: bytes, separator: str, line_feed: str) -> list[Any]:
    """``handleStreamingResponse``: split at the line feed, cut off as many letters as the separator has."""
    chunks = body.decode().split(line_feed)
    assert chunks.pop() == ""
    return [json.loads(chunk[len(separator) :]) for chunk in chunks]


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("v1/interact", {"events": [EVENT]}),
        ("v1/interact", {"events": [EVENT, 5]}),
        (
            "v1/privacy/set-consent",
            {"consent": [{"standard": "Adobe", "version": "2.0", "value": {"collect": {"val": "y"}}}]},
        ),
    ],
)
def test_an_answer_comes_as_the_records_that_the_android_sdk_asks_for(
    client: EdgeClient, datastream: Datastream, path: str, body: dict[str, Any]
) -> None:
    answer = client.post(f"/ee/{path}?configId={datastream.uid}", {**body, "meta": STREAMING})
    assert answer.status in (200, 207)
    assert answer.body.startswith(b"\0{")
    (record,) = as_android_reads_it(answer.body, "\0", "\n")
    assert record["handle"]
    assert answer.headers["content-length"] == str(len(answer.body))


@pytest.mark.parametrize(
    "streaming",
    [
        {"enabled": False, "recordSeparator": "\0", "lineFeed": "\n"},
        {"enabled": True},
        {"enabled": True, "recordSeparator": "x" * 100, "lineFeed": "\n"},
        5,
    ],
)
def test_an_answer_is_plain_json_unless_records_are_asked_for(
    client: EdgeClient, datastream: Datastream, streaming: Any
) -> None:
    meta = {"konductorConfig": {"streaming": streaming}}
    answer = client.post(f"/ee/v1/interact?configId={datastream.uid}", {"events": [EVENT], "meta": meta})
    assert answer.json()["handle"]


def test_an_error_is_plain_json_for_the_android_sdk_too(client: EdgeClient) -> None:
    """``handleError`` reads one JSON text, whatever was asked for."""
    assert client.post("/ee/v1/interact?configId=nobody", {"events": [], "meta": STREAMING}).json()["status"]


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/v1/interact", 200),
        ("/v1/collect", 204),
        ("/v2/interact", 200),
        ("/v2/collect", 202),
        ("/or2/v1/interact", 200),
    ],
)
def test_a_path_needs_no_base(client: EdgeClient, datastream: Datastream, path: str, status: int) -> None:
    body = {"event": EVENT} if path == "/v2/interact" else {"events": [EVENT]}
    assert client.post(f"{path}?dataStreamId={datastream.uid}", body).status == status
    assert InboundEvent.objects.count() == 1


def media(client: EdgeClient, datastream: Datastream, kind: str, base: str = "/ee") -> Answer:
    event = {"xdm": {"eventType": f"media.{kind}", "mediaCollection": {"playhead": 0}}}
    return client.post(f"{base}/va/v1/{kind}?configId={datastream.uid}", {"events": [event]})


@pytest.mark.parametrize("base", ["/ee", "/ee/or2", ""])
def test_a_player_gets_a_session_and_its_events_are_events(
    client: EdgeClient, datastream: Datastream, base: str
) -> None:
    answer = media(client, datastream, "sessionStart", base)
    (session,) = [h for h in answer.json()["handle"] if h["type"] == "media-analytics:new-session"]
    assert session["payload"][0]["sessionId"]
    assert media(client, datastream, "ping", base).status == 204
    names = InboundEvent.objects.order_by("id").values_list("name", flat=True)
    assert list(names) == ["media.sessionStart", "media.ping"]


def test_overrides_that_nothing_here_knows_are_named(client: EdgeClient, datastream: Datastream) -> None:
    overrides = {"com_adobe_analytics": {"reportSuites": ["a"]}, "com_adobe_target": {"propertyToken": "b"}}
    body = {"events": [EVENT], "meta": {"configOverrides": overrides}}
    (warning,) = client.post(f"/ee/v1/interact?configId={datastream.uid}", body).json()["warnings"]
    assert "com_adobe_analytics, com_adobe_target" in warning["detail"]
    client.post(f"/ee/v1/collect?configId={datastream.uid}", body)
    for event in InboundEvent.objects.all():
        assert json.loads(event.flags) == ["overrides_ignored:com_adobe_analytics, com_adobe_target"]


@pytest.mark.parametrize("overrides", [{}, None, 5, []])
def test_without_overrides_nothing_is_named(
    client: EdgeClient, datastream: Datastream, overrides: Any
) -> None:
    body = {"events": [EVENT], "meta": {"configOverrides": overrides}}
    assert "warnings" not in client.post(f"/ee/v1/interact?configId={datastream.uid}", body).json()
    assert InboundEvent.objects.get().flags == "[]"
