from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from rules.sandbox import Sandbox, ScriptResult

EVENT = {
    "xdm": {"eventType": "commerce.purchases", "productListItems": [{"SKU": "A1", "priceTotal": 12.5}]},
    "data": {"user": {"email": " Ada@Example.org "}},
}
REQUEST = {"header": {"httpHeaders": {"user-agent": ["Test"]}}, "body": {}}

Run = Callable[..., ScriptResult]


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(spares=0) as opened:  # One child: anything that a piece leaves behind, the next event meets.
        yield opened


def arc(**parts: Any) -> dict[str, Any]:
    return {"event": EVENT, "request": REQUEST, "ruleStash": {}, **parts}


@pytest.fixture
def run(sandbox: Sandbox) -> Run:
    """Return a function that runs one piece as the only one of its event."""

    def run_one(source: str, *, kind: Any = "action", elements: Any = None, **given: Any) -> ScriptResult:
        call = {"event": EVENT, "request": REQUEST}
        resolve = (elements or {}).__getitem__
        with sandbox.session(
            call, seed=given.pop("seed", "1"), clock=given.pop("clock", 1_700_000_000.5)
        ) as it:
            return it.run(source, kind=kind, arc=given.pop("arc", arc()), resolve=resolve, **given)

    return run_one
