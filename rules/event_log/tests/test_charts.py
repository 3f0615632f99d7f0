"""Charts stay within their bounds, whatever the numbers are.

The measures are those of the design: bars of at least 2.4 px for what failed, 160 px of height, 64 × 16 px.
"""

from __future__ import annotations

import math
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules.event_log import charts
from rules.event_log.time_axis import ticks
from rules.event_log.time_lines import time_lines

COUNTS = st.one_of(st.just(0), st.integers(0, 5), st.integers(0, 10**12))
BARS = st.lists(st.tuples(COUNTS, COUNTS, COUNTS, COUNTS), max_size=60)
VALUES = st.lists(st.one_of(st.none(), st.floats(0, 1e9, allow_nan=False)), max_size=60)
STOCKHOLM = ZoneInfo("Europe/Stockholm")


@given(BARS)
def test_bars_stay_within_their_slot_and_the_height(rows: list[tuple[int, int, int, int]]) -> None:
    chart = charts.stacked_bars(rows)
    assert len(chart.bars) == len(chart.slots) == len(rows)
    for parts, slot in zip(chart.bars, chart.slots, strict=True):
        for rect in parts:
            assert all(map(math.isfinite, (rect.x, rect.y, rect.width, rect.height)))
            assert slot.x <= rect.x <= rect.x + rect.width <= slot.x + slot.width + 0.01
            assert rect.y >= charts.TOP - 0.05
            assert rect.y + rect.height <= charts.BASE + 0.05
        assert all(abs(above.y + above.height - below.y) < 0.05 for below, above in pairwise(parts))


@given(BARS)
def test_whatever_failed_is_seen(rows: list[tuple[int, int, int, int]]) -> None:
    for row, parts in zip(rows, charts.stacked_bars(rows).bars, strict=True):
        heights = {rect.css: rect.height for rect in parts}
        assert ("f-bad" in heights) == (row[3] > 0)
        assert heights.get("f-bad", 2.4) >= 2.4
        assert [rect.css for rect in parts] == [
            css for css, n in zip(("f-ok", "f-info", "f-warn", "f-bad"), row, strict=True) if n
        ]


@given(st.integers(0, 10**15))
def test_the_scale_ends_at_a_round_number_with_a_round_half(highest: int) -> None:
    top = charts.nice_top(highest)
    assert highest <= top <= max(2, highest * 2.0001)
    assert top % 2 == 0
    assert top / 10 ** math.floor(math.log10(top)) in (1, 2, 3, 4, 6, 8)


@pytest.mark.parametrize(("highest", "labels"), [(664, ("800", "400", "0")), (0, ("2", "1", "0"))])
def test_the_grid_has_three_labels(highest: int, labels: tuple[str, str, str]) -> None:
    assert charts.stacked_bars([(highest, 0, 0, 0)]).labels == labels


def test_an_empty_range_has_no_bars_and_no_line() -> None:
    assert charts.stacked_bars([]).bars == []
    assert charts.small_line([]).points == charts.small_line([None, None]).points == ""
    assert time_lines([[], []]).lines == [[], []]


@given(VALUES)
def test_a_sparkline_stays_in_its_box(values: list[float | None]) -> None:
    line = charts.small_line(values)
    points = [tuple(map(float, point.split(","))) for point in line.points.split()]
    assert len(points) == sum(value is not None for value in values)
    assert all(0 <= x <= 64 and 0 <= y <= 16 for x, y in points)
    assert sorted(points) == points or len({x for x, _ in points}) < len(points)


@given(st.lists(COUNTS, max_size=40))
def test_small_bars_stay_in_their_box(values: list[int]) -> None:
    for rect in charts.small_bars(values):
        assert 0 <= rect.x <= rect.x + rect.width <= 64.01
        assert 0 <= rect.y <= rect.y + rect.height <= 16.01
        assert rect.height >= 1


@given(st.lists(VALUES, max_size=3))
def test_time_lines_stay_within_bounds(rows: list[list[float | None]]) -> None:
    chart = time_lines(rows)
    for piece in (piece for line in chart.lines for piece in line):
        assert 0 <= piece.x1 < piece.x2 <= 100
        assert all(charts.TOP <= y <= charts.BASE for y in (piece.y1, piece.y2))
    assert chart.grid[0][0] == charts.TOP
    assert chart.grid[-1] == (charts.BASE, "0.1 s")


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0.08, "80 ms"), (0.42, "0.42 s"), (1.3, "1.3 s"), (45, "45 s"), (200, "3 min"), (9000, "2 h")],
)
def test_times_are_written_for_people(seconds: float, text: str) -> None:
    assert charts.seconds_label(seconds) == text


@given(st.floats(-1e6, 1e6), st.floats(0, 1e6), st.floats(0, 1e6))
def test_a_meter_never_leaves_its_track(value: float, most: float, gain: float) -> None:
    found = charts.meter(value, most, gain)
    assert 0 <= found.filled <= 100
    assert found.possible >= -0.01
    assert found.filled + found.possible <= 100.01


MOMENTS = st.datetimes(datetime(2020, 1, 1), datetime(2030, 1, 1), timezones=st.just(UTC))
ZONES = st.sampled_from(
    ["Europe/Stockholm", "America/St_Johns", "Asia/Kathmandu", "Australia/Lord_Howe", "UTC"]
)
SPANS = st.sampled_from([timedelta(hours=1), timedelta(days=1), timedelta(days=7), timedelta(days=30)])


@given(MOMENTS, ZONES, SPANS)
def test_time_labels_ascend_within_the_chart(end: datetime, zone: str, span: timedelta) -> None:
    found = ticks(end - span, end, ZoneInfo(zone))
    assert 3 <= len(found) <= 8
    assert all(0 <= tick.x <= 100 for tick in found)
    assert all(before.x < after.x for before, after in pairwise(found))


@pytest.mark.parametrize(
    ("month", "day", "hours"), [(3, 29, [6, 5, 6, 6]), (10, 25, [6, 7, 6, 6]), (6, 1, [6, 6, 6, 6])]
)
def test_labels_stand_where_their_time_was_when_the_clocks_change(
    month: int, day: int, hours: list[int]
) -> None:
    # In 2026 clocks in Stockholm change on March 29 and October 25.
    begin = datetime(2026, month, day, tzinfo=STOCKHOLM).astimezone(UTC) - timedelta(hours=6)
    end = datetime(2026, month, day, 18, 1, tzinfo=STOCKHOLM).astimezone(UTC)
    found = ticks(begin, end, STOCKHOLM)
    assert [tick.label for tick in found] == ["18:00", "00:00", "06:00", "12:00", "18:00"]
    whole = (end - begin).total_seconds() / 3600
    assert [round((b.x - a.x) / 100 * whole) for a, b in pairwise(found)] == hours


def test_no_time_has_no_labels() -> None:
    now = datetime(2026, 1, 1, tzinfo=UTC)
    assert ticks(now, now, UTC) == []
