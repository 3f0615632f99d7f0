"""Each kind of fault over a real socket: the client's view, and whether the events were processed."""

import http.client
import json
import time
from pathlib import Path

import pytest

from tests.work import HANG_SECONDS, hang_limit

from ..simulator import Simulator
from ..simulator.faults import KINDS
from .simulator_client import EVENTS_PATH, call, envelope, post, server_event

DOCUMENTATION = Path(__file__).parents[4] / "docs" / "graph_simulator.md"


def send(simulator, events=1, **options):
    happened = int(time.time())
    return post(simulator, envelope(*[server_event(event_time=happened)] * events), **options)


def accepted_requests(simulator):
    """Return how many requests were processed, whatever answer the client got."""
    return sum(record["body"] is not None and record["status"] == 200 for record in simulator.requests)


# Meta, Handling Errors (Graph API) and Rate Limiting (Marketing API): answers that refuse


@pytest.mark.parametrize(
    ("kind", "status", "code", "subcode"),
    [
        ("server_error", 500, 1, None),
        ("unavailable", 503, 2, None),
        ("transient", 400, 100, None),
        ("throttle", 429, 4, None),
        ("retry_after", 429, 613, None),
        ("token", 401, 190, None),
        ("permission", 403, 10, None),
        ("pixel_missing", 400, 100, 33),
        ("policy", 400, 368, None),
        ("version_retired", 400, 2635, None),
        ("invalid", 400, 100, None),
        ("error_in_200", 200, 2, None),
    ],
)
def test_a_fault_answers_with_its_status_and_code(simulator, kind, status, code, subcode):
    simulator.inject(kind)
    reply = send(simulator)
    assert (reply.status, reply.error["code"], reply.error.get("error_subcode")) == (status, code, subcode)
    assert reply.error["fbtrace_id"]
    assert simulator.requests[-1]["fault"] == kind
    assert send(simulator).status == 200


def test_a_transient_error_says_so(simulator):
    simulator.inject("transient")
    assert send(simulator).error["is_transient"] is True


def test_a_throttle_gives_the_minutes_to_regain_access(simulator):
    simulator.inject("throttle", minutes=7)
    usage = json.loads(send(simulator).headers["X-Business-Use-Case-Usage"])
    ((limit,),) = usage.values()
    assert limit["call_count"] == 100
    assert limit["estimated_time_to_regain_access"] == 7
    assert {"type", "total_cputime", "total_time"} < set(limit)


def test_a_retry_after_gives_whole_seconds(simulator):
    simulator.inject("retry_after", seconds=89.5)
    assert send(simulator).headers["Retry-After"] == "90"


@pytest.mark.parametrize(("kind", "code"), [("throttle", 80004), ("token", 102), ("permission", 200)])
def test_a_kind_with_several_codes_answers_the_one_asked_for(simulator, kind, code):
    simulator.inject(kind, code=code)
    assert send(simulator).error["code"] == code


@pytest.mark.parametrize(("kind", "status"), [("html", 502), ("not_json", 200)])
def test_a_page_of_html_is_not_json(simulator, kind, status):
    simulator.inject(kind)
    reply = send(simulator)
    assert reply.status == status
    assert reply.headers["Content-Type"].startswith("text/html")
    assert reply.content.startswith(b"<!DOCTYPE html>")


def test_a_redirect_points_to_a_place_that_would_accept(simulator):
    simulator.inject("redirect")
    reply = send(simulator)
    assert (reply.status, reply.content) == (307, b"")
    assert send(simulator, path=reply.headers["Location"]).status == 200
    assert simulator.requests[-1]["path"] == EVENTS_PATH + "?redirected=1"


# Wrong answers about events that were processed


def test_a_wrong_count_is_one_too_few(simulator):
    simulator.inject("wrong_count")
    assert send(simulator, events=3).body["events_received"] == 2


def test_a_wrong_count_leaves_a_refusal_alone(simulator):
    simulator.inject("wrong_count")
    assert post(simulator, envelope()).status == 400


def test_no_count_is_an_empty_object(simulator):
    simulator.inject("no_count")
    reply = send(simulator)
    assert (reply.status, reply.body) == (200, {})


def test_an_oversized_answer_is_more_than_a_mebibyte(simulator):
    simulator.inject("oversized")
    reply = send(simulator)
    assert len(reply.content) > 1024 * 1024
    assert reply.body["events_received"] == 1


def test_a_usage_warning_comes_with_the_true_answer(simulator):
    simulator.inject("usage_warning")
    reply = send(simulator)
    ((limit,),) = json.loads(reply.headers["X-Business-Use-Case-Usage"]).values()
    assert limit["call_count"] == 97
    assert reply.body["events_received"] == 1


# Connections that misbehave


def test_a_truncated_answer_ends_before_its_announced_length(simulator):
    simulator.inject("truncated")
    with pytest.raises(http.client.IncompleteRead):
        send(simulator)
    assert accepted_requests(simulator) == 1


def test_a_reset_before_processing_leaves_no_trace(simulator):
    simulator.inject("reset_before")
    with pytest.raises(ConnectionResetError):
        send(simulator)
    assert simulator.requests == []


def test_a_reset_after_processing_loses_only_the_answer(simulator):
    simulator.inject("reset_after")
    with pytest.raises(ConnectionResetError):
        send(simulator)
    assert accepted_requests(simulator) == 1
    assert simulator.requests[-1]["response"]["events_received"] == 1


def test_a_slow_answer_arrives_after_its_seconds(simulator):
    simulator.inject("slow", seconds=0.3)
    started = time.monotonic()
    assert send(simulator).status == 200
    assert time.monotonic() - started >= 0.3


def test_a_slow_answer_is_too_late_for_an_impatient_client_though_processed(simulator):
    simulator.inject("slow", seconds=30)
    with pytest.raises(TimeoutError):
        send(simulator, timeout=0.2)
    assert accepted_requests(simulator) == 1


def test_a_dripping_answer_arrives_whole_over_its_seconds(simulator):
    simulator.inject("drip", seconds=0.4)
    started = time.monotonic()
    assert send(simulator).body["events_received"] == 1
    assert time.monotonic() - started >= 0.3


def test_a_hanging_request_is_never_answered_nor_processed(simulator):
    simulator.inject("hang")
    with pytest.raises(TimeoutError):
        send(simulator, timeout=0.3)
    assert simulator.requests == []
    assert send(simulator).status == 200


def test_a_simulator_stops_at_once_while_requests_hang():
    simulator = Simulator()
    simulator.start()
    simulator.inject("hang")
    with pytest.raises(TimeoutError):
        send(simulator, timeout=0.2)
    simulator.inject("slow", seconds=10 * HANG_SECONDS)
    connection = http.client.HTTPConnection(simulator.url.removeprefix("http://"))
    connection.request("POST", EVENTS_PATH, json.dumps(envelope(server_event())))
    while not simulator.requests:
        time.sleep(0.01)
    with hang_limit():
        simulator.stop()
    connection.close()
    assert not simulator.is_running


# The requests that a fault affects


def test_a_fault_strikes_as_often_as_ordered(simulator):
    simulator.inject("server_error", count=2)
    assert [send(simulator).status for _ in range(4)] == [500, 500, 200, 200]


def test_a_fault_for_one_pixel_spares_the_others(simulator):
    simulator.inject("server_error", pixel_id="42")
    assert send(simulator).status == 200
    assert send(simulator, path="/v25.0/42/events").status == 500


def test_a_share_of_one_strikes_always_and_a_small_share_sometimes(simulator):
    simulator.inject("server_error", share=1)
    assert [send(simulator).status for _ in range(3)] == [500] * 3
    simulator.clear_faults()
    simulator.inject("server_error", share=0.5)
    assert {send(simulator).status for _ in range(40)} == {200, 500}


def test_the_oldest_fault_strikes_first(simulator):
    simulator.inject("server_error")
    simulator.inject("token")
    assert [send(simulator).status for _ in range(3)] == [500, 401, 200]


def test_faults_strike_only_the_events_edge(simulator):
    simulator.inject("server_error")
    assert call(simulator, "GET", EVENTS_PATH).status == 400
    assert call(simulator, "GET", "/_simulator/health").status == 200


def test_faults_are_ordered_listed_and_cleared_over_http(simulator):
    order = {"kind": "throttle", "count": 2, "pixel_id": "1234567890", "minutes": 3}
    reply = call(simulator, "POST", "/_simulator/faults", order)
    assert reply.status == 201
    assert send(simulator).status == 429
    listing = call(simulator, "GET", "/_simulator/faults").body
    assert [(fault["kind"], fault["count"]) for fault in listing["faults"]] == [("throttle", 1)]
    assert list(listing["kinds"]) == list(KINDS)
    assert call(simulator, "DELETE", "/_simulator/faults").body == {"cleared": 1}
    assert send(simulator).status == 200


def test_an_unknown_kind_is_refused_with_the_kinds_there_are(simulator):
    reply = call(simulator, "POST", "/_simulator/faults", {"kind": "earthquake"})
    assert reply.status == 400
    assert all(kind in reply.body["error"] for kind in KINDS)


@pytest.mark.parametrize(
    ("order", "field"),
    [
        ({}, "kind"),
        ({"kind": ["slow"]}, "kind"),
        ({"kind": "slow", "count": 0}, "count"),
        ({"kind": "slow", "count": True}, "count"),
        ({"kind": "slow", "count": None}, "count"),
        ({"kind": "slow", "share": 0}, "share"),
        ({"kind": "slow", "share": 1.5}, "share"),
        ({"kind": "slow", "share": 0.5, "count": 1}, "count or share"),
        ({"kind": "slow", "pixel_id": 42}, "pixel_id"),
        ({"kind": "slow", "seconds": -1}, "seconds"),
        ({"kind": "slow", "seconds": 1e9}, "seconds"),
        ({"kind": "throttle", "minutes": "5"}, "minutes"),
        ({"kind": "throttle", "code": 1}, "code"),
        ({"kind": "slow", "code": 4}, "code"),
        ({"kind": "slow", "times": 2}, "times"),
        ([], "object"),
    ],
)
def test_an_order_with_a_field_out_of_range_is_refused_and_names_it(simulator, order, field):
    reply = call(simulator, "POST", "/_simulator/faults", order)
    assert reply.status == 400
    assert field in reply.body["error"]
    assert call(simulator, "GET", "/_simulator/faults").body["faults"] == []


def test_an_order_that_is_not_json_is_refused(simulator):
    assert call(simulator, "POST", "/_simulator/faults", b"{").status == 400


def test_every_kind_is_described_in_the_documentation():
    page = DOCUMENTATION.read_text()
    assert [kind for kind in KINDS if f"| `{kind}` |" not in page] == []
