"""The cost of a run of the rule engine, compared with Adobe's published engine and Meta's own library.

The targets of docs/performance.md: at most 1/50 of Adobe's time for an event, aim 1/100; rules and payload
together not slower than Meta's library alone.
"""

from __future__ import annotations

import gc
import json
import shutil
import time
import tracemalloc
from collections.abc import Callable, Iterator
from importlib.util import find_spec
from pathlib import Path
from random import Random
from statistics import median
from typing import Any

from properties.catalog.registry import packages
from rules.engine import CompiledBuild, RunResult, compile_build, masked_trace, run_build
from tests.differential.documents import action, compare, document, path, rule
from tests.differential.engines import Adobe, Call, Document, Ours, grouped

ROUNDS = 9
EVENTS = 1000
ADOBES_EVENTS = 40
RULES, FIELDS = 20, 25
NODE_MODULES = Path(__file__).parent.parent / "node_modules"
Figure = dict[str, Any]


def run() -> Iterator[Figure]:
    """Yield figures of the engine against Adobe's, of rules and payload against Meta's library, and of
    compiling a large build.
    """
    if shutil.which("node") and NODE_MODULES.is_dir():
        yield from _beside_adobe()
    if find_spec("facebook_business"):
        yield _beside_metas_library()
    yield from _compiling(rules=500, elements=1000)


def container() -> Document:
    """Return twenty rules of two comparisons each; one is met and maps twenty-five fields."""
    fields = {
        f"Field {n}": path(f"arc.event.data.{'order' if n % 2 else 'user'}.f{n}") for n in range(FIELDS)
    }
    elements = {
        "Type": path("arc.event.xdm.eventType"),
        "Page": path("arc.event.xdm.web.webPageDetails.name"),
        **fields,
    }
    mapped = {f"f{n}": f"{{{{Field {n}}}}}" for n in range(FIELDS)}
    rules = (
        rule(
            compare("{{Type}}", "equals", "commerce.purchases"),
            compare("{{Page}}", "equals", f"Page {n}"),
            action(**mapped),
            name=str(n),
        )
        for n in range(RULES)
    )
    return document(*rules, elements=elements)


def event(data: dict[str, Any] | None = None) -> Call:
    """Return an event that meets the eighth rule."""
    values = {f"f{n}": f"value {n}" for n in range(FIELDS)}
    return {
        "event": {
            "xdm": {"eventType": "commerce.purchases", "web": {"webPageDetails": {"name": "Page 7"}}},
            "data": data or {"user": values, "order": values},
        },
        "request": {"header": {"requestId": "r-1", "httpHeaders": {}}, "body": {}},
    }


def runner(build: CompiledBuild, call: Call) -> Callable[[], RunResult]:
    """Return a function that runs the build for the event, with its trace recorded."""

    def once() -> RunResult:
        return run_build(
            build, call, inbound_event_id="1", received_at=1_700_000_000.0, installation={}, secret_marker=str
        )

    return once


def _beside_adobe() -> Iterator[Figure]:
    made, call = container(), event()
    once = runner(compile_build(made, Ours(copy=lambda value: value).packages), call)
    expected = Ours().run(made, call).seen
    with Adobe(shutil.which("node") or "", NODE_MODULES) as adobe:

        def theirs(secrets: list[str], events: int = ADOBES_EVENTS) -> float:
            answer = adobe.ask(document=made, call=call, events=events, secrets=secrets)
            assert grouped(answer["seen"]) == expected
            return float(answer["microseconds"])

        candidates = {
            "ours": lambda: _microseconds(once),
            "stored": lambda: _microseconds(lambda: json.dumps(masked_trace(once())), EVENTS // 10),
            "default": lambda: theirs([]),
            "one secret": lambda: theirs(["a-secret-token"]),
        }
        taken = _interleaved(candidates)
    detail = (
        f"{RULES} rules of 2 comparisons, one met action with {FIELDS} mapped fields, trace recorded, same "
        f"output; baseline: @adobe/reactor-turbine-edge 3.0.1 {{}}; wall time, median of {ROUNDS} "
        "interleaved rounds"
    )
    yield _figure("rule_engine", taken["ours"], taken["default"], detail.format("as published"))
    yield _figure(
        "rule_engine_one_secret",
        taken["ours"],
        taken["one secret"],
        detail.format("with one sensitive token, which makes its log cheaper"),
    )
    yield _figure(
        "rule_engine_stored_trace",
        taken["stored"],
        taken["default"],
        detail.format("as published")
        + "; ours with the trace masked and written as JSON, as for every event "
        "outside production",
    )


def _beside_metas_library() -> Figure:
    from benchmarks import meta_payload

    count, chance = EVENTS // 2, Random(meta_payload.SEED)
    given = meta_payload.settings(chance)
    build = compile_build(_meta_container(given), packages())
    (item,) = runner(build, event({"given": given}))().items
    assert meta_payload.canonical(item.item.payload) == meta_payload.canonical(
        meta_payload.of_metas_library(given)
    )

    def ours() -> float:
        runs = iter([runner(build, event({"given": meta_payload.settings(chance)})) for _ in range(count)])
        return _microseconds(lambda: next(runs)(), count)

    def theirs() -> float:
        people = iter([meta_payload.settings(chance) for _ in range(count)])
        return _microseconds(lambda: meta_payload.of_metas_library(next(people)), count)

    taken = _interleaved({"ours": ours, "theirs": theirs})
    detail = (
        f"{RULES} rules of 2 comparisons and the payload of the one that is met, from the parsed event, "
        "trace recorded, same payload, each event another person's; baseline: facebook_business makes the "
        "payload, without rules; "
        f"wall time, median of {ROUNDS} interleaved rounds"
    )
    return _figure("rules_and_payload", taken["ours"], taken["theirs"], detail)


def _meta_container(given: dict[str, Any]) -> Document:
    elements: dict[str, Any] = {}

    def template(value: Any, where: str) -> Any:
        if isinstance(value, dict):
            return {key: template(item, f"{where}.{key}") for key, item in value.items()}
        if where.endswith((".actionSource", ".eventName", ".externalIdPlain", ".content_type")):
            return value
        elements[where] = path(where)
        return f"{{{{{where}}}}}"

    delegate = "meta-conversions-api::actions::send-conversions-api-event"
    send = {"modulePath": delegate, "settings": template(given, "arc.event.data.given")}
    made = container()
    made["dataElements"] |= elements
    made["extensions"]["meta-conversions-api"] = {
        "displayName": "Meta Conversions API",
        "settings": {"pixelId": "1234567890", "accessToken": {"$secret": "Token"}},
    }
    for one in made["rules"]:
        one["actions"] = [{"id": "RA", "name": "", **send}]
    return made


def _compiling(*, rules: int, elements: int) -> Iterator[Figure]:
    made = large_container(rules, elements)
    text, known = json.dumps(made), Ours().packages
    taken = _interleaved(
        {
            "compile": lambda: _microseconds(lambda: compile_build(made, known), 3) / 1000,
            "parse": lambda: _microseconds(lambda: json.loads(text), 3) / 1000,
        }
    )
    detail = f"a build of {rules} rules and {elements} data elements, {len(text)} bytes of JSON"
    yield _figure(
        "compile_build",
        taken["compile"],
        taken["parse"],
        f"{detail}; baseline: parsing it",
        "ms",
        inverse=True,
    )
    memory, parsed = _mebibytes(lambda: compile_build(made, known)), _mebibytes(lambda: json.loads(text))
    yield _figure(
        "compile_build_memory", memory, parsed, f"{detail}; baseline: the parsed JSON", "MiB", inverse=True
    )


def large_container(rules: int, elements: int) -> Document:
    """Return a property that grew for years: each rule compares two elements and maps ten."""
    named = {
        f"Element {n}": path(f"arc.event.data.group{n % 40}.field{n}", cleanText=True)
        for n in range(elements)
    }
    made = (
        rule(
            compare(f"{{{{Element {n % elements}}}}}", "equals", "yes"),
            compare(f"{{{{Element {(n * 7) % elements}}}}}", "contains", "x"),
            action(**{f"f{k}": f"{{{{Element {(n * 10 + k) % elements}}}}}" for k in range(10)}),
            name=str(n),
        )
        for n in range(rules)
    )
    return document(*made, elements=named)


def _interleaved(candidates: dict[str, Callable[[], float]]) -> dict[str, float]:
    """Return the median of each candidate. Every second round reverses the order; the first only warms up."""
    times: dict[str, list[float]] = {name: [] for name in candidates}
    for number in range(ROUNDS + 1):
        for name in list(candidates) if number % 2 else reversed(candidates):
            times[name].append(candidates[name]())
    return {name: median(taken[1:]) for name, taken in times.items()}


def _microseconds(work: Callable[[], object], events: int = EVENTS) -> float:
    started = time.perf_counter_ns()
    for _ in range(events):
        work()
    return (time.perf_counter_ns() - started) / 1000 / events


def _mebibytes(work: Callable[[], object]) -> float:
    gc.collect()
    tracemalloc.start()
    kept = work()
    taken, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    del kept
    return taken / 2**20


def _figure(
    name: str, value: float, baseline: float, detail: str, unit: str = "µs/event", *, inverse: bool = False
) -> Figure:
    ratio = value / baseline if inverse else baseline / value
    return {
        "name": name,
        "value": round(value, 1),
        "unit": unit,
        "baseline": round(baseline, 1),
        "ratio": round(ratio, 2),
        "detail": detail,
    }
