"""Readings of event match quality: the figures of each day, and the last answers of each vendor."""

from __future__ import annotations

from datetime import timedelta
from typing import ClassVar

from django.db import models
from django.utils import timezone

from properties.models.environment import Environment


class MatchQualityReading(models.Model):
    """The last figures of one day about one destination, as its vendor gave them.

    ``events`` holds one object for each event name, see ``properties.catalog.match_quality.EventQuality``.
    ``figures`` is what history and estimate need of it: name of the event → ``{"score", "shares"}``, with the
    share of the events that have each key, from 0 to 1. ``day`` is the day in UTC.
    """

    KEPT_DAYS: ClassVar[int] = 400

    environment = models.ForeignKey(
        Environment, on_delete=models.CASCADE, related_name="match_quality_readings"
    )
    package_name = models.CharField(max_length=100)
    destination = models.CharField(max_length=255)
    day = models.DateField()
    read_at = models.DateTimeField()
    figures = models.JSONField(default=dict)
    events = models.JSONField(default=list)

    class Meta:
        ordering = ("day", "id")
        constraints = [
            models.UniqueConstraint(
                fields=["environment", "package_name", "destination", "day"],
                name="one_match_quality_reading_a_day",
            )
        ]

    def __str__(self) -> str:
        return f"{self.destination} on {self.day}"


class MatchQualityAnswers(models.Model):
    """What a vendor answered when it was last asked about an environment, kept for a quarter of an hour.

    ``answers`` holds one object for each destination: the state and its words, without figures. ``stamp``
    changes with the settings and credentials that the question used: a new token is tried at once.
    ``calibration`` is what the estimate learned from all readings, None before the first one.
    """

    FRESH: ClassVar[timedelta] = timedelta(minutes=15)

    environment = models.ForeignKey(
        Environment, on_delete=models.CASCADE, related_name="match_quality_answers"
    )
    package_name = models.CharField(max_length=100)
    asked_at = models.DateTimeField(null=True)
    answered_at = models.DateTimeField(null=True)
    stamp = models.CharField(max_length=64, blank=True, default="")
    answers = models.JSONField(default=list)
    calibration = models.JSONField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["environment", "package_name"], name="one_match_quality_answer")
        ]

    def __str__(self) -> str:
        return f"{self.package_name} for {self.environment}"

    def is_fresh(self, stamp: str) -> bool:
        """Whether the vendor need not be asked again."""
        is_new = self.asked_at is not None and timezone.now() - self.asked_at < self.FRESH
        return is_new and self.stamp == stamp
