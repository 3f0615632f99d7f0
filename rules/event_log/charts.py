"""Geometry of charts: numbers in, positions out. The templates in ``event_log/charts`` draw them as SVG.

A position in x is a percentage of the width and one in y is in px, so a chart fits every width without a
script and without inline styles, and its text keeps its shape.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

TOP, BASE = 16.0, 176.0
GRID = ((TOP, 1.0), ((TOP + BASE) / 2, 0.5), (BASE, 0.0))
FULL = BASE - TOP
BAR_SHARE = 0.72
LEAST = 1.0
LEAST_BAD = 2.4
SPARK_WIDTH, SPARK_HEIGHT, SPARK_EDGE = 64.0, 16.0, 1.0
SPARK_POINTS = 24
# Parts of a bar, from below.
PARTS = ("f-ok", "f-info", "f-warn", "f-bad")
_STEPS = (2, 3, 4, 6, 8, 10)


@dataclass(frozen=True, slots=True)
class Rect:
    """One rectangle.

    Args:
        css: Its class.
        x: Percent of the width, as is ``width``.
        y: Px from above, as is ``height``.
    """

    css: str
    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True, slots=True)
class StackedBars:
    """Bars over time.

    Args:
        bars: The parts of each bar, from below.
        slots: The place of each bar over the whole height, for links.
        labels: What the grid lines stand for, from above.
    """

    bars: list[list[Rect]]
    slots: list[Rect]
    labels: tuple[str, str, str]


@dataclass(frozen=True, slots=True)
class SmallLine:
    """A line of 64 × 16 px.

    Args:
        points: As ``polyline`` takes them; "" without data.
        area: The same, closed below.
        first: Value of the first point, as are ``last`` and ``highest``; None without data.
    """

    points: str
    area: str
    first: float | None
    last: float | None
    highest: float | None


def nice_top(highest: float) -> float:
    """Return the highest grid line, not below ``highest``: 2, 3, 4, 6, 8 or 10 times a power of ten.

    Its half is a whole number too.
    """
    if not math.isfinite(highest) or highest <= _STEPS[0]:
        return float(_STEPS[0])
    power = 10.0 ** math.floor(math.log10(highest))
    candidates = [step * scale for scale in (power / 10, power, power * 10) for step in _STEPS]
    return min(it for it in candidates if it >= highest and it % 2 == 0)


def short_number(value: float) -> str:
    """Return a number for an axis: ``800``, ``1.5 k``, ``40 k``, ``2 M``."""
    for size, unit in ((1e9, " G"), (1e6, " M"), (1e3, " k")):
        if value >= size:
            return f"{value / size:.1f}".removesuffix(".0") + unit
    return f"{value:g}"


def stacked_bars(rows: Sequence[Sequence[float]]) -> StackedBars:
    """Lay out bars.

    Args:
        rows: The numbers of each bar, in the order of ``PARTS``.
    """
    top = nice_top(max((sum(row) for row in rows), default=0))
    slot = 100 / max(len(rows), 1)
    places = [(round(slot * n, 3), slot) for n in range(len(rows))]
    return StackedBars(
        bars=[_bar(row, top, x, slot) for row, (x, slot) in zip(rows, places, strict=True)],
        slots=[Rect("slot", x, 0, round(slot, 3), BASE) for x, slot in places],
        labels=(short_number(top), short_number(top / 2), "0"),
    )


def _bar(row: Sequence[float], top: float, x: float, slot: float) -> list[Rect]:
    width = round(slot * BAR_SHARE, 3)
    left = round(x + (slot - width) / 2, 3)
    below, parts = BASE, []
    for css, height in zip(PARTS, _heights(row, top), strict=True):
        if height > 0:
            below -= height
            parts.append(Rect(css, left, round(below, 2), width, round(height, 2)))
    return parts


def _heights(row: Sequence[float], top: float) -> list[float]:
    """Return heights that show every part; the largest gives what the small ones need beyond their share."""
    heights = [
        max(FULL * value / top, LEAST_BAD if css == "f-bad" else LEAST) if value > 0 else 0.0
        for css, value in zip(PARTS, row, strict=True)
    ]
    surplus = sum(heights) - FULL
    if surplus > 0:
        largest = heights.index(max(heights))
        heights[largest] -= surplus
    return heights


def share_of_width(part: float, whole: float) -> float:
    """Return a place as percent of the width, between 0 and 100."""
    return round(min(max(part / whole, 0.0), 1.0) * 100, 2) if whole > 0 else 0.0


def small_line(values: Sequence[float | None], *, least_top: float = 1.0) -> SmallLine:
    """Lay out a sparkline; a point without a value is left out.

    Args:
        least_top: The value at the upper edge if all are smaller, so that noise near zero stays flat.
    """
    known = [(place, value) for place, value in enumerate(values) if value is not None]
    if not known:
        return SmallLine("", "", None, None, None)
    numbers = [value for _, value in known]
    top = max(least_top, *numbers)
    step = SPARK_WIDTH / max(len(values) - 1, 1)
    points = [(round(place * step, 1), _spark_y(value, top)) for place, value in known]
    line = " ".join(f"{x},{y}" for x, y in points)
    area = f"{points[0][0]},{SPARK_HEIGHT:g} {line} {points[-1][0]},{SPARK_HEIGHT:g}"
    return SmallLine(line, area, numbers[0], numbers[-1], max(numbers))


def _spark_y(value: float, top: float) -> float:
    room = SPARK_HEIGHT - 2 * SPARK_EDGE
    return round(SPARK_HEIGHT - SPARK_EDGE - room * min(max(value / top, 0.0), 1.0), 1)


def small_bars(values: Sequence[float], css: str = "") -> list[Rect]:
    """Lay out bars in a box of 64 × 16; x and width are in px too, because the box has a fixed size.

    An empty bar is 1 px high, so that one sees where nothing happened.
    """
    top = max([1.0, *values])
    step = SPARK_WIDTH / max(len(values), 1)
    width = round(step * BAR_SHARE, 2)
    rects = []
    for place, value in enumerate(values):
        height = round(max(LEAST, SPARK_HEIGHT * max(value, 0.0) / top), 1)
        rects.append(Rect(css, round(place * step, 2), round(SPARK_HEIGHT - height, 1), width, height))
    return rects


def seconds_label(seconds: float) -> str:
    """Return a time for people: ``80 ms``, ``0.42 s``, ``1.3 s``, ``45 s``, ``3 min``, ``2 h``."""
    if seconds < 0.1:
        return f"{seconds * 1000:.0f} ms"
    for size, unit in ((86_400, "days"), (3_600, "h"), (60, "min")):
        if seconds >= 2 * size:
            return f"{seconds / size:.0f} {unit}"
    return f"{seconds:.2g} s" if seconds < 10 else f"{seconds:.0f} s"


@dataclass(frozen=True, slots=True)
class Meter:
    """A bar of 6 px: what is, and what could be; both in percent of the width."""

    filled: float
    possible: float


def meter(value: float, most: float, gain: float = 0.0) -> Meter:
    """Lay out a meter."""
    filled = share_of_width(value, most)
    return Meter(filled, round(share_of_width(value + gain, most) - filled, 2))
