"""Who did what: append-only."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import models

from .property import Property


class AuditEvent(models.Model):
    """One thing that a person or a command did. ``type_of`` is ``<kind>.<verb>``, as ``rule.updated``.

    Triggers of the database refuse to change or remove a row. Nothing of a property or a user that is deleted
    later may therefore reach it: both are kept by number and by name, without a constraint.

    A migration that alters this table makes it anew on SQLite, without its triggers: it has to run
    ``0008_append_only_audit.refuse_changes`` again. A test looks for them after all migrations.
    """

    prop = models.ForeignKey(
        Property,
        null=True,
        blank=True,
        on_delete=models.DO_NOTHING,
        db_constraint=False,
        related_name="audit_events",
        verbose_name="property",
    )
    property_uid = models.CharField(max_length=40, blank=True, default="", db_default="")
    property_name = models.CharField(max_length=255, blank=True, default="", db_default="")
    type_of = models.CharField(max_length=60)
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        on_delete=models.DO_NOTHING,
        db_constraint=False,
        related_name="+",
    )
    actor_name = models.CharField(max_length=255)
    entity_uid = models.CharField(max_length=40, blank=True)
    display_name = models.CharField(max_length=255)
    entity = models.JSONField(default=dict)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ("-id",)
        indexes = [models.Index(fields=["prop", "-id"]), models.Index(fields=["type_of", "-id"])]

    def __str__(self) -> str:
        return f"{self.type_of} {self.display_name}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        if self.pk is not None:
            raise TypeError("An audit entry is never changed.")
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> tuple[int, dict[str, int]]:
        raise TypeError("An audit entry is never deleted.")

    @property
    def action(self) -> str:
        """As people read it: “Data element updated”."""
        return self.type_of.replace("_", " ").replace(".", " ").capitalize()
