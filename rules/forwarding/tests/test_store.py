"""The transaction of the edge, the same on SQLite and PostgreSQL.

Source: docs/reference/contracts.md, "Receiving events"; docs/reference/failures.md, "Database".
"""

from __future__ import annotations

import json
import sqlite3
import threading
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import msgspec
import pytest
from django.core.management import call_command
from django.db import connections

from rules.forwarding.committer import commit, opened
from rules.forwarding.event_rows import EventRow
from rules.forwarding.parcels import Parcel
from rules.forwarding.store import Database, SqliteStore, Store, StoreRefused, StoreUnavailable, store_on
from rules.models import InboundEvent, InboundRequest, LedgerCount, ProcessedId

ALIAS = "edge_store"
POSTGRES = pytest.param("postgres", marks=pytest.mark.postgres)
ON_SQLITE = pytest.mark.parametrize("database", ["sqlite"], indirect=True)
ON_POSTGRES = pytest.mark.parametrize("database", [POSTGRES], indirect=True)
ROW = EventRow(
    property_id=1,
    environment_id=2,
    datastream_id=3,
    build_id=None,
    name="purchase",
    body='{"xdm":{},"data":{}}',
    request="{}",
    flags="[]",
    received_at=1_772_366_400.25,
)


def row(**facts: Any) -> EventRow:
    return msgspec.structs.replace(ROW, **facts)


def parcel(body: bytes) -> Parcel:
    return Parcel(body, 1, 2, 3, None, "{}", "", 1_772_366_400.25, "", "", [])


@pytest.fixture(params=["sqlite", POSTGRES])
def database(request: pytest.FixtureRequest, tmp_path: Path, django_db_blocker: Any) -> Iterator[Database]:
    """An empty database of its own with the product's tables; Django knows it as ``ALIAS``."""
    if request.param == "sqlite":
        where = Database(file=str(tmp_path / "events.sqlite3"))
        settings = {"ENGINE": "django.db.backends.sqlite3", "NAME": where.file}
    else:
        parts = urlsplit(request.getfixturevalue("postgres_url"))
        facts = {"host": parts.hostname, "port": parts.port or 5432, "user": parts.username}
        where = Database(parameters=facts | {"password": parts.password or "", "dbname": parts.path[1:]})
        settings = {"ENGINE": "django.db.backends.postgresql", "NAME": parts.path[1:]}
        settings |= {"HOST": parts.hostname, "PORT": str(parts.port or 5432), "USER": parts.username}
        settings |= {"PASSWORD": parts.password or ""}
    connections.settings[ALIAS] = connections["default"].settings_dict | {"OPTIONS": {}} | settings
    with django_db_blocker.unblock():
        call_command("migrate", database=ALIAS, verbosity=0)
        yield where
        connections[ALIAS].close()
    del connections[ALIAS], connections.settings[ALIAS]


@pytest.fixture
def store(database: Database) -> Iterator[Store]:
    opened = store_on(database)
    yield opened
    opened.close()


def events() -> Any:
    return InboundEvent.objects.using(ALIAS).order_by("id")


def test_rows_are_read_back_by_django_as_written(store: Store) -> None:
    assert store.write([row(build_id=7, name="Käufe 😀")]) == 1
    event = events().get()
    assert (event.name, event.build_id, event.state, event.claims) == ("Käufe 😀", 7, "received", 0)
    assert event.received_at.timestamp() == 1_772_366_400.25


def test_rows_of_one_transaction_keep_every_letter_and_number(store: Store) -> None:
    """Lists leave no trace: quotes, braces, NULL next to numbers, small next to large ones."""
    bodies = ['{"a":"\\"quoted\\", {braced}, \\\\"}', "NULL", "", "Käufe 😀\t'%s'\n", '{"x":[1,null]}']
    builds = [None, 7, 2**40, None, 1]
    written = [
        row(body=body, build_id=build, property_id=build or 3, event_id=f"{index}")
        for index, (body, build) in enumerate(zip(bodies, builds, strict=True))
    ]
    assert store.write(written) == 5
    assert [(event.body, event.build_id) for event in events()] == list(zip(bodies, builds, strict=True))
    assert [event.property_id for event in events()] == [3, 7, 2**40, 3, 1]
    assert {event.received_at.timestamp() for event in events()} == {1_772_366_400.25}
    assert store.write(written[1:3]) == 0


def test_hundreds_of_rows_are_one_transaction_in_order(store: Store) -> None:
    assert store.write([row(body=json.dumps({"n": number})) for number in range(730)]) == 730
    assert [json.loads(event.body)["n"] for event in events()] == list(range(730))
    assert LedgerCount.objects.using(ALIAS).get().count == 730


def test_the_same_event_id_is_stored_once(store: Store) -> None:
    assert store.write([row(event_id="a"), row(event_id="a"), row(event_id="b")]) == 2
    assert store.write([row(event_id="b"), row(event_id="c"), row(event_id="b", datastream_id=4)]) == 2
    assert LedgerCount.objects.using(ALIAS).get(name="accepted").count == 4


def test_the_same_request_and_position_is_stored_once(store: Store) -> None:
    assert store.write([row(request_id="r", position=0), row(request_id="r", position=1)]) == 2
    assert store.write([row(request_id="r", position=1, event_id="new")]) == 0


def test_a_key_older_than_the_window_is_taken_over(store: Store) -> None:
    store.write([row(event_id="a")])
    first = ProcessedId.objects.using(ALIAS).get()
    first.seen_at -= timedelta(hours=49)
    first.save(using=ALIAS)
    assert store.write([row(event_id="a")]) == 1
    assert ProcessedId.objects.using(ALIAS).get().event_id == events().last().id


def test_ids_go_on_ascending_after_a_restart(store: Store, database: Database) -> None:
    store.write([ROW])
    events().update(id=events().get().id + (3_600_000 << 21))
    restarted = store_on(database)
    restarted.write([row(), row()])
    restarted.close()
    first, second, third = events().values_list("id", flat=True)
    assert first < second < third
    assert second - first < 1 << 22


def test_one_event_that_the_database_refuses_does_not_stop_the_others(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    write = store.write

    def refuse(rows: list[EventRow]) -> int:
        if any("poison" in row.body for row in rows):
            raise StoreRefused("DataError")
        return write(rows)

    monkeypatch.setattr(store, "write", refuse)
    bodies = [
        b'{"event":{"data":{"n":1}}}',
        b'{"event":{"data":{"n":"poison"}}}',
        b'{"event":{"data":{"n":3}}}',
    ]
    report = commit(store, [opened(parcel(body)) for body in bodies])
    assert [result.accepted for result in report.results] == [1, 0, 1]
    assert report.results[1].reasons[0].status == 422
    assert report.stored == events().count() == 2


def test_nothing_is_half_stored_when_the_transaction_fails(store: Store) -> None:
    store.write([ROW])
    with connections[ALIAS].cursor() as cursor:
        cursor.execute("DROP TABLE rules_ledgercount")
    with pytest.raises(StoreUnavailable):
        store.write([row(event_id="a")])
    assert events().count() == 1
    assert not ProcessedId.objects.using(ALIAS).exists()


@ON_POSTGRES
def test_a_lost_connection_is_opened_again(store: Store, database: Database) -> None:
    store.write([ROW])
    with connections[ALIAS].cursor() as cursor:
        cursor.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid()"
            " AND datname = current_database()"
        )
    with pytest.raises(StoreUnavailable):
        store.write([ROW])
    assert store.write([ROW]) == 1


def test_a_database_that_is_away_is_said_so() -> None:
    for nowhere in (
        Database(file="/nowhere/events.sqlite3"),
        Database(parameters={"host": "127.0.0.1", "port": 1}),
    ):
        with pytest.raises(StoreUnavailable):
            store_on(nowhere).write([ROW])


@ON_SQLITE
def test_a_locked_file_is_unavailable_within_two_seconds(tmp_path: Path, database: Database) -> None:
    store = store_on(database)
    assert isinstance(store, SqliteStore)
    store.write([ROW])
    assert store._connection is not None
    ((milliseconds,),) = store._connection.execute("PRAGMA busy_timeout")
    assert 0 < milliseconds < 2_000
    with sqlite3.connect(database.file, isolation_level=None) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(StoreUnavailable):
            store.write([ROW])
        other.execute("ROLLBACK")
    assert store.write([ROW]) == 1
    store.close()


@ON_SQLITE
def test_a_full_disk_is_unavailable_until_there_is_room(store: Store) -> None:
    store.write([ROW])
    store._execute("PRAGMA max_page_count = 1")  # type: ignore[attr-defined]
    with pytest.raises(StoreUnavailable, match="full"):
        store.write([row(event_id="a", body="x" * 1_000_000)])
    assert events().count() == 1
    assert store.write([row(event_id="a")]) == 1


@ON_POSTGRES
def test_two_processes_take_different_nodes_and_store_a_repeat_once(database: Database) -> None:
    stores = [store_on(database) for _ in range(2)]
    stored: list[int] = []

    def write(store: Store) -> None:
        for number in range(30):
            stored.append(store.write([row(event_id=f"{number}-{part}") for part in range(10)]))

    threads = [threading.Thread(target=write, args=[store]) for store in stores]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for store in stores:
        store.close()
    assert sum(stored) == events().count() == 300
    nodes = set(LedgerCount.objects.using(ALIAS).values_list("node", flat=True))
    assert nodes <= {0, 1}
    assert sum(LedgerCount.objects.using(ALIAS).values_list("count", flat=True)) == 300


def test_a_request_of_several_events_is_written_once(store: Store) -> None:
    request = '{"header":{"requestId":"r1"}}'
    store.write([row(request=request), row(request=request), row(request='{"header":{}}')])
    first, second, single = InboundEvent.objects.using(ALIAS).order_by("id")
    assert (first.request, first.shared_request, second.shared_request) == ("{}", second.id, second.id)
    assert (single.request, single.shared_request) == ('{"header":{}}', None)
    (shared,) = InboundRequest.objects.using(ALIAS).all()
    assert (shared.id, shared.property_id, shared.content) == (second.id, first.property_id, request)
