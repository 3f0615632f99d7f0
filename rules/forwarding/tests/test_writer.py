"""The committing process dies or hangs, the queue fills: answers stay prompt and nothing is half done.

Source: reliability 2.1 and 2.2.
"""

from __future__ import annotations

import asyncio
import os
import signal
import time
from collections.abc import Callable

import pytest

from properties.models import Datastream
from rules.forwarding import limits
from rules.forwarding.tests.conftest import Answer, EdgeClient
from rules.models import InboundEvent

Send = Callable[[], Answer]
BODY = {"event": {"data": {"a": 1}}}


@pytest.fixture
def send(client: EdgeClient, datastream: Datastream) -> Send:
    return lambda: client.post(f"/ee/v2/interact?datastreamId={datastream.uid}", BODY)


def committer_of(client: EdgeClient) -> int:
    writer = client.edge.writer
    assert writer is not None
    assert writer.committer_pid is not None
    return writer.committer_pid


def wait_until_available(client: EdgeClient) -> None:
    async def wait() -> None:
        assert client.edge.writer is not None
        while not client.edge.writer.is_available:
            await asyncio.sleep(0.05)

    client.loop.run_until_complete(wait())


def test_a_killed_committer_is_replaced(client: EdgeClient, send: Send) -> None:
    os.kill(committer_of(client), signal.SIGKILL)
    answer = send()
    assert answer.status == 503
    assert int(answer.headers["retry-after"]) > 0
    wait_until_available(client)
    assert send().status == 200
    assert InboundEvent.objects.count() == 1


def test_a_committer_that_hangs_costs_two_seconds_at_most(client: EdgeClient, send: Send) -> None:
    pid = committer_of(client)
    os.kill(pid, signal.SIGSTOP)
    try:
        begin = time.monotonic()
        assert send().status == 503
        assert time.monotonic() - begin < 2.5
    finally:
        os.kill(pid, signal.SIGCONT)
    wait_until_available(client)
    assert send().status == 200


def test_a_full_queue_is_refused_at_once(
    client: EdgeClient, send: Send, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "QUEUED_BYTES", 5)
    answer = send()
    assert (answer.status, answer.headers["retry-after"]) == (503, "1")
    assert not InboundEvent.objects.exists()


def test_parallel_requests_share_commits_and_all_are_stored(
    client: EdgeClient, datastream: Datastream
) -> None:
    url = f"/ee/v2/interact?datastreamId={datastream.uid}"
    answers = client.post_together(url, [{"event": {"data": {"n": number}}} for number in range(500)])
    assert {answer.status for answer in answers} == {200}
    assert InboundEvent.objects.count() == 500
