"""The SQL of the edge: one transaction for all waiting events.

It uses raw statements on its own connection: the ORM costs several times as much per event.
Source: docs/performance.md, "Performance".
"""

from __future__ import annotations

import sqlite3
import time
from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from itertools import islice
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import msgspec

from . import body_limits
from .event_ids import NODES, Identifiers
from .event_rows import EventRow, Keyed, share_requests, without_repeats
from .site_reports import ReportRow

if TYPE_CHECKING:
    import psycopg

ACCEPTED = "accepted"
_COLUMNS = (
    "id, property_id, environment_id, datastream_id, build_id, name, received_at, body, request, flags,"
    " shared_request, state, reason, trace, claims, lease_token"
)


class StoreUnavailable(Exception):
    """The database cannot be written to now; the same events may be stored later."""


class StoreRefused(Exception):
    """The database refuses one of these events; others are not affected."""


class Store(ABC):
    """One connection, for one thread at a time. ``write`` opens it again after a loss."""

    @abstractmethod
    def open(self) -> None:
        """Connect.

        Raises:
            StoreUnavailable: The database is not available.
        """

    @abstractmethod
    def write(self, rows: Sequence[EventRow]) -> int:
        """Commit the new rows, and their count.

        Returns:
            The number of stored rows; the others had been stored before.

        Raises:
            StoreUnavailable: Nothing was stored.
            StoreRefused: Nothing was stored.
        """

    @abstractmethod
    def keep_reports(self, reports: Sequence[ReportRow]) -> None:
        """Keep reports of libraries with their sessions; those without a session that runs are dropped."""

    @abstractmethod
    def close(self) -> None:
        """Disconnect; harmless if not connected."""


class Database(msgspec.Struct):
    """Where events are stored: the SQLite file, or the parameters of libpq."""

    file: str = ""
    parameters: dict[str, str | int] = {}


def store_on(database: Database) -> Store:
    return SqliteStore(database.file) if database.file else PostgresStore(database.parameters)


class SqliteStore(Store):
    """The file of embedded mode: WAL, written to the disk at each commit."""

    LARGEST_CHUNK = 100
    LOCK_WAIT_SECONDS = 1.0
    CHECKPOINT_PAGES = 8000
    """Moves the log's pages into the file after 32 MB, because a checkpoint waits for the disk twice."""

    def __init__(self, file: str) -> None:
        self._file = file
        self._connection: sqlite3.Connection | None = None
        self._identifiers = Identifiers(node=0)

    def open(self) -> None:
        self.close()
        try:
            self._connection = self._connect()
            self._identifiers = Identifiers(node=0, after=self._highest_id())
        except sqlite3.Error as error:
            self.close()
            raise StoreUnavailable(str(error)) from error

    def write(self, rows: Sequence[EventRow]) -> int:
        if self._connection is None:
            self.open()
        try:
            return self._transaction(rows)
        except (sqlite3.DataError, sqlite3.IntegrityError, UnicodeError) as error:
            self.close()
            raise StoreRefused(type(error).__name__) from error
        except sqlite3.Error as error:
            self.close()
            raise StoreUnavailable(str(error)) from error

    def keep_reports(self, reports: Sequence[ReportRow]) -> None:
        if self._connection is None:
            self.open()
        for report in reports:
            now = _sqlite_time(report.received_at)
            self._execute(_REPORT.format(place="?"), (report.content, now, report.token, now))

    def close(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _connect(self) -> sqlite3.Connection:
        connection = sqlite3.connect(
            f"file:{quote(self._file)}?mode=rw",
            uri=True,
            timeout=self.LOCK_WAIT_SECONDS,
            isolation_level=None,
            check_same_thread=False,
            cached_statements=256,
        )
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("PRAGMA synchronous=FULL")
        connection.execute(f"PRAGMA wal_autocheckpoint={self.CHECKPOINT_PAGES}")
        return connection

    @property
    def _execute(self) -> Any:
        if self._connection is None:
            raise StoreUnavailable("not connected")
        return self._connection.execute

    def _highest_id(self) -> int:
        return int(self._execute("SELECT coalesce(max(id), 0) FROM rules_inboundevent").fetchone()[0])

    def _transaction(self, rows: Sequence[EventRow]) -> int:
        candidates = _with_ids(rows, self._identifiers)
        self._execute("BEGIN IMMEDIATE")
        try:
            fresh = self._claim(candidates)
            for last in share_requests(fresh).values():
                self._execute(_REQUEST.format(place="?"), _shared(last))
            for chunk in _chunks(fresh, self.LARGEST_CHUNK):
                self._insert(chunk)
            if fresh:
                self._count(len(fresh))
            self._execute("COMMIT")
        except BaseException:
            self._roll_back()
            raise
        return len(fresh)

    def _roll_back(self) -> None:
        if self._connection is not None and self._connection.in_transaction:
            self._execute("ROLLBACK")

    def _claim(self, rows: list[Keyed]) -> list[EventRow]:
        """Claim the keys, and return the rows whose keys were not claimed within the window."""
        keyed = [(row.datastream_id, key, row.id) for row, keys in rows for key in keys]
        if not keyed:
            return [row for row, _ in rows]
        now = time.time()
        taken = {key for chunk in _chunks(keyed, self.LARGEST_CHUNK) for key in self._claim_keys(chunk, now)}
        return _all_claimed(rows, taken)

    def _claim_keys(self, keyed: list[tuple[int, str, int]], now: float) -> list[tuple[int, str]]:
        seen_at, too_old = _sqlite_time(now), _sqlite_time(now - body_limits.REPEAT_WINDOW_SECONDS)
        values = [value for entry in keyed for value in (*entry, seen_at)]
        statement = _CLAIM.format(values=_places(len(keyed), "(?, ?, ?, ?)"), place="?")
        return list(self._execute(statement, [*values, too_old]).fetchall())

    def _insert(self, rows: list[EventRow]) -> None:
        values = [
            value for row in rows for value in (*_facts(row), _sqlite_time(row.received_at), *_texts(row))
        ]
        places = _places(len(rows), "(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 'received', '', '', 0, '')")
        self._execute(f"INSERT INTO rules_inboundevent ({_COLUMNS}) VALUES {places}", values)  # noqa: S608

    def _count(self, number: int) -> None:
        self._execute(_COUNT.format(place="?"), (_today().isoformat(), 0, ACCEPTED, number))


class PostgresStore(Store):
    """Up to 256 processes; each holds one node number while it is connected."""

    STATEMENT_MILLISECONDS = 1500
    NODE_LOCKS = 0x43415049
    """Class of the advisory locks that assign the node numbers."""

    def __init__(self, parameters: dict[str, str | int]) -> None:
        self._parameters: dict[str, Any] = dict(parameters)
        self._connection: psycopg.Connection[Any] | None = None
        self._node = 0
        self._identifiers = Identifiers(node=0)

    def open(self) -> None:
        self._opened()

    def _opened(self) -> psycopg.Connection[Any]:
        import psycopg

        self.close()
        try:
            connection: psycopg.Connection[Any] = psycopg.connect(
                **self._parameters, autocommit=True, connect_timeout=2, tcp_user_timeout=2000
            )
            self._connection = connection
            self._prepare(connection)
        except psycopg.Error as error:
            self.close()
            raise StoreUnavailable(type(error).__name__) from error
        return connection

    def _prepare(self, connection: psycopg.Connection[Any]) -> None:
        connection.execute("SET synchronous_commit = on")
        connection.execute(f"SET statement_timeout = {self.STATEMENT_MILLISECONDS}")
        connection.execute("SET lock_timeout = 1000")
        self._node = self._free_node(connection)
        highest = connection.execute("SELECT coalesce(max(id), 0) FROM rules_inboundevent").fetchone()
        self._identifiers = Identifiers(self._node, after=highest[0] if highest else 0)

    def _free_node(self, connection: psycopg.Connection[Any]) -> int:
        for node in range(NODES):
            taken = connection.execute(
                "SELECT pg_try_advisory_lock(%s, %s)", (self.NODE_LOCKS, node)
            ).fetchone()
            if taken and taken[0]:
                return node
        raise StoreUnavailable(f"{NODES} processes already write events")

    def write(self, rows: Sequence[EventRow]) -> int:
        import psycopg

        try:
            return self._transaction(self._connection or self._opened(), rows)
        except (psycopg.DataError, psycopg.IntegrityError, UnicodeError) as error:
            self.close()
            raise StoreRefused(type(error).__name__) from error
        except psycopg.Error as error:
            self.close()
            raise StoreUnavailable(type(error).__name__) from error

    def keep_reports(self, reports: Sequence[ReportRow]) -> None:
        connection = self._connection or self._opened()
        for report in reports:
            now = datetime.fromtimestamp(report.received_at, UTC)
            connection.execute(_REPORT.format(place="%s"), (report.content, now, report.token, now))

    def close(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _transaction(self, connection: psycopg.Connection[Any], rows: Sequence[EventRow]) -> int:
        candidates = _with_ids(rows, self._identifiers)
        with connection.transaction(), connection.cursor() as cursor:
            fresh = self._claim(cursor, candidates)
            if fresh:
                for last in share_requests(fresh).values():
                    cursor.execute(_REQUEST.format(place="%s"), _shared(last))
                self._insert(cursor, fresh)
                cursor.execute(_COUNT.format(place="%s"), (_today(), self._node, ACCEPTED, len(fresh)))
        return len(fresh)

    def _claim(self, cursor: psycopg.Cursor[Any], rows: list[Keyed]) -> list[EventRow]:
        """Claim the keys as in SQLite, in one order everywhere: two processes never wait for each other."""
        keyed = sorted((row.datastream_id, key, row.id) for row, keys in rows for key in keys)
        if not keyed:
            return [row for row, _ in rows]
        now = datetime.now(UTC)
        too_old = datetime.fromtimestamp(now.timestamp() - body_limits.REPEAT_WINDOW_SECONDS, UTC)
        columns = [list(column) for column in zip(*keyed, strict=True)]
        cursor.execute(_POSTGRES_CLAIM, (now, *columns, too_old))
        return _all_claimed(rows, set(cursor.fetchall()))

    def _insert(self, cursor: psycopg.Cursor[Any], rows: list[EventRow]) -> None:
        values = [(*_facts(row), datetime.fromtimestamp(row.received_at, UTC), *_texts(row)) for row in rows]
        cursor.execute(_POSTGRES_INSERT, [list(column) for column in zip(*values, strict=True)])


_CLAIM = (
    "INSERT INTO rules_processedid (datastream_id, key, event_id, seen_at) VALUES {values}"
    " ON CONFLICT (datastream_id, key) DO UPDATE SET event_id = excluded.event_id, seen_at = excluded.seen_at"
    " WHERE rules_processedid.seen_at < {place} RETURNING datastream_id, key"
)
_REQUEST = "INSERT INTO rules_inboundrequest (id, property_id, content) VALUES ({place}, {place}, {place})"
_REPORT = (
    "UPDATE rules_validationsession SET report = {place}, reported_at = {place}"
    " WHERE token = {place} AND until > {place}"
)
_COUNT = (
    "INSERT INTO rules_ledgercount (day, node, name, count) VALUES ({place}, {place}, {place}, {place})"
    " ON CONFLICT (day, node, name) DO UPDATE SET count = rules_ledgercount.count + excluded.count"
)
# %b: lists in binary. As text, each quote of each body is escaped, which takes most of the time of a batch.
_POSTGRES_CLAIM = (
    "INSERT INTO rules_processedid (datastream_id, key, event_id, seen_at)"
    " SELECT s.datastream_id, s.key, s.event_id, %s"
    " FROM unnest(%b::bigint[], %b::text[], %b::bigint[]) AS s (datastream_id, key, event_id)"
    " ON CONFLICT (datastream_id, key) DO UPDATE SET event_id = excluded.event_id, seen_at = excluded.seen_at"
    " WHERE rules_processedid.seen_at < %s RETURNING datastream_id, key"
)
_POSTGRES_INSERT = (
    f"INSERT INTO rules_inboundevent ({_COLUMNS})"  # noqa: S608
    " SELECT s.*, 'received', '', '', 0, '' FROM unnest("
    "%b::bigint[], %b::bigint[], %b::bigint[], %b::bigint[], %b::bigint[], %b::text[],"
    " %b::timestamptz[], %b::text[], %b::text[], %b::text[], %b::bigint[]) AS s"
)


def _with_ids(rows: Sequence[EventRow], identifiers: Identifiers) -> list[Keyed]:
    """Return the first row of each event, with ids in the order of arrival."""
    candidates = without_repeats(rows)
    for row, _ in candidates:
        row.id = identifiers.next()
    return candidates


def _all_claimed(rows: list[Keyed], claimed: set[tuple[int, str]]) -> list[EventRow]:
    return [row for row, keys in rows if all((row.datastream_id, key) in claimed for key in keys)]


def _facts(row: EventRow) -> tuple[int | str | None, ...]:
    return (row.id, row.property_id, row.environment_id, row.datastream_id, row.build_id, row.name)


def _texts(row: EventRow) -> tuple[str, str, str, int | None]:
    request = row.request if row.shared_request is None else "{}"
    return (row.body, request, row.flags, row.shared_request)


def _shared(last: EventRow) -> tuple[int, int, str]:
    return (last.id, last.property_id, last.request)


def _places(count: int, one: str) -> str:
    return ", ".join([one] * count)


def _chunks(entries: list[Any], size: int) -> Iterator[list[Any]]:
    iterator = iter(entries)
    while chunk := list(islice(iterator, size)):
        yield chunk


def _sqlite_time(seconds: float) -> str:
    """Return a time as Django stores it in SQLite."""
    return datetime.fromtimestamp(seconds, UTC).isoformat(" ", "microseconds")[:26]


def _today() -> Any:
    return datetime.now(UTC).date()
