"""Stored events, answers, and repeats of an event.

Source: docs/reference/contracts.md, "Receiving events".
"""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from properties.models import Datastream
from rules.forwarding.tests.conftest import Answer, EdgeClient, stored_events
from rules.forwarding.visitor import KEPT_HEADERS
from rules.models import InboundEvent, InboundRequest, LedgerCount, ProcessedId

Collect = Callable[..., Answer]
EVENT = {"xdm": {"eventType": "purchase"}, "data": {"value": 1}}


def stored_header() -> dict[str, Any]:
    return json.loads(InboundEvent.objects.get().request)["header"]


@pytest.mark.parametrize(
    ("path", "body", "status"),
    [
        ("/ee/v1/interact", {"events": [EVENT]}, 200),
        ("/ee/or2/v1/interact", {"events": [EVENT]}, 200),
        ("/any/path/of/a/site/v1/interact", {"events": [EVENT]}, 200),
        ("/ee/v1/collect", {"events": [EVENT]}, 204),
        ("/ee/v2/interact", {"event": EVENT}, 200),
        ("/ee/v2/collect", {"events": [EVENT]}, 202),
    ],
)
def test_each_route_stores_the_event_and_answers_its_way(
    client: EdgeClient, datastream: Datastream, path: str, body: Any, status: int
) -> None:
    answer = client.post(f"{path}?configId={datastream.uid}&requestId=r1", body)
    assert answer.status == status
    assert answer.headers["x-request-id"] == "r1"
    assert answer.json()["requestId"] == "r1" if status != 204 else not answer.body
    assert stored_events()[0]["data"] == {"value": 1}


@pytest.mark.parametrize("name", ["configId", "datastreamId", "dataStreamId", "DATASTREAMID"])
def test_the_datastream_is_named_in_any_spelling(
    client: EdgeClient, datastream: Datastream, name: str
) -> None:
    assert client.post(f"/ee/v2/interact?{name}={datastream.uid}", {"event": EVENT}).status == 200


def test_silent_asks_for_no_answer(collect: Collect) -> None:
    assert collect({"events": [EVENT]}, query="&silent=true").status == 204


def test_a_row_holds_what_the_pipeline_needs(collect: Collect, datastream: Datastream) -> None:
    before = datetime.now(UTC)
    collect({"events": [EVENT]})
    event = InboundEvent.objects.get()
    assert (event.property_id, event.environment_id, event.datastream_id) == (
        datastream.environment.prop_id,
        datastream.environment_id,
        datastream.pk,
    )
    assert (event.state, event.name, event.build_id, event.flags) == ("received", "purchase", None, "[]")
    assert before - timedelta(milliseconds=1) <= event.received_at <= datetime.now(UTC)


def test_the_name_comes_from_the_data_when_there_is_no_event_type(collect: Collect) -> None:
    collect({"events": [{"data": {"eventName": "Lead" * 100}}]})
    assert InboundEvent.objects.get().name == ("Lead" * 100)[:255]


def test_automatic_fields_are_added_where_absent(collect: Collect) -> None:
    collect({"events": [{"data": {"a": 1}}]}, {"user-agent": "Mozilla/5.0"})
    xdm = stored_events()[0]["xdm"]
    assert len(xdm["_id"]) == 36
    assert datetime.fromisoformat(xdm["timestamp"]) <= datetime.now(UTC)
    assert xdm["timestamp"].endswith("Z")
    assert xdm["environment"] == {"ipV4": "203.0.113.7", "browserDetails": {"userAgent": "Mozilla/5.0"}}


def test_automatic_fields_never_replace_what_was_sent(collect: Collect) -> None:
    xdm = {
        "_id": "mine",
        "timestamp": "2026-01-01T00:00:00Z",
        "environment": {"ipV6": "2001:db8::1", "browserDetails": {"userAgent": "Other", "viewportWidth": 5}},
    }
    collect({"events": [{"xdm": xdm}]})
    assert stored_events() == [{"xdm": xdm, "data": {}}]


@pytest.mark.parametrize(
    ("peer", "key", "address"),
    [
        ("2001:db8::5", "ipV6", "2001:db8::5"),
        ("::ffff:203.0.113.9", "ipV4", "203.0.113.9"),
    ],
)
def test_an_ipv6_visitor_fills_the_other_field(collect: Collect, peer: str, key: str, address: str) -> None:
    collect({"events": [EVENT]}, client=(peer, 1))
    assert stored_events()[0]["xdm"]["environment"][key] == address


@pytest.mark.parametrize(
    ("proxies", "forwarded", "address"),
    [
        (0, "198.51.100.1", "203.0.113.7"),
        (1, "198.51.100.1", "198.51.100.1"),
        (1, "6.6.6.6, 198.51.100.1", "198.51.100.1"),
        (2, "6.6.6.6, 198.51.100.1, 10.0.0.1", "198.51.100.1"),
        (2, "198.51.100.1", "203.0.113.7"),
        (1, "198.51.100.1:4711", "198.51.100.1"),
        (1, "[2001:db8::7]:4711", "2001:db8::7"),
        (1, "unknown", None),
    ],
)
def test_forwarded_addresses_count_only_from_our_own_proxies(
    collect: Collect, client: EdgeClient, proxies: int, forwarded: str, address: str | None
) -> None:
    client.edge.trusted_proxies = proxies
    collect({"events": [EVENT]}, {"x-forwarded-for": forwarded})
    environment = stored_events()[0]["xdm"]["environment"]
    assert (environment.get("ipV4") or environment.get("ipV6")) == address


def test_the_request_keeps_known_headers_and_nothing_that_authorises(collect: Collect) -> None:
    collect(
        {"events": [EVENT]},
        {
            "authorization": "Bearer secret-key",
            "cookie": "session=secret; _fbp=fb.1.1700000000000.123; _fbc=fb.1.1700000000000.AbC-d_e",
            "referer": "https://shop.example/",
            "x-api-key": "secret-key",
        },
        query="&requestId=r1",
    )
    header = stored_header()
    assert header["requestId"] == "r1"
    assert header["httpHeaders"]["referer"] == ["https://shop.example/"]
    assert header["cookies"] == {"_fbp": "fb.1.1700000000000.123", "_fbc": "fb.1.1700000000000.AbC-d_e"}
    assert "secret" not in json.dumps(header)


@pytest.mark.parametrize("value", ["fb.1.x.1", 'fb.1.1.1"', "fb.1.1." + "a" * 600, "1"])
def test_a_click_cookie_of_another_form_is_dropped_and_flagged(collect: Collect, value: str) -> None:
    collect({"events": [EVENT]}, {"cookie": f"_fbp={value}"})
    assert "cookies" not in stored_header()
    assert json.loads(InboundEvent.objects.get().flags) == ["_fbp_cookie_dropped"]


def test_the_same_event_id_is_stored_once(collect: Collect) -> None:
    for request_id in ("r1", "r2"):
        assert (
            collect({"events": [{"xdm": {"_id": "order-7"}}]}, query=f"&requestId={request_id}").status == 202
        )
    assert InboundEvent.objects.count() == 1


def test_the_same_request_and_position_is_stored_once_with_the_same_answer(
    client: EdgeClient, datastream: Datastream
) -> None:
    url = f"/ee/v1/interact?configId={datastream.uid}&requestId=r1"
    first, second = (client.post(url, {"events": [EVENT, EVENT]}) for _ in range(2))
    assert first.body == second.body
    assert InboundEvent.objects.count() == 2


def test_long_request_ids_that_differ_at_their_end_are_two_requests(collect: Collect) -> None:
    for end in ("a", "b", "b"):
        collect({"events": [EVENT]}, query=f"&requestId={'r' * 300}{end}")
    assert InboundEvent.objects.count() == 2


def test_without_id_and_request_each_request_is_a_new_event(collect: Collect) -> None:
    for _ in range(2):
        collect({"events": [EVENT]})
    assert InboundEvent.objects.count() == 2


def test_the_same_event_id_through_another_datastream_is_another_event(
    client: EdgeClient, datastream: Datastream
) -> None:
    environment = datastream.environment.prop.environments.create(name="Development", stage="development")
    other = Datastream.objects.create(environment=environment)
    for uid in (datastream.uid, other.uid):
        client.post(f"/ee/v2/interact?configId={uid}", {"event": {"xdm": {"_id": "a"}}})
    assert InboundEvent.objects.count() == 2


def test_a_repeat_within_one_batch_is_stored_once(collect: Collect) -> None:
    assert (
        collect({"events": [{"xdm": {"_id": "a"}}, {"xdm": {"_id": "a"}}, {"xdm": {"_id": "b"}}]}).status
        == 202
    )
    assert InboundEvent.objects.count() == 2


@pytest.mark.machine_clock
def test_after_48_hours_the_same_id_is_a_new_event(collect: Collect) -> None:
    collect({"events": [{"xdm": {"_id": "a"}}]})
    ProcessedId.objects.update(seen_at=datetime.now(UTC) - timedelta(hours=48, seconds=1))
    collect({"events": [{"xdm": {"_id": "a"}}]})
    assert InboundEvent.objects.count() == 2
    assert ProcessedId.objects.get().event_id == InboundEvent.objects.order_by("-id")[0].id


def test_fifty_identical_submissions_at_once_are_one_event(
    client: EdgeClient, datastream: Datastream
) -> None:
    url = f"/ee/v1/interact?configId={datastream.uid}&requestId=r1"
    answers = client.post_together(url, [{"events": [{"xdm": {"_id": "a"}}]}] * 50)
    assert {answer.status for answer in answers} == {200}
    assert len({answer.body for answer in answers}) == 1
    assert InboundEvent.objects.count() == 1


@pytest.mark.machine_clock
def test_accepted_events_are_counted_once_each(collect: Collect, client: EdgeClient) -> None:
    collect({"events": [EVENT, EVENT, {"xdm": {"_id": "a"}}]})
    collect({"events": [{"xdm": {"_id": "a"}}]})
    count = LedgerCount.objects.get(name="accepted")
    assert (count.count, count.day) == (3, datetime.now(UTC).date())
    assert client.edge.counters.accepted == 3


def test_ids_ascend_in_the_order_of_the_batch(collect: Collect) -> None:
    collect({"events": [{"data": {"n": number}} for number in range(300)]})
    assert [event["data"]["n"] for event in stored_events()] == list(range(300))


def stored_bytes() -> int:
    """Return all texts that the requests so far have left in the tables of events."""
    events = InboundEvent.objects.values_list("body", "request", "flags", "name")
    shared = InboundRequest.objects.values_list("content", flat=True)
    return sum(len(text) for row in events for text in row) + sum(map(len, shared))


def repeated_headers(count: int) -> list[tuple[bytes, bytes]]:
    """Return each kept header that often, as long as the edge ever kept one."""
    names = [name for name in KEPT_HEADERS if name != b"content-type"]
    return [(name, b"x" * 2_048) for _ in range(count) for name in names]


@pytest.mark.parametrize("repeats", [1, 20])
def test_a_small_request_of_many_events_is_not_stored_a_thousand_times(
    collect: Collect, repeats: int
) -> None:
    """Such a request of 41 KB became 43 MB in the database, one of 404 KB a gigabyte."""
    headers = repeated_headers(repeats)
    body = json.dumps({"events": [{"data": {"n": n}} for n in range(1000)]}).encode()
    assert collect(body, headers=None, query="", extra_headers=headers).status == 202
    assert InboundEvent.objects.count() == 1000
    assert stored_bytes() < 1_100_000  # Of these, 1,000 times 512 are the user agent that rules read.


def test_what_came_with_many_events_is_stored_once_and_each_rule_sees_it(collect: Collect) -> None:
    collect({"events": [EVENT, EVENT, EVENT]}, {"referer": "https://shop.example/"}, "&requestId=r1")
    calls = [event.call() for event in InboundEvent.objects.all()]
    assert [call["request"]["header"]["requestId"] for call in calls] == ["r1"] * 3
    assert calls[2]["request"]["header"]["httpHeaders"]["referer"] == ["https://shop.example/"]
    assert calls[2]["request"]["body"] == calls[2]["event"]
    assert InboundRequest.objects.count() == 1


def test_a_single_event_keeps_its_request_in_its_own_row(collect: Collect) -> None:
    collect({"events": [EVENT]}, query="&requestId=r1")
    assert stored_header()["requestId"] == "r1"
    assert not InboundRequest.objects.exists()


def test_of_a_repeated_header_one_value_is_kept(collect: Collect) -> None:
    headers = [(b"referer", b"https://shop.example/a"), (b"referer", b"https://shop.example/b")]
    collect({"events": [EVENT]}, extra_headers=headers)
    assert stored_header()["httpHeaders"]["referer"] == ["https://shop.example/b"]


def test_kept_headers_have_4_kib_together_and_the_event_says_what_was_cut(collect: Collect) -> None:
    collect({"events": [EVENT]}, extra_headers=repeated_headers(1))
    kept = stored_header()["httpHeaders"]
    assert sum(len(value) for values in kept.values() for value in values) <= 4_096
    assert kept["user-agent"]
    assert "headers_cut" in json.loads(InboundEvent.objects.get().flags)
