"""The base of all resources, and their revisions."""

from __future__ import annotations

from typing import Any, ClassVar

from django.conf import settings
from django.db import models

from .property import Property


class Resource(models.Model):
    """The working copy (HEAD) of a resource that libraries publish.

    Subclasses define ``kind`` and the contents of a revision.
    """

    kind: ClassVar[str]
    uid: Any

    prop = models.ForeignKey(Property, on_delete=models.CASCADE, related_name="%(class)ss")
    enabled = models.BooleanField(default=True)
    revision_number = models.PositiveIntegerField(default=0)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        abstract = True

    def snapshot(self) -> dict[str, Any]:
        """Return everything that a build needs, as JSON types, without secrets."""
        raise NotImplementedError

    @property
    def display_name(self) -> str:
        """The name in lists and audit entries."""
        raise NotImplementedError


class Revision(models.Model):
    """A frozen copy of a resource. Libraries hold revisions, never working copies."""

    prop = models.ForeignKey(Property, on_delete=models.CASCADE, related_name="revisions")
    kind = models.CharField(max_length=20)
    resource_uid = models.CharField(max_length=40)
    number = models.PositiveIntegerField()
    snapshot = models.JSONField()
    created_at = models.DateTimeField(auto_now_add=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )

    class Meta:
        constraints = [models.UniqueConstraint(fields=["resource_uid", "number"], name="one_revision_number")]

    def __str__(self) -> str:
        return f"{self.resource_uid} revision {self.number}"
