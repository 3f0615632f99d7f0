"""The event log's first page and every filter with millions of events, compared with ten thousand.

``python -m benchmarks.event_log --events 5000000`` compares on SQLite and PostgreSQL. Its last line says
whether the 99th percentile of every page stays within ``LIMIT`` times that of the small log; if not, it
ends with 1. ``--database`` takes one of the two. Both logs stay open, and each round asks both, so that
other work on the machine slows both.
``--keep FOLDER`` keeps them for later runs of the same day: millions of events take a while to write.
"""

from __future__ import annotations

import argparse
import gc
import json
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from datetime import timedelta
from pathlib import Path
from statistics import median
from typing import Any

from benchmarks import serving

FEW, MANY = 10_000, 200_000
ROUNDS, ASKED_IN_A_ROUND = 15, 10
LIMIT = 1.5
RIGHTS = ("view", "develop")


def run(
    events: int = MANY,
    databases: tuple[str, ...] = ("sqlite", "postgresql"),
    kept: Path | None = None,
) -> Iterator[dict[str, Any]]:
    """Yield one figure for each filter: milliseconds of the page, 99th percentile."""
    for database in databases:
        with ExitStack() as stack:
            few = stack.enter_context(_log(database, FEW, kept))
            many = stack.enter_context(_log(database, events, kept))
            if few is not None and many is not None:
                yield from _compared(database, events, few, many)


class FilledLog:
    """A process with a filled database, which answers rounds of requests."""

    def __init__(self, env: Mapping[str, str], events: int) -> None:
        command = [sys.executable, "-m", "benchmarks.event_log", "--serve", str(events)]
        given: dict[str, Any] = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
        self.process = subprocess.Popen(command, cwd=serving.ROOT, env=env, **given)
        self.told = self._read()

    def ask(self) -> dict[str, dict[str, list[float]]]:
        """Return milliseconds by filter, of the page and of the data alone."""
        assert self.process.stdin
        self.process.stdin.write("go\n")
        self.process.stdin.flush()
        found: dict[str, dict[str, list[float]]] = self._read()
        return found

    def _read(self) -> Any:
        assert self.process.stdout
        line = self.process.stdout.readline()
        if not line:
            raise RuntimeError("The process with the filled database ended.")
        return json.loads(line)


@contextmanager
def _log(database: str, events: int, kept: Path | None) -> Iterator[FilledLog | None]:
    folder = kept / f"event-log-{database}-{events}" if kept else None
    with serving.filled_installation(database, folder) as env:
        if env is None:
            yield None
            return
        log = FilledLog(env, events)
        try:
            yield log
        finally:
            log.process.terminate()
            log.process.wait(timeout=60)


def _compared(database: str, events: int, few: FilledLog, many: FilledLog) -> Iterator[dict[str, Any]]:
    times: list[dict[str, dict[str, list[float]]]] = [{}, {}]
    for round_number in range(ROUNDS + 1):
        for place, log in ((0, few), (1, many)) if round_number % 2 else ((1, many), (0, few)):
            found = log.ask()
            if round_number:  # The first round fills caches.
                for name, kinds in found.items():
                    for kind, each in kinds.items():
                        times[place].setdefault(name, {}).setdefault(kind, []).extend(each)
    for name in times[0]:
        yield _figure(database, events, name, times[0][name], times[1][name], many.told)


def _figure(
    database: str,
    events: int,
    name: str,
    few: dict[str, list[float]],
    many: dict[str, list[float]],
    told: dict[str, Any],
) -> dict[str, Any]:
    def both(kind: str, of: Any) -> str:
        return f"{of(few[kind]):.1f} → {of(many[kind]):.1f} ms ({of(many[kind]) / of(few[kind]):.2f})"

    return {
        "name": f"event log, {database}, {name}",
        "value": round(_p99(many["page"]), 1),
        "unit": "ms, p99 of the page",
        "baseline": round(_p99(few["page"]), 1),
        "ratio": round(_p99(many["page"]) / _p99(few["page"]), 2),
        "detail": (
            f"{events:,} events against {FEW:,}; page p50 {both('page', median)}; rows and counts alone: p50 "
            f"{both('data', median)}, p99 {both('data', _p99)}; {ROUNDS} interleaved rounds of "
            f"{ASKED_IN_A_ROUND} requests in one process each; {told['queries'][name]} queries; filled in "
            f"{told['seconds']:.0f} s"
        ),
    }


def _p99(times: list[float]) -> float:
    return sorted(times)[min(int(len(times) * 0.99), len(times) - 1)]


# The process with the filled database


def _serve(events: int) -> None:
    import django

    django.setup()
    from django.contrib.auth import get_user_model
    from django.test import Client

    from properties.models import Property

    told = serving.filled_once(lambda: _fill(events))
    client = Client(SERVER_NAME="127.0.0.1")
    client.force_login(get_user_model().objects.get())
    asked = Requests(Property.objects.get(), client, told["known"])
    print(json.dumps({"seconds": told["seconds"], "queries": asked.queries()}), flush=True)
    # The collector of Python stops a process for 50 ms now and then, whatever the page.
    gc.collect()
    gc.freeze()
    for _ in sys.stdin:
        print(json.dumps(asked.round()), flush=True)


def _fill(events: int) -> dict[str, Any]:
    from django.contrib.auth import get_user_model

    from benchmarks import filled_log, shop
    from properties.models import Membership
    from rules.documents import apply_document

    prop = apply_document(shop.document(), publish="production").prop
    user = get_user_model().objects.create_user("olivia")
    Membership.objects.create(user=user, prop=prop, rights=list(RIGHTS))
    started = time.perf_counter()
    known = filled_log.fill(prop, prop.builds.get().pk, events)
    filled_log.retry(prop, known)
    return {"known": known, "seconds": time.perf_counter() - started}


class Requests:
    """The requests of a round: the first page, a later one, and each filter alone and with others."""

    def __init__(self, prop: Any, client: Any, known: int) -> None:
        from django.urls import reverse
        from django.utils import timezone

        from benchmarks.filled_log import DAYS
        from rules.models import InboundEvent, Replay

        self.prop, self.client = prop, client
        self.environments = {it.uid: it for it in prop.environments.all()}
        self.address = reverse("rules:event_log", args=[prop.uid])
        middle = InboundEvent.first_id_at(timezone.now() - timedelta(days=DAYS / 2))
        self.wanted = _wanted(prop, middle, known, Replay.objects.get(property_id=prop.pk).uid)

    def round(self) -> dict[str, dict[str, list[float]]]:
        return {
            name: {
                "page": [self._page(query) for _ in range(ASKED_IN_A_ROUND)],
                "data": [self._data(query) for _ in range(ASKED_IN_A_ROUND)],
            }
            for name, query in self.wanted.items()
        }

    def queries(self) -> dict[str, int]:
        """Return the number of queries of each page."""
        from django.db import connection
        from django.test.utils import CaptureQueriesContext

        found = {}
        for name, query in self.wanted.items():
            with CaptureQueriesContext(connection) as queries:
                self._page(query)
            found[name] = len(queries)
        return found

    def _page(self, query: Mapping[str, str]) -> float:
        started = time.perf_counter()
        answer = self.client.get(self.address, query)
        taken = (time.perf_counter() - started) * 1000
        assert answer.status_code == 200, answer.status_code
        return taken

    def _data(self, query: Mapping[str, str]) -> float:
        from rules.event_log.counts import counts_of
        from rules.event_log.filters import EventLogFilter
        from rules.event_log.rows import page_of

        asked, environment = EventLogFilter.of(query), self.environments[query["env"]]
        started = time.perf_counter()
        page_of(self.prop, asked, environment, sees_bodies=True)
        counts_of(self.prop, asked, environment, sees_bodies=True)
        return (time.perf_counter() - started) * 1000


def _wanted(prop: Any, middle: int, known: int, retry: str) -> dict[str, dict[str, str]]:
    from django.utils import timezone

    from benchmarks.filled_log import RARE_EMAIL, RARE_NAME

    def days_ago(days: int) -> str:
        return (timezone.now() - timedelta(days=days)).isoformat()

    production = prop.environments.get(stage="production").uid
    development = prop.environments.get(stage="development").uid
    chosen = {
        "first page": {},
        "last 24 hours": {"range": "24h"},
        "last hour": {"range": "1h"},
        "last 30 days": {"range": "30d"},
        "chosen dates": {"since": days_ago(3), "until": days_ago(2)},
        "middle page": {"before": str(middle)},
        # Fewer rows cost less. The small log has a full page of these in a week, not in a day.
        "refused": {"result": "refused", "range": "7d"},
        "rare result": {"result": "on_hold"},
        "result that does not occur": {"result": "duplicate"},
        "cause": {"cause": "RCRL05~100/2804003~", "range": "7d"},
        "test events": {"test": "1"},
        "events of a retry": {"replay": retry},
        "rule and result": {"rule": "RL05", "result": "not_sent", "range": "7d"},
        "destination": {"destination": "1234567890123456"},
        "extension": {"extension": "meta-conversions-api"},
        "our id": {"q": str(known)},
        "id at the vendor": {"q": f"order-{known}"},
        "id of the sender": {"q": f"visit-{known}"},
        "beginning of a name": {"q": "Pur"},
        "rare name": {"q": RARE_NAME},
        "text that does not occur": {"q": "nothing-like-it"},
        "email address": {"q": f"email:{RARE_EMAIL}"},
        "frequent value": {"q": ">100"},
        "rare value": {"q": "value 9999"},
        "value and result": {"q": ">100", "result": "refused", "range": "7d"},
    }
    found = {name: {"env": production, **query} for name, query in chosen.items()}
    found["environment with few events"] = {"env": development}
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--events", type=int, default=MANY)
    parser.add_argument("--database", choices=("sqlite", "postgresql"))
    parser.add_argument("--keep", type=Path, metavar="FOLDER", help="Keep the filled databases here.")
    parser.add_argument("--serve", type=int, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.serve:
        _serve(options.serve)
        return
    databases = (options.database,) if options.database else ("sqlite", "postgresql")
    figures = []
    for figure in run(options.events, databases, options.keep):
        print(json.dumps(figure, ensure_ascii=False), flush=True)
        figures.append(figure)
    verdict = verdict_of(figures, databases)
    print(json.dumps(verdict, ensure_ascii=False), flush=True)
    sys.exit(not verdict["is_within"])


def verdict_of(figures: list[dict[str, Any]], databases: tuple[str, ...]) -> dict[str, Any]:
    """Return whether every page of every database was measured and is within the limit, and which is not."""
    missing = [it for it in databases if not any(f", {it}, " in figure["name"] for figure in figures)]
    slow = {figure["name"]: figure["ratio"] for figure in figures if figure["ratio"] > LIMIT}
    within = len(figures) - len(slow)
    return {
        "name": "event log",
        "is_within": not (slow or missing),
        "detail": f"p99 of {within} of {len(figures)} pages is within {LIMIT} times that of the small log",
        "above": slow,
        "not_measured": missing,
    }


if __name__ == "__main__":
    main()
