"""The statements that write many rows of the log at once."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db import connection

from rules.models import EventCopy, LoggedEvent, SearchTerm

_COLUMNS = {
    "event_id": "bigint",
    "environment_id": "bigint",
    "group_id": "bigint",
    "value": "double precision",
    "currency": "text",
    "ms": "integer",
}
_TERMS = {"day": "smallint", "hash": "bigint", "event_id": "bigint"}
_COPIES = {
    "event_id": "bigint",
    "environment_id": "bigint",
    "side": "smallint",
    "destination": "text",
    "name": "text",
    "id_hash": "bigint",
    "plain_hash": "bigint",
    "form": "smallint",
    "order_hash": "bigint",
    "browser_hash": "bigint",
    "person_hash": "bigint",
}
_REPLACE = "(event_id) DO UPDATE SET " + ", ".join(f"{it} = excluded.{it}" for it in list(_COLUMNS)[1:])


def insert_rows(rows: Sequence[tuple[Any, ...]], *, replace: bool = True) -> None:
    """Insert rows, in the order of ``_COLUMNS``; a row of the same event is replaced, or stays."""
    _insert(LoggedEvent._meta.db_table, _COLUMNS, rows, _REPLACE if replace else "DO NOTHING")


def insert_terms(rows: Sequence[tuple[int, int, int]]) -> None:
    """Insert terms: day, hash, event."""
    _insert(SearchTerm._meta.db_table, _TERMS, rows, "DO NOTHING")


def insert_copies(rows: Sequence[tuple[Any, ...]]) -> None:
    """Insert copies, in the order of ``_COPIES``."""
    _insert(EventCopy._meta.db_table, _COPIES, rows, "DO NOTHING")


def _insert(table: str, columns: dict[str, str], rows: Sequence[tuple[Any, ...]], conflict: str) -> None:
    if not rows:
        return
    names = ", ".join(columns)
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            # One statement for all rows: as many statements would take most of the time of a batch.
            lists = ", ".join(f"%s::{kind}[]" for kind in columns.values())
            values = [list(column) for column in zip(*rows, strict=True)]
            cursor.execute(
                f"INSERT INTO {table} ({names}) SELECT * FROM unnest({lists}) ON CONFLICT {conflict}",  # noqa: S608
                values,
            )
        else:
            places = ", ".join(["%s"] * len(columns))
            cursor.executemany(
                f"INSERT INTO {table} ({names}) VALUES ({places}) ON CONFLICT {conflict}",  # noqa: S608
                rows,
            )
