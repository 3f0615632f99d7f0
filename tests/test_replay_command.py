"""``manage.py replay`` from outside, on a running product whose worker is killed meanwhile.

Source: docs/operating.md, "Sending again".
"""

from __future__ import annotations

import importlib
import json
import os
import secrets
import signal
import sqlite3
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import psycopg
import pytest
import requests
from cryptography.fernet import Fernet

from benchmarks import shop
from tests.product import PATIENCE_SECONDS, Product, running, wait_for

PAUSE_SECONDS = 1.0
# An edge looks for new builds at least once a second.
EDGE_SECONDS = 1.2
"""Between two looks at the ledger."""
MANY = [f"many-{number}" for number in range(250)]
"""More events than a worker claims of a replay at once."""


@pytest.fixture
def graph() -> Iterator[Any]:
    simulator: Any = importlib.import_module("properties.extensions.meta_conversions_api.simulator")
    with simulator.Simulator() as meta:
        yield meta


@pytest.mark.processes
def test_replay_on_sqlite_without_a_broker(tmp_path: Path, graph: Any) -> None:
    with running(tmp_path, META_GRAPH_URL=graph.url) as product:
        drive(Shop(product, graph))


@pytest.mark.processes
@pytest.mark.postgres
@pytest.mark.broker
def test_replay_on_postgresql_and_rabbitmq(
    tmp_path: Path, graph: Any, postgres_url: str, amqp_url: str
) -> None:
    keys = {"SECRET_KEY": secrets.token_urlsafe(64), "ENCRYPTION_KEYS": Fernet.generate_key().decode()}
    servers = {"DATABASE_URL": postgres_url, "CELERY_BROKER_URL": amqp_url}
    with running(tmp_path, META_GRAPH_URL=graph.url, **servers, **keys) as product:
        drive(Shop(product, graph))


def drive(shop: Shop) -> None:
    """Try every option of the command, one after the other."""
    with Watch(shop.product) as watch:
        shop.publish(currency="{{Currency}}")
        shop.send(*MANY)
        moment = datetime.now(UTC).isoformat()
        shop.send("order-1", "order-2")
        _sends_nothing_while_it_only_counts(shop)
        _fails_again_by_the_build_of_its_day(shop, moment)
        shop.publish(currency="USD")
        _chooses_by_cause(shop)
        _chooses_by_time(shop, moment)
        _sends_all_though_the_worker_is_killed(shop)
        _sends_what_is_named_though_it_was_delivered(shop)
        _refuses_what_is_too_old(shop)
    assert len(watch.ledgers) > 3
    assert [ledger for ledger in watch.ledgers if not ledger.get("balanced")] == []


class Shop:
    """A shop on a running product, and the events that Meta got from it."""

    def __init__(self, product: Product, graph: Any) -> None:
        self.product, self.graph = product, graph

    def publish(self, *, currency: str) -> None:
        document = shop.document()
        path = {"delegate": "core::dataElements::path"}
        for name in ("currency", "value"):
            element = {"name": name.title(), **path, "settings": {"path": f"arc.event.data.{name}"}}
            document["data_elements"].append(element)
        money = {"currency": currency, "value": "{{Value}}"}
        purchase = {"eventName": "Purchase", "customData": money}
        document["rules"][0]["actions"][0]["settings"] |= purchase
        applied = self.product.apply(document, "--publish", "production")
        time.sleep(EDGE_SECONDS)
        self.name, self.id = document["property"]["name"], applied["property_id"]
        datastream = applied["environments"]["production"]["datastream_id"]
        self._url = f"{self.product.url}/ee/v2/collect?datastreamId={datastream}"

    def send(self, *orders: str, **data: Any) -> None:
        """Send purchases, and wait until they have ended."""
        events = [self._purchase(order, **data) for order in orders]
        answer = requests.post(self._url, json={"events": events}, timeout=PATIENCE_SECONDS)
        assert answer.status_code == 202, answer.text
        self.wait()

    def _purchase(self, order: str, *, at: datetime | None = None, **data: Any) -> dict[str, Any]:
        event: dict[str, Any] = shop.event(order)["event"]
        event["data"] |= {"value": 24.9, **data}
        if at:
            event["xdm"]["timestamp"] = at.isoformat()
        return event

    def wait(self) -> None:
        """Wait until nothing is open and no replay runs."""
        wait_for(lambda: not self.open() and not self.waiting(), "everything to end")

    def counted(self) -> tuple[int, int, int]:
        """Accepted, delivered and failed, once all has ended."""
        self.wait()
        ledger = self.product.ledger()
        return ledger["accepted"], ledger["delivered"], ledger["dead"]

    def replay(self, *options: str, prop: str = "") -> dict[str, Any]:
        command = ["replay", "--property", prop or self.name, *options, "--json"]
        report: dict[str, Any] = json.loads(self.product.manage(*command).stdout)
        assert set(report) == {"eligible", "refused", "queued"}
        return report

    def got(self) -> Counter[str]:
        """Return how often Meta has accepted each purchase, by its ID."""
        taken = [request for request in list(self.graph.requests) if request["status"] == 200]
        events = [event for request in taken for event in request["body"]["data"]]
        assert {event["event_name"] for event in events} <= {"Purchase"}
        return Counter(event["event_id"] for event in events)

    def waiting(self) -> int:
        """Events of replays that still wait."""
        [[number]] = self._rows("SELECT count(*) FROM rules_replayedevent WHERE state = 'waiting'")
        return int(number)

    def open(self) -> int:
        [[number]] = self._rows("SELECT count(*) FROM rules_inboundevent WHERE state IN ('received', 'open')")
        return int(number)

    def our_id(self, order: str) -> str:
        of_order = f"server_event_id = '{order}'"
        [[found]] = self._rows(f"SELECT max(event_id) FROM rules_delivery WHERE {of_order}")  # noqa: S608
        return str(found)

    def _rows(self, query: str) -> list[Any]:
        url = self.product.environment.get("DATABASE_URL")
        file = self.product.folder / "db.sqlite3"
        opened: Any = psycopg.connect(url) if url else sqlite3.connect(file, timeout=30)
        with closing(opened) as connection:
            return list(connection.execute(query).fetchall())

    def kill_worker(self) -> None:
        """With the processes that it has started."""
        found = [it for it in _children(self.product.process.pid) if _is_worker(it)]
        assert len(found) == 1, found
        for process in [*_children(found[0]), *found]:
            os.kill(process, signal.SIGKILL)


class Watch:
    """Reads the ledger continuously."""

    def __init__(self, product: Product) -> None:
        self.ledgers: list[dict[str, Any]] = []
        self._product = product
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._look)

    def __enter__(self) -> Watch:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stopped.set()
        self._thread.join(PATIENCE_SECONDS)

    def _look(self) -> None:
        while not self._stopped.wait(PAUSE_SECONDS):
            self.ledgers.append(self._product.ledger())


def _children(process: int) -> list[int]:
    threads = Path(f"/proc/{process}/task").glob("*/children")
    return [int(child) for file in threads for child in file.read_text().split()]


def _is_worker(process: int) -> bool:
    words = Path(f"/proc/{process}/cmdline").read_text().split("\0")
    return "deliver" in words or "worker" in words


# The attempts, in this order


def _sends_nothing_while_it_only_counts(shop: Shop) -> None:
    assert shop.counted() == (252, 0, 252)
    assert shop.replay("--dry-run") == {"eligible": 252, "refused": {}, "queued": 0}
    printed = shop.product.manage("replay", "--property", shop.name, "--dry-run").stdout
    assert printed == "252 can be sent again.\n0 wait for their turn.\n"
    assert (shop.waiting(), shop.open(), shop.got()) == (0, 0, {})


def _fails_again_by_the_build_of_its_day(shop: Shop, moment: str) -> None:
    report = shop.replay("--since", moment, "--build", "original")
    assert report == {"eligible": 2, "refused": {}, "queued": 2}
    assert shop.counted() == (252, 0, 252)
    assert shop.got() == {}


def _chooses_by_cause(shop: Shop) -> None:
    shop.graph.inject("invalid", share=1.0)
    shop.send("order-3")
    shop.graph.clear_faults()
    assert shop.replay("--cause", "purchase_incomplete", "--dry-run")["eligible"] == 252
    assert shop.replay("--cause", "100") == {"eligible": 1, "refused": {}, "queued": 1}
    assert shop.counted() == (253, 1, 252)
    assert shop.got() == {"order-3": 1}


def _chooses_by_time(shop: Shop, moment: str) -> None:
    """Without an option the live build is used."""
    assert shop.replay("--since", moment, prop=shop.id) == {"eligible": 2, "refused": {}, "queued": 2}
    assert shop.counted() == (253, 3, 250)
    assert shop.got() == {f"order-{number}": 1 for number in (1, 2, 3)}


def _sends_all_though_the_worker_is_killed(shop: Shop) -> None:
    # Meta accepts the first part, and the worker dies before the answer arrives.
    shop.graph.inject("slow", share=1.0, seconds=3.0)
    assert shop.replay() == {"eligible": 250, "refused": {}, "queued": 250}
    wait_for(shop.open, "the first part")
    shop.kill_worker()
    assert shop.product.ledger()["balanced"]
    again = shop.replay()
    assert (again["eligible"], again["queued"]) == (0, 0)
    assert set(again["refused"]) <= {"under_way"}
    shop.graph.clear_faults()
    assert shop.counted() == (253, 253, 0)
    assert set(shop.got()) == {*MANY, "order-1", "order-2", "order-3"}


def _sends_what_is_named_though_it_was_delivered(shop: Shop) -> None:
    named = ["--event", "order-1", "--event", shop.our_id("order-2"), "--event", "order-unknown"]
    assert shop.replay(*named) == {"eligible": 2, "refused": {"not_found": 1}, "queued": 2}
    assert shop.counted() == (253, 253, 0)
    assert [shop.got()[f"order-{number}"] for number in (1, 2, 3)] == [2, 2, 1]


def _refuses_what_is_too_old(shop: Shop) -> None:
    shop.send("order-of-last-week", at=datetime.now(UTC) - timedelta(days=8))
    assert shop.replay() == {"eligible": 0, "refused": {"too_old": 1}, "queued": 0}
    assert "order-of-last-week" not in shop.got()
