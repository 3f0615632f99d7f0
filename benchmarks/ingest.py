"""How many events are accepted: durable before the 2xx, one event per request.

Source of the bars: performance, "Recommended goals": at least 0.40 of the bare endpoint, 5 times the ORM.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from statistics import median
from typing import Any

from .load import Load, generator_name, press
from .serving import installation, manage, served

PASSES = 7
SECONDS = 2.0
WARM_UP_SECONDS = 0.5
BARE, ORM, EDGE = "bare", "orm", "edge"
DETAILS = {
    BARE: "baseline: the same server parses the body (msgspec) and answers 202",
    ORM: "baseline: Django's WSGI handler in a thread of that server, no middleware, objects.create",
}
DATASTREAM = (
    "from properties.models import *; p = Property.objects.create(name='Bench');"
    "e = Environment.objects.create(prop=p, name='Production', stage='production');"
    "print(Datastream.objects.create(environment=e).uid)"
)


def sample_event() -> dict[str, Any]:
    """A purchase as a shop sends it, about 1.5 kB."""
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
    """The edge beside both baselines on SQLite, synchronous=FULL."""
    body = json.dumps({"event": sample_event()}).encode()
    with installation() as env:
        datastream = manage(env, "shell", "--no-imports", "-c", DATASTREAM).strip()
        with served("benchmarks.ingest_app:application", env) as address:
            urls = {
                BARE: f"{address}/bare",
                ORM: f"{address}/orm",
                EDGE: f"{address}/ee/v2/interact?datastreamId={datastream}",
            }
            warm_up = {name: press(url, body, WARM_UP_SECONDS) for name, url in urls.items()}
            passes = list(_passes(urls, body))
        storing = [loads[name] for loads in [warm_up, *passes] for name in (ORM, EDGE)]
        _check_rows(Path(env["DATA_DIR"]) / "db.sqlite3", storing)
    yield _figure("durable single-event ingest over the bare JSON endpoint", passes, BARE, len(body))
    yield _figure("durable single-event ingest over an ORM create per request", passes, ORM, len(body))


def _passes(urls: dict[str, str], body: bytes) -> Iterator[dict[str, Load]]:
    """Interleaved, in reversed order every other time."""
    for number in range(PASSES):
        order = list(urls) if number % 2 else list(reversed(urls))
        yield {name: press(urls[name], body, SECONDS) for name in order}


def _check_rows(file: Path, loads: list[Load]) -> None:
    """A 2xx without its row is no event accepted."""
    accepted, unread = sum(load.accepted for load in loads), sum(load.unread for load in loads)
    with closing(sqlite3.connect(file)) as connection:
        stored = connection.execute("SELECT count(*) FROM rules_inboundevent").fetchone()[0]
    assert accepted <= stored <= accepted + unread, f"{accepted} were accepted, {stored} are stored"


def _figure(name: str, passes: list[dict[str, Load]], baseline: str, size: int) -> dict[str, Any]:
    ratios = [loads[EDGE].per_second / loads[baseline].per_second for loads in passes]
    return {
        "name": name,
        "value": round(median(loads[EDGE].per_second for loads in passes)),
        "unit": "events/s",
        "baseline": round(median(loads[baseline].per_second for loads in passes)),
        "ratio": round(median(ratios), 2),
        "detail": (
            f"POST /ee/v2/interact, {size} bytes, SQLite WAL synchronous=FULL; {DETAILS[baseline]};"
            f" uvicorn (uvloop, httptools), one process; {len(passes)} passes of {SECONDS:g} s each,"
            f" interleaved, order reversed every other time, ratio = median of the passes' ratios"
            f" ({min(ratios):.2f} to {max(ratios):.2f}); {generator_name()}; rows counted = 2xx answers"
        ),
    }
