"""Counts of the event log: how many events fit, by outcome, up to a limit."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from django.db import connection

from properties.models import Environment, Property
from rules.delivery.outcome_kinds import OutcomeKind
from rules.models import LogGroup

from .filters import EventLogFilter
from .found_events import newest, received
from .known_events import FURTHER, MOST_AT_ONCE, ROWS, among, in_groups, in_list, listed, split
from .log_scope import LogScope, scope_of

MOST_COUNTED = 10_000


@dataclass(frozen=True, slots=True)
class EventCounts:
    """How many events fit.

    Args:
        by_outcome: Number by ``OutcomeKind``, as if no outcome were chosen; at most ``MOST_COUNTED`` + 1,
            which means more. Outcomes that do not occur are absent.
        chosen: The outcomes that the filter chooses; empty for all.
        is_partial: Only the newest events were looked at.
    """

    by_outcome: Mapping[str, int] = field(default_factory=dict)
    chosen: frozenset[str] = frozenset()
    is_partial: bool = False

    @property
    def total(self) -> int:
        fitting = (it for name, it in self.by_outcome.items() if not self.chosen or name in self.chosen)
        return min(sum(fitting), MOST_COUNTED + 1)

    @property
    def total_text(self) -> str:
        return capped_text(self.total)


def count_text(number: int, most: int) -> str:
    """Return a count as pages show it: ``812`` or ``10,000+``."""
    return f"{most:,}+" if number > most else f"{number:,}"


def capped_text(number: int) -> str:
    """Return a count of the event log as pages show it."""
    return count_text(number, MOST_COUNTED)


def counts_of(
    prop: Property,
    asked: EventLogFilter,
    environment: Environment | None = None,
    *,
    sees_bodies: bool = False,
) -> EventCounts:
    """Count the events of a filter by outcome. The position in the list does not matter."""
    free = replace(asked, result="", before=None)
    scope = scope_of(prop, free, environment, sees_bodies=sees_bodies)
    if scope.value is not None or scope.only is not None:
        found = newest(scope, MOST_AT_ONCE + 1)
        return EventCounts(_of_ids(found.ids), asked.results, is_partial=found.searched_to is not None)
    return EventCounts(_of_groups(scope), asked.results)


def _of_ids(ids: Sequence[int]) -> dict[str, int]:
    """Count known events; those without a row are being sent."""
    outcomes = _outcomes(ids)
    return dict(Counter(outcomes.get(it, OutcomeKind.SENDING.value) for it in ids))


def _outcomes(ids: Sequence[int]) -> dict[int, str]:
    rows: list[tuple[int, int]] = []
    if ids:
        with connection.cursor() as cursor:
            statement = f"SELECT event_id, group_id FROM {ROWS} WHERE {in_list('event_id')}"  # noqa: S608
            cursor.execute(statement, [listed(ids)])
            rows = cursor.fetchall()
    groups = LogGroup.objects.filter(pk__in={group for _, group in rows})
    of_group = dict(groups.values_list("id", "outcome"))
    return {event: of_group[group] for event, group in rows if group in of_group}


def _of_groups(scope: LogScope) -> dict[str, int]:
    chosen = scope.named if scope.named is not None else scope.groups
    groups = _all_groups(scope) if chosen is None else chosen
    counted = _counted(scope, groups)
    for outcome, number in _of_ids(_beside(scope, groups)).items():
        counted[outcome] = min(counted.get(outcome, 0) + number, MOST_COUNTED + 1)
    return {outcome: number for outcome, number in counted.items() if number}


def _beside(scope: LogScope, groups: Iterable[LogGroup]) -> list[int]:
    """Return events that fit and are in none of the groups: found by an id, or without a row yet."""
    if scope.is_everything:
        return received(scope, MOST_COUNTED + 1)
    hits = among(scope, scope.hits) if scope.hits else []
    found = set(hits) - set(in_groups(groups, hits)) if hits else set[int]()
    waiting = received(scope, MOST_COUNTED + 1) if scope.with_received and scope.name else []
    return sorted(found.union(waiting))


def _all_groups(scope: LogScope) -> list[LogGroup]:
    found = LogGroup.objects.filter(property_id=scope.prop.pk, is_further=False)
    if scope.environment_id is not None:
        found = found.filter(environment_id=scope.environment_id)
    return list(found.only("id", "outcome", "is_further"))


def _counted(scope: LogScope, groups: Iterable[LogGroup]) -> dict[str, int]:
    """Count the rows of groups by outcome, all in one statement."""
    by_outcome: dict[str, list[LogGroup]] = {}
    for group in groups:
        by_outcome.setdefault(group.outcome, []).append(group)
    parts, parameters = [], []
    for outcome, members in by_outcome.items():
        statement, more = count_statement(scope, members, MOST_COUNTED)
        parts.append(f"SELECT %s, ({statement})")
        parameters += [outcome, *more]
    if not parts:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(" UNION ALL ".join(parts), parameters)
        return dict(cursor.fetchall())


def count_statement(scope: LogScope, groups: Iterable[LogGroup], most: int) -> tuple[str, list[Any]]:
    """Return the statement that counts the events of some groups, each once, and its parameters.

    Args:
        most: One more than this means more.
    """
    first, further = split(groups)
    rows, parameters = _rows(ROWS, first, scope, most)
    if not further:
        return f"SELECT count(*) FROM ({rows}) AS counted", parameters  # noqa: S608
    others, more = _rows(FURTHER, further, scope, most)
    both = f"SELECT * FROM ({rows}) AS shown UNION SELECT * FROM ({others}) AS others"  # noqa: S608
    return f"SELECT count(*) FROM ({both}) AS counted", [*parameters, *more]  # noqa: S608


def _rows(table: str, groups: Sequence[int], scope: LogScope, most: int) -> tuple[str, list[Any]]:
    statement = (
        f"SELECT event_id FROM {table} WHERE {in_list('group_id')}"  # noqa: S608
        " AND event_id >= %s AND event_id < %s LIMIT %s"
    )
    return statement, [listed(groups), scope.low, scope.high, most + 1]
