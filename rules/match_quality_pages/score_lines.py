"""Geometry of the chart of scores, one a day."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from itertools import pairwise

from rules.event_log.charts import BASE, FULL
from rules.event_log.time_axis import Tick, ticks
from rules.event_log.time_lines import LinePiece

DAYS = 30


@dataclass(frozen=True, slots=True)
class ScoreChart:
    """The scores of one event over the last days.

    Args:
        title: The finding in words.
        grid: y and label of each grid line, from above.
        goal_y: Where the score lies that the vendor advises.
        points: Each day with a score, the newest first, for the table.
    """

    title: str
    pieces: Sequence[LinePiece]
    grid: Sequence[tuple[float, str]]
    goal_y: float
    ticks: Sequence[Tick]
    points: Sequence[tuple[str, float]]


def score_chart(
    name: str, scores: Mapping[date, float | None], today: date, most: float, goal: float, zone: tzinfo
) -> ScoreChart:
    """Lay out the scores of an event.

    Args:
        scores: By day; a day without a reading is missing.
    """
    days = [today - timedelta(days=before) for before in range(DAYS - 1, -1, -1)]
    known = [(day, score) for day in days if (score := scores.get(day)) is not None]
    begin = datetime.combine(days[0], time(), UTC)
    return ScoreChart(
        title=_title(name, known, most),
        pieces=list(_pieces([scores.get(day) for day in days], most)),
        grid=[(_y(most * part, most), f"{most * part:g}") for part in (1.0, 0.5, 0.0)],
        goal_y=_y(goal, most),
        ticks=ticks(begin, begin + timedelta(days=DAYS), zone),
        points=[(day.isoformat(), score) for day, score in reversed(known)],
    )


def _title(name: str, known: Sequence[tuple[date, float]], most: float) -> str:
    if not known:
        return f"Match quality of {name}, last {DAYS} days: no score."
    scores = [score for _, score in known]
    ends = f"first {scores[0]:.1f}, last {scores[-1]:.1f} of {most:g}"
    return f"Match quality of {name}, last {DAYS} days: {ends}, lowest {min(scores):.1f}."


def _pieces(values: Sequence[float | None], most: float) -> Iterator[LinePiece]:
    """Yield the line from each score to the next one; days without a reading are bridged."""
    slot = 100 / len(values)
    places = [
        (round(slot * (day + 0.5), 2), _y(value, most))
        for day, value in enumerate(values)
        if value is not None
    ]
    if len(places) == 1:
        (x, y), half = places[0], slot * 0.3
        yield LinePiece(round(x - half, 2), y, round(x + half, 2), y)
    for (x1, y1), (x2, y2) in pairwise(places):
        yield LinePiece(x1, y1, x2, y2)


def _y(score: float, most: float) -> float:
    return round(BASE - FULL * min(max(score / most, 0.0), 1.0), 1)
