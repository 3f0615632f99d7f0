"""``manage.py up``: one command, real processes."""

from __future__ import annotations

import importlib
import os
import re
import signal
from pathlib import Path
from typing import Any

import pytest
import requests
from django.contrib.auth import get_user_model
from django.utils import timezone

from benchmarks import shop
from capi_admin.supervision import first_steps
from capi_admin.supervision.relay import relay
from tests.product import PATIENCE_SECONDS, Product, running, wait_for

pytestmark = pytest.mark.processes


def _children(process: int) -> list[int]:
    return [int(child) for child in Path(f"/proc/{process}/task/{process}/children").read_text().split()]


def _is_alive(process: int) -> bool:
    try:
        state = Path(f"/proc/{process}/stat").read_text().rsplit(")", 1)[1].split()[0]
    except OSError:
        return False
    return state != "Z"


def _command(process: int) -> bytes:
    return Path(f"/proc/{process}/cmdline").read_bytes()


def _log(product: Product) -> str:
    return product.log.read_text()


# Lines that `up` itself prints to standard output.
PRINTED = re.compile(
    r"(Preparing the database|Publishing the example properties|Starting|Sending a few sample events"
    r"|CAPI Admin is ready|Send an event|Create a property|Stop with Ctrl-C|Stopping) ?"
)
DATED = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z \[[a-z]+ *\] ")


def _undated(product: Product) -> list[str]:
    """Return lines of processes without date and time; indented ones belong to the line before."""
    lines = [line for line in _log(product).splitlines() if line and not line.startswith((" ", "\t"))]
    return [line for line in lines if not DATED.match(line) and not PRINTED.match(line)]


def test_the_demo_starts_shows_how_to_begin_delivers_and_stops_cleanly(tmp_path: Path) -> None:
    product = Product(tmp_path)
    product.start("--demo")
    try:
        wait_for(lambda: "Stop with Ctrl-C" in _log(product), "the welcome")
        wait_for(lambda: product.ledger()["accepted"] >= 4 and not product.ledger()["open"], "the samples")
        assert product.ledger()["delivered"] >= 1
        children = _children(product.process.pid)
        assert len(children) == 4
    finally:
        code = product.stop()
    steps = ["Preparing the database", "Publishing the example", "Starting", "Sending", "is ready", "curl"]
    places = [_log(product).find(step) for step in steps]
    assert -1 not in places
    assert places == sorted(places)
    assert f"{product.url}/" in _log(product)
    assert "curl -sS" in _log(product)
    assert product.password()
    assert _undated(product) == []
    assert code == 0
    assert not any(map(_is_alive, children))
    assert (tmp_path / "simulator.jsonl").stat().st_mode & 0o777 == 0o600


def test_demo_events_stay_here_when_meta_is_not_the_simulator(tmp_path: Path) -> None:
    simulator: Any = importlib.import_module("properties.extensions.meta_conversions_api.simulator")
    with simulator.Simulator() as graph:
        with running(tmp_path, "--demo", META_GRAPH_URL=graph.url) as product:
            wait_for(lambda: product.ledger()["deliveries"]["parked"] >= 1, "the samples to be parked")
            assert product.ledger()["delivered"] == 0
        assert graph.requests == []


def test_no_process_outlives_a_supervisor_that_was_killed(tmp_path: Path) -> None:
    product = Product(tmp_path)
    product.start()
    children = _children(product.process.pid)
    assert len(children) == 2
    os.kill(product.process.pid, signal.SIGKILL)
    product.process.wait()
    wait_for(lambda: not any(map(_is_alive, children)), "the children to end")


def test_a_second_one_on_the_same_data_is_refused(tmp_path: Path) -> None:
    with running(tmp_path) as product:
        refused = product.manage("up", "--port", "1", check=False)
        assert refused.returncode == 1
        assert "already runs" in refused.stderr


@pytest.mark.broker
@pytest.mark.parametrize("broker", ["redis_url", "amqp_url"])
def test_with_a_broker_celery_delivers_what_the_doorbell_announces(
    tmp_path: Path, broker: str, request: pytest.FixtureRequest
) -> None:
    simulator: Any = importlib.import_module("properties.extensions.meta_conversions_api.simulator")
    environment = {"CELERY_BROKER_URL": request.getfixturevalue(broker)}
    with (
        simulator.Simulator() as graph,
        running(tmp_path, META_GRAPH_URL=graph.url, **environment) as product,
    ):
        applied = product.apply(shop.document(), "--publish", "production")
        datastream = applied["environments"]["production"]["datastream_id"]
        url = f"{product.url}/ee/v2/interact?datastreamId={datastream}"
        assert len(_children(product.process.pid)) == 3

        def deliver(event_id: str) -> None:
            assert requests.post(url, json=shop.event(event_id), timeout=PATIENCE_SECONDS).ok
            wait_for(lambda: any(event_id in str(r["body"]) for r in list(graph.requests)), "the event")

        deliver("first")
        [schedule] = [it for it in _children(product.process.pid) if b"beat" in _command(it)]
        os.kill(schedule, signal.SIGSTOP)
        try:
            # One message of the schedule may still wait in the queue.
            for number in range(3):
                deliver(f"event-{number}")
        finally:
            os.kill(schedule, signal.SIGCONT)
    assert _undated(product) == []


def test_whatever_a_process_prints_becomes_a_line_of_the_log(
    caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level("INFO", "capi_admin")
    reader, writer = os.pipe()
    thread = relay(os.fdopen(reader, "rb"), "web")
    os.write(writer, b"2026-11-30T16:13:08.123456Z [info     ] ours\n    goes on\n\nprinted, and the last")
    os.close(writer)
    thread.join(PATIENCE_SECONDS)
    assert [(record.name, record.getMessage()) for record in caplog.records] == [
        ("capi_admin.web", "printed, and the last")
    ]
    assert "Z [info     ] ours\n    goes on\n" in capfd.readouterr().err


def test_the_password_is_new_each_time_until_somebody_has_signed_in(db: None) -> None:
    first, second = first_steps.one_time_password(), first_steps.one_time_password()
    assert first != second
    user = get_user_model().objects.get(username="admin")
    assert user.check_password(second or "")
    assert not user.check_password(first or "")
    user.last_login = timezone.now()
    user.save()
    assert first_steps.one_time_password() is None
