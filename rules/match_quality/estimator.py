"""The estimate of a score from the keys that events have: plain Python, no database.

A score is modelled as a base and a worth for each key, never negative, learned from scores that the vendor
gave. Where little was seen, a worth stays near the package's own order. Two shapes are tried: worths that add
up, and worths that count less the more there is already. The one that foretells scores better is kept.

No library fits: the installation has none for numbers, and a problem of 20 unknowns needs none.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from .least_squares import Columns, foretold, solve

LEAST_SAMPLES = 6
MOST_SAMPLES = 300
# An estimate that is wrong by more points than this helps nobody.
MOST_ERROR = 1.0
# Scores closer together than this say nothing about keys.
LEAST_SPREAD = 0.3
# How many scores the package's order counts for, where no score has shown what a key is worth.
KEPT_STRENGTH = 1_000.0
# Share of the spread that may stay unexplained.
MOST_UNEXPLAINED = 0.8
# A key is learned if so many scores had a share of it that differs by so much from the usual one.
LEAST_UNUSUAL = 3
LEAST_RANGE = 0.05
STRENGTHS = (0.03, 0.3, 3.0)
_TOP = 1.03  # Scores never reach the top of the second shape.


@dataclass(frozen=True, slots=True)
class Sample:
    """One score that the vendor gave.

    Args:
        shares: Name of a key → share of the events that have it, from 0 to 1. A missing key is 0.
    """

    shares: Mapping[str, float]
    score: float


@dataclass(frozen=True, slots=True)
class Prior:
    """What a package knows before any score: worth of each key in points, and pairs worth more together."""

    worths: Mapping[str, float]
    pairs: Sequence[tuple[str, str]] = ()
    most: float = 10.0

    def features(self, shares: Mapping[str, float]) -> list[float]:
        """Return the share of each key, then of each pair."""
        values = [min(max(shares.get(key, 0.0), 0.0), 1.0) for key in self.worths]
        return [*values, *(min(shares.get(one, 0.0), shares.get(other, 0.0)) for one, other in self.pairs)]

    @property
    def weights(self) -> list[float]:
        return [*self.worths.values(), *(0.0 for _ in self.pairs)]

    def strengths(self, strength: float, learned: Sequence[str]) -> list[float]:
        """Return how near each weight stays to the package's order."""
        keys = (key in learned for key in self.worths)
        pairs = (one in learned and other in learned for one, other in self.pairs)
        return [strength if is_learned else KEPT_STRENGTH for is_learned in (*keys, *pairs)]


@dataclass(frozen=True, slots=True)
class Calibration:
    """What was learned.

    Args:
        shape: ``sum`` or ``less``.
        weights: Of each feature, in the order of the prior.
        error: Typical error in points, measured on scores that were left out while learning.
        spread: Standard deviation of the scores.
        samples: How many scores there were.
        learned: The keys whose share differed between the scores.
        problem: Why there is no estimate: ``few``, ``alike`` or ``imprecise``; "" if there is one.
    """

    shape: str = "sum"
    base: float = 0.0
    weights: Sequence[float] = ()
    error: float = 0.0
    spread: float = 0.0
    samples: int = 0
    learned: Sequence[str] = ()
    problem: str = "few"

    @classmethod
    def from_stored(cls, stored: Mapping[str, Any] | None) -> Calibration:
        """Restore what ``dataclasses.asdict`` made; without anything, what has learned nothing."""
        return cls(**stored) if stored else cls()

    @property
    def is_usable(self) -> bool:
        return not self.problem


@dataclass(frozen=True, slots=True)
class Estimate:
    """An estimated score.

    Args:
        error: Typical error in points.
        guessed: Keys whose worth no score has shown yet.
    """

    score: float
    error: float
    guessed: Sequence[str] = field(default=())


def calibrate(samples: Sequence[Sample], prior: Prior) -> Calibration:
    """Learn from scores, the newest last; only the newest 300 count."""
    counted = samples[-MOST_SAMPLES:]
    scores = [it.score for it in counted]
    spread = _deviation(scores)
    rows = [prior.features(it.shares) for it in counted]
    learned = _learned(rows, prior)
    facts: dict[str, Any] = {"samples": len(counted), "spread": spread, "learned": learned}
    if len(counted) < LEAST_SAMPLES:
        return Calibration(**facts, problem="few")
    if spread < LEAST_SPREAD:
        return Calibration(**facts, problem="alike")
    shape, base, weights, error = min(_fits(rows, scores, prior, learned), key=lambda fit: fit[3])
    is_good = error <= MOST_ERROR and error <= spread * MOST_UNEXPLAINED
    return Calibration(shape, base, weights, error, **facts, problem="" if is_good else "imprecise")


def estimate(calibration: Calibration, prior: Prior, shares: Mapping[str, float]) -> Estimate | None:
    """Return the estimated score for events; None without a usable calibration."""
    if not calibration.is_usable or len(calibration.weights) != len(prior.weights):
        return None
    values = prior.features(shares)
    raw = calibration.base + sum(w * x for w, x in zip(calibration.weights, values, strict=True))
    score = _SHAPES[calibration.shape][1](raw, prior.most)
    guessed = [key for key in prior.worths if shares.get(key) and key not in calibration.learned]
    return Estimate(min(max(score, 0.0), prior.most), calibration.error, guessed)


def gain(
    calibration: Calibration, prior: Prior, shares: Mapping[str, float], key: str, to: float = 1.0
) -> float | None:
    """Return the points that events would gain with a key in more of them; None if that is not known."""
    now = estimate(calibration, prior, shares)
    then = estimate(calibration, prior, {**shares, key: max(to, shares.get(key, 0.0))})
    if now is None or then is None or key not in calibration.learned:
        return None
    return max(then.score - now.score, 0.0)


def _learned(rows: Sequence[Sequence[float]], prior: Prior) -> list[str]:
    columns = list(zip(*rows, strict=True))
    return [key for key, column in zip(prior.worths, columns, strict=False) if _differs(column)]


def _differs(column: Sequence[float]) -> bool:
    usual = Counter(round(value / LEAST_RANGE) for value in column).most_common(1)[0][0] * LEAST_RANGE
    return sum(abs(value - usual) >= LEAST_RANGE for value in column) >= LEAST_UNUSUAL


Fit = tuple[str, float, list[float], float]


def _fits(
    rows: Sequence[Sequence[float]], scores: Sequence[float], prior: Prior, learned: Sequence[str]
) -> list[Fit]:
    found = []
    for shape, (forth, back) in _SHAPES.items():
        columns = Columns.of(rows, [forth(score, prior.most) for score in scores])
        for strength in STRENGTHS:
            wanted = _scaled(columns, prior.weights)
            strengths = prior.strengths(strength, learned)
            weights = solve(columns, wanted, strengths)
            base = columns.base(weights)
            guesses = foretold(columns, weights, wanted, strengths)
            errors = [back(guess, prior.most) - score for guess, score in zip(guesses, scores, strict=True)]
            error = math.sqrt(sum(it * it for it in errors) / len(errors))
            found.append((shape, base, weights, error))
    return found


def _scaled(columns: Columns, weights: Sequence[float]) -> list[float]:
    """Return the package's worths on the scale of the scores; their order stays."""
    joined = sum(w * xy for w, xy in zip(weights, columns.with_target, strict=True))
    width = columns.square(weights)
    scale = max(joined / width, 0.0) if width > 0 else 0.0
    return [w * scale for w in weights]


def _deviation(values: Sequence[float]) -> float:
    if not values:
        return 0.0
    mean = sum(values) / len(values)
    return math.sqrt(sum((it - mean) ** 2 for it in values) / len(values))


Change = Callable[[float, float], float]
_SHAPES: Mapping[str, tuple[Change, Change]] = {
    "sum": (lambda score, most: score, lambda raw, most: raw),
    "less": (
        lambda score, most: -math.log(1 - min(max(score, 0.0), most) / (most * _TOP)),
        lambda raw, most: most * _TOP * (1 - math.exp(-raw)),
    ),
}
