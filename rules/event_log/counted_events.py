"""Reads the counts per minute of one environment for its overview, in a fixed number of queries."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, NamedTuple

from django.db import connection
from django.db.models import Count, F, Min, Q, QuerySet, Sum

from properties.models import Environment
from rules.delivery.counted_outcomes import STATES, kind_of
from rules.delivery.event_run import WAIT_SECONDS
from rules.delivery.latency_buckets import percentile
from rules.delivery.outcome_kinds import OutcomeKind
from rules.models import InboundEvent, MinuteCount

from .ranges import TimeRange

MOST_GROUPS = 3_000
MOST_UNSEEN = 20_000
# Every event still open was accepted within this time.
OPEN_MINUTES = WAIT_SECONDS // 60 + 1_440
ARRIVED = (OutcomeKind.DELIVERED, OutcomeKind.WITHOUT)
FAILED = (OutcomeKind.REFUSED, OutcomeKind.NOT_SENT)
WAITING = (OutcomeKind.RETRYING, OutcomeKind.SENDING, OutcomeKind.ON_HOLD)

_WHOLE = -1
# Sums of deliveries by bar and of the whole range: one sort of the rows instead of two.
_DELIVERIES = f"""
WITH sums AS MATERIALIZED (
  SELECT (minute - %s) / %s AS step, name, target, outcome, bucket, CAST(SUM(count) AS BIGINT) AS total
  FROM {MinuteCount._meta.db_table}
  WHERE property_id = %s AND environment_id = %s AND is_event = %s AND minute >= %s AND minute < %s
  GROUP BY 1, 2, 3, 4, 5)
SELECT step, '' AS name, '' AS target, 0 AS outcome, bucket, CAST(SUM(total) AS BIGINT) AS total
FROM sums WHERE bucket >= 0 GROUP BY step, bucket
UNION ALL
SELECT * FROM (
  SELECT {_WHOLE} AS step, name, target, outcome, bucket, CAST(SUM(total) AS BIGINT) AS total
  FROM sums GROUP BY name, target, outcome, bucket ORDER BY total DESC LIMIT %s) AS whole
"""  # noqa: S608 - the name of our own table


class _Sum(NamedTuple):
    """A sum of deliveries of one bar, or with ``step`` = ``_WHOLE`` of the whole range."""

    step: int
    name: str
    target: str
    outcome: int
    bucket: int
    total: int


class Kinds(Counter[OutcomeKind]):
    """Numbers by kind of outcome."""

    def of(self, kinds: Iterable[OutcomeKind]) -> int:
        return sum(self[kind] for kind in kinds)

    @property
    def share_arrived(self) -> float | None:
        """Share of those that ended at a destination or before it that arrived; None if none ended."""
        ended = self.of((*ARRIVED, *FAILED))
        return self.of(ARRIVED) / ended if ended else None


@dataclass
class CountedGroup:
    """Deliveries with one name, or to one destination."""

    name: str
    kinds: Kinds = field(default_factory=Kinds)
    latency: Counter[int] = field(default_factory=Counter)

    @property
    def total(self) -> int:
        return self.kinds.total()

    @property
    def p95(self) -> float | None:
        return percentile(self.latency, 0.95)


@dataclass(frozen=True, slots=True)
class Open:
    """Events that have no final outcome yet.

    Args:
        waiting: Events that are retried or on hold.
        unseen: Events whose rules have not run yet; at most 20,000 are looked at.
        oldest_at: Time of acceptance of the oldest of both; None without any.
        late_seconds: How long the oldest unseen event of the whole installation waits for a worker.
    """

    waiting: int
    unseen: int
    oldest_at: datetime | None
    late_seconds: float


@dataclass(frozen=True, slots=True)
class CountedEvents:
    """Events of one environment in one range.

    Args:
        kinds: By bar.
        before: The same time before, up to the same moment.
        latency: Deliveries by class of latency, by bar.
        names: By the name at the vendor, most frequent first; targets likewise by destination.
    """

    span: TimeRange
    kinds: list[Kinds]
    before: Kinds
    latency: list[Counter[int]]
    names: list[CountedGroup]
    targets: list[CountedGroup]

    @property
    def total(self) -> Kinds:
        return _sum(self.kinds)

    @property
    def all_latency(self) -> Counter[int]:
        return sum(self.latency, Counter())


def _sum(each: Iterable[Kinds]) -> Kinds:
    total = Kinds()
    for kinds in each:
        total.update(kinds)
    return total


def counted_events(environment: Environment, span: TimeRange) -> CountedEvents:
    """Read one range. Two queries, whatever the number of events."""
    kinds, before = _events(environment, span)
    latency, rows = _deliveries(environment, span)
    return CountedEvents(span, kinds, before, latency, *_groups(rows))


def _rows(environment: Environment, first: int, after: int, *, is_event: bool) -> QuerySet[MinuteCount]:
    return MinuteCount.objects.filter(
        property_id=environment.prop_id,
        environment_id=environment.pk,
        is_event=is_event,
        minute__gte=first,
        minute__lt=after,
    ).order_by()


def _events(environment: Environment, span: TimeRange) -> tuple[list[Kinds], Kinds]:
    begin, bars = span.first - span.minutes, span.kind.bars
    until = min(int(span.now.timestamp()) // 60, span.after - 1) - span.minutes
    rows = _rows(environment, begin, span.after, is_event=True)
    grouped = rows.values("outcome", step=(F("minute") - begin) / span.kind.step).annotate(
        total=Sum("count"), earlier=Sum("count", filter=Q(minute__lte=until, minute__lt=span.first))
    )
    kinds, before = [Kinds() for _ in range(bars)], Kinds()
    for row in grouped:
        kind = kind_of(row["outcome"])
        if kind is None:
            continue
        if row["step"] >= bars:
            kinds[row["step"] - bars][kind] += max(row["total"], 0)
        else:
            before[kind] += row["earlier"] or 0
    return kinds, before


def _deliveries(environment: Environment, span: TimeRange) -> tuple[list[Counter[int]], list[_Sum]]:
    """Return the latency by bar, and the sums of the range."""
    place = (environment.prop_id, environment.pk, False, span.first, span.after)
    with connection.cursor() as cursor:
        cursor.execute(_DELIVERIES, [span.first, span.kind.step, *place, MOST_GROUPS])
        rows = [_Sum(*row) for row in cursor.fetchall()]
    latency: list[Counter[int]] = [Counter() for _ in range(span.kind.bars)]
    for row in rows:
        if row.step != _WHOLE:
            latency[row.step][row.bucket] += max(row.total, 0)
    return latency, [row for row in rows if row.step == _WHOLE]


def _groups(rows: Iterable[_Sum]) -> tuple[list[CountedGroup], list[CountedGroup]]:
    names: dict[str, CountedGroup] = {}
    targets: dict[str, CountedGroup] = {}
    for row in rows:
        for groups, name in ((names, row.name), (targets, row.target)):
            _add(groups.setdefault(name, CountedGroup(name)), row)
    return _ordered(names), _ordered(targets)


def _add(group: CountedGroup, row: _Sum) -> None:
    kind = kind_of(row.outcome)
    if kind is not None:
        group.kinds[kind] += row.total
    if row.bucket != MinuteCount.NO_BUCKET:
        group.latency[row.bucket] += row.total


def _ordered(groups: Mapping[str, CountedGroup]) -> list[CountedGroup]:
    return sorted((it for it in groups.values() if it.total > 0), key=lambda it: (-it.total, it.name))


def open_events(environment: Environment, now: datetime) -> Open:
    """Read what is not finished. Two queries."""
    minute = int(now.timestamp()) // 60
    is_open = Q(outcome__gte=100 * STATES["open"], outcome__lt=100 * (STATES["open"] + 1))
    rows = _rows(environment, minute - OPEN_MINUTES, minute + 1, is_event=True).filter(is_open)
    minutes = rows.values("minute").annotate(total=Sum("count")).filter(total__gt=0)
    waiting = minutes.aggregate(number=Sum("total"), oldest=Min("minute"))
    unseen = _unseen(environment)
    oldest = [_moment_of(it) for it in (unseen["oldest"],) if it is not None]
    if waiting["oldest"] is not None:
        oldest.append(datetime.fromtimestamp(waiting["oldest"] * 60, UTC))
    late = (now - _moment_of(unseen["first"])).total_seconds() if unseen["first"] else 0.0
    return Open(waiting["number"] or 0, unseen["number"], min(oldest, default=None), max(late, 0.0))


def late_seconds(now: datetime) -> float:
    """Return how long the oldest event of the installation waits for a worker. One query."""
    received = InboundEvent.objects.filter(state=InboundEvent.State.RECEIVED).order_by("id")
    first = received.values_list("id", flat=True).first()
    return max((now - _moment_of(first)).total_seconds(), 0.0) if first else 0.0


def _unseen(environment: Environment) -> dict[str, Any]:
    received = InboundEvent.objects.filter(state=InboundEvent.State.RECEIVED).order_by("id")
    looked_at = received.values("id", "environment_id")[:MOST_UNSEEN]
    is_here = Q(environment_id=environment.pk)
    return InboundEvent.objects.filter(id__in=looked_at.values("id")).aggregate(
        number=Count("id", filter=is_here), oldest=Min("id", filter=is_here), first=Min("id")
    )


def _moment_of(event_id: int) -> datetime:
    return datetime.fromtimestamp((event_id >> InboundEvent.BITS_BELOW_TIME) / 1000, UTC)


def spread(each: Iterable[Any], points: int) -> list[list[Any]]:
    """Return the bars in this many neighbouring groups of nearly the same size."""
    bars = list(each)
    groups: dict[int, list[Any]] = defaultdict(list)
    for place, bar in enumerate(bars):
        groups[place * points // len(bars)].append(bar)
    return [groups[place] for place in sorted(groups)]
