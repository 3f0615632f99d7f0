"""Which of some known events fit."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import Any

from django.db import connection

from rules.models import InboundEvent, LoggedDelivery, LoggedEvent, LogGroup

from .log_scope import LogScope

ROWS, FURTHER = LoggedEvent._meta.db_table, LoggedDelivery._meta.db_table
MOST_AT_ONCE = 10_000


def split(groups: Iterable[LogGroup]) -> tuple[list[int], list[int]]:
    """Return the ids of groups of first deliveries, and of the others."""
    found: tuple[list[int], list[int]] = [], []
    for group in groups:
        found[group.is_further].append(group.pk)
    return found


def listed(numbers: Iterable[int]) -> Any:
    """Return numbers as one parameter of a statement."""
    return list(numbers) if connection.vendor == "postgresql" else json.dumps(list(numbers))


def in_list(column: str) -> str:
    """Return the condition that a column is one of the numbers of ``listed``."""
    if connection.vendor == "postgresql":
        return f"{column} = ANY(%s::bigint[])"
    return f"{column} IN (SELECT value FROM json_each(%s))"  # noqa: S608


def among(scope: LogScope, ids: Iterable[int]) -> list[int]:
    """Return those of some events that fit, newest first, whatever the search says."""
    wanted = [it for it in set(ids) if scope.low <= it < scope.high]
    found = set[int]()
    for start in range(0, len(wanted), MOST_AT_ONCE):
        part = wanted[start : start + MOST_AT_ONCE]
        found.update(_in_place(scope, part) if scope.groups is None else in_groups(scope.groups, part))
    return sorted(found, reverse=True)


def _in_place(scope: LogScope, ids: Sequence[int]) -> list[int]:
    place = "" if scope.environment_id is None else " AND environment_id = %s"
    table = InboundEvent._meta.db_table
    statement = f"SELECT id FROM {table} WHERE {in_list('id')} AND property_id = %s{place}"  # noqa: S608
    more = [] if scope.environment_id is None else [scope.environment_id]
    return first_column(statement, [listed(ids), scope.prop.pk, *more])


def in_groups(groups: Iterable[LogGroup], ids: Sequence[int]) -> list[int]:
    """Return those of some events that have a row in one of the groups."""
    first, further = split(groups)
    found = _rows_in(ROWS, first, ids)
    return found + _rows_in(FURTHER, further, ids) if further else found


def _rows_in(table: str, groups: Sequence[int], ids: Sequence[int]) -> list[int]:
    # The plus sign keeps SQLite from reading the groups first: the events are few, the groups may be large.
    column = "group_id" if connection.vendor == "postgresql" else "+group_id"
    statement = f"SELECT event_id FROM {table} WHERE {in_list('event_id')} AND {in_list(column)}"  # noqa: S608
    return first_column(statement, [listed(ids), listed(groups)])


def first_column(statement: str, parameters: Sequence[Any]) -> list[int]:
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        return [row[0] for row in cursor.fetchall()]
