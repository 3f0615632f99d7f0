"""CPU time of the worker for each delivered event, compared with running its rules alone.

The vendor answers at once, inside the process, so that nothing but the worker is measured.
"""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Iterator
from statistics import median
from typing import Any

from benchmarks import serving

EVENTS, ROUNDS = 2_000, 5


def run() -> Iterator[dict[str, Any]]:
    """Yield microseconds of CPU for an event, on each database."""
    with serving.installation() as env:
        yield _figure("SQLite", _measured(env))
    with serving.postgres_database() as url:
        if url:
            with serving.installation(**serving.postgres_variables(url)) as env:
                yield _figure("PostgreSQL", _measured(env))


def _measured(env: dict[str, str]) -> list[list[float]]:
    command = [sys.executable, "-m", "benchmarks.delivered"]
    env = env | {"DJANGO_SETTINGS_MODULE": "capi_admin.settings"}
    printed = subprocess.run(
        command, cwd=serving.ROOT, env=env, check=True, stdout=subprocess.PIPE, text=True
    )
    found: list[list[float]] = json.loads(printed.stdout)
    return found


def _figure(database: str, rounds: list[list[float]]) -> dict[str, Any]:
    worker, rules = (median(each[place] for each in rounds) for place in (0, 1))
    return {
        "name": f"worker, {database}, CPU of a delivered event",
        "value": round(worker),
        "unit": "µs",
        "baseline": round(rules),
        "ratio": round(worker / rules, 2),
        "detail": (
            f"baseline: its rules and payload alone; median of {ROUNDS} rounds of {EVENTS:,} events, each of "
            "another person; the vendor answers at once, inside the process"
        ),
    }


def _measure() -> Iterator[tuple[float, float]]:
    import django

    django.setup()
    from django.utils import timezone

    from benchmarks import shop
    from properties.catalog.outbound import Answer
    from properties.http import transport
    from rules.delivery.compiled_builds import runnable_builds
    from rules.delivery.event_run import run_event
    from rules.delivery.work import deliver_due
    from rules.documents import apply_document
    from rules.models import InboundEvent

    def accept(request: Any, **_: Any) -> Answer:
        return Answer(200, body=json.dumps({"events_received": len(request.body["data"]), "messages": []}))

    transport.send = accept
    prop = apply_document(shop.document(), publish="production").prop
    build, environment = prop.builds.get(), prop.environments.get(stage="production")
    for round_number in range(ROUNDS + 1):
        first = InboundEvent.first_id_at(timezone.now())
        rows = [
            InboundEvent(
                id=first + position,
                property_id=prop.pk,
                environment_id=environment.pk,
                datastream_id=environment.datastream.pk,
                build_id=build.pk,
                name="Lead",
                received_at=timezone.now(),
                body=json.dumps(shop.event(f"{round_number}-{position}")["event"]),
                request='{"header": {"httpHeaders": {}}}',
            )
            for position in range(EVENTS)
        ]
        InboundEvent.objects.bulk_create(rows, batch_size=500)
        worker = _cpu(lambda: [None for _ in iter(deliver_due, 0)])
        runnable = runnable_builds([build.pk])[build.pk]
        rules = _cpu(lambda rows=rows, it=runnable: [run_event(row, it, timezone.now()) for row in rows])
        if round_number:  # The first round compiles and connects.
            yield worker, rules
    assert InboundEvent.objects.filter(state="delivered").count() == EVENTS * (ROUNDS + 1)


def _cpu(work: Any) -> float:
    """Return microseconds of CPU of this process for each event."""
    started = time.process_time()
    work()
    return (time.process_time() - started) / EVENTS * 1_000_000


if __name__ == "__main__":
    print(json.dumps(list(_measure())))
