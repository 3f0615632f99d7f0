"""The simulator over real sockets: authentication, bodies, recording, control, command."""

import http.client
import json
import os
import signal
import stat
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.parse import quote, urlencode, urlsplit

import pytest

from tests.work import HANG_SECONDS

from ..simulator import Simulator
from .simulator_client import EVENTS_PATH, TOKEN, call, envelope, post, server_event

PROJECT = Path(__file__).parents[4]


def now_event(**changes):
    return server_event(event_time=int(time.time()), **changes)


def test_an_accepted_request_gets_metas_answer(simulator):
    # Meta, Using the API (Conversions API).
    reply = post(simulator, envelope(now_event(), now_event()))
    assert reply.status == 200
    assert reply.headers["Content-Type"] == "application/json; charset=UTF-8"
    trace = reply.body.pop("fbtrace_id")
    assert trace
    assert reply.body["events_received"] == 2
    assert reply.body["messages"] == []


def test_a_refused_request_gets_metas_error_with_a_trace_id(simulator):
    # Meta, Handling Errors (Graph API).
    reply = post(simulator, envelope(now_event(), now_event(action_source=None)))
    assert reply.status == 400
    assert set(reply.body) == {"error"}
    assert reply.error["error_data"] == {"blame_field_specs": [["data", 1, "action_source"]]}
    assert reply.error["fbtrace_id"]


# Meta, Using the API and Securing Graph API calls: places for the token


def test_a_token_may_be_in_the_header_or_the_query(simulator):
    body = {"data": [now_event()]}
    assert post(simulator, body, headers={"Authorization": f"Bearer {TOKEN}"}).status == 200
    assert post(simulator, body, EVENTS_PATH + f"?access_token={TOKEN}").status == 200


@pytest.mark.parametrize("headers", [{}, {"Authorization": "Basic abc"}, {"Authorization": "Bearer BAD"}])
def test_without_a_good_token_the_answer_is_401_with_code_190(simulator, headers):
    reply = post(simulator, {"data": [now_event()]}, headers=headers)
    assert (reply.status, reply.error["code"]) == (401, 190)


def test_a_bad_token_is_reported_before_a_bad_body(simulator):
    assert post(simulator, {"data": [], "access_token": "BAD"}).status == 401


# Meta, Handling Errors (Graph API): paths and methods


@pytest.mark.parametrize(
    ("method", "path", "code", "subcode"),
    [
        ("POST", "/v19.0/1234567890/events", 2635, None),
        ("POST", "/latest/1234567890/events", 2500, None),
        ("POST", "/v25.0/my-pixel/events", 100, 33),
        ("GET", EVENTS_PATH, 100, 33),
        ("POST", "/1234567890/events", 2500, None),
        ("GET", "/", 2500, None),
    ],
)
def test_another_path_or_method_is_refused_as_graph_does(simulator, method, path, code, subcode):
    reply = call(simulator, method, path, envelope(now_event()))
    assert (reply.status, reply.error["code"], reply.error.get("error_subcode")) == (400, code, subcode)


# Meta, Using the API: bodies


def form(data: str) -> dict:
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    return {"body": urlencode({"access_token": TOKEN, "data": data}), "headers": headers}


def test_form_fields_are_accepted_with_data_as_json_text(simulator):
    assert post(simulator, **form(json.dumps([now_event()]))).status == 200


def test_form_fields_are_accepted_with_each_event_as_json_text(simulator):
    # Meta's libraries send a list of JSON strings.
    assert post(simulator, **form(json.dumps([json.dumps(now_event())]))).status == 200


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b"[]",
        b'"text"',
        b"\xff\xfe",
        b'{"data": NaN}',
        b'{"data": ' + b"9" * 5000 + b"}",
        b'{"data": ' + b"[" * 100_000 + b"]" * 100_000 + b"}",
    ],
)
def test_a_body_that_is_not_a_json_object_is_an_invalid_parameter(simulator, content):
    reply = post(simulator, content, headers={"Authorization": f"Bearer {TOKEN}"})
    assert (reply.status, reply.error["code"]) == (400, 100)


def test_form_data_that_is_not_json_is_an_invalid_parameter(simulator):
    headers = {"Authorization": f"Bearer {TOKEN}"}
    reply = post(simulator, **(options := form("[{")) | {"headers": options["headers"] | headers})
    assert (reply.status, reply.error["code"]) == (400, 100)


def test_a_body_of_eight_megabytes_is_read(simulator):
    padding = "x" * (8 * 1024 * 1024 // 100)
    events = [now_event(custom_data={"padding": padding}) for _ in range(100)]
    assert post(simulator, envelope(*events)).body["events_received"] == 100


def test_one_connection_serves_many_requests_and_many_connections_serve_at_once(simulator):
    def send_ten() -> list[int]:
        connection = http.client.HTTPConnection(urlsplit(simulator.url).netloc, timeout=HANG_SECONDS)
        statuses = []
        for _ in range(10):
            connection.request("POST", EVENTS_PATH, json.dumps(envelope(now_event())))
            answer = connection.getresponse()
            answer.read()
            statuses.append(answer.status)
        connection.close()
        return statuses

    with ThreadPoolExecutor(8) as pool:
        results = [pool.submit(send_ten) for _ in range(8)]
        assert [result.result() for result in results] == [[200] * 10] * 8
    assert len(simulator.requests) == 80


# Recording


def test_the_last_requests_are_kept_with_body_headers_status_and_answer(simulator):
    body = envelope(now_event())
    reply = post(simulator, body, headers={"X-Test": "yes"})
    (record,) = simulator.requests
    assert set(record) == {"path", "headers", "body", "status", "response"}
    assert record["path"] == EVENTS_PATH
    assert record["headers"]["x-test"] == "yes"
    assert record["body"] == body
    assert record["status"] == 200
    assert record["response"] == reply.body


def test_a_body_that_is_not_json_is_kept_as_text_and_a_query_with_the_path(simulator):
    path = EVENTS_PATH + "?access_token=" + quote(TOKEN)
    post(simulator, b"not json \xff", path)
    (record,) = simulator.requests
    assert record["path"] == path
    assert record["body"] == "not json \ufffd"
    assert record["status"] == 400


def test_requests_are_appended_to_a_file_that_only_its_owner_reads(tmp_path):
    file = tmp_path / "requests.jsonl"
    file.write_text("")
    file.chmod(0o644)
    with Simulator(record=file) as simulator:
        post(simulator, envelope(now_event(event_id="first")))
        first = file.read_text()
        post(simulator, envelope(now_event(event_name=None)))
    lines = [json.loads(line) for line in file.read_text().splitlines()]
    assert json.loads(first) == lines[0]
    assert [line["status"] for line in lines] == [200, 400]
    assert lines[0]["body"]["data"][0]["event_id"] == "first"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    with Simulator(record=file) as simulator:
        post(simulator, envelope(now_event()))
    assert len(file.read_text().splitlines()) == 3


# Control


def test_health_is_ok(simulator):
    assert call(simulator, "GET", "/_simulator/health").body == {"status": "ok"}


def test_recorded_requests_are_listed_oldest_first_up_to_a_limit(simulator):
    for name in ("One", "Two", "Three"):
        post(simulator, envelope(now_event(event_name=name)))
    listed = call(simulator, "GET", "/_simulator/requests?limit=2").body["requests"]
    assert [record["body"]["data"][0]["event_name"] for record in listed] == ["Two", "Three"]
    assert len(call(simulator, "GET", "/_simulator/requests").body["requests"]) == 3


def test_recorded_requests_can_be_forgotten(simulator):
    post(simulator, envelope(now_event()))
    assert call(simulator, "DELETE", "/_simulator/requests").status == 200
    assert simulator.requests == []


@pytest.mark.parametrize("limit", ["0", "-1", "many", "²"])
def test_a_limit_that_is_not_a_positive_integer_is_refused(simulator, limit):
    assert call(simulator, "GET", f"/_simulator/requests?limit={quote(limit)}").status == 400


def test_other_control_paths_and_methods_are_refused(simulator):
    assert call(simulator, "GET", "/_simulator/other").status == 404
    reply = call(simulator, "PUT", "/_simulator/faults")
    assert (reply.status, reply.headers["Allow"]) == (405, "GET, POST, DELETE")


def test_control_requests_are_not_recorded(simulator):
    call(simulator, "GET", "/_simulator/health")
    assert simulator.requests == []


# The server and its command


def test_a_stopped_simulator_answers_no_more():
    simulator = Simulator()
    simulator.start()
    simulator.stop()
    assert not simulator.is_running
    with pytest.raises(ConnectionRefusedError):
        call(simulator, "GET", "/_simulator/health")


def test_a_port_in_use_is_an_os_error(simulator):
    with pytest.raises(OSError, match="in use"):
        Simulator(port=urlsplit(simulator.url).port).start()


def start_command(*arguments: str) -> subprocess.Popen:
    command = [sys.executable, "manage.py", "graph_simulator", *arguments]
    return subprocess.Popen(
        command, cwd=PROJECT, env=dict(os.environ), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )


@pytest.mark.processes
@pytest.mark.parametrize("stop", [signal.SIGINT, signal.SIGTERM])
def test_the_command_prints_its_url_records_and_stops_cleanly(tmp_path, stop):
    file = tmp_path / "requests.jsonl"
    with start_command("--port", "0", "--record", str(file)) as process:
        line = process.stdout.readline()
        netloc = urlsplit(line.split()[-1]).netloc
        connection = http.client.HTTPConnection(netloc, timeout=HANG_SECONDS)
        connection.request("POST", EVENTS_PATH, json.dumps(envelope(now_event())))
        status = connection.getresponse().status
        process.send_signal(stop)
        output, errors = process.communicate(timeout=HANG_SECONDS)
        connection.close()
    assert line.startswith("Graph simulator listening on http://127.0.0.1:")
    assert status == 200
    assert (process.returncode, output, errors) == (0, "", "")
    assert len(file.read_text().splitlines()) == 1


@pytest.mark.processes
def test_the_command_says_why_it_cannot_start(tmp_path):
    with start_command("--port", "0", "--record", str(tmp_path / "missing" / "requests.jsonl")) as process:
        _, errors = process.communicate(timeout=HANG_SECONDS)
    assert process.returncode == 1
    assert "The Graph simulator cannot start" in errors
    assert "Traceback" not in errors


@pytest.mark.processes
@pytest.mark.parametrize("port", ["-1", "65536", "http", "²"])
def test_the_command_refuses_a_value_that_is_not_a_port(port):
    with start_command(f"--port={port}") as process:
        _, errors = process.communicate(timeout=HANG_SECONDS)
    assert process.returncode == 2
    assert "is not a port" in errors
