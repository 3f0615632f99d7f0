"""Hands events to the process that commits them, in groups without a timer.

It passes requests on at once. Requests that arrive while a commit runs share the next one: a burst costs few
commits, and a single event waits only for its own. A request is answered after the commit that holds its
events.
"""

from __future__ import annotations

import asyncio
import logging
import os
import socket
import subprocess
import sys
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import msgspec

from . import body_limits
from .committer import LENGTH_BYTES, framed
from .counters import Counters
from .edge_errors import unavailable
from .parcels import CommitReport, Parcel, Result
from .store import Database

logger = logging.getLogger(__name__)

PROJECT = Path(__file__).resolve().parent.parent.parent
MOST_BYTES_IN_FLIGHT = 2 * 1024 * 1024
LOOK_SECONDS = 0.2
RECONNECT_SECONDS = 0.5
END_SECONDS = 10
HANG_SECONDS = 10
BUSY = "Too many events are waiting to be stored; send this again."
NO_DATABASE = "Events cannot be stored now; send this again."


@dataclass(slots=True)
class Submission:
    """A request that waits for its commit."""

    parcel: Parcel
    result: asyncio.Future[Result]
    since: float


@dataclass
class _Committer:
    """A committing process and the edge's end of the socket between them."""

    process: subprocess.Popen[bytes]
    transport: asyncio.Transport


class Writer(asyncio.Protocol):
    """Stores what requests submit; ``submit`` returns after the commit that holds their events.

    Args:
        ring: Called after each commit with new events. Must return at once and never raise.
    """

    def __init__(self, database: Database, ring: Callable[[], None], counters: Counters) -> None:
        self._database = database
        self._ring = ring
        self._counters = counters
        self._waiting: deque[Submission] = deque()
        self._in_flight: deque[Submission] = deque()
        self._in_flight_bytes = 0
        self._is_asked = False
        self._queued = 0
        self._queued_bytes = 0
        self._received = bytearray()
        self._committer: _Committer | None = None
        self._heard_at = 0.0
        self._keeper: asyncio.Task[None] | None = None
        self._encode = msgspec.msgpack.Encoder().encode
        self._decoder = msgspec.msgpack.Decoder(CommitReport)
        self._is_stopping = False
        self.is_available = False

    async def start(self) -> None:
        """Start the committer. Requests are refused until it has reached the database."""
        self._loop = asyncio.get_running_loop()
        self._is_stopping = False
        await self._start_committer()
        while self._is_asked:
            await asyncio.sleep(0.01)
        self._keeper = self._loop.create_task(self._keep())

    async def stop(self) -> None:
        """Let the committer store the waiting requests, then end it; kill it if it hangs."""
        self._is_stopping = True
        while self._queued and self.is_available:
            await asyncio.sleep(0.01)
        if self._keeper:
            self._keeper.cancel()
        if self._committer:
            committer, self._committer = self._committer, None
            committer.transport.close()
            await asyncio.to_thread(_end, committer.process)

    @property
    def queued(self) -> int:
        """Requests that wait for their commit."""
        return self._queued

    @property
    def _is_busy(self) -> bool:
        """Whether the committer owes a report."""
        return self._is_asked or bool(self._in_flight)

    @property
    def committer_pid(self) -> int | None:
        """The committing process; None while there is none."""
        return self._committer.process.pid if self._committer else None

    async def submit(self, parcel: Parcel) -> Result:
        """Store the good events of a request; return the result after the commit.

        Raises:
            EdgeError: 503 with ``Retry-After``: too much is waiting, or the database is not available.
        """
        if not self.is_available or self._is_stopping:
            raise unavailable(NO_DATABASE)
        size = len(parcel.body)
        if self._queued_bytes + size > body_limits.QUEUED_BYTES:
            raise unavailable(BUSY, retry_after=1)
        submission = Submission(parcel, self._loop.create_future(), self._loop.time())
        self._queued += 1
        self._queued_bytes += size
        if not self._waiting:
            self._loop.call_soon(self._hand_over)
        self._waiting.append(submission)
        try:
            return await submission.result
        finally:
            self._queued -= 1
            self._queued_bytes -= size

    # Batches

    def _hand_over(self) -> None:
        """Send everything that waits, up to the limit of bytes in flight."""
        batch: list[Parcel] = []
        self._wait_from_now()
        while self._waiting and self._in_flight_bytes < MOST_BYTES_IN_FLIGHT:
            submission = self._waiting.popleft()
            if not submission.result.done():
                self._in_flight_bytes += len(submission.parcel.body)
                self._in_flight.append(submission)
                batch.append(submission.parcel)
        if batch:
            self._send(batch)

    def _send(self, batch: list[Parcel]) -> None:
        if self._committer:
            self._committer.transport.write(framed(self._encode(batch)))

    def data_received(self, data: bytes) -> None:
        """Read the committer's reports on the requests in flight."""
        self._received += data
        while len(self._received) >= LENGTH_BYTES:
            end = LENGTH_BYTES + int.from_bytes(self._received[:LENGTH_BYTES], "big")
            if len(self._received) < end:
                return
            report = self._decoder.decode(self._received[LENGTH_BYTES:end])
            del self._received[:end]
            self._settle(report)

    def _settle(self, report: CommitReport) -> None:
        self._heard_at, self._is_asked, self.is_available = self._loop.time(), False, report.is_available
        done = [self._in_flight.popleft() for _ in range(report.requests)]
        self._in_flight_bytes -= sum(len(submission.parcel.body) for submission in done)
        if self._waiting:
            self._hand_over()
        if not report.is_available:
            self._fail(done)
            return
        self._counters.accepted += report.stored
        for submission, result in zip(done, report.results, strict=True):
            if not submission.result.done():
                submission.result.set_result(result)
        if report.stored:
            self._ring()

    # The committer

    async def _start_committer(self) -> None:
        ours, theirs = socket.socketpair()
        environment = os.environ | {
            "PYTHONPATH": os.pathsep.join([str(PROJECT), os.environ.get("PYTHONPATH", "")])
        }
        command = [sys.executable, "-m", "rules.forwarding.committer", str(theirs.fileno())]
        with theirs:
            process = subprocess.Popen(  # noqa: S603  our own module
                command, pass_fds=[theirs.fileno()], env=environment, stdin=subprocess.DEVNULL
            )
        transport, _ = await self._loop.create_connection(lambda: self, sock=ours)
        self._committer = _Committer(process, transport)
        transport.write(framed(self._encode(self._database)))
        self._ask()

    def _ask(self) -> None:
        """Send an empty batch, which checks that the database is there."""
        self._wait_from_now()
        self._is_asked = True
        self._send([])

    def _wait_from_now(self) -> None:
        if not self._is_busy:
            self._heard_at = self._loop.time()

    def connection_lost(self, error: Exception | None) -> None:
        """Fail all requests when the committer ends. Some may be stored; senders send them again."""
        failed = [*self._in_flight, *self._waiting]
        self._in_flight.clear()
        self._waiting.clear()
        self._received.clear()
        self._in_flight_bytes, self._is_asked = 0, False
        self.is_available = False
        if self._committer:
            self._committer.process.kill()
            self._loop.run_in_executor(None, self._committer.process.wait)
            self._committer = None
        self._fail(failed)

    async def _keep(self) -> None:
        while True:
            await asyncio.sleep(LOOK_SECONDS)
            try:
                await self._look_after()
            except OSError as error:
                logger.error("The committing process cannot be started (%s); trying again", error)

    async def _look_after(self) -> None:
        """Restart a dead committer, ask for the database again, and fail requests that wait too long."""
        latest = self._loop.time() - body_limits.WAIT_SECONDS
        self._fail([late for late in [*self._in_flight, *self._waiting] if late.since < latest])
        if self._committer is None:
            logger.warning("The committing process ended; starting another")
            await self._start_committer()
        elif self._is_busy and self._heard_at < self._loop.time() - HANG_SECONDS:
            self._committer.process.kill()
        elif not self.is_available and not self._is_busy:
            await asyncio.sleep(RECONNECT_SECONDS)
            self._ask()

    def _fail(self, batch: list[Submission]) -> None:
        for submission in batch:
            if not submission.result.done():
                submission.result.set_exception(unavailable(NO_DATABASE))


def _end(process: subprocess.Popen[bytes]) -> None:
    try:
        process.wait(END_SECONDS)
    except subprocess.TimeoutExpired:
        logger.warning("The committing process does not end; killing it")
        process.kill()
        process.wait()
