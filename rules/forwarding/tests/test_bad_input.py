"""Any body gets a clear answer and never a 500, and its good events are stored.

Source: docs/reference/failures.md, "Input"; each case is a row of that table or its edge.
"""

from __future__ import annotations

import gzip
import json
import random
from collections.abc import Callable
from typing import Any

import pytest

from rules.forwarding.tests.conftest import Answer, EdgeClient, stored_events
from rules.models import InboundEvent

Collect = Callable[..., Answer]
GOOD = {"xdm": {"eventType": "purchase"}, "data": {"value": 1}}


def one(data: bytes) -> bytes:
    return b'{"events":[{"data":' + data + b"}]}"


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(b"", id="empty"),
        pytest.param(b"hello", id="text"),
        pytest.param(b'{"events":[', id="cut off"),
        pytest.param(one(b'{"a":NaN}'), id="NaN"),
        pytest.param(one(b'{"a":Infinity}'), id="Infinity"),
        pytest.param(one(b'{"a":-Infinity}'), id="-Infinity"),
        pytest.param(one(b'{"a":1e400}'), id="1e400"),
        pytest.param(one(b'{"a":' + b"9" * 101 + b"}"), id="101 digits"),
        pytest.param(one(b'{"a":-' + b"9" * 5000 + b"}"), id="5,000 digits"),
        pytest.param(one(b'{"a":"\\ud800","b":1e400}'), id="1e400 beside a lone surrogate"),
        pytest.param(one(b'{"a":"\\ud800","b":NaN}'), id="NaN beside a lone surrogate"),
        pytest.param(one(b'{"a":"\\ud800","b":' + b"9" * 101 + b"}"), id="101 digits beside a surrogate"),
        pytest.param(json.dumps({"events": [GOOD]}).encode("utf-16"), id="UTF-16"),
        pytest.param(b"\xef\xbb\xbf" + json.dumps({"events": [GOOD]}).encode(), id="byte order mark"),
        pytest.param(one(b'{"a":"\xff"}'), id="invalid UTF-8"),
        pytest.param(one(b'{"a":"\x01"}'), id="control character"),
        pytest.param(one(b'{"a":' * 31 + b"1" + b"}" * 31), id="34 levels"),
        pytest.param(one(b'{"a":' + b'[{"a":' * 15 + b"1" + b"}]" * 15 + b"}"), id="34 levels by turns"),
        pytest.param(b'{"event":{"data":{"a":' + b"[" * 30 + b"]" * 30 + b"}}}", id="33 levels"),
        pytest.param(b"[" * 100_000, id="100,000 brackets"),
        pytest.param(b"[" * 100_000 + b"]" * 100_000, id="100,000 levels"),
        pytest.param(b'{"a":' * 20_000 + b'"' + b'\\"' * 200_000, id="a text that never ends"),
    ],
)
def test_what_is_not_json_is_refused_with_400(collect: Collect, body: bytes) -> None:
    answer = collect(body)
    assert answer.status == 400
    assert answer.headers["content-type"].startswith("application/problem+json")
    assert answer.json()["title"] == "The request cannot be read"
    assert not InboundEvent.objects.exists()


def test_brackets_in_texts_are_no_levels(collect: Collect) -> None:
    assert collect({"events": [{"data": {"a": "[" * 200 + '\\"{' * 50}}]}).status == 202


def test_thirty_two_levels_are_accepted(collect: Collect) -> None:
    assert collect(one(b'{"a":' * 29 + b"1" + b"}" * 29)).status == 202
    assert collect(one(b'{"a":' + b'[{"a":' * 14 + b"1" + b"}]" * 14 + b"}")).status == 202


def test_nul_is_removed_and_flagged(collect: Collect) -> None:
    assert collect(one(b'{"a\\u0000b":"c\\u0000d"}')).status == 202
    event = InboundEvent.objects.get()
    assert json.loads(event.body)["data"] == {"ab": "cd"}
    assert json.loads(event.flags) == ["nul_removed"]


@pytest.mark.parametrize("text", [b"\\ud800", b"\\udc00", b"\\ude00\\ud83d"])
def test_a_lone_surrogate_is_replaced_and_flagged(collect: Collect, text: bytes) -> None:
    assert collect(one(b'{"a":"x' + text + b'","' + text + b'":1}')).status == 202
    event = InboundEvent.objects.get()
    assert json.loads(event.body)["data"]["a"] == "x" + "\ufffd" * (len(text) // 6)
    assert json.loads(event.flags) == ["surrogate_replaced"]


def test_a_surrogate_pair_is_one_character(collect: Collect) -> None:
    assert collect(one(b'{"a":"\\ud83d\\ude00"}')).status == 202
    assert stored_events()[0]["data"] == {"a": "😀"}


@pytest.mark.parametrize("digits", ["12345678901234567890", "-9223372036854775809", "9" * 100])
def test_a_big_integer_keeps_every_digit(collect: Collect, digits: str) -> None:
    assert collect(one(b'{"a":' + digits.encode() + b"}")).status == 202
    event = InboundEvent.objects.get()
    assert json.loads(event.body)["data"] == {"a": int(digits)}
    assert json.loads(event.flags) == ["big_integer"]


def test_of_duplicate_keys_the_last_wins(collect: Collect) -> None:
    assert collect(one(b'{"a":1,"a":2}')).status == 202
    assert stored_events()[0]["data"] == {"a": 2}


@pytest.mark.parametrize(
    "data",
    [
        pytest.param({f"k{number}": 1 for number in range(2001)}, id="2,001 keys"),
        pytest.param({"a": [1] * 10_000}, id="more than 10,000 values"),
    ],
)
def test_too_many_parts_are_refused_with_422(collect: Collect, data: dict[str, Any]) -> None:
    answer = collect({"events": [{"data": data}]})
    assert answer.status == 422
    assert answer.json()["report"]["errors"][0]["path"] == "$.events[0]"


def test_many_commas_in_texts_are_no_parts(collect: Collect) -> None:
    assert collect({"events": [{"data": {"a": "," * 20_000}}]}).status == 202


@pytest.mark.parametrize(
    ("body", "path"),
    [
        ([], "$"),
        ("text", "$"),
        (1, "$"),
        (None, "$"),
        ({}, "$"),
        ({"events": []}, "$"),
        ({"events": {}}, "$.events"),
        ({"events": None}, "$.events"),
        ({"event": None}, "$.event"),
        ({"event": 5}, "$.event"),
        ({"xdm": {}}, "$"),
        ({"events": [[]]}, "$.events[0]"),
        ({"events": [{}]}, "$.events[0]"),
        ({"events": [{"xdm": None}]}, "$.events[0]"),
        ({"events": [{"xdm": []}]}, "$.events[0].xdm"),
        ({"events": [{"xdm": {}, "data": "x"}]}, "$.events[0].data"),
        ({"events": [{"xdm": {"_id": {"a": 1}}}]}, "$.events[0].xdm._id"),
        ({"events": [{"xdm": {"_id": True}}]}, "$.events[0].xdm._id"),
        ({"events": [{"xdm": {"_id": "x" * 1001}}]}, "$.events[0].xdm._id"),
    ],
)
def test_json_that_is_no_event_is_refused_with_422_and_its_path(
    collect: Collect, body: Any, path: str
) -> None:
    answer = collect(body)
    assert answer.status == 422
    assert answer.json()["report"]["errors"][0]["path"] == path


@pytest.mark.parametrize(
    "xdm",
    [
        {"environment": "text"},
        {"environment": None},
        {"environment": {"browserDetails": 5}},
        {"environment": []},
        {"timestamp": 5, "eventType": ["list"]},
        {"_id": 17},
        {"_id": ""},
        {"_id": None},
        {"_id": 0},
        {"identityMap": {"ECID": "x"}},
    ],
)
def test_odd_values_in_known_places_are_left_to_the_rules(collect: Collect, xdm: dict[str, Any]) -> None:
    assert collect({"events": [{"xdm": xdm}]}).status == 202


def test_an_event_above_64_kib_is_refused_with_413(collect: Collect) -> None:
    answer = collect({"events": [{"data": {"a": "x" * 65_536}}]})
    assert answer.status == 413
    assert not InboundEvent.objects.exists()


def test_an_event_of_64_kib_is_accepted(collect: Collect) -> None:
    event = b'{"data":{"a":"' + b"x" * (65_536 - 17) + b'"}}'
    assert len(event) == 65_536
    assert collect(b'{"events":[' + event + b"]}").status == 202
    assert collect(b'{"event":' + event + b"}").status == 202


def test_what_stands_beside_an_event_is_not_counted_as_the_event(collect: Collect) -> None:
    assert collect({"event": {"data": {"a": 1}}, "meta": {"a": "x" * 65_536}}).status == 202


def test_a_request_above_1_mib_is_refused_with_413(collect: Collect) -> None:
    assert collect({"events": [{"data": {"a": "x" * 60_000}}] * 20}).status == 413


def test_more_than_1000_events_are_refused_with_413(collect: Collect) -> None:
    assert collect({"events": [{"data": {"a": 1}}] * 1001}).status == 413
    assert collect({"events": [{"data": {"a": 1}}] * 1000}).status == 202
    assert InboundEvent.objects.count() == 1000


def test_one_bad_event_is_named_and_the_others_are_stored(collect: Collect) -> None:
    answer = collect({"events": [GOOD, {"xdm": 5}, {"data": {"a": "x" * 70_000}}, GOOD]})
    assert answer.status == 207
    report = answer.json()["report"]
    assert [(error["index"], error["status"], error["path"]) for error in report["errors"]] == [
        (1, 422, "$.events[1].xdm"),
        (2, 413, "$.events[2]"),
    ]
    assert set(report["errors"][0]) == {"path", "index", "title", "detail", "status"}
    assert InboundEvent.objects.count() == 2


@pytest.mark.parametrize(
    "headers",
    [
        {"content-type": "application/x-www-form-urlencoded"},
        {"content-type": "text/html"},
        {"content-type": "application/json; charset=utf-16"},
        {"content-encoding": "gzip"},
        {"content-encoding": "br"},
    ],
)
def test_other_content_types_and_encodings_are_refused_with_415(
    collect: Collect, headers: dict[str, str]
) -> None:
    assert collect({"events": [GOOD]}, headers).status == 415


@pytest.mark.parametrize("content_type", ["text/plain; charset=UTF-8", "", "application/json;charset=utf-8"])
def test_beacons_and_json_are_accepted(collect: Collect, content_type: str) -> None:
    assert collect({"events": [GOOD]}, {"content-type": content_type}).status == 202


def test_a_compressed_bomb_is_not_opened(collect: Collect) -> None:
    assert collect(gzip.compress(b" " * 1_000_000), {"content-encoding": "gzip"}).status == 415


def test_a_declared_length_above_the_limit_is_refused_before_the_body(collect: Collect) -> None:
    assert collect(b"", {"content-length": "1048577"}).status == 413
    assert collect(b"", {"content-length": "9" * 50}).status == 413


def test_a_thousand_mutations_of_a_good_body_get_no_server_error(client: EdgeClient, datastream: Any) -> None:
    rng = random.Random(20260301)  # noqa: S311  the same thousand each time
    good = json.dumps(
        {"events": [{"xdm": {"_id": "a", "environment": {"ipV4": "1.2.3.4"}}, "data": {"k": [1, 2.5]}}]}
    )
    for _ in range(1000):
        body = bytearray(good.encode())
        for _ in range(rng.randint(1, 6)):
            place = rng.randrange(len(body))
            body[place : place + rng.randint(0, 3)] = rng.choice(
                [
                    b"",
                    b"\\u0000",
                    b"\\ud800",
                    b"\xff",
                    b"{",
                    b"]",
                    b'"',
                    b"1e999",
                    b"null",
                    b"9" * 120,
                    b"\\",
                    b",",
                ]
            )
        answer = client.post(f"/ee/v2/collect?datastreamId={datastream.uid}", bytes(body))
        assert answer.status in {202, 207, 400, 422}, bytes(body)


@pytest.mark.parametrize(
    ("body", "doubled"),
    [
        (b'{"events":[{"data":{"a":1,"a":2}},{"data":{"a":1}}]}', [True, False]),
        (b'{"events":[{"data":{"a":1}},{"data":{"b":{"c":1,"c":2}}}]}', [False, True]),
        (b'{"events" : [ {"data" : {"a" : 1 , "a" : {"x" : 5}}} ]}', [True]),
        (b'{"events":[{"data":{"a":1,"\\u0061":2}}]}', [True]),
        (b'{"events":[{"data":{"a":"\\u003a","b":1,"b":2}}]}', [True]),
        (b'{"events":[{"data":{"a":"\\u003A: and : more","t":"12:30:00"}}]}', [False]),
        (b'{"events":[{"data":{"a":"\\ud800","b":1,"b":2}}]}', [True]),
        (b'{"meta":{"a":1,"a":2},"events":[{"data":{"a":1}},{"data":{"a":1}}]}', [True, True]),
        (b'{"events":[{"data":{"a": 1.50, "b": [1,2,{"c":"d"}]}}]}', [False]),
    ],
)
def test_a_key_that_comes_twice_is_flagged_and_its_last_value_counts(
    collect: Collect, body: bytes, doubled: list[bool]
) -> None:
    """Source: docs/reference/failures.md, "Input": duplicate keys."""
    assert collect(body).status == 202
    flags = [json.loads(event.flags) for event in InboundEvent.objects.order_by("id")]
    assert ["duplicate_keys" in each for each in flags] == doubled
    if body.startswith(b'{"events":[{"data":{"a":1,"a":2}}'):
        assert stored_events()[0]["data"] == {"a": 2}
