"""Where a chart has its time labels: at whole hours and days of the reader."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo

from .charts import share_of_width

MOST_TICKS = 8
# Minutes between two labels → the longest range in minutes that has them.
_CLOCK_STEPS = {1: 8, 5: 40, 15: 120, 60: 480, 120: 960, 360: 2_880}


@dataclass(frozen=True, slots=True)
class Tick:
    """A label on the time axis; ``x`` in percent of the width."""

    x: float
    label: str

    @property
    def anchor(self) -> str:
        """Where the text stands to its place, so that it stays within the chart."""
        return "start" if self.x < 3 else "end" if self.x > 97 else "middle"


def ticks(begin: datetime, end: datetime, zone: tzinfo) -> list[Tick]:
    """Return labels from ``begin`` to ``end`` at round times of the reader's clock.

    When clocks change, two labels may be an hour closer or farther; each stands where its time was.
    """
    whole = (end - begin).total_seconds()
    if whole <= 0:
        return []
    step, style = _step(whole)
    found = {at: there for at, there in _round_times(begin, zone, step, end) if begin <= at < end}
    places = sorted(found)
    return [
        Tick(share_of_width((at - begin).total_seconds(), whole), _label(found[at], style))
        for at in places[:MOST_TICKS]
    ]


def _step(seconds: float) -> tuple[timedelta, str]:
    for minutes, longest in _CLOCK_STEPS.items():
        if seconds <= longest * 60:
            return timedelta(minutes=minutes), "clock"
    if seconds <= 8 * 86_400:
        return timedelta(days=1), "weekday"
    return timedelta(days=max(2, int(seconds / 86_400 / 5))), "day"


def _round_times(
    begin: datetime, zone: tzinfo, step: timedelta, end: datetime
) -> Iterator[tuple[datetime, datetime]]:
    """Yield round times of the reader's clock, each as an instant and as the clock shows it."""
    midnight = begin.astimezone(zone).replace(tzinfo=None, hour=0, minute=0, second=0, microsecond=0)
    clock = midnight
    while True:
        there = clock.replace(tzinfo=zone)
        at = there.astimezone(UTC)
        if at >= end:
            return
        # A time that the clock skips is not shown.
        if at.astimezone(zone).replace(tzinfo=None) == clock:
            yield at, there
        clock += step


def _label(there: datetime, style: str) -> str:
    if style == "clock":
        return f"{there:%H:%M}"
    return f"{there:%a} {there.day}" if style == "weekday" else f"{there:%b} {there.day}"
