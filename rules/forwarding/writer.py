"""The thread that commits events, in groups without a timer.

A request puts its events into the queue and waits. The thread takes everything that queued while the previous
commit ran and commits it as one transaction: a burst costs few commits, a single event waits for its own.
"""

from __future__ import annotations

import asyncio
import logging
import queue
import threading
import time
from collections.abc import Callable, Iterator

from . import limits
from .counters import Counters
from .errors import Refusal, unavailable
from .rows import EventRow, Submission
from .store import Store, StoreRefused, StoreUnavailable

logger = logging.getLogger(__name__)

MOST_EVENTS_PER_COMMIT = 2_000
RECONNECT_SECONDS = 0.5
BUSY = "Too many events are waiting to be stored; send this again."
NO_DATABASE = "Events cannot be stored now; send this again."
_STOP = None


class Writer:
    """Stores what requests submit; ``submit`` returns after the commit that holds their events.

    Args:
        store: Used by the writer's thread alone.
        ring: Told after each commit that there is something to deliver. Must return at once and never raise.
    """

    def __init__(self, store: Store, ring: Callable[[], None], counters: Counters) -> None:
        self._store = store
        self._ring = ring
        self._counters = counters
        self._queue: queue.SimpleQueue[Submission | None] = queue.SimpleQueue()
        self._waiting: dict[int, Submission] = {}
        self._queued = 0
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread: threading.Thread | None = None
        self._guard: asyncio.Task[None] | None = None
        self._was_tried = threading.Event()
        self._is_stopping = False
        self.is_available = False

    async def start(self) -> None:
        """Connect, or begin to try: requests are refused until there is a database."""
        self._loop = asyncio.get_running_loop()
        self._thread = threading.Thread(target=self._run, name="event-writer", daemon=True)
        self._thread.start()
        self._guard = self._loop.create_task(self._fail_the_stuck())
        await asyncio.to_thread(self._was_tried.wait)

    async def stop(self) -> None:
        """Commit what is queued, then end."""
        self._is_stopping = True
        self._queue.put(_STOP)
        if self._thread:
            await asyncio.to_thread(self._thread.join)
        if self._guard:
            self._guard.cancel()

    @property
    def queued(self) -> int:
        """Events that wait for their commit."""
        return self._queued

    async def submit(self, rows: list[EventRow]) -> None:
        """Store all rows of one request, or raise.

        Raises:
            Refusal: 503 with ``Retry-After``: the queue is full or the database is away.
        """
        if self._loop is None or self._is_stopping or not self.is_available:
            raise unavailable(NO_DATABASE)
        if self._queued + len(rows) > limits.QUEUED_EVENTS:
            raise unavailable(BUSY, retry_after=1)
        submission = Submission(rows, self._loop.create_future(), time.monotonic())
        self._queued += len(rows)
        self._waiting[id(submission)] = submission
        self._queue.put(submission)
        try:
            await submission.stored
        finally:
            self._waiting.pop(id(submission), None)
            self._queued -= len(rows)

    async def _fail_the_stuck(self) -> None:
        """An answer within two seconds, also when the database hangs. Senders may repeat: events have ids."""
        while True:
            await asyncio.sleep(0.2)
            latest = time.monotonic() - limits.WAIT_SECONDS
            for submission in list(self._waiting.values()):
                if submission.since < latest and not submission.stored.done():
                    submission.stored.set_exception(unavailable(NO_DATABASE))

    # In the thread

    def _run(self) -> None:
        self._connect()
        while (batch := self._next_batch()) is not None:
            if batch:
                self._commit(batch)
            if not self.is_available:
                self._connect()
        self._store.close()

    def _connect(self) -> None:
        """Until there is a database again; meanwhile requests are refused at once."""
        while not self.is_available and not self._is_stopping:
            try:
                self._store.open()
                self.is_available = True
            except StoreUnavailable as error:
                logger.warning("The database cannot be written: %s", error)
                self._was_tried.set()
                time.sleep(RECONNECT_SECONDS)
        self._was_tried.set()

    def _next_batch(self) -> list[Submission] | None:
        """Everything that queued meanwhile; None at the end."""
        batch: list[Submission] = []
        first = self._queue.get()
        for submission in self._followed(first):
            if submission is _STOP:
                self._queue.put(_STOP)
                break
            if not submission.stored.done():
                batch.append(submission)
        return batch if batch or first is not _STOP else None

    def _followed(self, first: Submission | None) -> Iterator[Submission | None]:
        yield first
        events = len(first.rows) if first else 0
        while events < MOST_EVENTS_PER_COMMIT:
            try:
                following = self._queue.get_nowait()
            except queue.Empty:
                return
            events += len(following.rows) if following else 0
            yield following

    def _commit(self, batch: list[Submission]) -> None:
        try:
            stored = self._store.write([row for submission in batch for row in submission.rows])
        except StoreRefused:
            self._commit_each(batch)
        except Exception as error:
            self._give_up(batch, error)
        else:
            self._settle(batch, stored)

    def _commit_each(self, batch: list[Submission]) -> None:
        """One request at a time: nobody waits for another's event that the database does not take."""
        for submission in batch:
            try:
                stored = self._store.write(submission.rows)
            except StoreRefused as error:
                logger.error("The database refuses an event: %s", error)
                self._fail([submission], Refusal(422, "no-event", "The event holds what cannot be stored."))
            except Exception as error:
                self._give_up([submission], error)
            else:
                self._settle([submission], stored)

    def _give_up(self, batch: list[Submission], error: Exception) -> None:
        logger.warning(
            "Events could not be stored: %s", error, exc_info=not isinstance(error, StoreUnavailable)
        )
        self.is_available = False
        self._fail(batch, unavailable(NO_DATABASE))

    def _fail(self, batch: list[Submission], failure: Refusal) -> None:
        for submission in batch:
            submission.failure = failure
        self._release(batch)

    def _settle(self, batch: list[Submission], stored: int) -> None:
        self._counters.accepted += stored
        self._release(batch)
        if stored:
            self._ring()

    def _release(self, batch: list[Submission]) -> None:
        if self._loop:
            self._loop.call_soon_threadsafe(_answer, batch)


def _answer(batch: list[Submission]) -> None:
    """In the loop, once for all requests of a commit."""
    for submission in batch:
        if submission.stored.done():
            continue
        if submission.failure:
            submission.stored.set_exception(submission.failure)
        else:
            submission.stored.set_result(None)
