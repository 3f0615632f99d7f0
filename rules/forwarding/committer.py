"""The process that reads events out of requests and commits them, one transaction per batch.

It is a process because a thread would cost the edge a third of its rate, through Python's global lock. It
does not load Django. ``writer`` starts and feeds it. It ends when the other end of its socket is closed.
"""

from __future__ import annotations

import contextlib
import logging
import signal
import socket
import sys
import threading
from datetime import UTC, datetime
from io import BufferedReader
from typing import BinaryIO

import msgspec

from .body_parser import parse
from .edge_errors import EdgeError
from .parcels import CommitReport, Parcel, Reason, Result
from .received_events import Received, received
from .store import Database, Store, StoreRefused, StoreUnavailable, store_on

logger = logging.getLogger(__name__)

LENGTH_BYTES = 4
READ_BYTES = 256 * 1024
CANNOT_BE_STORED = EdgeError(422, "no-event", "The events hold something that cannot be stored.")
NOT_UNDERSTOOD = EdgeError(422, "no-event", "The events could not be understood.")


class _Lines(logging.Formatter):
    """Formats log lines like the other processes, without Django."""

    def format(self, record: logging.LogRecord) -> str:
        at = datetime.fromtimestamp(record.created, UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
        first, newline, rest = super().format(record).partition("\n")
        line = f"{at} [{record.levelname.lower():<9}] {first} [{record.name}]{newline}{rest}"
        return line.replace("\n", "\n    ")


def framed(content: bytes) -> bytes:
    return len(content).to_bytes(LENGTH_BYTES, "big") + content


def commit(store: Store, requests: list[Received]) -> CommitReport:
    """Store the good events of all requests together; without a request, check that the database is there."""
    try:
        if not requests:
            store.open()
        report = _stored(store, requests)
        _keep_reports(store, requests)
        return report
    except StoreUnavailable as error:
        logger.warning("Events cannot be stored: %s", error)
    except Exception:
        logger.exception("Events cannot be stored")
        store.close()
    return CommitReport(len(requests), [], 0, is_available=False)


def opened(parcel: Parcel) -> Received:
    """Read one request. Never raises: a body that cannot be understood is refused."""
    try:
        return received(parse(parcel.body), parcel)
    except EdgeError as refusal:
        return Received([], [refusal])
    except Exception:
        logger.exception("A body could not be understood")
        return Received([], [NOT_UNDERSTOOD])


def _stored(store: Store, requests: list[Received]) -> CommitReport:
    everything = [row for request in requests for row in request.rows]
    try:
        stored = store.write(everything) if everything else 0
    except StoreRefused:
        return _stored_apart(store, requests)
    results = [_result(request) for request in requests]
    return CommitReport(len(requests), results, stored, is_available=True)


def _stored_apart(store: Store, requests: list[Received]) -> CommitReport:
    """Store request by request: an event that the database refuses does not hold up other requests."""
    results, stored = [], 0
    for request in requests:
        try:
            stored += store.write(request.rows) if request.rows else 0
            results.append(_result(request))
        except StoreRefused as error:
            logger.error("The database refuses an event: %s", error)
            results.append(_result(Received([], [CANNOT_BE_STORED])))
    return CommitReport(len(requests), results, stored, is_available=True)


def _keep_reports(store: Store, requests: list[Received]) -> None:
    """Keep the reports of libraries. They are never worth an event: whatever fails, the events are stored."""
    reports = [report for request in requests for report in request.reports]
    if reports:
        try:
            store.keep_reports(reports)
        except Exception as error:
            logger.warning("Reports of libraries cannot be kept: %s", type(error).__name__)
            store.close()


def _result(request: Received) -> Result:
    return Result(
        len(request.rows) + len(request.reports),
        [Reason.of(each) for each in request.refusals],
        request.ignored,
    )


class Inbox:
    """Requests that are read while the previous commit runs. The edge limits their number."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self._changed = threading.Condition()
        self._opened: list[Received] | None = None  # Empty: a check that the database is there.
        self._has_ended = False

    def fill(self) -> None:
        """Read requests until the edge is gone, in a separate thread. The process ends with it."""
        decode = msgspec.msgpack.Decoder(list[Parcel]).decode
        try:
            while message := _next(self._stream):
                self._add([opened(parcel) for parcel in decode(message)])
        finally:
            with self._changed:
                self._has_ended = True
                self._changed.notify()

    def _add(self, requests: list[Received]) -> None:
        with self._changed:
            self._opened = (self._opened or []) + requests
            self._changed.notify()

    def take(self) -> list[Received] | None:
        """Return all waiting requests; empty for a check without requests, None at the end."""
        with self._changed:
            self._changed.wait_for(lambda: self._opened is not None or self._has_ended)
            taken, self._opened = self._opened, None
            return taken


def serve(connection: socket.socket) -> None:
    """Serve the edge: the first message names the database, each further one holds requests."""
    stream = BufferedReader(connection.makefile("rb", buffering=0), READ_BYTES)
    store = store_on(msgspec.msgpack.decode(_next(stream), type=Database))
    encode = msgspec.msgpack.Encoder().encode
    inbox = Inbox(stream)
    threading.Thread(target=inbox.fill, name="inbox", daemon=True).start()
    while (requests := inbox.take()) is not None:
        connection.sendall(framed(encode(commit(store, requests))))
    store.close()


def _next(stream: BinaryIO) -> bytes:
    """Return one message; empty if the edge is gone."""
    length = int.from_bytes(stream.read(LENGTH_BYTES), "big")
    message = stream.read(length)
    return message if len(message) == length else b""


def main() -> None:
    """Ignore signals to the group: the edge lets us store the waiting events, then closes the socket."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    console = logging.StreamHandler()
    console.setFormatter(_Lines())
    logging.basicConfig(handlers=[console])
    with socket.socket(fileno=int(sys.argv[1])) as connection, contextlib.suppress(ConnectionError):
        serve(connection)


if __name__ == "__main__":
    main()
