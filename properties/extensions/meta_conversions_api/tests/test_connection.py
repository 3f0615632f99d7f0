"""The connection test for each answer of Meta. Source: Meta, Conversions API for platforms; Test Events."""

from __future__ import annotations

import json
from typing import Any

import pytest

from properties.catalog.outbound import Answer, InquiryResult, OutboundRequest
from properties.catalog.testing import fake_context

from ..connection import ask, confirm, inquiry
from ..simulator import check_request

SETTINGS = {"pixelId": "1234567890", "accessToken": "EAAB-token"}
RECEIVED = {"events_received": 1, "messages": [], "fbtrace_id": "Abc"}


def conversation(
    answer: Answer, settings: dict[str, Any] = SETTINGS, asked: dict[str, Any] | None = None
) -> tuple[list[OutboundRequest], InquiryResult]:
    """Return the requests, all with the same answer, and the result."""
    asking = ask(settings, {"testEventCode": "TEST1"} if asked is None else asked, fake_context())
    requests: list[OutboundRequest] = []
    try:
        requests.append(next(asking))
        while True:
            requests.append(asking.send(answer))
    except StopIteration as finished:
        return requests, finished.value


def error(code: int, subcode: int | None = None, status: int = 400) -> Answer:
    body = {"error": {"code": code, "error_subcode": subcode, "message": "No", "fbtrace_id": "Xyz"}}
    return Answer(status, body=json.dumps(body))


def test_one_event_with_the_test_code_is_sent_and_meta_would_take_it() -> None:
    [request], result = conversation(Answer(200, body=json.dumps(RECEIVED)))
    assert request.url == "https://graph.facebook.com/v25.0/1234567890/events"
    assert request.body["test_event_code"] == "TEST1"
    assert len(request.body["data"]) == 1
    assert check_request(request.body, now=1_700_000_000.0) is None
    assert (result.kind, result.title, result.reference) == ("ok", "Connected", "Abc")
    assert "Test events" in result.message


def test_without_a_test_code_a_person_must_agree_because_the_event_counts() -> None:
    assert "counts" in confirm({})
    assert confirm({"testEventCode": "TEST1"}) == ""
    [request], _ = conversation(Answer(200, body=json.dumps(RECEIVED)), asked={})
    assert "test_event_code" not in request.body


@pytest.mark.parametrize(
    ("answer", "kind", "title"),
    [
        (error(190, status=401), "problem", "Token refused"),
        (error(190, 463, status=401), "problem", "Token refused"),
        (error(100, 33), "problem", "Pixel not found, or no right to it"),
        (error(10, status=403), "problem", "Pixel not found, or no right to it"),
        (error(200, status=403), "problem", "Pixel not found, or no right to it"),
        (error(2635), "problem", "Not set up"),
        (error(100, 2804050), "warning", "Token works, event refused"),
        (error(4), "unknown", "Throttled"),
        (error(80004), "unknown", "Throttled"),
        (Answer(None, error="timeout"), "unknown", "Meta is not reachable"),
        (Answer(None, error="tls"), "unknown", "Meta is not reachable"),
        (Answer(502, body="<html>"), "unknown", "Meta could not answer"),
        (error(2, status=500), "unknown", "Meta could not answer"),
        (Answer(200, body='{"events_received": 0}'), "unknown", "Meta could not answer"),
    ],
)
def test_each_answer_is_explained_in_plain_words(answer: Answer, kind: str, title: str) -> None:
    _, result = conversation(answer)
    assert (result.kind, result.title) == (kind, title)
    assert result.message
    assert result.advice or kind == "warning"


def test_a_configuration_without_pixel_sends_nothing_and_says_so() -> None:
    requests, result = conversation(Answer(200), {"accessToken": "EAAB"})
    assert requests == []
    assert result.kind == "problem"
    assert "Pixel ID" in result.message


def test_the_inquiry_asks_for_the_test_code() -> None:
    assert [field.key for field in inquiry.fields] == ["testEventCode"]
