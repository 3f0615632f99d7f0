"""Time from the receipt of an event to its delivery, at a paced load, compared with one direct request to the
vendor.

A fake Meta in another process takes 50 ms for each request.
"""

from __future__ import annotations

import asyncio
import json
import sqlite3
import statistics
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from pathlib import Path
from typing import Any

import requests

from benchmarks import serving, shop

VENDOR_SECONDS = 0.05
RATES = (200, 500)
PASSES = 5
SECONDS = 4.0
SENDERS = 8
DIRECT_REQUESTS = 40


async def application(
    scope: Any, receive: Callable[[], Awaitable[Any]], send: Callable[[Any], Awaitable[None]]
) -> None:
    """Accept every event after the same time, as the fake vendor."""
    if scope["type"] != "http":
        return
    body = b""
    while True:
        message = await receive()
        body += message.get("body", b"")
        if not message.get("more_body"):
            break
    answer = b"{}"
    if scope["method"] == "POST":
        await asyncio.sleep(VENDOR_SECONDS)
        answer = json.dumps({"events_received": len(json.loads(body)["data"]), "messages": []}).encode()
    length = str(len(answer)).encode()
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", length)]})
    await send({"type": "http.response.body", "body": answer})


def run() -> Iterator[dict[str, Any]]:
    """Yield one figure for each rate: median milliseconds; the detail names the 99th percentile."""
    with (
        serving.installation() as plain,
        serving.served("benchmarks.latency:application", plain) as vendor,
        serving.installation(META_GRAPH_URL=vendor) as env,
        _working(env) as url,
    ):
        for rate in RATES:
            yield _figure(rate, [_pass(url, vendor, Path(env["DATA_DIR"]), rate) for _ in range(PASSES)])


class _working:
    """Edge, worker and a published property; entering returns the address that accepts events."""

    def __init__(self, env: Mapping[str, str]) -> None:
        self._env = env
        self._edge = serving.served("capi_admin.asgi:application", env)

    def __enter__(self) -> str:
        file = Path(self._env["DATA_DIR"]) / "document.json"
        file.write_text(json.dumps(shop.document()))
        applied = json.loads(serving.manage(self._env, "apply", str(file), "--publish", "production"))
        command = [sys.executable, "manage.py", "deliver", "--forever"]
        self._worker = subprocess.Popen(command, cwd=serving.ROOT, env=self._env)
        datastream = applied["environments"]["production"]["datastream_id"]
        return f"{self._edge.__enter__()}/ee/v2/interact?datastreamId={datastream}"

    def __exit__(self, *exception: Any) -> None:
        self._edge.__exit__(*exception)
        self._worker.terminate()
        self._worker.wait(timeout=30)


def _pass(url: str, vendor: str, folder: Path, rate: int) -> dict[str, float]:
    direct = _direct(vendor)
    number = round(rate * SECONDS)
    since = _newest(folder)
    _send(url, number, rate)
    delays = sorted(_delays(folder, since, number))
    direct += _direct(vendor)
    return {
        "p50": statistics.median(delays),
        "p99": delays[int(len(delays) * 0.99)],
        "direct": statistics.median(direct),
    }


def _direct(vendor: str) -> list[float]:
    """Return milliseconds of single requests to the vendor, one after the other, on one connection."""
    taken = []
    with requests.Session() as session:
        session.trust_env = False
        for _ in range(DIRECT_REQUESTS):
            started = time.perf_counter()
            session.post(f"{vendor}/v25.0/1/events", json={"data": [{}]}, timeout=5).raise_for_status()
            taken.append((time.perf_counter() - started) * 1000)
    return taken


def _send(url: str, number: int, rate: int) -> None:
    start = time.perf_counter() + 0.1

    def send(sender: int) -> None:
        with requests.Session() as session:
            session.trust_env = False
            for position in range(sender, number, SENDERS):
                time.sleep(max(0.0, start + position / rate - time.perf_counter()))
                event = shop.event(f"{start}-{position}")
                session.post(url, json=event, timeout=10).raise_for_status()

    with ThreadPoolExecutor(SENDERS) as pool:
        list(pool.map(send, range(SENDERS)))


def _newest(folder: Path) -> int:
    with sqlite3.connect(folder / "db.sqlite3") as database:
        return int(database.execute("SELECT coalesce(max(id), 0) FROM rules_inboundevent").fetchone()[0])


def _delays(folder: Path, since: int, number: int) -> list[float]:
    """Return milliseconds from receipt to the written delivery, of every event of a pass."""
    statement = "SELECT received_at, done_at FROM rules_inboundevent WHERE id > ? AND state = 'delivered'"
    rows: list[tuple[str, str]] = []
    deadline = time.monotonic() + 60
    while len(rows) < number and time.monotonic() < deadline:
        time.sleep(0.2)
        with sqlite3.connect(folder / "db.sqlite3") as database:
            rows = database.execute(statement, (since,)).fetchall()
    assert len(rows) == number, f"{len(rows)} of {number} events were delivered"
    parse = datetime.fromisoformat
    return [(parse(done) - parse(received)).total_seconds() * 1000 for received, done in rows]


def _figure(rate: int, passes: list[dict[str, float]]) -> dict[str, Any]:
    middle = {name: statistics.median(each[name] for each in passes) for name in passes[0]}
    return {
        "name": f"accepted to delivered at {rate} events/s, median",
        "value": round(middle["p50"], 1),
        "unit": "ms",
        "baseline": round(middle["direct"], 1),
        "ratio": round(middle["p50"] / middle["direct"], 2),
        "detail": (
            f"baseline: one direct request to the same fake vendor, {VENDOR_SECONDS * 1000:.0f} ms each; "
            f"p99 {middle['p99']:.1f} ms; SQLite FULL, one edge and one worker process; median of {PASSES} "
            f"passes of {SECONDS:.0f} s, baseline before and after each; load: {SENDERS} paced threads"
        ),
    }
