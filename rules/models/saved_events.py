"""Events that people keep, to send them as test events and to try builds with them."""

from __future__ import annotations

from django.db import models

from properties.models import Property
from properties.models.identifiers import UidField


class SavedEvent(models.Model):
    """An event with a name. Retention does not remove it, so it must not hold customer data.

    ``xdm`` and ``data`` are those of ``arc.event``. Texts may hold ``{now}``, the Unix
    seconds at which it is used.
    """

    uid = UidField(prefix="SE")
    prop = models.ForeignKey(Property, on_delete=models.CASCADE, related_name="saved_events")
    name = models.CharField(max_length=100)
    xdm = models.JSONField(default=dict)
    data = models.JSONField(default=dict)
    created_by = models.CharField(max_length=255, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ("name",)
        constraints = [models.UniqueConstraint(fields=["prop", "name"], name="one_saved_event_per_name")]

    def __str__(self) -> str:
        return self.name
