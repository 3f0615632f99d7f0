"""Least squares with weights that are never negative and stay near given ones, by coordinate descent."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

MOST_ROUNDS = 300
ROUNDS_WHEN_LEFT_OUT = 12
CLOSE = 1e-6


@dataclass(frozen=True, slots=True)
class Columns:
    """A problem: rows of features with a target each, and their products about the mean.

    Args:
        products: For each two features, the sum over rows of their product.
        with_target: For each feature, the sum over rows of its product with the target.
    """

    rows: Sequence[Sequence[float]]
    targets: Sequence[float]
    means: Sequence[float]
    mean_target: float
    products: list[list[float]]
    with_target: list[float]

    @classmethod
    def of(cls, rows: Sequence[Sequence[float]], targets: Sequence[float]) -> Columns:
        """Return the problem of at least one row."""
        count = len(rows)
        means = [sum(column) / count for column in zip(*rows, strict=True)]
        mean = sum(targets) / count
        about = [[x - m for x, m in zip(row, means, strict=True)] for row in rows]
        apart = [list(column) for column in zip(*about, strict=True)]
        products = [[_dot(one, other) for other in apart] for one in apart]
        return cls(about, [it - mean for it in targets], means, mean, products, [
            _dot(column, [it - mean for it in targets]) for column in apart
        ])  # fmt: skip

    def base(self, weights: Sequence[float]) -> float:
        """Return the target where every feature is 0."""
        return self.mean_target - _dot(weights, self.means)

    def square(self, weights: Sequence[float]) -> float:
        """Return the sum of squares of what the weights foretell, about the mean."""
        return sum(w * _dot(weights, row) for w, row in zip(weights, self.products, strict=True))


def solve(columns: Columns, wanted: Sequence[float], strengths: Sequence[float]) -> list[float]:
    """Return the weights, none negative.

    Args:
        wanted: Weights to stay near.
        strengths: For each weight, how many rows that nearness counts for.
    """
    start = [max(it, 0.0) for it in wanted]
    return _descend(columns.products, columns.with_target, start, wanted, strengths, MOST_ROUNDS)


def foretold(
    columns: Columns, weights: Sequence[float], wanted: Sequence[float], strengths: Sequence[float]
) -> list[float]:
    """Return what is foretold for each row by weights that were learned without it."""
    found, count = [], len(columns.rows)
    for row, target in zip(columns.rows, columns.targets, strict=True):
        # Without this row the means move, too: count / (count - 1) accounts for that exactly.
        factor = count / (count - 1)
        products = [
            [p - factor * x * other for p, other in zip(line, row, strict=True)]
            for line, x in zip(columns.products, row, strict=True)
        ]
        joined = [p - factor * x * target for p, x in zip(columns.with_target, row, strict=True)]
        alone = _descend(products, joined, list(weights), wanted, strengths, ROUNDS_WHEN_LEFT_OUT)
        others_target = columns.mean_target - target / (count - 1)
        shift = [x + x / (count - 1) for x in row]
        found.append(others_target + _dot(alone, shift))
    return found


def _descend(
    products: Sequence[Sequence[float]],
    joined: Sequence[float],
    weights: list[float],
    wanted: Sequence[float],
    strengths: Sequence[float],
    rounds: int,
) -> list[float]:
    for _ in range(rounds):
        moved = 0.0
        for place, line in enumerate(products):
            strength = strengths[place]
            width = line[place] + strength
            rest = joined[place] - _dot(line, weights) + line[place] * weights[place]
            best = max((rest + strength * wanted[place]) / width, 0.0)
            moved = max(moved, abs(best - weights[place]))
            weights[place] = best
        if moved < CLOSE:
            break
    return weights


def _dot(one: Sequence[float], other: Sequence[float]) -> float:
    return sum(x * y for x, y in zip(one, other, strict=True))
