"""How customer data arrives: counts of forms, and keyed fingerprints. No value is stored.

Rows are written in bulk, so these tables have no foreign keys.
"""

from __future__ import annotations

from typing import ClassVar

from django.db import models


class CustomerDataCount(models.Model):
    """How many values of one field, from one source, arrived in one form within an hour.

    ``hour`` is counted since 1970. ``source`` names the data elements that the field reads, or is "" for a
    fixed text. ``side`` is ``browser`` or ``server``, where the event came from. ``form`` is a ``Form`` of
    ``properties.catalog.customer_data.facts``. ``node`` is the share of the workers that counted.
    """

    PATH_LENGTH: ClassVar[int] = 100
    SOURCE_LENGTH: ClassVar[int] = 150

    property_id = models.BigIntegerField()
    environment_id = models.BigIntegerField()
    hour = models.IntegerField()
    component_uid = models.CharField(max_length=40)
    path = models.CharField(max_length=PATH_LENGTH)
    source = models.CharField(max_length=SOURCE_LENGTH, blank=True)
    side = models.CharField(max_length=7)
    form = models.CharField(max_length=12)
    node = models.SmallIntegerField()
    count = models.BigIntegerField()
    example_event_id = models.BigIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=[
                    *("environment_id", "hour", "component_uid", "path", "source", "side", "form", "node"),
                ],
                name="one_customer_data_count",
            )
        ]
        indexes = [models.Index(fields=["hour"], name="customer_data_age")]

    def __str__(self) -> str:
        return f"{self.path} {self.form}: {self.count}"


class CustomerPrint(models.Model):
    """The fingerprint of one value of one event: 64 bits of an HMAC with a key of this installation.

    ``twice`` is the fingerprint that the hash of this hash would have. ``role`` says for what the value is
    compared: ``email``, ``phone``, ``own_id`` or ``visitor``.
    """

    property_id = models.BigIntegerField()
    environment_id = models.BigIntegerField()
    hour = models.IntegerField()
    event_id = models.BigIntegerField()
    component_uid = models.CharField(max_length=40)
    path = models.CharField(max_length=CustomerDataCount.PATH_LENGTH)
    source = models.CharField(max_length=CustomerDataCount.SOURCE_LENGTH, blank=True)
    side = models.CharField(max_length=7)
    form = models.CharField(max_length=12, blank=True)
    role = models.CharField(max_length=8)
    print = models.BigIntegerField()
    twice = models.BigIntegerField()

    class Meta:
        indexes = [
            models.Index(fields=["environment_id", "-id"], name="customer_print_environment"),
            models.Index(fields=["hour"], name="customer_print_age"),
        ]

    def __str__(self) -> str:
        return f"{self.path} of {self.event_id}"
