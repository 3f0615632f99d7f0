"""The fault run: web and worker are killed while events arrive, and Meta answers with faults.

``python -m benchmarks.chaos [--events 20000]`` prints one JSON object, and exits 1 if an accepted event was
lost. ``DATABASE_URL`` names a PostgreSQL database for the run; without it SQLite is used.
"""

from __future__ import annotations

import argparse
import importlib
import json
import os
import random
import signal
import tempfile
import threading
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import requests

from benchmarks import shop
from tests.product import Product

SENDERS = 8
GIVE_UP_SECONDS = 120.0
DRAIN_SECONDS = 180.0
FAULTS = {"server_error": 0.05, "reset_before": 0.02, "reset_after": 0.02, "slow": 0.02}
PROGRAMS = {"web": "uvicorn", "worker": "deliver"}


class Killer(threading.Thread):
    """Kills web and worker in turns, without warning, as the senders progress.

    Args:
        supervisor: Process id of ``manage.py up``, the parent of both.
        every_events: Mean number of accepted events between two kills. Counted in events, so that a killed
            process also serves again on a slow machine before its next kill.
    """

    def __init__(self, supervisor: int, senders: Senders, every_events: float) -> None:
        super().__init__(daemon=True)
        self.kills: Counter[str] = Counter()
        self._supervisor = supervisor
        self._senders = senders
        self._every_events = every_events
        self._stopped = threading.Event()

    def run(self) -> None:
        due = self._every_events
        while not self._stopped.wait(0.02):
            if self._senders.answers >= due:
                least = min(PROGRAMS, key=lambda name: self.kills[name])
                self.kills[least] += self._kill(least)
                due = self._senders.answers + self._every_events * random.uniform(0.5, 1.5)

    def stop(self) -> None:
        self._stopped.set()
        self.join()

    def _kill(self, name: str) -> int:
        """Return how many processes with this name ended."""
        found = [child for child in _children(self._supervisor) if PROGRAMS[name] in _command(child)]
        for process in found:
            os.kill(process, signal.SIGKILL)
        return len(found)


def _children(process: int) -> list[int]:
    return [int(child) for child in Path(f"/proc/{process}/task/{process}/children").read_text().split()]


def _command(process: int) -> str:
    try:
        return Path(f"/proc/{process}/cmdline").read_text()
    except OSError:
        return ""


class Senders:
    """Servers that send every event until it is accepted, as a client must.

    Args:
        url: The endpoint, with the datastream.
        per_second: Pace of all senders together.
    """

    def __init__(self, url: str, per_second: float) -> None:
        self.answers = 0
        self._url = url
        self._pause = SENDERS / per_second
        self._of_thread = threading.local()
        self._lock = threading.Lock()

    def send(self, event_ids: list[str]) -> list[str]:
        """Return the events that were accepted."""
        with ThreadPoolExecutor(SENDERS) as pool:
            accepted = list(pool.map(self._send_until_accepted, event_ids))
        return [event_id for event_id, is_accepted in zip(event_ids, accepted, strict=True) if is_accepted]

    def _send_until_accepted(self, event_id: str) -> bool:
        deadline = time.monotonic() + GIVE_UP_SECONDS
        while time.monotonic() < deadline:
            time.sleep(self._pause)
            if self._send(event_id):
                with self._lock:
                    self.answers += 1
                return True
        return False

    def _send(self, event_id: str) -> bool:
        if not hasattr(self._of_thread, "session"):
            self._of_thread.session = requests.Session()
            self._of_thread.session.trust_env = False
        try:
            return bool(self._of_thread.session.post(self._url, json=shop.event(event_id), timeout=10).ok)
        except requests.RequestException:
            return False


def run(
    folder: Path, events: int, *, per_second: float, kill_every: int, faults: bool, **env: str
) -> dict[str, Any]:
    """Send events through kills and faults, wait until all are processed, and compare both ends.

    Args:
        folder: Empty; becomes the data folder.
        per_second: Pace of the senders.
        kill_every: Mean number of accepted events between two kills.
        faults: Whether Meta answers with faults too.
        env: Variables of the product, such as ``DATABASE_URL``.

    Returns:
        The figures of docs/reference/contracts.md, "Figures", and the ledger.
    """
    simulator: Any = importlib.import_module("properties.extensions.meta_conversions_api.simulator")
    record = folder / "graph.jsonl"
    started = time.monotonic()
    with simulator.Simulator(record=record) as graph:
        product = Product(folder, META_GRAPH_URL=graph.url, **env)
        product.start()
        try:
            accepted, kills, ledger = _through_kills(product, graph, events, per_second, kill_every, faults)
        finally:
            product.stop()
    received, surplus = _received(record)
    return {
        "accepted": len(accepted),
        "delivered": len(set(accepted) & set(received)),
        "lost": len(set(accepted) - set(received)),
        "surplus_posts": surplus,
        "surplus_events": sum(received.values()) - len(received),
        "kills": kills,
        "seconds": round(time.monotonic() - started, 1),
        "ledger": ledger,
    }


def _through_kills(
    product: Product, graph: Any, events: int, per_second: float, kill_every: int, faults: bool
) -> tuple[list[str], dict[str, int], dict[str, Any]]:
    applied = product.apply(shop.document(), "--publish", "production")
    datastream = applied["environments"]["production"]["datastream_id"]
    for kind, share in FAULTS.items() if faults else ():
        graph.inject(kind, share=share, seconds=1.0)
    senders = Senders(f"{product.url}/ee/v2/interact?datastreamId={datastream}", per_second)
    killer = Killer(product.process.pid, senders, kill_every)
    killer.start()
    accepted = senders.send([f"event-{number}" for number in range(events)])
    killer.stop()
    graph.clear_faults()
    return accepted, dict(killer.kills), _drained(product)


def _drained(product: Product) -> dict[str, Any]:
    """Return the ledger once nothing is open any more, or after a time limit."""
    deadline = time.monotonic() + DRAIN_SECONDS
    while (ledger := product.ledger())["open"] and time.monotonic() < deadline:
        time.sleep(1)
    return ledger


def _received(record: Path) -> tuple[Counter[str], int]:
    """Return how often Meta accepted each event, and how many requests repeated an accepted one.

    A request whose answer got lost counts as accepted.
    """
    taken: Counter[str] = Counter()
    surplus = 0
    with record.open() as lines:
        for line in map(json.loads, lines):
            if line["status"] == 200 or line.get("fault") == "reset_after":
                events = [event["event_id"] for event in line["body"]["data"]]
                surplus += any(event in taken for event in events)
                taken.update(events)
    return taken, surplus


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--events", type=int, default=5_000)
    parser.add_argument("--per-second", type=float, default=300.0)
    parser.add_argument("--kill-every", type=int, default=400)
    options = parser.parse_args()
    names = ("DATABASE_URL", "SECRET_KEY", "ENCRYPTION_KEYS")
    env = {name: os.environ[name] for name in names if os.environ.get(name)}
    with tempfile.TemporaryDirectory(prefix="chaos_") as folder:
        result = run(
            Path(folder),
            options.events,
            per_second=options.per_second,
            kill_every=options.kill_every,
            faults=True,
            **env,
        )
    print(json.dumps(result))
    raise SystemExit(1 if result["lost"] or not result["ledger"]["balanced"] else 0)


if __name__ == "__main__":
    main()
