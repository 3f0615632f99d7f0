"""What the edge knows of datastreams without asking the database."""

from __future__ import annotations

import asyncio

import pytest

from rules.forwarding.datastreams import DatastreamCache


def test_who_asks_while_a_reading_begins_is_answered_by_the_next(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("rules.forwarding.datastreams.read_destinations", dict)
    cache = DatastreamCache()

    def append_late(waiting: object, future: object) -> None:
        cache._read_once()
        kind.append(waiting, future)  # type: ignore[attr-defined]

    kind = type(cache._waiting)
    cache._waiting = type("Late", (kind,), {"append": append_late})()

    async def ask() -> None:
        cache._loop = asyncio.get_running_loop()
        asked = asyncio.ensure_future(cache.refreshed())
        await asyncio.sleep(0)
        cache._read_once()
        await asyncio.wait_for(asked, 2)

    asyncio.run(ask())
