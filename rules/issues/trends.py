"""Trends of issues: how often each happened in a range, as numbers and as small bars."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import ceil

from rules.models import IssueHour

WIDTH, HEIGHT, LOWEST = 72.0, 18.0, 1.0
# Range of a page → its bars, each of whole hours.
BARS = {timedelta(hours=1): 24, timedelta(days=1): 24, timedelta(days=7): 28, timedelta(days=30): 30}
MOST_BARS = 30
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Window:
    """The time of a trend: bars of the same number of whole hours.

    Args:
        begin: A whole hour.
        hours: Of one bar.
    """

    begin: datetime
    hours: int
    bars: int

    @classmethod
    def last(cls, span: timedelta, now: datetime) -> Window:
        """Return a range that ends with the present hour.

        Args:
            span: One of ``BARS``; an hour is shown within its day, because issues are counted by the hour.
        """
        bars = BARS[span]
        hours = int(max(span, DAY) / HOUR) // bars
        return cls(_whole_hour(now) + HOUR - hours * bars * HOUR, hours, bars)

    @classmethod
    def between(cls, begin: datetime, end: datetime) -> Window:
        """Return the whole hours that a range touches."""
        first = _whole_hour(begin)
        number = max(ceil((end - first) / HOUR), 1)
        hours = ceil(number / MOST_BARS)
        return cls(first, hours, ceil(number / hours))

    @property
    def end(self) -> datetime:
        return self.begin + self.bars * self.hours * HOUR


def _whole_hour(moment: datetime) -> datetime:
    return moment.replace(minute=0, second=0, microsecond=0)


@dataclass(frozen=True, slots=True)
class TrendBar:
    """One bar, in the units of the drawing: 72 wide, 18 high."""

    x: str
    y: str
    width: str
    height: str


@dataclass(frozen=True, slots=True)
class Trend:
    """How often an issue happened in a range.

    Args:
        counts: The oldest first, each for the same number of hours.
    """

    counts: Sequence[int]

    @property
    def total(self) -> int:
        return sum(self.counts)

    @property
    def words(self) -> str:
        """The trend for people who cannot see it."""
        return f"First {self.counts[0]:,}, last {self.counts[-1]:,}, highest {max(self.counts):,}"

    @property
    def bars(self) -> list[TrendBar]:
        step, highest = WIDTH / len(self.counts), max(self.counts) or 1
        heights = [max(LOWEST, (HEIGHT - LOWEST) * count / highest) for count in self.counts]
        return [
            TrendBar(f"{step * n:.1f}", f"{HEIGHT - height:.1f}", f"{step - 1:.1f}", f"{height:.1f}")
            for n, height in enumerate(heights)
        ]


def trends_of(issue_ids: Iterable[str], window: Window) -> dict[str, Trend]:
    """Return the trend of each issue. One query."""
    counts: dict[str, list[int]] = defaultdict(lambda: [0] * window.bars)
    ids = list(issue_ids)
    rows = IssueHour.objects.filter(issue_id__in=ids, hour__gte=window.begin, hour__lt=window.end)
    for issue_id, hour, count in rows.values_list("issue_id", "hour", "count"):
        counts[issue_id][int((hour - window.begin) / (window.hours * HOUR))] += count
    return {issue_id: Trend(counts[issue_id]) for issue_id in ids}
