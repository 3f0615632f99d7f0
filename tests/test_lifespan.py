"""The ASGI application starts and stops on the server's messages."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from capi_admin import asgi


def lifespan(messages: list[str]) -> list[str]:
    """Pass these messages to the application; return its answers."""
    given = iter(messages)
    answered: list[str] = []

    async def receive() -> dict[str, Any]:
        return {"type": next(given)}

    async def send(message: Any) -> None:
        answered.append(message["type"])

    asyncio.run(asgi.application({"type": "lifespan"}, receive, send))
    return answered


BEGIN, END = "lifespan.startup", "lifespan.shutdown"


def test_it_begins_and_ends(transactional_db: None) -> None:
    assert lifespan([BEGIN, END]) == ["lifespan.startup.complete", "lifespan.shutdown.complete"]


def test_a_start_that_goes_wrong_half_way_leaves_no_process(
    transactional_db: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fail() -> None:
        raise OSError("no more threads")

    monkeypatch.setattr(asgi.edge.datastreams, "start", fail)
    assert lifespan([BEGIN]) == ["lifespan.startup.failed"]
