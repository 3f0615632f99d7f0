"""The figures of the overview: a number, how it went, and what it was the same time before."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from rules.delivery.latency_buckets import percentile

from .charts import SPARK_POINTS, SmallLine, seconds_label, small_line
from .counted_events import WAITING, CountedEvents, Kinds, Open, spread

NEARLY_ALL = 0.9995
NAMES = ("Received", "Delivered", "Latency", "Waiting")


@dataclass(frozen=True, slots=True)
class KeyFigure:
    """One figure.

    Args:
        unit: Shown small behind the value.
        line: Its sparkline.
        line_words: The sparkline for people who cannot see it.
        more: The line below.
        url: Address of these events, or "".
    """

    name: str
    value: str
    unit: str
    line: SmallLine
    line_words: str
    more: str
    tone: str = ""
    url: str = ""


def key_figures(counted: CountedEvents, still_open: Open, now: datetime) -> list[KeyFigure]:
    """Return the figures in their order on the page."""
    return [
        _received(counted, still_open),
        _delivered(counted),
        _latency(counted),
        _waiting(counted, still_open, now),
    ]


def _received(counted: CountedEvents, still_open: Open) -> KeyFigure:
    unseen = 0 if counted.span.is_over else still_open.unseen
    number, before = counted.total.total() + unseen, counted.before.total()
    values = [float(_all(bars).total()) for bars in spread(counted.kinds, SPARK_POINTS)]
    more = f"{_change(number, before)} on {counted.span.kind.before}" if before else _none_before(counted)
    return _figure("Received", f"{number:,}", "", values, "events", more)


def _none_before(counted: CountedEvents) -> str:
    return f"none {counted.span.kind.before}"


def _change(number: float, before: float) -> str:
    change = round((number - before) / before * 100)
    return f"{'+' if change > 0 else '−' if change < 0 else '±'}{abs(change):,} %"


def _delivered(counted: CountedEvents) -> KeyFigure:
    share = counted.total.share_arrived
    shares = [_all(bars).share_arrived for bars in spread(counted.kinds, SPARK_POINTS)]
    values = [None if it is None else it * 100 for it in shares]
    before = counted.before.share_arrived
    more = f"{percent(before)} % {counted.span.kind.before}" if before is not None else _none_before(counted)
    tone = "bad" if share is not None and share < NEARLY_ALL else ""
    value, unit = (percent(share), "%") if share is not None else ("–", "")
    return _figure("Delivered", value, unit, values, "%", more, tone)


def percent(share: float) -> str:
    """Return a share in percent: never ``100`` or ``0`` unless it is exactly that."""
    if share in (0, 1):
        return f"{share * 100:.0f}"
    return f"{min(max(share * 100, 0.1), 99.9):.1f}"


def _latency(counted: CountedEvents) -> KeyFigure:
    values = [percentile(sum(bars, Counter()), 0.5) for bars in spread(counted.latency, SPARK_POINTS)]
    found = [percentile(counted.all_latency, share) for share in (0.5, 0.95, 0.99)]
    if found[0] is None or found[1] is None or found[2] is None:
        return _figure("Latency", "–", "", values, "seconds", "nothing delivered")
    value, _, unit = seconds_label(found[0]).partition(" ")
    more = f"p95 {seconds_label(found[1])} · p99 {seconds_label(found[2])}"
    return _figure("Latency", value, unit, values, "seconds", more)


def _waiting(counted: CountedEvents, still_open: Open, now: datetime) -> KeyFigure:
    values = [float(_all(bars).of(WAITING)) for bars in spread(counted.kinds, SPARK_POINTS)]
    number = still_open.waiting + still_open.unseen
    age = (now - still_open.oldest_at).total_seconds() if still_open.oldest_at else 0.0
    more = f"oldest {seconds_label(max(age, 0.0))}" if number and age >= 1 else "nothing waits"
    return _figure(
        "Waiting", f"{number:,}", "", values, "events that still wait", more if number else "nothing waits"
    )


def _all(bars: Sequence[Kinds]) -> Kinds:
    total = Kinds()
    for each in bars:
        total.update(each)
    return total


def _figure(
    name: str, value: str, unit: str, values: Sequence[float | None], words: str, more: str, tone: str = ""
) -> KeyFigure:
    line = small_line(values, least_top=0.001 if words == "seconds" else 1.0)
    return KeyFigure(name, value, unit, line, _in_words(name, line, words), more, tone)


def _in_words(name: str, line: SmallLine, words: str) -> str:
    if line.first is None or line.last is None or line.highest is None:
        return f"{name} over time: nothing to show"
    parts = (f"first {line.first:,.3g}", f"last {line.last:,.3g}", f"highest {line.highest:,.3g}")
    return f"{name} over time in {words}: {', '.join(parts)}"
