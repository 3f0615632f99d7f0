"""Inbound events, their deliveries, and the tables that delivery needs.

These tables have no database foreign keys, in either direction: rows are written in bulk, retention removes
old ones a thousand at a time, and an id may belong to a row that no longer exists.
"""

from __future__ import annotations

import json
from datetime import datetime
from functools import lru_cache
from typing import Any, ClassVar

from django.db import models

from properties.catalog.secret_markers import harmless
from properties.models.encryption import EncryptedTextField

PAGE_COPIES = "capiCopies"


class InboundRequest(models.Model):
    """``arc.request`` of several events that arrived in one request, stored once for all of them.

    ``id`` is the id of the last of these events: when it is below all event ids, none of them is left.
    """

    id = models.BigIntegerField(primary_key=True)
    property_id = models.BigIntegerField()
    content = models.TextField()

    def __str__(self) -> str:
        return str(self.id)


class InboundEvent(models.Model):
    """One accepted event: the outbox row. ``id`` ascends and holds the time in its high bits.

    ``request`` holds ``arc.request``, or ``{}`` if ``shared_request`` is the id of the row that holds it for
    all events of one request. ``counted_as`` is the ``CountedAs`` under which the minutes hold it; None until
    its rules have run.
    """

    class State(models.TextChoices):
        RECEIVED = "received", "Received"
        OPEN = "open", "Waiting"
        DELIVERED = "delivered", "Delivered"
        NO_MATCH = "no_match", "No match"
        DEAD = "dead", "Failed"
        EXPIRED = "expired", "Expired"
        ERASED = "erased", "Erased"

    # What a page gave to vendors' scripts itself, as it came; set by ``call``.
    page_copies: Any = None

    FINAL: ClassVar[tuple[str, ...]] = ("delivered", "no_match", "dead", "expired", "erased")
    BITS_BELOW_TIME: ClassVar[int] = 21

    id = models.BigIntegerField(primary_key=True)
    property_id = models.BigIntegerField()
    environment_id = models.BigIntegerField()
    datastream_id = models.BigIntegerField()
    build_id = models.BigIntegerField(null=True)
    name = models.CharField(max_length=255, blank=True)
    received_at = models.DateTimeField()
    body = models.TextField()
    request = models.TextField()
    shared_request = models.BigIntegerField(null=True)
    flags = models.TextField(blank=True, default="")
    state = models.CharField(max_length=10, default=State.RECEIVED, choices=State.choices)
    reason = models.CharField(max_length=60, blank=True, default="")
    trace = models.TextField(blank=True, default="")
    claims = models.PositiveSmallIntegerField(default=0)
    lease_token = models.CharField(max_length=32, blank=True, default="")
    lease_until = models.DateTimeField(null=True)
    done_at = models.DateTimeField(null=True)
    replays = models.PositiveSmallIntegerField(default=0, db_default=0)
    counted_as = models.SmallIntegerField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["state", "id"], name="event_state"),
            models.Index(fields=["property_id", "id"], name="event_property"),
            models.Index(fields=["environment_id", "id"], name="event_environment"),
        ]

    def __str__(self) -> str:
        return str(self.id)

    @property
    def can_retry(self) -> bool:
        """Whether something is left to send; a duplicate that was held back did not fail."""
        return self.state in ("dead", "expired", "no_match") and self.reason != "duplicate"

    def call(self) -> dict[str, Any]:
        """Return the event as rules see it: ``{"event": {"xdm", "data"}, "request": {"header", "body"}}``.

        Text that looks like a secret marker is made harmless. What a library noted about its page for us is
        taken out, and is in ``page_copies``: no rule shall send it on with the data of the shop.

        Raises:
            json.JSONDecodeError: Retention has removed the body.
        """
        event = json.loads(harmless(self.body))
        data = event.get("data") if isinstance(event, dict) else None
        self.page_copies = data.pop(PAGE_COPIES, None) if isinstance(data, dict) else None
        return {"event": event, "request": {**json.loads(harmless(self.request_text())), "body": event}}

    def request_text(self) -> str:
        """Return the request of the event as JSON; empty if it was removed."""
        if self.shared_request is None or not self.request:
            return self.request
        return _shared_request(self.shared_request)

    @classmethod
    def first_id_at(cls, moment: datetime) -> int:
        """Return the smallest id that an event of this moment can have, to page and limit lists by time."""
        return int(moment.timestamp() * 1000) << cls.BITS_BELOW_TIME


@lru_cache(maxsize=64)
def _shared_request(request_id: int) -> str:
    """Return a shared request. It is cached, because the events of one request run one after the other."""
    found = InboundRequest.objects.filter(id=request_id).values_list("content", flat=True).first()
    return found or "{}"


class Delivery(models.Model):
    """One event for one destination by one action; first written with its first outcome.

    While it waits, ``payload`` and ``envelope`` hold the request for the next attempt. Once delivered,
    ``payload`` is masked and ``envelope`` empty. ``duplicate_of`` is the inbound event with which the same
    event reached the destination before. ``rule_state`` says where a rule that waits for the answer
    continues. ``replayed_at`` is set once its event was replayed: the delivery is then history and decides
    nothing. ``receipt`` identifies an accepted event when we ask the vendor for its later answer.
    ``counted_as`` is the ``CountedAs`` under which the minutes hold it.
    """

    class State(models.TextChoices):
        PENDING = "pending", "Waiting"
        DELIVERED = "delivered", "Delivered"
        PARKED = "parked", "Parked"
        DEAD = "dead", "Refused"
        EXPIRED = "expired", "Expired"
        ERASED = "erased", "Erased"

    event_id = models.BigIntegerField(db_index=True)
    property_id = models.BigIntegerField()
    environment_id = models.BigIntegerField()
    rule_uid = models.CharField(max_length=40)
    rule_name = models.CharField(max_length=255)
    component_uid = models.CharField(max_length=40)
    delegate = models.CharField(max_length=300)
    destination = models.CharField(max_length=255)
    name = models.CharField(max_length=255, blank=True)
    server_event_id = models.CharField(max_length=255, blank=True, default="", db_default="")
    batch_key = models.CharField(max_length=64)
    envelope = EncryptedTextField(blank=True, default="")
    payload = EncryptedTextField(blank=True, default="")
    rule_state = EncryptedTextField(blank=True, default="")
    receipt = models.JSONField(null=True)
    warnings = models.JSONField(default=list)
    state = models.CharField(max_length=10, choices=State.choices, default=State.PENDING)
    code = models.CharField(max_length=60, blank=True, default="")
    message = models.TextField(blank=True, default="")
    advice = models.TextField(blank=True, default="")
    reference = models.CharField(max_length=255, blank=True, default="")
    blamed_field = models.CharField(max_length=255, blank=True, default="")
    dedup_key = models.CharField(max_length=64, blank=True, default="")
    holds_duplicates = models.BooleanField(default=False)
    duplicate_of = models.BigIntegerField(null=True)
    attempts = models.PositiveIntegerField(default=0)
    claims = models.PositiveSmallIntegerField(default=0)
    lease_token = models.CharField(max_length=32, blank=True, default="")
    lease_until = models.DateTimeField(null=True)
    next_at = models.DateTimeField(null=True)
    expires_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField()
    done_at = models.DateTimeField(null=True)
    replayed_at = models.DateTimeField(null=True)
    counted_as = models.SmallIntegerField(null=True)

    class Meta:
        verbose_name_plural = "deliveries"
        indexes = [
            models.Index(fields=["state", "next_at"], name="delivery_due"),
            models.Index(fields=["property_id", "destination", "state"], name="delivery_destination"),
            models.Index(fields=["property_id", "server_event_id"], name="delivery_server_event"),
            models.Index(
                fields=["property_id", "event_id"], condition=models.Q(state="dead"), name="delivery_refused"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} to {self.destination}"


class DeliveryAttempt(models.Model):
    """One attempt of one delivery. All attempts in one request share ``post_id``."""

    delivery_id = models.BigIntegerField(db_index=True)
    post_id = models.CharField(max_length=32)
    started_at = models.DateTimeField()
    duration_ms = models.PositiveIntegerField(default=0)
    sent_count = models.PositiveIntegerField(default=1)
    status = models.PositiveSmallIntegerField(null=True)
    outcome = models.CharField(max_length=15)
    code = models.CharField(max_length=60, blank=True, default="")
    message = models.TextField(blank=True, default="")
    reference = models.CharField(max_length=255, blank=True, default="")
    answer = models.TextField(blank=True, default="")

    def __str__(self) -> str:
        return f"{self.outcome} of {self.delivery_id}"


class SentEvent(models.Model):
    """An event that reached a destination, or is on its way there, in the last 48 hours.

    ``key`` identifies the destination and the event. The same key from another inbound event or another
    action is a duplicate. With the prefix ``NOTE``, the key identifies one payload that may not be sent
    twice: the row is written before it is sent and stays until its outcome is written.
    """

    NOTE: ClassVar[str] = "sending:"

    key = models.CharField(max_length=64, unique=True)
    event_id = models.BigIntegerField()
    component_uid = models.CharField(max_length=40)
    is_delivered = models.BooleanField(default=False)
    seen_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["seen_at"], name="sent_event_seen")]

    def __str__(self) -> str:
        return self.key


class DestinationGate(models.Model):
    """Whether a destination accepts deliveries now; one row, which all workers share."""

    class State(models.TextChoices):
        OPEN = "open", "Open"
        PAUSED = "paused", "Paused"
        PARKED = "parked", "Parked"
        HALF_OPEN = "half_open", "Probing"

    property_id = models.BigIntegerField()
    package_name = models.CharField(max_length=214)
    destination = models.CharField(max_length=255)
    state = models.CharField(max_length=10, choices=State.choices, default=State.OPEN)
    until = models.DateTimeField(null=True)
    failures = models.PositiveIntegerField(default=0)
    code = models.CharField(max_length=60, blank=True, default="")
    message = models.TextField(blank=True, default="")
    advice = models.TextField(blank=True, default="")
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["property_id", "package_name", "destination"], name="one_gate_per_destination"
            )
        ]

    def __str__(self) -> str:
        return f"{self.destination}: {self.state}"


class LedgerCount(models.Model):
    """How many events went where, counted in the transaction that moves them. It survives retention.

    ``name`` is ``accepted``, a final state, or ``forgotten:<state>`` for rows that retention removed.
    """

    day = models.DateField()
    node = models.PositiveSmallIntegerField(default=0)
    name = models.CharField(max_length=30)
    count = models.BigIntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["day", "node", "name"], name="one_count")]

    def __str__(self) -> str:
        return f"{self.name}: {self.count}"


class ProcessedId(models.Model):
    """Identities of events from the last 48 hours: an event that is sent again is stored once."""

    datastream_id = models.BigIntegerField()
    key = models.CharField(max_length=64)
    event_id = models.BigIntegerField()
    seen_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["datastream_id", "key"], name="one_processed_id")]
        indexes = [models.Index(fields=["seen_at"], name="processed_seen")]

    def __str__(self) -> str:
        return self.key
