"""The outcome of each answer.

Source: README.md, "What an answer means"; RFC 9110 15 (status codes), 10.2.3 (Retry-After).
"""

from __future__ import annotations

from typing import Any

import pytest

from properties.catalog.outbound import Answer

from ..responses import read_answer, result


@pytest.mark.parametrize(
    ("answer", "kind", "code"),
    [
        (Answer(200), "delivered", "200"),
        (Answer(204), "delivered", "204"),
        (Answer(200, error="too_large", body="x" * 65_536), "delivered", "200"),
        (Answer(301), "rejected", "301"),
        (Answer(400), "rejected", "400"),
        (Answer(401), "misconfigured", "401"),
        (Answer(403), "rejected", "403"),
        (Answer(404), "rejected", "404"),
        (Answer(408), "retry", "408"),
        (Answer(425), "retry", "425"),
        (Answer(429), "retry", "429"),
        (Answer(500), "retry", "500"),
        (Answer(503), "retry", "503"),
        (Answer(None, error="timeout"), "retry", "timeout"),
        (Answer(None, error="connection"), "retry", "connection"),
        (Answer(None, error="tls"), "retry", "tls"),
        (Answer(None, error="not_public"), "rejected", "not_public"),
        (Answer(None, error="unsendable"), "rejected", "unsendable"),
    ],
)
def test_each_answer_has_one_meaning(answer: Answer, kind: str, code: str) -> None:
    outcome = read_answer(answer, 1)
    assert (outcome.kind, outcome.code) == (kind, code)
    assert outcome.message or kind == "delivered"


@pytest.mark.parametrize(
    ("said", "seconds"), [("120", 120), ("Fri, 31 Dec 1999 23:59:59 GMT", None), ("", None)]
)
def test_a_retry_after_header_sets_the_wait(said: str, seconds: float | None) -> None:
    outcome = read_answer(Answer(429, {"retry-after": said}), 1)
    assert outcome.retry_after_seconds == seconds
    assert outcome.pause_destination


@pytest.mark.parametrize(
    ("said", "seconds"),
    [
        ("Fri, 31 Dec 1999 23:59:59 GMT", 89),
        ("Fri, 31 Dec 1999 20:00:00 GMT", 0),
        ("Fri, 99 Dec 1999 23:59:59 GMT", None),
        ("soon", None),
    ],
)
def test_a_date_until_which_to_wait_counts_by_the_clock_of_the_server(
    said: str, seconds: float | None
) -> None:
    """Source: RFC 9110 10.2.3, whose example this date is, and 6.6.1 (Date)."""
    answer = Answer(503, {"retry-after": said, "date": "Fri, 31 Dec 1999 23:58:30 GMT"})
    assert read_answer(answer, 1).retry_after_seconds == seconds


def test_the_message_of_the_server_is_shown_in_one_short_line() -> None:
    outcome = read_answer(Answer(422, body=f"no\n  such field{'!' * 1000}"), 1)
    assert outcome.message.startswith("no such field!")
    assert len(outcome.message) == 300


@pytest.mark.parametrize(
    ("earlier", "kept"),
    [
        (None, {"a": "text"}),
        ({"responses": {"b": "1"}}, {"b": "1", "a": "text"}),
        ({"responses": {"a": "old"}}, {"a": "text"}),
        ("odd", {"a": "text"}),
    ],
)
def test_the_answer_is_kept_as_text_with_those_of_earlier_calls(earlier: Any, kept: dict[str, str]) -> None:
    """Source: docs/reference/adobe.md, "Cloud Connector"."""
    assert result(Answer(200, body="text"), {"responseKey": "a"}, earlier) == {"responses": kept}


def test_an_answer_without_a_name_is_not_kept() -> None:
    assert result(Answer(200, body="text"), {}, {"responses": {"b": "1"}}) == {"responses": {"b": "1"}}
