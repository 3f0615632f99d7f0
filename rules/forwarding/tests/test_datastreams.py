"""Datastreams that the edge knows without the database."""

from __future__ import annotations

import asyncio
import time

import pytest

from properties.models import Datastream, DatastreamAlias
from rules.forwarding import datastreams
from rules.forwarding.datastreams import DatastreamCache
from rules.forwarding.tests.conftest import EdgeClient
from tests.work import HANG_SECONDS, hang_limit


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
        await asyncio.wait_for(asked, HANG_SECONDS)

    asyncio.run(ask())


@pytest.fixture
def asked(client: EdgeClient, monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Return a list with one entry for each reading that a request asks for."""
    counted: list[int] = []
    real = client.edge.datastreams.refreshed

    async def count() -> None:
        counted.append(1)
        await real()

    monkeypatch.setattr(client.edge.datastreams, "refreshed", count)
    return counted


@pytest.mark.parametrize("name", ["nobody", "nobody-{n}"])
def test_unknown_datastreams_cost_no_reading_each(
    client: EdgeClient, asked: list[int], monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    # A slow machine takes longer for 300 requests than a name counts as unknown.
    monkeypatch.setattr(datastreams, "UNKNOWN_SECONDS", 10 * HANG_SECONDS)
    urls = [f"/ee/v1/interact?configId={name.format(n=n)}" for n in range(300)]
    for url in urls:
        assert client.post(url, {}).status == 404
    assert 1 <= len(asked) <= datastreams.MOST_UNKNOWN
    assert len(client.edge.datastreams._unknown) <= datastreams.MOST_UNKNOWN


def test_an_alias_that_was_unknown_a_moment_ago_counts_within_two_seconds(
    client: EdgeClient, datastream: Datastream
) -> None:
    url = "/ee/v2/interact?datastreamId=web-shop"
    assert client.post(url, {"event": {"data": {}}}).status == 404
    DatastreamAlias.objects.create(alias="web-shop", datastream=datastream)
    assert datastreams.REFRESH_SECONDS < 2
    with hang_limit():
        while client.post(url, {"event": {"data": {}}}).status != 200:
            time.sleep(0.05)
