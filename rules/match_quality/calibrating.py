"""What the estimate learns from: every score that a vendor gave an environment, with the keys behind it."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from properties.catalog.match_quality import EventQuality, MatchQuality
from properties.models import Environment
from rules.models import MatchQualityReading

from .estimator import Calibration, Prior, Sample, calibrate
from .offers import Offer

DAYS = 90
# Days on which the shares of an event hardly moved count once: they say the same.
STEP = 0.05


def prior_of(quality: MatchQuality) -> Prior:
    """Return what the package knows before any score."""
    return Prior({key.name: key.worth for key in quality.keys}, quality.together, quality.most)


def calibrate_from(offer: Offer, environment: Environment) -> dict[str, Any]:
    """Learn from the readings of the last days; return a ``Calibration`` as a JSON object."""
    readings = MatchQualityReading.objects.filter(
        environment=environment, package_name=offer.package.name
    ).order_by("-day")[:DAYS]
    return asdict(calibrate(samples_of(reversed(readings)), prior_of(offer.quality)))


def samples_of(readings: Any) -> list[Sample]:
    """Return the scores with the shares of keys, oldest first. Days that say the same become one."""
    found: dict[Any, list[Sample]] = {}
    for reading in readings:
        for stored in reading.events:
            event = EventQuality.from_stored(stored)
            if event.score is not None and (shares := shares_of(event)):
                key = (reading.destination, event.name, tuple(sorted(_rounded(shares).items())))
                found.setdefault(key, []).append(Sample(shares, event.score))
    return [_mean(alike) for alike in found.values()]


def shares_of(event: EventQuality) -> dict[str, float]:
    """Return the share of the events that have each key, from 0 to 1, as the vendor counted."""
    return {key.name: key.percent / 100 for key in event.keys if key.percent is not None}


def _rounded(shares: dict[str, float]) -> dict[str, int]:
    return {key: round(share / STEP) for key, share in shares.items()}


def _mean(alike: list[Sample]) -> Sample:
    score = sum(it.score for it in alike) / len(alike)
    return Sample(alike[-1].shares, score)


def calibration_from(stored: Any) -> Calibration:
    """Restore a calibration; one that an older release wrote differently counts as none."""
    try:
        return Calibration.from_stored(stored)
    except TypeError:
        return Calibration()
