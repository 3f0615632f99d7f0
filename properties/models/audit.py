"""The append-only audit log: who did what."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import models

from .property import Property


class AuditEvent(models.Model):
    """One action of a person or a command. ``type_of`` is ``<kind>.<verb>``, such as ``rule.updated``.

    Database triggers refuse to change or remove a row. Deleting a property or a user must therefore leave the
    row alone: it keeps the id and the name of both, without a foreign key constraint.

    On SQLite, a migration that alters this table recreates it without its triggers. Such a migration has to
    run ``0008_append_only_audit.refuse_changes`` again. A test looks for the triggers after all migrations.
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
            raise TypeError("An audit entry cannot be changed.")
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> tuple[int, dict[str, int]]:
        raise TypeError("An audit entry cannot be deleted.")

    @property
    def action(self) -> str:
        """The action in words, such as “Data element updated”."""
        return self.type_of.replace("_", " ").replace(".", " ").capitalize()
