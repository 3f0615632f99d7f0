"""How many events are accepted: durable before the 2xx, one event per request or 200.

The targets of docs/performance.md: single events at least 0.40 of the bare endpoint and 5 times the ORM, on
SQLite and on PostgreSQL; in batches of 200 at least 4 times as many events as single ones.
"""

from __future__ import annotations

import json
import secrets
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

from cryptography.fernet import Fernet

from .load import CONNECTIONS, Load, generator_name, press
from .serving import installation, manage, postgres_database, served

PASSES = 7
SECONDS = 2.0
WARM_UP_SECONDS = 0.5
BATCH, BATCH_CONNECTIONS = 200, 4
BARE, ORM, EDGE, BATCHES = "bare", "orm", "edge", "batches"
DETAILS = {
    BARE: "baseline: the same server parses the body (msgspec) and answers 202",
    ORM: "baseline: Django's WSGI handler in a thread of that server, no middleware, objects.create",
    EDGE: "baseline: one event per request",
}
DATASTREAM = (
    "from properties.models import *; p = Property.objects.create(name='Bench');"
    "e = Environment.objects.create(prop=p, name='Production', stage='production');"
    "print(Datastream.objects.create(environment=e).uid)"
)


@dataclass(frozen=True)
class Target:
    """A target of the load: an address, a body, the events in it, and the number of connections."""

    url: str
    body: bytes
    events: int = 1
    connections: int = CONNECTIONS

    def press(self, seconds: float) -> Load:
        return press(self.url, self.body, seconds, self.connections)


def sample_event() -> dict[str, Any]:
    """Return a purchase as a shop sends it, about 1.5 kB."""
    items = [
        {"SKU": f"SKU-{number}", "name": f"Product number {number}", "quantity": number, "priceTotal": 19.99}
        for number in range(1, 6)
    ]
    return {
        "xdm": {
            "eventType": "commerce.purchases",
            "web": {
                "webPageDetails": {
                    "URL": "https://shop.example/checkout/thanks?order=1000231",
                    "name": "Thanks",
                },
                "webReferrer": {"URL": "https://shop.example/checkout/payment"},
            },
            "commerce": {"order": {"priceTotal": 99.95, "currencyCode": "EUR", "purchaseID": "1000231"}},
            "productListItems": items,
            "device": {"screenHeight": 1080, "screenWidth": 1920, "screenOrientation": "landscape"},
            "placeContext": {"localTimezoneOffset": -60, "localTime": "2026-03-01T13:00:00.000+01:00"},
            "implementationDetails": {"name": "https://ns.adobe.com/experience/alloy", "version": "2.33.1"},
        },
        "data": {
            "user": {"email": "jane.doe@example.com", "phone": "+1 650 555 1212", "firstName": "Jane"},
            "address": {"city": "Menlo Park", "state": "CA", "zip": "94025", "country": "US"},
            "fbp": "fb.1.1700000000000.1234567890",
        },
    }


def run() -> Iterator[dict[str, Any]]:
    """Yield figures of the edge and its baselines, on SQLite and, if there is a server, on PostgreSQL."""
    yield from _figures("SQLite WAL synchronous=FULL", {})
    with postgres_database() as url:
        if url:
            keys = {
                "SECRET_KEY": secrets.token_urlsafe(64),
                "ENCRYPTION_KEYS": Fernet.generate_key().decode(),
            }
            yield from _figures("PostgreSQL synchronous_commit=on", {"DATABASE_URL": url, **keys})


def _figures(database: str, variables: Mapping[str, str]) -> Iterator[dict[str, Any]]:
    with installation(**variables) as env:
        datastream = manage(env, "shell", "--no-imports", "-c", DATASTREAM).strip()
        with served("benchmarks.ingest_app:application", env) as address:
            targets = _targets(address, datastream)
            warm_up = {name: it.press(WARM_UP_SECONDS) for name, it in targets.items()}
            passes = list(_passes(targets))
        _check_rows(env, targets, [warm_up, *passes])
    setup = f"{database}, {len(targets[EDGE].body)} bytes an event"
    yield _figure(f"durable single-event ingest over the bare JSON endpoint, {setup}", passes, EDGE, BARE)
    yield _figure(f"durable single-event ingest over an ORM create per request, {setup}", passes, EDGE, ORM)
    yield _figure(f"durable ingest in requests of {BATCH} events, {setup}", passes, BATCHES, EDGE, BATCH)


def _targets(address: str, datastream: str) -> dict[str, Target]:
    event = sample_event()
    single, many = (json.dumps(body).encode() for body in ({"event": event}, {"events": [event] * BATCH}))
    query = f"datastreamId={datastream}"
    return {
        BARE: Target(f"{address}/bare", single),
        ORM: Target(f"{address}/orm", single),
        EDGE: Target(f"{address}/ee/v2/interact?{query}", single),
        BATCHES: Target(f"{address}/ee/v2/collect?{query}", many, BATCH, BATCH_CONNECTIONS),
    }


def _passes(targets: Mapping[str, Target]) -> Iterator[dict[str, Load]]:
    """Yield interleaved passes, in reversed order every other time."""
    for number in range(PASSES):
        order = list(targets) if number % 2 else list(reversed(targets))
        yield {name: targets[name].press(SECONDS) for name in order}


def _check_rows(env: Mapping[str, str], targets: Mapping[str, Target], passes: list[dict[str, Load]]) -> None:
    """Check that every 2xx has a row: without one, the event was not accepted."""
    storing = [(targets[name].events, loads[name]) for loads in passes for name in (ORM, EDGE, BATCHES)]
    accepted = sum(events * load.accepted for events, load in storing)
    unsure = sum(events * load.unsure for events, load in storing)
    stored = _count_rows(env)
    assert accepted <= stored <= accepted + unsure, f"{accepted} were accepted, {stored} are stored"


def _count_rows(env: Mapping[str, str]) -> int:
    count = "SELECT count(*) FROM rules_inboundevent"
    if env.get("DATABASE_URL"):
        import psycopg

        with psycopg.connect(env["DATABASE_URL"]) as connection:
            return int(connection.execute(count).fetchall()[0][0])
    with closing(sqlite3.connect(Path(env["DATA_DIR"]) / "db.sqlite3")) as connection:
        return int(connection.execute(count).fetchone()[0])


def _figure(
    name: str, passes: list[dict[str, Load]], ours: str, baseline: str, events: int = 1
) -> dict[str, Any]:
    ratios = [events * loads[ours].per_second / loads[baseline].per_second for loads in passes]
    return {
        "name": name,
        "value": round(events * median(loads[ours].per_second for loads in passes)),
        "unit": "events/s",
        "baseline": round(median(loads[baseline].per_second for loads in passes)),
        "ratio": round(median(ratios), 2),
        "detail": (
            f"{DETAILS[baseline]}; uvicorn (uvloop, httptools), one process; {len(passes)} passes of"
            f" {SECONDS:g} s each, interleaved, order reversed every other time, ratio = median of the"
            f" passes' ratios ({min(ratios):.2f} to {max(ratios):.2f}); {generator_name()}, batches over"
            f" {BATCH_CONNECTIONS}; rows counted = 2xx answers"
        ),
    }
