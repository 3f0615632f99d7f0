"""What the event log shows and searches: one narrow row of each event, written with its outcome.

No table here has foreign keys: rows are written in bulk, and an event may be gone before its terms are.
"""

from __future__ import annotations

from typing import ClassVar

from django.db import models


class LogGroup(models.Model):
    """What many rows of the log share: everything that a list of choices can filter.

    ``id`` is a hash of all other fields but ``seen_at``, so that no worker has to look it up. ``outcome`` is
    the outcome of the event, ``kind`` that of the one delivery; both are names of ``OutcomeKind``.
    ``is_further`` groups hold the deliveries that a row does not show. ``seen_at`` is renewed each hour while
    a worker uses the group. ``test_code`` is the code under which the vendor shows its events.
    """

    TEST_CODE_LENGTH: ClassVar[int] = 60

    id = models.BigIntegerField(primary_key=True)
    property_id = models.BigIntegerField(db_index=True)
    environment_id = models.BigIntegerField()
    outcome = models.CharField(max_length=10)
    kind = models.CharField(max_length=10, blank=True, default="")
    event_type = models.CharField(max_length=255, blank=True, default="")
    name = models.CharField(max_length=255, blank=True, default="")
    rule_uid = models.CharField(max_length=40, blank=True, default="")
    rule_name = models.CharField(max_length=255, blank=True, default="")
    component_uid = models.CharField(max_length=40, blank=True, default="")
    delegate = models.CharField(max_length=300, blank=True, default="")
    destination = models.CharField(max_length=255, blank=True, default="")
    code = models.CharField(max_length=60, blank=True, default="")
    blamed_field = models.CharField(max_length=255, blank=True, default="")
    is_test = models.BooleanField(default=False)
    is_further = models.BooleanField(default=False)
    test_code = models.CharField(max_length=TEST_CODE_LENGTH, blank=True, default="", db_default="")
    seen_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["seen_at"], name="log_group_seen")]

    def __str__(self) -> str:
        return f"{self.name or self.event_type}: {self.outcome}"


class LoggedEvent(models.Model):
    """The row of one event: the group of its worst delivery, and what only its payload and its request say.

    An event has none until its first outcome is written, and while it is run again. ``ms`` is how long the
    last request of the delivery took.
    """

    event_id = models.BigIntegerField(primary_key=True)
    environment_id = models.BigIntegerField()
    group_id = models.BigIntegerField()
    value = models.FloatField(null=True)
    currency = models.CharField(max_length=8, blank=True, default="")
    ms = models.IntegerField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["group_id", "event_id"], name="logged_event_group"),
            models.Index(
                fields=["environment_id", "value", "event_id"],
                condition=models.Q(value__isnull=False),
                name="logged_event_value",
            ),
        ]

    def __str__(self) -> str:
        return str(self.event_id)


class LoggedDelivery(models.Model):
    """A delivery beside the one that the row of its event shows, so that filters find it too."""

    event_id = models.BigIntegerField(db_index=True)
    group_id = models.BigIntegerField()

    class Meta:
        indexes = [models.Index(fields=["group_id", "event_id"], name="logged_delivery_group")]

    def __str__(self) -> str:
        return str(self.event_id)


class SearchTerm(models.Model):
    """A text by which an event is found: its sender's id, an order id, a hashed email address.

    ``hash`` is 64 bits of a hash over property, kind and text. The day is first in the key: new rows land in
    one small part of the index, and old days are removed as a whole.
    """

    pk = models.CompositePrimaryKey("day", "hash", "event_id")
    day = models.SmallIntegerField()
    hash = models.BigIntegerField()
    event_id = models.BigIntegerField()

    def __str__(self) -> str:
        return str(self.event_id)


class LogFilling(models.Model):
    """How far the rows of events from before this table are written: ids from ``before`` on are done."""

    id = models.SmallIntegerField(primary_key=True)
    before = models.BigIntegerField()

    def __str__(self) -> str:
        return str(self.before)
