"""The two charts of the overview: events by result, and the time to delivery; each with its table."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo

from properties.catalog import shown_times
from rules.delivery.outcome_kinds import OutcomeKind

from .charts import Rect, StackedBars, share_of_width, stacked_bars
from .counted_events import FAILED, WAITING, CountedEvents, Kinds
from .time_axis import Tick, ticks

# Marks closer than this, in percent of the width, share one text.
LEAST_APART = 16.0
MOST_MARKS = 12
# Parts of a bar, from below, as in ``charts.PARTS``; then what has no bar.
PARTS = (
    ("Delivered", "f-ok", (OutcomeKind.DELIVERED,)),
    ("Retrying or on hold", "f-info", WAITING),
    ("Delivered without …", "f-warn", (OutcomeKind.WITHOUT,)),
    ("Not sent or refused", "f-bad", FAILED),
)
WITHOUT_BAR = (("No match", (OutcomeKind.NO_MATCH,)), ("Duplicate", (OutcomeKind.DUPLICATE,)))
LogUrl = Callable[..., str]


@dataclass(frozen=True, slots=True)
class LegendWord:
    """A word of the legend, which filters the log."""

    label: str
    css: str
    count: str
    url: str


@dataclass(frozen=True, slots=True)
class PublishMark:
    """When a build went live.

    Args:
        label: "" if it stands too close to another one.
        is_left: Whether the text stands at its left.
    """

    x: float
    at: datetime
    words: str
    label: str
    is_left: bool


@dataclass(frozen=True, slots=True)
class BarRow:
    """One bar: its link and the row of the table behind the chart."""

    slot: Rect
    begin: datetime
    words: str
    url: str
    numbers: Sequence[str]


@dataclass(frozen=True, slots=True)
class ResultChart:
    """Everything that the template of *Events by result* draws."""

    title: str
    bars: StackedBars
    rows: list[BarRow]
    ticks: list[Tick]
    marks: list[PublishMark]
    legend: list[LegendWord]
    columns: list[str]


def result_chart(
    counted: CountedEvents, activations: Sequence[tuple[datetime, str]], zone: tzinfo, log_url: LogUrl
) -> ResultChart:
    """Lay out *Events by result*.

    Args:
        activations: When builds went live, with their names.
        log_url: Returns the address of the log with these filters.
    """
    span, total = counted.span, counted.total
    bars = stacked_bars([[kinds.of(of) for _, _, of in PARTS] for kinds in counted.kinds])
    return ResultChart(
        title=_title(counted),
        bars=bars,
        rows=[_row(counted, place, slot, log_url) for place, slot in enumerate(bars.slots)],
        ticks=ticks(span.begin, span.end, zone),
        marks=_marks(counted, activations),
        legend=list(_legend(total, log_url)),
        columns=[*(label for label, _, _ in PARTS), *(label for label, _ in WITHOUT_BAR)],
    )


def numbers_of(kinds: Kinds) -> list[int]:
    """Return the numbers of one bar in the order of the table."""
    return [*(kinds.of(of) for _, _, of in PARTS), *(kinds.of(of) for _, of in WITHOUT_BAR)]


def _row(counted: CountedEvents, place: int, slot: Rect, log_url: LogUrl) -> BarRow:
    begin, end = counted.span.bounds_of(place)
    kinds = counted.kinds[place]
    parts = [f"{kinds.of(of):,} {label.lower()}" for label, _, of in PARTS if kinds.of(of)]
    said = ", ".join(parts) or "nothing sent"
    url = log_url(since=begin.isoformat(), until=end.isoformat())
    words = f"{shown_times.in_text(begin)} to {shown_times.in_text(end)}: {said}"
    return BarRow(slot, begin, words, url, [f"{number:,}" for number in numbers_of(kinds)])


def _legend(total: Kinds, log_url: LogUrl) -> Iterator[LegendWord]:
    for label, css, of in PARTS:
        if total.of(of) or css == "f-ok":
            yield LegendWord(label, css, f"{total.of(of):,}", log_url(result=",".join(of)))
    for label, of in WITHOUT_BAR:
        if total.of(of):
            yield LegendWord(label, "", f"{total.of(of):,}", log_url(result=",".join(of)))


def _title(counted: CountedEvents) -> str:
    """Return what the chart shows, in words: how much, the highest bar, and where failures begin."""
    span = counted.span
    begin = f"Events per {span.kind.step_words} by result, {span.kind.words}."
    sums = [kinds.total() for kinds in counted.kinds]
    if not any(sums):
        return f"{begin} No events."
    at = shown_times.in_text(span.bounds_of(sums.index(max(sums)))[0])
    return f"{begin} Most, {max(sums):,}, from {at}. {_failures(counted)}"


def _failures(counted: CountedEvents) -> str:
    failing = [place for place, kinds in enumerate(counted.kinds) if kinds.of(FAILED)]
    if not failing:
        return "All that ended arrived."
    number = counted.total.of(FAILED)
    at = shown_times.in_text(counted.span.bounds_of(failing[0])[0])
    return f"{number:,} {'was' if number == 1 else 'were'} not sent or refused, the first from {at}."


def _marks(counted: CountedEvents, activations: Sequence[tuple[datetime, str]]) -> list[PublishMark]:
    span = counted.span
    marks: list[PublishMark] = []
    free_from = 0.0
    for at, name in [it for it in activations if span.begin <= it[0] < span.end][-MOST_MARKS:]:
        x = share_of_width(span.place_of(at), 1)
        words = f"{name} published {shown_times.in_text(at)}"
        is_left = x > 50
        begins = x - LEAST_APART if is_left else x
        has_room = begins >= free_from
        marks.append(PublishMark(x, at, words, words if has_room else "", is_left))
        free_from = max(free_from, x + (0 if is_left else LEAST_APART)) if has_room else free_from
    return marks
