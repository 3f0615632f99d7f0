"""The numbers behind a chart as CSV, with all points."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Sequence
from zoneinfo import ZoneInfo

from django.http import HttpResponse
from django.utils.text import slugify

from rules.delivery.latency_buckets import percentile

from .counted_events import CountedEvents
from .latency_charts import SHARES
from .result_charts import PARTS, WITHOUT_BAR, numbers_of

UTC = ZoneInfo("UTC")


def results_csv(counted: CountedEvents, name: str) -> HttpResponse:
    """Return the events of each bar by result."""
    head = [*(label for label, _, _ in PARTS), *(label for label, _ in WITHOUT_BAR)]
    rows = ([*map(str, numbers_of(kinds))] for kinds in counted.kinds)
    return _file(counted, name, "events", head, rows)


def latency_csv(counted: CountedEvents, name: str) -> HttpResponse:
    """Return the times of each bar in seconds; empty if nothing was delivered."""
    rows = ([_seconds(percentile(counts, share)) for share in SHARES] for counts in counted.latency)
    return _file(counted, name, "latency", ["p50 (s)", "p95 (s)", "p99 (s)"], rows)


def _seconds(value: float | None) -> str:
    return "" if value is None else f"{value:.3f}"


def _file(
    counted: CountedEvents, name: str, what: str, head: Sequence[str], rows: Iterable[Sequence[str]]
) -> HttpResponse:
    span = counted.span
    answer = HttpResponse(content_type="text/csv; charset=utf-8")
    file = f"{what}-{slugify(name)}-{span.file_name}.csv"
    answer["Content-Disposition"] = f'attachment; filename="{file}"'
    writer = csv.writer(answer)
    writer.writerow(["From (UTC)", "To (UTC)", *head])
    for place, row in enumerate(rows):
        begin, end = span.bounds_of(place)
        writer.writerow([f"{begin:%Y-%m-%d %H:%M}", f"{end:%Y-%m-%d %H:%M}", *row])
    return answer
