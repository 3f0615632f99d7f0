"""A refused batch takes as few requests as possible to find the refused events; no database.

Source: docs/reference/failures.md, "Splitting a refused batch".
"""

from __future__ import annotations

import itertools
import json
import math
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import pytest

from properties.catalog.outbound import Answer, OutboundRequest
from rules.delivery.batch_sending import send_batch
from rules.delivery.in_flight import InFlight
from rules.models import Delivery

from .conftest import ACME, DELEGATE, FakeVendor

SEND = ACME.actions[0]


def flights(count: int, **fields: Any) -> list[InFlight]:
    given = {"action": SEND, "envelope": {"to": "1", "token": ""}} | fields
    return [
        InFlight(Delivery(delegate=DELEGATE, destination="1"), payload={"id": number, "email": ""}, **given)
        for number in range(count)
    ]


def refuses(guilty: Sequence[int], *, names: bool = False) -> Callable[[OutboundRequest], Answer]:
    """Refuse the whole request for one bad event, as Meta does."""

    def respond(request: OutboundRequest) -> Answer:
        ids = [payload["id"] for payload in request.body["data"]]
        bad = [index for index, number in enumerate(ids) if number in guilty]
        body = {"code": "100", **({"blamed": bad[0]} if names and bad else {})}
        return Answer(400, body=json.dumps(body)) if bad else Answer(200)

    return respond


def outcomes(sent: Sequence[InFlight]) -> list[str]:
    return [flight.outcome.kind if flight.outcome else "" for flight in sent]


@pytest.mark.parametrize("names", [False, True], ids=["unnamed", "named"])
@pytest.mark.parametrize("count", [1, 2, 3, 6, 7])
def test_whoever_is_guilty_is_found_and_nobody_else(vendor: FakeVendor, count: int, names: bool) -> None:
    for guilty in itertools.chain.from_iterable(
        itertools.combinations(range(count), size) for size in range(count + 1)
    ):
        sent, vendor.respond, vendor.requests = flights(count), refuses(guilty, names=names), []
        send_batch(sent, {})
        assert outcomes(sent) == [
            "rejected" if number in guilty else "delivered" for number in range(count)
        ], guilty
        # Each has the requests that it was part of, in order.
        for number, flight in enumerate(sent):
            parts = [len(ids) for ids in vendor.ids() if number in ids]
            assert [post.sent_count for post in flight.posts] == parts
            assert [post.outcome.kind for post in flight.posts[-1:]] == outcomes([flight])


@pytest.mark.parametrize(("count", "calls"), [(2, 3), (16, 9), (50, 13), (1_000, 21)])
def test_one_culprit_costs_two_calls_for_each_halving(vendor: FakeVendor, count: int, calls: int) -> None:
    """Source: docs/reference/failures.md, "Splitting a refused batch": 13 calls for 50, 21 for 1,000."""
    assert calls == 2 * math.ceil(math.log2(count)) + 1
    for guilty in (0, count // 2, count - 1):
        vendor.respond, vendor.requests = refuses([guilty]), []
        send_batch(flights(count), {})
        assert len(vendor.requests) <= calls


def test_the_one_that_the_vendor_names_is_tried_first(vendor: FakeVendor) -> None:
    vendor.respond = refuses([5], names=True)
    send_batch(flights(8), {})
    assert vendor.ids() == [[0, 1, 2, 3, 4, 5, 6, 7], [5], [0, 1, 2, 3, 4, 6, 7]]


@pytest.mark.parametrize("blamed", [-1, 4, 400])
def test_a_name_that_nobody_has_counts_for_nothing(vendor: FakeVendor, blamed: int) -> None:
    def respond(request: OutboundRequest) -> Answer:
        ids = [payload["id"] for payload in request.body["data"]]
        return Answer(400, body=json.dumps({"blamed": blamed})) if 3 in ids else Answer(200)

    vendor.respond = respond
    send_batch(flights(4), {})
    assert vendor.ids() == [[0, 1, 2, 3], [0, 1], [2, 3], [2], [3]]


def test_after_four_names_halves_must_show_a_good_one(vendor: FakeVendor) -> None:
    vendor.respond = refuses(range(11), names=True)
    send_batch(flights(12), {})
    whole, rest = list(range(12)), list(range(4, 12))
    named = [it for number in range(4) for it in ([number], whole[number + 1 :])]
    assert vendor.ids()[:11] == [whole, *named, rest[:4], rest[:2]]


@pytest.mark.parametrize(("count", "kind"), [(7, "rejected"), (8, "misconfigured"), (9, "misconfigured")])
def test_eight_that_are_refused_alike_with_none_taken_mean_a_wrong_setup(
    vendor: FakeVendor, count: int, kind: str
) -> None:
    vendor.respond = refuses(range(count))
    sent = flights(count)
    send_batch(sent, {})
    assert outcomes(sent) == [kind] * count
    advice = sent[0].outcome.advice if sent[0].outcome else ""
    assert ("correct the extension or the rule" in advice) is (kind == "misconfigured")


@pytest.mark.parametrize(("count", "kind"), [(11, "rejected"), (12, "misconfigured")])
def test_those_that_the_vendor_named_do_not_count_among_the_eight(
    vendor: FakeVendor, count: int, kind: str
) -> None:
    """The vendor names the first four; they alone prove nothing about the others."""
    vendor.respond = refuses(range(count), names=True)
    sent = flights(count)
    send_batch(sent, {})
    assert outcomes(sent) == [kind] * count


def test_a_hint_that_was_wrong_once_is_not_believed_again(vendor: FakeVendor) -> None:
    def respond(request: OutboundRequest) -> Answer:
        ids = [payload["id"] for payload in request.body["data"]]
        return Answer(400, body='{"code": "100", "blamed": 0}') if 5 in ids else Answer(200)

    vendor.respond = respond
    send_batch(flights(8), {})
    assert vendor.ids() == [
        [*range(8)],
        [0],
        [*range(1, 8)],
        [1, 2, 3],
        [4, 5, 6, 7],
        [4, 5],
        [4],
        [5],
        [6, 7],
    ]


def test_what_was_not_tried_yet_is_kept_with_a_wrong_setup(vendor: FakeVendor) -> None:
    vendor.respond = refuses(range(8))
    sent = flights(16)
    send_batch(sent, {})
    assert outcomes(sent) == ["misconfigured"] * 16
    assert [15] not in vendor.ids()


def test_with_one_taken_before_all_that_are_refused_end(vendor: FakeVendor) -> None:
    vendor.respond = refuses(range(1, 16))
    sent = flights(16)
    send_batch(sent, {})
    assert outcomes(sent) == ["delivered"] + ["rejected"] * 15


def test_refusals_of_two_kinds_are_no_wrong_setup(vendor: FakeVendor) -> None:
    def respond(request: OutboundRequest) -> Answer:
        ids = [payload["id"] for payload in request.body["data"]]
        return Answer(400, body=json.dumps({"code": "100" if ids[0] else "101"}))

    vendor.respond = respond
    sent = flights(10)
    send_batch(sent, {})
    assert outcomes(sent) == ["rejected"] * 10


@pytest.mark.parametrize(("status", "kind"), [(500, "retry"), (401, "misconfigured")])
def test_trouble_ends_the_search_and_keeps_what_is_left(vendor: FakeVendor, status: int, kind: str) -> None:
    vendor.answer(400, 200, 400, 200, status)
    sent = flights(8)
    send_batch(sent, {})
    assert outcomes(sent) == ["delivered"] * 6 + [kind] * 2
    assert vendor.ids()[-1] == [6, 7]


@pytest.mark.parametrize(
    ("answer", "kind", "code"),
    [
        (Answer(200), "delivered", ""),
        (Answer(299), "delivered", ""),
        (Answer(199), "retry", "199"),
        (Answer(300), "retry", "300"),
        (Answer(404), "retry", "404"),
        (Answer(200, error="body_too_large"), "retry", "body_too_large"),
        (Answer(None, error="timeout"), "retry", "timeout"),
    ],
)
def test_without_a_reader_of_the_package_the_status_shows(
    vendor: FakeVendor, answer: Answer, kind: str, code: str
) -> None:
    vendor.answer(answer)
    sent = flights(1, action=replace(SEND, read_answer=None))
    send_batch(sent, {})
    assert sent[0].outcome is not None
    assert (sent[0].outcome.kind, sent[0].outcome.code) == (kind, code)


def test_the_attempt_keeps_two_kilobytes_of_the_answer_without_its_tokens(vendor: FakeVendor) -> None:
    body = json.dumps({"message": "Who is \x00 Bearer abcdefgh1234 then", "advice": "x" * 3_000})
    vendor.answer(Answer(400, body=body, duration_seconds=1.5004))
    sent = flights(1)
    send_batch(sent, {})
    (post,) = sent[0].posts
    assert (post.status, post.sent_count, post.duration_ms) == (400, 1, 1500)
    assert len(post.answer) == 2_048
    assert "abcdefgh" not in post.answer + post.outcome.message
    assert post.outcome.message == "Who is  Bearer ••••1234 then"


def test_without_its_package_nothing_is_sent_and_a_person_is_asked(vendor: FakeVendor) -> None:
    sent = flights(2, action=None)
    send_batch(sent, {})
    assert [(it.outcome.kind, it.outcome.code) for it in sent if it.outcome] == [
        ("misconfigured", "package_missing")
    ] * 2
    assert vendor.requests == []
    assert [it.posts for it in sent] == [[], []]


@pytest.mark.parametrize("is_answered", [False, True])
def test_a_bug_of_a_package_is_tried_again_and_unclear_once_something_was_sent(
    vendor: FakeVendor, is_answered: bool
) -> None:
    def fail(*args: Any) -> Any:
        raise KeyError("bug")

    part = {"read_answer": fail} if is_answered else {"batch_request": fail}
    sent = flights(1, action=replace(SEND, **part))
    send_batch(sent, {})
    assert sent[0].outcome is not None
    assert (sent[0].outcome.kind, sent[0].outcome.code) == ("retry", "internal_error")
    assert (sent[0].outcome.unclear, len(sent[0].posts)) == (is_answered, int(is_answered))


def test_what_waits_for_a_credential_is_no_request(vendor: FakeVendor) -> None:
    """Nothing is sent: the step only checks whether the credential is available."""
    for secrets, kind in (({"Key": "x"}, "delivered"), ({}, "misconfigured")):
        sent = flights(3, state={"secret": "Key"})
        send_batch(sent, secrets)
        assert outcomes(sent) == [kind] * 3
    assert vendor.requests == []


def test_the_answer_is_kept_for_a_rule_that_waits_for_it_alone(vendor: FakeVendor) -> None:
    (waits,), (other,) = flights(1, state={"rule": "RL1", "action": 0}), flights(1)
    send_batch([waits], {})
    send_batch([other], {})
    assert (waits.answer, other.answer) == (Answer(200), None)
