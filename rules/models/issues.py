"""Issues: causes of bad outcomes, counted when the outcomes are written. They survive retention.

Like the tables of events, these have no database foreign keys.
"""

from __future__ import annotations

import hashlib
import json

from django.db import models


class Issue(models.Model):
    """One cause of bad outcomes in one environment.

    ``id`` is made from what identifies the cause, and is the same in every build. ``field`` is the dotted
    payload key that a refusal names, or the key of the setting whose value is missing. ``last_live_at`` is
    the newest time at which it happened in a build that was live then: outcomes of an older build, written
    later, do not move it past the start of the newer build. Whether an issue is fixed follows from it.

    Rows of the kinds in ``STANDING`` exist only while somebody has muted them: what they are about is a
    present state, such as a closed destination, and is read where it is kept.
    """

    class Kind(models.TextChoices):
        NOT_SENT = "not_sent", "Not sent"
        REFUSED = "refused", "Refused"
        WITHOUT = "without", "Delivered without"
        ON_HOLD = "on_hold", "On hold"
        FAILED_BUILD = "failed_build", "Build failed"
        WARNING = "warning", "Warning"
        SILENT = "silent", "No events"

    class Mute(models.TextChoices):
        DAY = "day", "1 day"
        WEEK = "week", "7 days"
        CHANGE = "change", "Until it changes"

    STANDING = (Kind.ON_HOLD, Kind.FAILED_BUILD, Kind.WARNING, Kind.SILENT)

    id = models.CharField(max_length=32, primary_key=True)
    property_id = models.BigIntegerField()
    environment_id = models.BigIntegerField()
    kind = models.CharField(max_length=15, choices=Kind.choices)
    delegate = models.CharField(max_length=300, blank=True)
    destination = models.CharField(max_length=255, blank=True)
    code = models.CharField(max_length=60, blank=True)
    component_uid = models.CharField(max_length=40, blank=True)
    field = models.CharField(max_length=255, blank=True)
    rule_uid = models.CharField(max_length=40, blank=True)
    rule_name = models.CharField(max_length=255, blank=True)
    name = models.CharField(max_length=255, blank=True)
    label = models.CharField(max_length=255, blank=True)
    message = models.TextField(blank=True)
    advice = models.TextField(blank=True)
    count = models.BigIntegerField(default=0)
    first_seen_at = models.DateTimeField()
    first_build_id = models.BigIntegerField(null=True)
    last_seen_at = models.DateTimeField()
    last_live_at = models.DateTimeField()
    example_event_id = models.BigIntegerField(null=True)
    mute = models.CharField(max_length=10, choices=Mute.choices, blank=True, default="", db_default="")
    muted_at = models.DateTimeField(null=True)
    muted_until = models.DateTimeField(null=True)
    mute_reason = models.CharField(max_length=255, blank=True, default="", db_default="")
    muted_by = models.CharField(max_length=255, blank=True, default="", db_default="")

    class Meta:
        indexes = [models.Index(fields=["property_id", "environment_id"], name="issue_environment")]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}: {self.rule_name or self.message[:200]}"

    @property
    def uid(self) -> str:
        """The id, as audit entries name it."""
        return self.id

    @staticmethod
    def id_of(*parts: object) -> str:
        """Return the id of the issue that these texts and numbers identify."""
        return hashlib.sha256(json.dumps(parts).encode()).hexdigest()[:32]


class IssueHour(models.Model):
    """How often an issue happened in one hour, for its trend."""

    issue_id = models.CharField(max_length=32)
    hour = models.DateTimeField()
    count = models.BigIntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["issue_id", "hour"], name="one_count_per_hour")]
        indexes = [models.Index(fields=["hour"], name="issue_hour")]

    def __str__(self) -> str:
        return f"{self.issue_id} {self.hour:%Y-%m-%d %H}"
