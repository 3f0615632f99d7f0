"""What is stored about match quality, for pages: last answers, newest figures and their history."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from django.utils import timezone

from properties.catalog.match_quality import EventQuality
from properties.models import Environment, Property
from rules.models import MatchQualityAnswers, MatchQualityReading

from .asking import stamp_of
from .calibrating import calibration_from
from .estimator import Calibration
from .offers import QualityOffer

# Figures older than this are no longer shown as those of today.
SHOWN_DAYS = 90
HISTORY_DAYS = 30


@dataclass(frozen=True, slots=True)
class DestinationQuality:
    """One destination: what was answered last, and the newest figures.

    Args:
        answer: State and words of the last answer; empty before the first one.
        read_at: When the figures were given; None without figures.
        history: Day → name of an event → score.
    """

    destination: str
    answer: Mapping[str, Any] = field(default_factory=dict)
    events: Sequence[EventQuality] = ()
    read_at: datetime | None = None
    history: Mapping[date, Mapping[str, float | None]] = field(default_factory=dict)

    @property
    def state(self) -> str:
        return str(self.answer.get("state", ""))


@dataclass(frozen=True, slots=True)
class Stored:
    """Everything that is stored about one extension in one environment.

    Args:
        answered_at: When the vendor last answered, in whatever way.
        is_fresh: Whether it need not be asked again now.
    """

    destinations: Sequence[DestinationQuality] = ()
    answered_at: datetime | None = None
    is_fresh: bool = False
    calibration: Calibration = field(default_factory=Calibration)


def stored_quality(offer: QualityOffer, environment: Environment) -> Stored:
    """Return what is stored about an extension in an environment, in four statements at most."""
    where = {"environment": environment, "package_name": offer.package.name}
    row = MatchQualityAnswers.objects.filter(**where).first()
    since = (timezone.now() - timedelta(days=SHOWN_DAYS)).date()
    readings = MatchQualityReading.objects.filter(**where, day__gte=since).order_by("day").defer("events")
    by_destination: dict[str, list[MatchQualityReading]] = {}
    for reading in readings:
        by_destination.setdefault(reading.destination, []).append(reading)
    answers = {it["destination"]: it for it in (row.answers if row else ())}
    newest = [found[-1].pk for found in by_destination.values()]
    events = dict(MatchQualityReading.objects.filter(pk__in=newest).values_list("destination", "events"))
    # A destination that the configuration no longer names is history; a failure before any was named hides
    # none.
    named = dict.fromkeys(answers if any(answers) else [*answers, *by_destination])
    return Stored(
        [
            _destination(it, answers.get(it, {}), by_destination.get(it, []), events.get(it, []))
            for it in named
        ],
        row.answered_at if row else None,
        bool(row and row.is_fresh(stamp_of(offer.extension, environment))),
        calibration_from(row.calibration if row else None),
    )


def _destination(
    name: str, answer: Mapping[str, Any], readings: Sequence[MatchQualityReading], events: Sequence[Any]
) -> DestinationQuality:
    scores = {it.day: {key: each["score"] for key, each in it.figures.items()} for it in readings}
    return DestinationQuality(
        name,
        answer,
        [EventQuality.from_stored(it) for it in events],
        readings[-1].read_at if readings else None,
        scores,
    )


def newest_scores(environment: Environment, package_name: str) -> dict[date, dict[str, float | None]]:
    """Return day → name of an event → score of the last 30 days; the lowest of several destinations."""
    since = (timezone.now() - timedelta(days=HISTORY_DAYS - 1)).date()
    rows = MatchQualityReading.objects.filter(
        environment=environment, package_name=package_name, day__gte=since
    ).order_by("day")
    found: dict[date, dict[str, float | None]] = {}
    for day, figures in rows.values_list("day", "figures"):
        scores = found.setdefault(day, {})
        for name, figure in figures.items():
            known = [it for it in (scores.get(name), figure["score"]) if it is not None]
            scores[name] = min(known, default=None)
    return found


def best_calibration(
    prop: Property, package_name: str, environment: Environment | None = None
) -> Calibration:
    """Return the calibration of an environment; of the one that saw most scores, if that has none.

    Args:
        environment: None for what has no environment yet, such as a form.
    """
    rows = MatchQualityAnswers.objects.filter(environment__prop=prop, package_name=package_name)
    found = {pk: calibration_from(it) for pk, it in rows.values_list("environment_id", "calibration")}
    own = found.get(environment.pk) if environment else None
    if own and own.is_usable:
        return own
    return max(found.values(), key=lambda it: (it.is_usable, it.samples), default=Calibration())
