"""Geometry of lines of times on a logarithmic scale."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from .charts import BASE, FULL, seconds_label

LOWEST_SECONDS = 0.1


@dataclass(frozen=True, slots=True)
class LinePiece:
    """A straight piece of a line; x in percent, y in px."""

    x1: float
    y1: float
    x2: float
    y2: float


@dataclass(frozen=True, slots=True)
class TimeLines:
    """Lines of times on a logarithmic scale.

    Args:
        lines: The pieces of each line; where a value is missing, the line has a gap.
        grid: y and label of each grid line, from above.
    """

    lines: list[list[LinePiece]]
    grid: list[tuple[float, str]]


def time_lines(rows: Sequence[Sequence[float | None]]) -> TimeLines:
    """Lay out lines of seconds on a scale from 100 ms to the next power of ten above the highest.

    Args:
        rows: The values of each line; None where there is none.
    """
    decades = _decades(value for row in rows for value in row if value is not None)
    grid = [
        (round(BASE - FULL * n / decades, 1), seconds_label(LOWEST_SECONDS * 10**n))
        for n in range(decades, -1, -1)
    ]
    return TimeLines([_pieces(row, decades) for row in rows], grid)


def _decades(values: Iterable[float]) -> int:
    highest = max((value for value in values if math.isfinite(value)), default=0.0)
    if highest <= LOWEST_SECONDS * 10:
        return 1
    return max(1, math.ceil(round(math.log10(highest / LOWEST_SECONDS), 9)))


def _pieces(row: Sequence[float | None], decades: int) -> list[LinePiece]:
    """Return the pieces between neighbours; a value without neighbours is a short piece of its own."""
    slot = 100 / max(len(row), 1)
    pieces = []
    for place, value in enumerate(row):
        if value is None:
            continue
        x, y = round(slot * (place + 0.5), 2), _log_y(value, decades)
        after = row[place + 1] if place + 1 < len(row) else None
        if after is not None:
            pieces.append(LinePiece(x, y, round(slot * (place + 1.5), 2), _log_y(after, decades)))
        elif place == 0 or row[place - 1] is None:
            pieces.append(LinePiece(round(slot * (place + 0.2), 2), y, round(slot * (place + 0.8), 2), y))
    return pieces


def _log_y(seconds: float, decades: int) -> float:
    share = math.log10(max(seconds, LOWEST_SECONDS) / LOWEST_SECONDS) / decades
    return round(BASE - FULL * min(share, 1.0), 2)
