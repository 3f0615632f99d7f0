"""The action, its request and Acme's answers, without database and network."""

from __future__ import annotations

import json
from hashlib import sha256
from typing import Any

import pytest

from properties.catalog.errors import Misconfigured, Rejected
from properties.catalog.outbound import Answer, BatchItem, Outcome
from properties.catalog.testing import fake_context

from ..actions import batch_request, readdress, send_event
from ..responses import read_answer

CONFIGURATION = {"accountId": "A 1", "accessToken": "[[secret]]"}
LEAST = {"eventName": "lead", "eventId": "e-1", "visitorId": "v-42"}


def item(settings: dict[str, Any], **overrides: Any) -> BatchItem:
    return send_event(settings, fake_context(**{"extension_settings": CONFIGURATION} | overrides))


@pytest.mark.parametrize("given", ["+1 (650) 555-1212", "0016505551212", ["16505551212"]])
def test_a_phone_number_is_hashed_with_plus_and_country_code(given: Any) -> None:
    """Source: https://docs.acme.example/conversions#phone"""
    [found] = [item(LEAST | {"phone": given}).payload["user"]["phone_sha256"]]
    assert found in (hashed := sha256(b"+16505551212").hexdigest(), [hashed])


def test_a_phone_number_without_country_code_gets_that_of_the_property() -> None:
    sent = item(LEAST | {"phone": "07911 123456"}, default_country="gb").payload
    assert sent["user"]["phone_sha256"] == sha256(b"+447911123456").hexdigest()


def test_an_unusable_value_is_left_out_with_a_warning() -> None:
    found = item(LEAST | {"email": "nobody", "phone": ""})
    assert found.payload["user"] == {"visitor_id": "v-42"}
    assert [(it.path, it.code) for it in found.warnings] == [("email", "no_email")]


@pytest.mark.parametrize(
    ("settings", "code"),
    [
        ({"eventId": "e-1", "visitorId": "v-42"}, "incomplete"),
        ({"eventName": "lead", "eventId": "null", "visitorId": "v-42"}, "incomplete"),
        ({"eventName": "lead", "eventId": "e-1"}, "nobody"),
    ],
)
def test_an_event_that_acme_would_refuse_is_not_sent(settings: dict[str, Any], code: str) -> None:
    with pytest.raises(Rejected) as caught:
        item(settings)
    assert caught.value.code == code


@pytest.mark.parametrize("key", ["accountId", "accessToken"])
def test_without_account_or_token_the_destination_waits(key: str) -> None:
    with pytest.raises(Misconfigured):
        item(LEAST, extension_settings=CONFIGURATION | {key: ""})


def test_many_events_share_a_request() -> None:
    found = item(LEAST, installation={"ACME_API_URL": "https://eu.acme.example"})
    request = batch_request(found.envelope, [found.payload, found.payload])
    assert request.url == "https://eu.acme.example/v1/accounts/A%201/events"
    assert request.headers["Authorization"] == "Bearer [[secret]]"
    assert request.body == {"events": [found.payload, found.payload]}


def test_events_that_waited_go_to_the_address_of_today() -> None:
    moved = readdress(item(LEAST).envelope, {"ACME_API_URL": "https://new.acme.example"})
    assert batch_request(moved, []).url.startswith("https://new.acme.example/")


def test_each_event_has_an_outcome() -> None:
    refused = {"status": "error", "code": "unknown_event", "message": "No such event."}
    answer = Answer(200, body=json.dumps({"results": [{"status": "ok"}, refused]}))
    assert read_answer(answer, 2) == [
        Outcome("delivered"),
        Outcome("rejected", "unknown_event", "No such event."),
    ]


@pytest.mark.parametrize(
    ("answer", "kind", "is_unclear"),
    [
        (Answer(None, error="timeout"), "retry", True),
        (Answer(None, error="connection", is_sent=False), "retry", False),
        (Answer(200, body="{}"), "retry", True),
        (Answer(200, body='{"results": [{"status": "ok"}]}'), "retry", True),
        (Answer(200, body="<html>"), "retry", True),
        (Answer(400, body="Bad"), "rejected", False),
        (Answer(401), "misconfigured", False),
        (Answer(503, body="[]"), "retry", True),
    ],
)
def test_an_answer_to_the_whole_request_counts_for_all(answer: Answer, kind: str, is_unclear: bool) -> None:
    outcome = read_answer(answer, 2)
    assert isinstance(outcome, Outcome)
    assert (outcome.kind, outcome.unclear) == (kind, is_unclear)


def test_too_many_requests_pause_the_whole_account() -> None:
    outcome = read_answer(Answer(429, headers={"retry-after": "30"}), 2)
    assert isinstance(outcome, Outcome)
    assert (outcome.kind, outcome.retry_after_seconds, outcome.pause_destination) == ("retry", 30, True)
