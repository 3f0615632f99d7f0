"""Events that a person runs again, and their state before."""

from __future__ import annotations

from django.db import models

from properties.models.identifiers import UidField


class Replay(models.Model):
    """One job: some events, run again by the build of their day or by the live build.

    ``key`` is the key of the form that started it: a form that is sent twice starts one job. At ``next_at``,
    the worker takes the next part of the events.
    """

    class State(models.TextChoices):
        RUNNING = "running", "Running"
        DONE = "done", "Done"
        CANCELLED = "cancelled", "Cancelled"

    class Build(models.TextChoices):
        ORIGINAL = "original", "The build that was live when each event arrived"
        CURRENT = "current", "The build that is live now"

    uid = UidField(prefix="RP")
    key = models.CharField(max_length=40, unique=True)
    property_id = models.BigIntegerField()
    build = models.CharField(max_length=10, choices=Build.choices)
    what = models.CharField(max_length=255)
    total = models.PositiveIntegerField(default=0)
    state = models.CharField(max_length=10, choices=State.choices, default=State.RUNNING)
    started_by = models.CharField(max_length=255)
    next_at = models.DateTimeField()
    created_at = models.DateTimeField()
    done_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["next_at"], condition=models.Q(state="running"), name="replay_due"),
            models.Index(fields=["property_id", "-id"], name="replay_property"),
        ]

    def __str__(self) -> str:
        return f"Replay of {self.what}"


class ReplayedEvent(models.Model):
    """One event of a replay. After its turn, ``earlier_…`` hold its state from before.

    ``build_id`` is the build that runs it. ``reason`` says why it was refused in its turn.
    """

    class State(models.TextChoices):
        WAITING = "waiting", "Waiting"
        RELEASED = "released", "Run again"
        REFUSED = "refused", "Not run again"
        CANCELLED = "cancelled", "Cancelled"

    replay_id = models.BigIntegerField()
    event_id = models.BigIntegerField(db_index=True)
    build_id = models.BigIntegerField()
    state = models.CharField(max_length=10, choices=State.choices, default=State.WAITING)
    reason = models.CharField(max_length=60, blank=True, default="")
    released_at = models.DateTimeField(null=True)
    earlier_state = models.CharField(max_length=10, blank=True, default="")
    earlier_reason = models.CharField(max_length=60, blank=True, default="")
    earlier_build_id = models.BigIntegerField(null=True)
    earlier_done_at = models.DateTimeField(null=True)
    earlier_trace = models.TextField(blank=True, default="")

    class Meta:
        constraints = [
            # An event waits for its turn once, even if two people start a replay at the same time.
            models.UniqueConstraint(
                fields=["event_id"], condition=models.Q(state="waiting"), name="one_waiting_replay"
            )
        ]
        indexes = [models.Index(fields=["replay_id", "state", "id"], name="replayed_event_turn")]

    def __str__(self) -> str:
        return f"{self.event_id}: {self.state}"
