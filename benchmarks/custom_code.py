"""The cost of custom code per event, compared with a bare QuickJS context in the same process."""

from __future__ import annotations

import json
import statistics
import time
from collections.abc import Callable, Iterator
from typing import Any

import _quickjs

from rules.sandbox import Sandbox

ROUNDS = 7
EVENTS = 200
CONDITION = """
const {event: {xdm}} = arc;
return xdm.eventType === "commerce.purchases" && xdm.productListItems.length > 2
  && xdm.commerce.order.priceTotal > 10;
"""
ITEM = {"SKU": "A-1001", "name": "Blue wool jumper, size M", "quantity": 2, "priceTotal": 24.5}
EVENT: dict[str, Any] = {
    "xdm": {
        "eventType": "commerce.purchases",
        "commerce": {"order": {"purchaseID": "T-77812", "priceTotal": 245.0, "currencyCode": "EUR"}},
        "productListItems": [{**ITEM, "SKU": f"A-{number}"} for number in range(10)],
        "web": {"webPageDetails": {"URL": "https://shop.example.org/thanks?order=T-77812"}},
    },
    "data": {"user": {"email": "ada@example.org", "city": "Berlin"}},
}
DETAIL = (
    "one event after the other in one thread; baseline: a fresh QuickJS context in this process that parses "
    "the event and runs the same code, without limits, child process, utils or change detection; "
    f"median of {ROUNDS} rounds of {EVENTS} events each, interleaved"
)


def run() -> Iterator[dict[str, Any]]:
    """Yield microseconds per event for one and for five conditions in JavaScript."""
    with Sandbox() as sandbox:
        for scripts in (1, 5):
            ours, bare = _interleaved(lambda n=scripts: _sandboxed(sandbox, n), lambda n=scripts: _bare(n))
            yield {
                "name": f"custom_code_{scripts}",
                "value": round(ours, 1),
                "unit": "µs per event",
                "baseline": round(bare, 1),
                "ratio": round(ours / bare, 2),
                "detail": f"{scripts} condition(s) on an event of {len(json.dumps(EVENT))} bytes, {DETAIL}",
            }


def _interleaved(*candidates: Callable[[], None]) -> list[float]:
    """Return the median microseconds per event of each candidate."""
    times: list[list[float]] = [[] for _ in candidates]
    for candidate in candidates:
        candidate()
    for _ in range(ROUNDS):
        for of_candidate, candidate in zip(times, candidates, strict=True):
            of_candidate.append(_per_event(candidate))
    return [statistics.median(of_candidate) for of_candidate in times]


def _per_event(candidate: Callable[[], None]) -> float:
    started = time.perf_counter()
    for _ in range(EVENTS):
        candidate()
    return (time.perf_counter() - started) / EVENTS * 1_000_000


def _sandboxed(sandbox: Sandbox, scripts: int) -> None:
    call: dict[str, Any] = {"event": EVENT, "request": {"header": {}}}
    arc = {**call, "ruleStash": {}}
    with sandbox.session(call, seed="1", clock=1_700_000_000.0) as session:
        for _ in range(scripts):
            assert session.run(CONDITION, kind="condition", arc=arc, resolve=str).value is True


def _bare(scripts: int) -> None:
    context = _quickjs.Context()
    arc = context.parse_json(json.dumps({"event": EVENT, "request": {"header": {}}, "ruleStash": {}}))
    for _ in range(scripts):
        assert context.eval(f"(function(arc) {{{CONDITION}}})")(arc) is True
