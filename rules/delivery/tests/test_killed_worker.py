"""A worker is killed while a vendor has its request: deliveries that may not be repeated are not.

Source: docs/adding_an_extension.md, "What may not be sent twice" and "An answer that comes later".
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.machine import ROOT
from tests.small_vendor import Got, SmallServer, serving

pytestmark = pytest.mark.processes
PATIENCE = 240


@pytest.fixture
def listening() -> Iterator[SmallServer]:
    with serving() as server:
        yield server


class Workers:
    """Worker processes that deliver from one database."""

    def __init__(self, url: str, server: SmallServer, data: Path) -> None:
        self.server = server
        self._environment = {
            **os.environ,
            "DATABASE_URL": url,
            "DATA_DIR": str(data),
            "SMALL_URL": server.url,
            "DJANGO_SETTINGS_MODULE": "capi_admin.settings",
        }

    def start(self, *arguments: str) -> subprocess.Popen[str]:
        command = [sys.executable, "-m", "rules.delivery.tests.killed_worker", *arguments]
        pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
        return subprocess.Popen(command, cwd=ROOT, env=self._environment, **pipes)  # type: ignore[call-overload, no-any-return]

    def run(self, *arguments: str) -> dict[str, Any]:
        """Run these arguments and return the outcomes of the events."""
        process = self.start(*arguments)
        said, complaint = process.communicate(timeout=PATIENCE)
        assert process.returncode == 0, complaint
        found: dict[str, Any] = json.loads(said)
        return found

    def kill_at(self, method: str) -> None:
        """Kill a worker when the server has its request and has not answered."""
        has_it, may_go_on = threading.Event(), threading.Event()

        def respond(got: Got) -> None:
            if got.method == method:
                has_it.set()
                may_go_on.wait(30)

        self.server.respond = respond
        process = self.start("work")
        try:
            assert has_it.wait(PATIENCE)
        finally:
            process.kill()
            process.wait(10)
            may_go_on.set()


def sent_once(workers: Workers) -> None:
    workers.run("prepare:collect")
    workers.kill_at("POST")
    workers.server.respond = lambda got: (200, {})
    assert workers.run("work", "work") == {
        "deliveries": ["dead", "dead"],
        "codes": ["unclear"],
        "events": ["dead", "dead"],
        "attempts": ["unknown", "unknown"],
        "balanced": True,
    }
    assert workers.server.posted() == [[1, 2]]


def asked_again(workers: Workers) -> None:
    workers.server.respond = lambda got: (200, {"requestId": "req-1"})
    assert workers.run("prepare:ingest", "work")["deliveries"] == ["pending", "pending"]
    workers.kill_at("GET")
    workers.server.respond = lambda got: (200, {"events": [{"status": "PROCESSED"}, {"status": "FAILED"}]})
    assert workers.run("work") == {
        "deliveries": ["delivered", "dead"],
        "codes": ["FAILED", "PROCESSED"],
        "events": ["delivered", "dead"],
        "attempts": ["accepted", "delivered", "accepted", "rejected"],
        "balanced": True,
    }
    assert workers.server.posted() == [[1, 2]]
    assert workers.server.asked() == ["/status?requestId=req-1"] * 2


each_story = pytest.mark.parametrize("story", [sent_once, asked_again], ids=lambda story: story.__name__)


@each_story
def test_with_sqlite(tmp_path: Path, listening: SmallServer, story: Callable[[Workers], None]) -> None:
    story(Workers(f"sqlite:///{tmp_path / 'db.sqlite3'}", listening, tmp_path))


@each_story
@pytest.mark.postgres
def test_with_postgresql(
    tmp_path: Path, listening: SmallServer, postgres_url: str, story: Callable[[Workers], None]
) -> None:
    story(Workers(postgres_url, listening, tmp_path))
