"""What the estimate learns from: every score that a vendor gave an environment, with the keys behind it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict
from datetime import timedelta
from typing import Any

from django.utils import timezone

from properties.catalog.match_quality import EventQuality, MatchQuality
from properties.models import Environment
from rules.models import MatchQualityReading

from .estimator import Calibration, Prior, Sample, calibrate
from .offers import QualityOffer

DAYS = 90
# Days on which the shares of an event hardly moved count once: they say the same.
STEP = 0.05

# Destination, and what MatchQualityReading.figures holds.
Figures = Mapping[str, Mapping[str, Any]]


def prior_of(quality: MatchQuality) -> Prior:
    """Return what the package knows before any score."""
    return Prior({key.name: key.worth for key in quality.keys}, quality.together, quality.most)


def figures_of(event: EventQuality) -> dict[str, Any]:
    """Return what history and estimate need of an event: its score, and the share of events with each key."""
    shares = {key.name: key.percent / 100 for key in event.keys if key.percent is not None}
    return {"score": event.score, "shares": shares}


def calibrate_from(offer: QualityOffer, environment: Environment) -> dict[str, Any]:
    """Learn from the readings of the last days; return a ``Calibration`` as a JSON object."""
    since = (timezone.now() - timedelta(days=DAYS)).date()
    readings = MatchQualityReading.objects.filter(
        environment=environment, package_name=offer.package.name, day__gte=since
    ).order_by("day")
    samples = samples_of(readings.values_list("destination", "figures"))
    return asdict(calibrate(samples, prior_of(offer.quality)))


def samples_of(readings: Iterable[tuple[str, Figures]]) -> list[Sample]:
    """Return the scores with the shares of keys, in the order of the days. Days that say the same are one."""
    found: dict[Any, list[Sample]] = {}
    for destination, figures in readings:
        for name, figure in figures.items():
            score, shares = figure["score"], figure["shares"]
            if score is not None and shares:
                found.setdefault((destination, name, _rounded(shares)), []).append(Sample(shares, score))
    return [_mean(alike) for alike in found.values()]


def _rounded(shares: Mapping[str, float]) -> tuple[tuple[str, int], ...]:
    return tuple((key, round(share / STEP)) for key, share in sorted(shares.items()))


def _mean(alike: list[Sample]) -> Sample:
    return Sample(alike[-1].shares, sum(it.score for it in alike) / len(alike))


def calibration_from(stored: Any) -> Calibration:
    """Restore a calibration; one that an older release wrote differently counts as none."""
    try:
        return Calibration.from_stored(stored)
    except TypeError:
        return Calibration()
