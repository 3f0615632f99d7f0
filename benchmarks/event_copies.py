"""What deduplication costs: CPU of the worker for each event with its copies written down, and without.

Each event comes from a page that says what it gave to the vendor's script. The vendor answers at once, inside
the process. The edge is not counted: its share of an event would make the cost look smaller.
"""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Iterator
from statistics import mean
from typing import Any
from unittest import mock

from benchmarks import serving

EVENTS, ROUNDS = 250, 40
MOST = 1.05


def run() -> Iterator[dict[str, Any]]:
    """Yield microseconds of CPU for an event, on each database."""
    with serving.installation() as env:
        yield _figure("SQLite", _measured(env))
    with serving.postgres_database() as url:
        if url:
            with serving.installation(**serving.postgres_variables(url)) as env:
                yield _figure("PostgreSQL", _measured(env))


def _measured(env: dict[str, str]) -> list[list[float]]:
    command = [sys.executable, "-m", "benchmarks.event_copies"]
    env = env | {"DJANGO_SETTINGS_MODULE": "capi_admin.settings"}
    printed = subprocess.run(
        command, cwd=serving.ROOT, env=env, check=True, stdout=subprocess.PIPE, text=True
    )
    found: list[list[float]] = json.loads(printed.stdout)
    return found


def _figure(database: str, rounds: list[list[float]]) -> dict[str, Any]:
    # Other work on the machine only adds: the quieter half of the rounds of each counts.
    written, without = (mean(sorted(each[place] for each in rounds)[: ROUNDS // 2]) for place in (0, 1))
    return {
        "name": f"deduplication, {database}, CPU of a delivered event",
        "value": round(written),
        "unit": "µs",
        "baseline": round(without),
        "ratio": round(written / without, 3),
        "detail": (
            "worker alone, both copies of each event written down; baseline: none; mean of the "
            f"quieter half of {ROUNDS} interleaved rounds of {EVENTS:,} events; at most {MOST}"
        ),
    }


def _measure() -> Iterator[tuple[float, float]]:
    import django

    django.setup()
    from benchmarks import shop
    from properties.catalog.outbound import Answer
    from properties.http import transport
    from rules.documents import apply_document
    from rules.models import EventCopy

    def accept(request: Any, **_: Any) -> Answer:
        return Answer(200, body=json.dumps({"events_received": len(request.body["data"]), "messages": []}))

    transport.send = accept
    prop = apply_document(shop.document(), publish="production").prop
    for round_number in range(ROUNDS + 1):
        found = {}
        # Each goes first as often as the other.
        for is_written in (True, False) if round_number % 2 else (False, True):
            found[is_written] = _cpu(prop, f"{round_number}-{is_written}", is_written=is_written)
        if round_number:  # The first round compiles and connects.
            yield found[True], found[False]
    assert EventCopy.objects.count() == EVENTS * (ROUNDS + 1)


def _cpu(prop: Any, name: str, *, is_written: bool) -> float:
    """Return microseconds of CPU of this process for each event."""
    from rules.delivery import event_run
    from rules.delivery.log import log_writing
    from rules.delivery.page_marks import FROM_A_SERVER
    from rules.delivery.work import deliver_due

    def nothing(*_: Any) -> Any:
        return FROM_A_SERVER

    _store(prop, name)
    if is_written:
        return _timed(deliver_due)
    with (
        mock.patch.object(event_run, "page_marks_of", nothing),
        mock.patch.object(log_writing, "write_copies", nothing),
    ):
        return _timed(deliver_due)


def _timed(deliver_due: Any) -> float:
    started = time.process_time()
    while deliver_due():
        pass
    return (time.process_time() - started) / EVENTS * 1_000_000


def _store(prop: Any, name: str) -> None:
    from django.utils import timezone

    from benchmarks import shop
    from rules.models import InboundEvent

    build, environment = prop.builds.get(), prop.environments.get(stage="production")
    first = InboundEvent.first_id_at(timezone.now())
    # Rounds follow each other faster than the clock of ids.
    first = max(first, (InboundEvent.objects.order_by("-id").values_list("id", flat=True).first() or 0) + 1)
    request = {"header": {"httpHeaders": {"origin": ["https://shop.example"]}}}
    rows = []
    for position in range(EVENTS):
        event = shop.event(f"{name}-{position}")["event"]
        event["data"]["capiCopies"] = [[shop.PIXEL_ID, "Lead", f"{name}-{position}"]]
        rows.append(
            InboundEvent(
                id=first + position,
                property_id=prop.pk,
                environment_id=environment.pk,
                datastream_id=environment.datastream.pk,
                build_id=build.pk,
                name="Lead",
                received_at=timezone.now(),
                body=json.dumps(event),
                request=json.dumps(request),
            )
        )
    InboundEvent.objects.bulk_create(rows, batch_size=500)


if __name__ == "__main__":
    print(json.dumps(list(_measure())))
