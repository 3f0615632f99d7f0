"""The reading of each day, apart from events: for environments that have been live for an hour or more."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import datetime, timedelta

from django.utils import timezone

from properties.models import Environment
from rules.models import Activation, MatchQualityAnswers, MatchQualityReading

from .asking import read_now
from .offers import QualityOffer, offers

# A little less than a day, so that each day has a reading.
EVERY = timedelta(hours=23)
# A vendor has no figures about events that it just received.
LIVE_FOR = timedelta(hours=1)
# Together with the last question, this stays below the soft time limit of a task.
SECONDS_AT_ONCE = 8.0


def read_quality_due() -> int:
    """Ask about environments that were not asked about today, for a few seconds.

    Several processes share the work.

    Returns:
        How many were asked about.
    """
    ends_at, asked = time.monotonic() + SECONDS_AT_ONCE, 0
    for offer, environment in _due(timezone.now()):
        if time.monotonic() >= ends_at:
            break
        asked += read_now(offer, environment)
    return asked


def forget_readings(now: datetime) -> None:
    """Remove readings that have been kept long enough."""
    oldest = (now - timedelta(days=MatchQualityReading.KEPT_DAYS)).date()
    MatchQualityReading.objects.filter(day__lt=oldest).delete()


def _due(now: datetime) -> Iterator[tuple[QualityOffer, Environment]]:
    known = dict(_asked())
    live = Activation.objects.filter(activated_at__lt=now - LIVE_FOR).values("environment_id")
    for environment in Environment.objects.filter(pk__in=live).select_related("prop").order_by("pk"):
        for offer in offers(environment.prop):
            asked_at = known.get((environment.pk, offer.package.name))
            if asked_at is None or now - asked_at >= EVERY:
                yield offer, environment


def _asked() -> Iterator[tuple[tuple[int, str], datetime | None]]:
    rows = MatchQualityAnswers.objects.values_list("environment_id", "package_name", "asked_at")
    yield from (((environment, package), at) for environment, package, at in rows)
