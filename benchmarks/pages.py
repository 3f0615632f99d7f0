"""Server time of each main page, on a property as small as the demo and on a very large one.

``python -m benchmarks.pages --events 5000000 --database postgresql`` runs the large one with more events.
Each round asks both properties and an empty page, so that other work on the machine slows all.
``--keep FOLDER`` keeps the filled database for later runs of the same day.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from statistics import median
from typing import Any

from benchmarks import serving

FEW, MANY = 1_000, 200_000
RULES, ELEMENTS = 500, 1_000
# Enough that the first request of a process, which compiles the templates, is beyond the 95th percentile.
ROUNDS, ASKED_IN_A_ROUND = 6, 4
EMPTY = "empty page"
# Events an hour that are drawn one by one; larger shops have the same rows with larger numbers.
MOST_DRAWN = 3_000


def run(
    events: int = MANY, databases: tuple[str, ...] = ("sqlite",), kept: Path | None = None
) -> Iterator[dict[str, Any]]:
    """Yield one figure for each page and size: milliseconds of the server, 95th percentile."""
    for database in databases:
        folder = kept / f"pages-{database}-{events}" if kept else None
        with serving.filled_installation(database, folder) as env:
            if env is not None:
                yield from _measured(env, database, events)


def _measured(env: Mapping[str, str], database: str, events: int) -> Iterator[dict[str, Any]]:
    command = [sys.executable, "-m", "benchmarks.pages", "--serve", str(events)]
    said = subprocess.run(command, cwd=serving.ROOT, env=env, check=True, stdout=subprocess.PIPE, text=True)
    found = json.loads(said.stdout.splitlines()[-1])
    for size, number in (("demo", FEW), ("large", events)):
        for name, times in found[size].items():
            if name != EMPTY:
                about = f"{number:,} events" + (
                    f", {RULES} rules, {ELEMENTS} data elements" * (size == "large")
                )
                yield _figure(
                    database, size, name, times, found[size][EMPTY], about, found["queries"][size][name]
                )


def _figure(
    database: str, size: str, name: str, times: list[float], empty: list[float], about: str, queries: int
) -> dict[str, Any]:
    return {
        "name": f"page, {database}, {size}, {name}",
        "value": round(_p95(times), 1),
        "unit": "ms, p95",
        "baseline": round(_p95(empty), 1),
        "ratio": round(median(times) / median(empty), 2),
        "detail": (
            f"{about}; {queries} queries; p50 {median(times):.1f} ms; baseline: a page without content in "
            f"the same property, ratio of medians; {ROUNDS} interleaved rounds of {ASKED_IN_A_ROUND} requests"
        ),
    }


def _p95(times: list[float]) -> float:
    return sorted(times)[min(int(len(times) * 0.95), len(times) - 1)]


# The process with the filled database


def _serve(events: int) -> None:
    import django

    django.setup()
    from django.contrib.auth import get_user_model
    from django.test import Client

    from properties.models import Property

    uids = serving.filled_once(lambda: _fill(events))
    client = Client(SERVER_NAME="127.0.0.1")
    client.force_login(get_user_model().objects.get())
    sizes = {size: Property.objects.get(uid=uid) for size, uid in uids.items()}
    pages = {size: addresses(prop) for size, prop in sizes.items()}
    queries = {
        size: {name: _queries(client, it) for name, it in found.items()} for size, found in pages.items()
    }
    times: dict[str, dict[str, list[float]]] = {size: {} for size in sizes}
    for _ in range(ROUNDS):
        for size, found in pages.items():
            for name, address in found.items():
                times[size].setdefault(name, []).extend(_asked(client, address))
    print(json.dumps({**times, "queries": queries}), flush=True)


def _fill(events: int) -> dict[str, str]:
    from django.contrib.auth import get_user_model

    from benchmarks import shop
    from benchmarks.large_property import large_document
    from properties.models import RIGHTS, Membership

    user = get_user_model().objects.create_user("olivia")
    sizes = {
        "demo": _filled(shop.document("Demo size"), FEW),
        "large": _filled(large_document(RULES, ELEMENTS), events),
    }
    for prop in sizes.values():
        Membership.objects.create(user=user, prop=prop, rights=list(RIGHTS))
    return {size: prop.uid for size, prop in sizes.items()}


def _filled(document: dict[str, Any], events: int) -> Any:
    from django.utils import timezone

    from benchmarks.filled_counts import fill_counts
    from benchmarks.filled_log import DAYS, fill
    from rules.documents import apply_document

    prop = apply_document(document, publish="production").prop
    fill(prop, prop.builds.get().pk, events)
    an_hour = events // (DAYS * 24) or 1
    production = prop.environments.get(stage="production")
    scale = max(1, an_hour // MOST_DRAWN)
    fill_counts(prop.pk, production.pk, timezone.now(), days=31, an_hour=an_hour // scale, scale=scale)
    return prop


def addresses(prop: Any) -> dict[str, str]:
    """Return the address of each main page of a property, and of parts that pages request, by name."""
    from django.urls import reverse

    named = {
        EMPTY: "properties:secrets",
        "overview": "rules:overview",
        "event log": "rules:event_log",
        "issues": "rules:issues",
        "match quality": "rules:match_quality",
        "advice on match quality": "rules:match_quality_advice",
        "deduplication": "rules:deduplication",
        "customer data": "rules:customer_data",
        "test events": "rules:tests",
        "rules": "rules:rules",
        "data elements": "properties:data_elements",
        "values of data elements": "rules:element_values",
        "received keys": "rules:received_tree",
        "extensions": "properties:extensions",
        "environments": "properties:environments",
        "publishing": "rules:publishing",
        "settings": "properties:property_settings",
        "audit log": "properties:audit_log",
    }
    found = {name: reverse(route, args=[prop.uid]) for name, route in named.items()}
    for span in ("1h", "24h", "7d", "30d"):
        found[f"figures, {span}"] = f"{found['overview']}?env=prod&range={span}&part=figures"
    search = reverse("properties:search")
    return {**found, **_of_things(prop), "search": f"{search}?in={prop.uid}&q=element", "home": "/"}


def _of_things(prop: Any) -> dict[str, str]:
    """Return the addresses of one thing of each kind: an element, a rule and its parts, a build, an event."""
    from django.urls import reverse

    from rules.models import InboundEvent

    rule = prop.rules.first()
    action = rule.components.filter(kind="actions").first()
    event = InboundEvent.objects.filter(property_id=prop.pk).order_by("-id").first()
    named: dict[str, tuple[str, tuple[Any, ...]]] = {
        "data element": ("properties:data_element_edit", (prop.dataelements.first().uid,)),
        "extension": ("properties:extension_edit", (prop.extensions.last().uid,)),
        "rule": ("rules:rule_edit", (rule.uid,)),
        "events of a rule": ("rules:rule_events", (rule.uid,)),
        "facts of a rule": ("rules:rule_facts", (rule.uid,)),
        "action": ("rules:component_edit", (rule.uid, action.uid)),
        "build": ("rules:build_detail", (prop.builds.first().uid,)),
        "event": ("rules:event_detail", (event.pk,)),
    }
    return {name: reverse(route, args=[prop.uid, *more]) for name, (route, more) in named.items()}


def _queries(client: Any, address: str) -> int:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    with CaptureQueriesContext(connection) as queries:
        client.get(address)
    return len(queries)


def _asked(client: Any, address: str) -> list[float]:
    times = []
    for _ in range(ASKED_IN_A_ROUND):
        started = time.perf_counter()
        answer = client.get(address)
        times.append((time.perf_counter() - started) * 1000)
        assert answer.status_code == 200, (address, answer.status_code)
    return times


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--events", type=int, default=MANY)
    parser.add_argument("--database", choices=("sqlite", "postgresql"), default="sqlite")
    parser.add_argument("--keep", type=Path, metavar="FOLDER", help="Keep the filled database here.")
    parser.add_argument("--serve", type=int, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.serve:
        _serve(options.serve)
        return
    for figure in run(options.events, (options.database,), options.keep):
        print(json.dumps(figure, ensure_ascii=False), flush=True)


if __name__ == "__main__":
    main()
