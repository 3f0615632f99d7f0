"""The process that reads events out of requests and commits them, one transaction per batch.

A process, not a thread: beside one, the edge loses a third of its rate to Python's global lock. It knows no
Django. Started and fed by ``writer``; it ends when the other end of its socket is closed.
"""

from __future__ import annotations

import logging
import signal
import socket
import sys
from typing import BinaryIO

import msgspec

from .errors import Refusal
from .events import received
from .parcels import Parcel, Reason, Report, Result
from .reading import parse
from .rows import EventRow
from .store import Database, Store, StoreRefused, StoreUnavailable, store_on

logger = logging.getLogger(__name__)

LENGTH_BYTES = 4
CANNOT_BE_STORED = Refusal(422, "no-event", "The events hold something that cannot be stored.")
NOT_UNDERSTOOD = Refusal(422, "no-event", "The events could not be understood.")


def framed(content: bytes) -> bytes:
    return len(content).to_bytes(LENGTH_BYTES, "big") + content


def commit(store: Store, batch: list[Parcel]) -> Report:
    """Store the good events of all requests together; an empty batch asks whether there is a database."""
    opened = [_opened(parcel) for parcel in batch]
    try:
        if not batch:
            store.open()
        return _stored(store, opened)
    except StoreUnavailable as error:
        logger.warning("Events cannot be stored: %s", error)
    except Exception:
        logger.exception("Events cannot be stored")
        store.close()
    return Report([], 0, is_available=False)


Opened = tuple[list[EventRow], list[Refusal]]
"""The good events of one request, and why the others are not."""


def _opened(parcel: Parcel) -> Opened:
    try:
        return received(parse(parcel.body), parcel)
    except Refusal as refusal:
        return [], [refusal]
    except Exception:
        logger.exception("A body could not be understood")
        return [], [NOT_UNDERSTOOD]


def _stored(store: Store, opened: list[Opened]) -> Report:
    everything = [row for rows, _ in opened for row in rows]
    try:
        stored = store.write(everything) if everything else 0
    except StoreRefused:
        return _stored_apart(store, opened)
    return Report([_result(rows, refusals) for rows, refusals in opened], stored, is_available=True)


def _stored_apart(store: Store, opened: list[Opened]) -> Report:
    """Request by request: nobody waits for another's event that the database does not take."""
    results, stored = [], 0
    for rows, refusals in opened:
        try:
            stored += store.write(rows) if rows else 0
            results.append(_result(rows, refusals))
        except StoreRefused as error:
            logger.error("The database refuses an event: %s", error)
            results.append(_result([], [CANNOT_BE_STORED]))
    return Report(results, stored, is_available=True)


def _result(rows: list[EventRow], refusals: list[Refusal]) -> Result:
    return Result(len(rows), [Reason.of(refusal) for refusal in refusals])


def serve(connection: socket.socket) -> None:
    """The first message names the database, each further one is a batch."""
    stream = connection.makefile("rb")
    store = store_on(msgspec.msgpack.decode(_next(stream), type=Database))
    decoder = msgspec.msgpack.Decoder(list[Parcel])
    encode = msgspec.msgpack.Encoder().encode
    while message := _next(stream):
        connection.sendall(framed(encode(commit(store, decoder.decode(message)))))
    store.close()


def _next(stream: BinaryIO) -> bytes:
    """One message; empty when the edge is gone."""
    length = int.from_bytes(stream.read(LENGTH_BYTES), "big")
    message = stream.read(length)
    return message if len(message) == length else b""


def main() -> None:
    """Signals to the group are for the edge: it lets us store what waits, then closes the socket."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    logging.basicConfig(format="%(levelname)s %(name)s %(message)s")
    with socket.socket(fileno=int(sys.argv[1])) as connection:
        serve(connection)


if __name__ == "__main__":
    main()
