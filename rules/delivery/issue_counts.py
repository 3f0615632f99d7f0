"""Counts issues in the transaction that writes the outcomes. Good outcomes cost nothing here."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from django.db import connection

from rules.models import Activation, InboundEvent, Issue, IssueHour

from .issue_causes import IssueCause, Occurrence

ISSUES, HOURS = Issue._meta.db_table, IssueHour._meta.db_table
COLUMNS = (
    "id", *IssueCause._fields, "rule_uid", "rule_name", "name", "label", "message", "advice", "count",
    "first_seen_at", "first_build_id", "last_seen_at", "last_live_at", "example_event_id",
)  # fmt: skip
# What the newest occurrence says replaces what the row said.
NEWEST = (
    "rule_uid", "rule_name", "name", "label", "message", "advice", "last_seen_at", "example_event_id",
)  # fmt: skip


class _Source(NamedTuple):
    """The event of an outcome: the build that ran it, when it was received, and its name here."""

    build_id: int | None
    received_at: datetime
    name: str


def count_occurrences(
    found: Iterable[Occurrence], now: datetime, events: Iterable[InboundEvent] = ()
) -> None:
    """Add bad outcomes to their issues. Call it inside the transaction that writes the outcomes.

    Args:
        now: Time of the database.
        events: Events of these outcomes that are in memory; the others are read.
    """
    groups: dict[IssueCause, list[Occurrence]] = {}
    for it in found:
        groups.setdefault(it.cause, []).append(it)
    if not groups:
        return
    sources = _sources({it.event_id for group in groups.values() for it in group}, events)
    live = {pk: _live_build(pk) for pk in {cause.environment_id for cause in groups}}
    rows = [_row(cause, group, sources, live[cause.environment_id], now) for cause, group in groups.items()]
    _add(sorted(rows, key=lambda row: str(row["id"])), now)


def _sources(ids: set[int], events: Iterable[InboundEvent]) -> dict[int, _Source]:
    known = {it.pk: _Source(it.build_id, it.received_at, it.name) for it in events if it.pk in ids}
    missing = InboundEvent.objects.filter(pk__in=ids - known.keys()) if ids - known.keys() else None
    if missing is not None:
        for pk, *facts in missing.values_list("pk", *_Source._fields):
            known[pk] = _Source(*facts)
    return known


def _live_build(environment_id: int) -> Activation | None:
    return Activation.objects.filter(environment_id=environment_id).order_by("-id").first()


def _row(
    cause: IssueCause,
    group: list[Occurrence],
    sources: Mapping[int, _Source],
    live: Activation | None,
    now: datetime,
) -> dict[str, Any]:
    newest = max(group, key=lambda it: it.event_id)
    source = sources.get(newest.event_id)
    moments = [_moment(sources.get(it.event_id), live, now) for it in group]
    return {
        "id": cause.id,
        **cause._asdict(),
        **newest.texts,
        "name": newest.name or (source.name if source else ""),
        "count": len(group),
        "first_seen_at": now,
        "first_build_id": source.build_id if source else None,
        "last_seen_at": now,
        "last_live_at": max(moments),
        "example_event_id": newest.event_id,
    }


def _moment(source: _Source | None, live: Activation | None, now: datetime) -> datetime:
    """Return when an outcome counts: now, or if its build is no longer live, before it was replaced."""
    if source is None or live is None or source.build_id == live.build_id:
        return now
    return min(source.received_at, live.activated_at - timedelta.resolution)


def _add(rows: list[dict[str, Any]], now: datetime) -> None:
    """Add to the rows, in the order of ids, so that two processes never deadlock."""
    with connection.cursor() as cursor:
        cursor.executemany(_UPSERT, [[_stored(row[name]) for name in COLUMNS] for row in rows])
        hour = _stored(now.replace(minute=0, second=0, microsecond=0))
        cursor.executemany(_UPSERT_HOUR, [[row["id"], hour, row["count"]] for row in rows])


def _stored(value: Any) -> Any:
    return connection.ops.adapt_datetimefield_value(value) if isinstance(value, datetime) else value


_UPSERT = (
    f"INSERT INTO {ISSUES} ({', '.join(COLUMNS)}) VALUES ({', '.join(['%s'] * len(COLUMNS))})"  # noqa: S608
    f" ON CONFLICT (id) DO UPDATE SET count = {ISSUES}.count + excluded.count,"
    f" last_live_at = CASE WHEN excluded.last_live_at > {ISSUES}.last_live_at"
    f" THEN excluded.last_live_at ELSE {ISSUES}.last_live_at END, "
    + ", ".join(f"{name} = excluded.{name}" for name in NEWEST)
)
_UPSERT_HOUR = (
    f"INSERT INTO {HOURS} (issue_id, hour, count) VALUES (%s, %s, %s)"  # noqa: S608
    f" ON CONFLICT (issue_id, hour) DO UPDATE SET count = {HOURS}.count + excluded.count"
)


def forget_issues(before: datetime, hours_before: datetime) -> None:
    """Remove issues that were last seen before a moment, and older hours of all trends."""
    gone = list(Issue.objects.filter(last_seen_at__lt=before).values_list("id", flat=True))
    remove_issues(gone)
    IssueHour.objects.filter(hour__lt=hours_before).delete()


def remove_issues(ids: Iterable[str]) -> None:
    """Remove issues with their trends."""
    ids = list(ids)
    Issue.objects.filter(id__in=ids).delete()
    IssueHour.objects.filter(issue_id__in=ids).delete()
