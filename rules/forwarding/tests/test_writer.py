"""The committing process dies or hangs, or the queue fills: answers stay prompt, and nothing is half done.

Source: docs/reference/failures.md, "Process and broker" and "Database".
"""

from __future__ import annotations

import asyncio
import errno
import io
import itertools
import os
import signal
import subprocess
from collections.abc import Callable
from typing import Any

import msgspec
import pytest

from properties.models import Datastream
from rules.forwarding import body_limits, writer
from rules.forwarding.app import Edge
from rules.forwarding.committer import Inbox, framed
from rules.forwarding.tests.conftest import Answer, EdgeClient
from rules.forwarding.tests.test_store import parcel
from rules.forwarding.writer import Writer
from rules.models import InboundEvent
from tests.work import HANG_SECONDS, hang_limit

Send = Callable[[], Answer]
BODY = {"event": {"data": {"a": 1}}}


@pytest.fixture
def send(client: EdgeClient, datastream: Datastream) -> Send:
    return lambda: client.post(f"/ee/v2/interact?datastreamId={datastream.uid}", BODY)


def committer_of(client: EdgeClient) -> int:
    assert client.edge.writer is not None
    assert client.edge.writer.committer_pid is not None
    return client.edge.writer.committer_pid


def wait_until_available(client: EdgeClient) -> None:
    async def wait() -> None:
        assert client.edge.writer is not None
        async with asyncio.timeout(30):
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


def test_a_committer_that_hangs_costs_two_seconds_at_most(
    client: EdgeClient, send: Send, monkeypatch: pytest.MonkeyPatch
) -> None:
    # It is not replaced, so only the limit of a request ends the wait.
    monkeypatch.setattr(writer, "HANG_SECONDS", 10 * HANG_SECONDS)
    assert body_limits.WAIT_SECONDS + writer.LOOK_SECONDS <= 2
    pid = committer_of(client)
    os.kill(pid, signal.SIGSTOP)
    try:
        with hang_limit():
            assert send().status == 503
    finally:
        os.kill(pid, signal.SIGCONT)
    wait_until_available(client)
    assert send().status == 200


def test_a_committer_that_hangs_for_long_is_replaced(
    client: EdgeClient, send: Send, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(writer, "HANG_SECONDS", 0.5)
    pid = committer_of(client)
    os.kill(pid, signal.SIGSTOP)
    assert send().status == 503
    wait_until_available(client)
    assert committer_of(client) != pid
    assert send().status == 200


def test_a_committer_that_hangs_does_not_outlive_the_edge(
    datastream: Datastream, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(writer, "END_SECONDS", 0.1)
    with EdgeClient(Edge()) as edge:
        pid = committer_of(edge)
        os.kill(pid, signal.SIGSTOP)
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


def test_a_machine_without_room_for_a_process_is_tried_again(
    client: EdgeClient, send: Send, monkeypatch: pytest.MonkeyPatch
) -> None:
    real, tries = subprocess.Popen, itertools.count()

    def popen(*arguments: Any, **options: Any) -> Any:
        if next(tries) == 0:
            raise BlockingIOError(errno.EAGAIN, "Resource temporarily unavailable")
        return real(*arguments, **options)

    monkeypatch.setattr(subprocess, "Popen", popen)
    os.kill(committer_of(client), signal.SIGKILL)
    assert send().status == 503
    wait_until_available(client)
    assert send().status == 200


def test_a_full_queue_is_refused_at_once(
    client: EdgeClient, send: Send, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(body_limits, "QUEUED_BYTES", 5)
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


@pytest.mark.parametrize("together", [False, True])
def test_reports_may_come_in_parts_or_together(
    client: EdgeClient, datastream: Datastream, monkeypatch: pytest.MonkeyPatch, together: bool
) -> None:
    whole, pieces = Writer.data_received, bytearray()

    def in_parts(writer: Writer, data: bytes) -> None:
        for byte in data:
            whole(writer, bytes([byte]))

    def all_at_once(writer: Writer, data: bytes) -> None:
        if not pieces:
            client.loop.call_later(0.3, lambda: (whole(writer, bytes(pieces)), pieces.clear()))
        pieces.extend(data)

    async def one_after_the_other() -> list[Answer]:
        begun = []
        for _ in range(5):
            begun.append(asyncio.ensure_future(client.request(url, BODY)))
            await asyncio.sleep(0.02)
        return await asyncio.gather(*begun)

    monkeypatch.setattr(Writer, "data_received", all_at_once if together else in_parts)
    url = f"/ee/v2/interact?datastreamId={datastream.uid}"
    assert [it.status for it in client.loop.run_until_complete(one_after_the_other())] == [200] * 5
    assert InboundEvent.objects.count() == 5


def test_an_inbox_gives_everything_that_was_read_and_then_its_end() -> None:
    encode = msgspec.msgpack.Encoder().encode
    messages = [[parcel(b'{"event":{"data":{"n":1}}}')], [parcel(b"{"), parcel(b'{"event":{"data":{}}}')]]
    inbox = Inbox(io.BytesIO(b"".join(framed(encode(message)) for message in messages)))
    inbox.fill()
    taken = inbox.take() or []
    assert [(len(it.rows), len(it.refusals)) for it in taken] == [(1, 0), (0, 1), (1, 0)]
    assert inbox.take() is None


def test_a_question_without_requests_reaches_the_committer() -> None:
    inbox = Inbox(io.BytesIO(framed(msgspec.msgpack.encode([]))))
    inbox.fill()
    assert inbox.take() == []
