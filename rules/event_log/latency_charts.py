"""The chart of the time to delivery."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo

from rules.delivery.latency_buckets import percentile

from .charts import seconds_label
from .counted_events import CountedEvents
from .time_axis import Tick, ticks
from .time_lines import TimeLines, time_lines

SHARES = (0.5, 0.95, 0.99)


@dataclass(frozen=True, slots=True)
class LatencyRow:
    """The times of one bar, for the table."""

    begin: datetime
    times: Sequence[float | None]

    @property
    def labels(self) -> list[str]:
        return ["–" if it is None else seconds_label(it) for it in self.times]


@dataclass(frozen=True, slots=True)
class LatencyChart:
    """Everything that the template of *Latency* draws; the lines are p50, p95 and p99."""

    title: str
    chart: TimeLines
    rows: list[LatencyRow]
    ticks: list[Tick]
    is_empty: bool


def latency_chart(counted: CountedEvents, zone: tzinfo) -> LatencyChart:
    """Lay out the time from acceptance to delivery."""
    span = counted.span
    rows = [
        LatencyRow(span.bounds_of(place)[0], [percentile(counts, share) for share in SHARES])
        for place, counts in enumerate(counted.latency)
    ]
    lines = time_lines([[row.times[line] for row in rows] for line in range(len(SHARES))])
    found = [percentile(counted.all_latency, share) for share in SHARES]
    return LatencyChart(
        title=_latency_title(counted, found),
        chart=lines,
        rows=rows,
        ticks=ticks(span.begin, span.end, zone),
        is_empty=found[0] is None,
    )


def _latency_title(counted: CountedEvents, found: Sequence[float | None]) -> str:
    words = counted.span.kind.words
    if found[0] is None or found[1] is None or found[2] is None:
        return f"Time to delivery, {words}. Nothing was delivered."
    half, most, nearly_all = map(seconds_label, (found[0], found[1], found[2]))
    rest = f"95 of 100 within {most}, 99 of 100 within {nearly_all}"
    return f"Time to delivery, {words}: half within {half}, {rest}."
