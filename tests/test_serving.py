"""The ASGI application in real processes: health, the second process, an orderly end.

Source: docs/reference/contracts.md, "Processes"; docs/reference/failures.md, "Process and broker".
"""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import requests

from tests import commands
from tests.product import PATIENCE_SECONDS as PATIENCE
from tests.product import answers, wait_for

ROOT = Path(__file__).parent.parent
pytestmark = pytest.mark.processes

PROPERTY = (
    "from properties.models import *; p = Property.objects.create(name='Shop');"
    "e = Environment.objects.create(prop=p, name='Production', stage='production');"
    "print(Datastream.objects.create(environment=e).uid)"
)
COUNT = "from rules.models import InboundEvent; print(InboundEvent.objects.count())"
EVENT = {"event": {"data": {"a": 1}}}
Serve = Callable[..., tuple[subprocess.Popen[bytes], str]]


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def env(request: pytest.FixtureRequest, tmp_path: Path) -> dict[str, str]:
    """The environment of a new installation with its tables."""
    url = request.getfixturevalue("postgres_url") if request.param == "postgres" else ""
    made = os.environ | {
        "DATA_DIR": str(tmp_path),
        "DATABASE_URL": url,
        "METRICS_TOKEN": "metrics-token-0123456789",
    }
    manage(made, "migrate", "--verbosity", "0")
    return made


def manage(env: dict[str, str], *arguments: str) -> str:
    return commands.manage(env, *arguments).stdout.strip()


def shell(env: dict[str, str], code: str) -> str:
    return manage(env, "shell", "--no-imports", "-c", code)


@pytest.fixture
def serve(env: dict[str, str]) -> Iterator[Serve]:
    """Start the application under uvicorn; yield the process and its address."""
    started = []

    def start(wait: bool = True) -> tuple[subprocess.Popen[bytes], str]:
        with socket.socket() as found:
            found.bind(("127.0.0.1", 0))
            port = found.getsockname()[1]
        command = [sys.executable, "-m", "uvicorn", "capi_admin.asgi:application", "--port", str(port)]
        process = subprocess.Popen(
            [*command, "--no-proxy-headers"], cwd=ROOT, env=env, stderr=subprocess.PIPE
        )
        started.append(process)
        address = f"http://127.0.0.1:{port}"
        if wait:
            wait_for(lambda: process.poll() is not None or answers(f"{address}/healthz"), "the server")
            assert process.poll() is None, process.communicate()[1].decode()
        return process, address

    yield start
    for process in started:
        process.kill()
        process.communicate()


def test_events_health_metrics_and_pages_come_from_one_process(env: dict[str, str], serve: Serve) -> None:
    datastream = shell(env, PROPERTY)
    process, address = serve()
    sent = requests.post(f"{address}/ee/v2/interact?datastreamId={datastream}", json=EVENT, timeout=PATIENCE)
    assert sent.status_code == 200
    assert requests.get(f"{address}/readyz", timeout=PATIENCE).json() == {"ready": True, "reason": ""}
    metrics = requests.get(f"{address}/metrics", timeout=PATIENCE).text
    assert "capi_events_accepted_total 1.0" in metrics
    assert 'capi_edge_answers_total{status="200"} 1.0' in metrics
    assert "capi_events_open 1.0" in metrics
    assert requests.get(f"{address}/login/", timeout=PATIENCE).status_code == 200
    process.send_signal(signal.SIGTERM)
    assert process.wait(PATIENCE) in {0, -signal.SIGTERM}


def test_metrics_through_a_proxy_need_the_token(serve: Serve) -> None:
    _, address = serve()
    for name in ("Forwarded", "Via", "X-Forwarded-For", "X-Forwarded-Proto", "X-Real-IP"):
        assert requests.get(f"{address}/metrics", headers={name: "x"}, timeout=PATIENCE).status_code == 403
    proxied = {"X-Forwarded-For": "198.51.100.1"}
    for token, status in (("wrong-token", 403), ("metrics-token-0123456789", 200)):
        headers = proxied | {"Authorization": f"Bearer {token}"}
        assert requests.get(f"{address}/metrics", headers=headers, timeout=PATIENCE).status_code == status


def test_it_is_not_ready_while_a_migration_is_missing(env: dict[str, str], serve: Serve) -> None:
    shell(
        env,
        "from django.db import connection; connection.cursor().execute("
        "\"DELETE FROM django_migrations WHERE app = 'axes'\")",
    )
    _, address = serve()
    answer = requests.get(f"{address}/readyz", timeout=PATIENCE)
    assert answer.status_code == 503
    assert "migrate" in answer.json()["reason"]


def test_it_is_not_ready_while_no_worker_handles_events(env: dict[str, str], serve: Serve) -> None:
    datastream = shell(env, PROPERTY)
    _, address = serve()
    requests.post(f"{address}/ee/v2/interact?datastreamId={datastream}", json=EVENT, timeout=PATIENCE)
    shell(
        env,
        "from rules.models import InboundEvent; e = InboundEvent.objects.get();"
        "InboundEvent.objects.update(id=e.id - (61_000 << 21))",
    )
    answer = requests.get(f"{address}/readyz", timeout=PATIENCE)
    assert answer.status_code == 503
    assert "worker" in answer.json()["reason"]


def test_a_second_process_is_refused_on_sqlite_and_welcome_on_postgresql(
    env: dict[str, str], serve: Serve
) -> None:
    serve()
    second, address = serve(wait=False)
    if env["DATABASE_URL"]:
        wait_for(lambda: answers(f"{address}/readyz"), "the second process")
        return
    assert second.wait(PATIENCE) != 0
    assert second.stderr is not None
    assert b"is locked" in second.stderr.read()


def test_a_stop_answers_what_was_begun_and_loses_nothing(env: dict[str, str], serve: Serve) -> None:
    datastream = shell(env, PROPERTY)
    process, address = serve()
    accepted = too_late = 0
    with requests.Session() as session:
        for number in range(200):
            if number == 150:
                process.send_signal(signal.SIGTERM)
            try:
                answer = session.post(
                    f"{address}/ee/v2/interact?datastreamId={datastream}",
                    json=EVENT,
                    timeout=PATIENCE,
                )
            except requests.ConnectionError:
                break
            accepted += answer.status_code == 200
            too_late += answer.status_code == 503
    process.wait(PATIENCE)
    assert accepted + too_late >= 150
    assert accepted
    assert accepted <= int(shell(env, COUNT)) <= accepted + too_late
