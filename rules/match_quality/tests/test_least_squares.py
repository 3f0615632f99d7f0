"""Least squares against problems whose solution is known."""

from __future__ import annotations

import pytest

from rules.match_quality.least_squares import Columns, foretold, solve

# y = 2 + 3 a + 1 b, without noise.
ROWS = [[0.0, 0.0], [1.0, 0.0], [0.0, 1.0], [1.0, 1.0], [0.5, 0.25], [0.2, 0.9]]
TARGETS = [2 + 3 * a + b for a, b in ROWS]
FREE = [1e-9, 1e-9]


def test_it_finds_the_weights_of_an_exact_problem() -> None:
    columns = Columns.of(ROWS, TARGETS)
    weights = solve(columns, [0.0, 0.0], FREE)
    assert weights == pytest.approx([3.0, 1.0], abs=1e-4)
    assert columns.base(weights) == pytest.approx(2.0, abs=1e-4)


def test_no_weight_is_negative() -> None:
    columns = Columns.of(ROWS, [5 - 2 * a + b for a, b in ROWS])
    assert min(solve(columns, [0.0, 0.0], FREE)) == 0.0


def test_a_strong_wish_wins_over_the_rows() -> None:
    weights = solve(Columns.of(ROWS, TARGETS), [0.5, 0.5], [1e6, 1e-9])
    assert weights[0] == pytest.approx(0.5, abs=1e-3)


def test_what_is_foretold_for_a_row_is_what_the_other_rows_teach() -> None:
    targets = [value + error for value, error in zip(TARGETS, (0.3, -0.2, 0.1, 0.4, -0.5, 0.2), strict=True)]
    columns, strengths, wanted = Columns.of(ROWS, targets), [0.5, 0.5], [1.0, 1.0]
    found = foretold(columns, solve(columns, wanted, strengths), wanted, strengths)
    for place, row in enumerate(ROWS):
        others = Columns.of(ROWS[:place] + ROWS[place + 1 :], targets[:place] + targets[place + 1 :])
        weights = solve(others, wanted, strengths)
        alone = others.base(weights) + sum(w * x for w, x in zip(weights, row, strict=True))
        assert found[place] == pytest.approx(alone, abs=1e-3)
