"""Counts of events and deliveries per minute, which pages draw and which survive retention."""

from __future__ import annotations

from typing import ClassVar

from django.db import models


class CountedAs(models.IntegerChoices):
    """The kinds of outcomes, as numbers that never change."""

    DELIVERED = 1
    WITHOUT = 2
    REFUSED = 3
    NOT_SENT = 4
    RETRYING = 5
    SENDING = 6
    ON_HOLD = 7
    NO_MATCH = 8
    DUPLICATE = 9


class MinuteCount(models.Model):
    """How many events, or deliveries, of one minute had one outcome.

    A row about events has ``is_event`` and neither name nor target. ``minute`` is the minute in which the
    event was accepted, since 1970. ``name`` is the name of the event at the vendor, ``target`` the package
    and the destination as ``package::destination``. ``outcome`` is a number made of state and kind (see
    ``rules.delivery.counted_outcomes``). ``bucket`` is the class of the time from acceptance to
    delivery (see ``rules.delivery.latency_buckets``), ``NO_BUCKET`` if it was not delivered. ``node`` is the
    share of the workers that counted; ``HOUR`` after the minutes of an hour were added up in one row.
    """

    NO_BUCKET: ClassVar[int] = -1
    HOUR: ClassVar[int] = -1
    NAME_LENGTH: ClassVar[int] = 100
    TARGET_LENGTH: ClassVar[int] = 255

    property_id = models.BigIntegerField()
    environment_id = models.BigIntegerField()
    minute = models.IntegerField()
    is_event = models.BooleanField()
    name = models.CharField(max_length=NAME_LENGTH, blank=True)
    target = models.CharField(max_length=TARGET_LENGTH, blank=True)
    outcome = models.SmallIntegerField()
    bucket = models.SmallIntegerField(default=NO_BUCKET)
    node = models.SmallIntegerField()
    count = models.BigIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=[
                    *("property_id", "environment_id", "is_event", "minute"),
                    *("name", "target", "outcome", "bucket", "node"),
                ],
                name="one_minute_count",
            )
        ]
        indexes = [models.Index(fields=["node", "minute"], name="minute_count_age")]

    def __str__(self) -> str:
        return f"{self.name or 'events'} in minute {self.minute}: {self.count}"
