"""Ids of the events that fit, newest first, by indexes alone.

The rows of each group lie in an index in the order of time. The newest of each group that fits, merged, are
the newest of all: however many events there are, as many rows are read as the page shows, times the groups.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import NamedTuple

from django.db import connection
from django.db.models import QuerySet

from rules.models import InboundEvent, LogGroup

from .known_events import FURTHER, ROWS, among, first_column, in_list, listed, split
from .log_scope import LogScope, begins
from .search import ValueRange

# Beyond so many events with such a value, the newest so many events are looked through instead.
MOST_OF_VALUE = 2_000
MOST_RECEIVED = 5_000
IN_A_PART = 500
# A search by value looks at some thousand events in each part; rare values must not keep a process busy.
MOST_PARTS = 500


class FoundEvents(NamedTuple):
    """Ids of events, newest first.

    Args:
        searched_to: The oldest id that was looked at, if the search stopped there; else None.
    """

    ids: list[int]
    searched_to: int | None = None


def newest(scope: LogScope, limit: int) -> FoundEvents:
    """Return the newest events of a scope."""
    if scope.low >= scope.high:
        return FoundEvents([])
    if scope.value is not None:
        return _with_value(scope, scope.value, limit)
    if scope.only is not None:
        return FoundEvents(among(scope, scope.only)[:limit])
    if scope.groups is None and scope.named is None:
        return FoundEvents(_any(scope, limit))
    found = set(_of_groups(scope, scope.named if scope.named is not None else scope.groups or (), limit))
    if scope.hits:
        found.update(among(scope, scope.hits))
    if scope.with_received and (scope.named is None or scope.name):
        found.update(received(scope, limit))
    return FoundEvents(sorted(found, reverse=True)[:limit])


def in_parts(scope: LogScope, most: int) -> Iterator[list[int]]:
    """Yield the newest events of a scope, some at a time, newest first; ``most`` in all."""
    left = most
    for _ in range(MOST_PARTS):
        found = newest(scope, min(IN_A_PART, left))
        yield found.ids
        left -= len(found.ids)
        last = found.searched_to or (found.ids[-1] if len(found.ids) == IN_A_PART else None)
        if last is None or left <= 0:
            return
        scope = replace(scope, high=last)


def _any(scope: LogScope, limit: int) -> list[int]:
    return list(_events(scope).order_by("-id").values_list("id", flat=True)[:limit])


def _events(scope: LogScope) -> QuerySet[InboundEvent]:
    found = InboundEvent.objects.filter(id__gte=scope.low, id__lt=scope.high)
    if scope.environment_id is None:
        return found.filter(property_id=scope.prop.pk)
    return found.filter(environment_id=scope.environment_id)


def received(scope: LogScope, limit: int) -> list[int]:
    """Return the newest events that no worker has run, among the newest such of all properties."""
    waiting = InboundEvent.objects.filter(state=InboundEvent.State.RECEIVED)
    waiting = waiting.filter(id__gte=scope.low, id__lt=scope.high).order_by("-id")
    rows = waiting.values_list("id", "property_id", "environment_id", "name")[:MOST_RECEIVED]
    place = scope.environment_id
    here = [(pk, name) for pk, prop, env, name in rows if prop == scope.prop.pk and place in (None, env)]
    return [pk for pk, name in here if begins(name, scope.name)][:limit]


# Groups

_POSTGRES = (
    "SELECT it.event_id FROM unnest(%s::bigint[]) AS wanted(id) CROSS JOIN LATERAL"
    " (SELECT event_id FROM {table} WHERE group_id = wanted.id AND event_id >= %s AND event_id < %s"
    " ORDER BY event_id DESC LIMIT %s) AS it ORDER BY it.event_id DESC LIMIT %s"
)
# SQLite has no LATERAL: a subquery of its own for each group does the same.
_SQLITE = (
    "SELECT it.event_id FROM json_each(%s) AS wanted JOIN {table} AS it ON it.{key} IN"
    " (SELECT one.{key} FROM {table} AS one WHERE one.group_id = wanted.value AND one.event_id >= %s"
    " AND one.event_id < %s ORDER BY one.event_id DESC LIMIT %s) ORDER BY it.event_id DESC LIMIT %s"
)


def _of_groups(scope: LogScope, groups: Iterable[LogGroup], limit: int) -> list[int]:
    """Return the newest events of some groups."""
    first, further = split(groups)
    found = _newest_of(ROWS, "event_id", first, scope, limit) if first else []
    if further:
        found += _newest_of(FURTHER, "id", further, scope, 2 * limit)
    return found


def _newest_of(table: str, key: str, groups: Sequence[int], scope: LogScope, limit: int) -> list[int]:
    statement = _POSTGRES if connection.vendor == "postgresql" else _SQLITE
    with connection.cursor() as cursor:
        cursor.execute(
            statement.format(table=table, key=key), [listed(groups), scope.low, scope.high, limit, limit]
        )
        return [row[0] for row in cursor.fetchall()]


# Values


def _with_value(scope: LogScope, wanted: ValueRange, limit: int) -> FoundEvents:
    """Return events with such a value: all of them if they are few, else the newest among the newest."""
    few = _few_with_value(scope, wanted)
    if few is not None:
        return FoundEvents(among(scope, _of_both(scope, few))[:limit])
    looked_at = _any(scope, MOST_OF_VALUE)
    held = _holding(wanted, looked_at)
    both = sorted(_of_both(scope, held), reverse=True)
    found = (both if scope.groups is None else among(scope, both))[:limit]
    is_whole = len(found) == limit or len(looked_at) < MOST_OF_VALUE
    return FoundEvents(found, None if is_whole else looked_at[-1])


def _of_both(scope: LogScope, ids: Iterable[int]) -> Iterable[int]:
    return ids if scope.only is None else set(ids) & set(scope.only)


def _few_with_value(scope: LogScope, wanted: ValueRange) -> list[int] | None:
    """Return all events with such a value, whatever their time; None if there are many."""
    places = [scope.environment_id] if scope.environment_id is not None else _environments(scope)
    statement = (
        f"SELECT event_id FROM {ROWS} WHERE {in_list('environment_id')}"  # noqa: S608
        f" AND value {wanted.operator} %s LIMIT %s"
    )
    found = first_column(statement, [listed(places), wanted.amount, MOST_OF_VALUE + 1])
    return found if len(found) <= MOST_OF_VALUE else None


def _environments(scope: LogScope) -> list[int]:
    return list(scope.prop.environments.values_list("pk", flat=True))


def _holding(wanted: ValueRange, ids: Sequence[int]) -> list[int]:
    # The plus sign keeps SQLite from reading the index of values.
    column = "value" if connection.vendor == "postgresql" else "+value"
    statement = f"SELECT event_id FROM {ROWS} WHERE {in_list('event_id')} AND {column} {wanted.operator} %s"  # noqa: S608
    return first_column(statement, [listed(ids), wanted.amount])
