"""The estimate in words: what it says, how far it may be off, and why there is none."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from properties.catalog.match_quality import MatchKey, MatchQuality

from .calibrating import prior_of
from .estimator import LEAST_SAMPLES, Calibration, estimate, gain

# A gain that nobody would notice is not worth a number.
LEAST_GAIN = 0.05
# Nobody can promise more.
LEAST_ERROR = 0.1
# Worth of a key before anything was measured, from this number of points → words.
_WORTHS = ((1.0, "helps a lot"), (0.5, "helps"), (0.0, "helps a little"))


@dataclass(frozen=True, slots=True)
class KeyWorth:
    """A key that events lack, and what it would be worth.

    Args:
        gain: Points of the score; None if no score has shown it.
    """

    key: MatchKey
    gain: float | None

    @property
    def text(self) -> str:
        if self.gain is not None:
            return f"about +{self.gain:.1f}" if self.gain >= LEAST_GAIN else "hardly anything"
        words = next(words for least, words in _WORTHS if self.key.worth >= least)
        return f"{words}, not measured yet"

    @property
    def order(self) -> tuple[float, float]:
        """For sorting: measured gains first, then the package's order."""
        return (self.gain if self.gain is not None else self.key.worth / 100, self.key.worth)


@dataclass(frozen=True, slots=True)
class ShownEstimate:
    """The estimate for one event, or for many.

    Args:
        score: None if there is no estimate; ``learned`` then says why.
        text: ``about 7.2 ± 0.4 of 10``; "" without an estimate.
        learned: What it was learned from.
        present: Labels of the keys that are sent.
        missing: The other keys, those worth most first.
        guessed: Labels of the keys whose worth no score has shown yet.
    """

    learned: str
    score: float | None = None
    text: str = ""
    present: Sequence[str] = ()
    missing: Sequence[KeyWorth] = ()
    guessed: Sequence[str] = field(default=())

    @property
    def best(self) -> KeyWorth | None:
        """The missing key that is known to be worth most."""
        found = next(iter(self.missing), None)
        return found if found and found.gain and found.gain >= LEAST_GAIN else None


def shown_estimate(
    quality: MatchQuality, calibration: Calibration, shares: Mapping[str, float]
) -> ShownEstimate:
    """Return the estimate for events.

    Args:
        shares: Name of a key → share of the events that have it, from 0 to 1; 1 or 0 for a single event.
    """
    prior = prior_of(quality)
    found = estimate(calibration, prior, shares)
    missing = [
        KeyWorth(key, gain(calibration, prior, shares, key.name))
        for key in quality.keys
        if not shares.get(key.name)
    ]
    return ShownEstimate(
        learned=calibration_words(quality, calibration),
        score=found.score if found else None,
        text=f"about {found.score:.1f} ± {max(found.error, LEAST_ERROR):.1f} of {quality.most:g}"
        if found
        else "",
        present=[key.label for key in quality.keys if shares.get(key.name)],
        missing=sorted(missing, key=lambda it: it.order, reverse=True),
        guessed=[quality.label_of(name) for name in found.guessed] if found else (),
    )


def calibration_words(quality: MatchQuality, calibration: Calibration) -> str:
    """Say what the estimate was learned from, or why there is none."""
    seen, vendor = calibration.samples, quality.vendor
    scores = f"{seen} different score{'s' * (seen != 1)} of {vendor}"
    error = max(calibration.error, LEAST_ERROR)
    if calibration.is_usable:
        return f"Estimate, learned from {scores}. It is typically off by {error:.1f} points."
    if calibration.problem == "few":
        needed = f"it needs {LEAST_SAMPLES} different scores of {vendor} to learn from"
        return f"No estimate yet: {needed}; so far {seen}."
    if calibration.problem == "alike":
        return f"No estimate: the {scores} are nearly the same, so they do not show what a key is worth."
    return (
        f"No estimate: learned from {scores}, it would be off by {error:.1f} points. "
        "The keys do not explain the scores."
    )
