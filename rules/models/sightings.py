"""Where tag libraries are embedded, as their requests say."""

from __future__ import annotations

from django.db import models

from properties.models.environment import Environment


class TagSighting(models.Model):
    """The last time when pages of a host asked for the library of an environment.

    ``host`` is "" for requests that name no page; ``path`` is without query, and only of sites that tell it.
    Nothing of the visitor is kept.
    """

    environment = models.ForeignKey(Environment, on_delete=models.CASCADE, related_name="sightings")
    host = models.CharField(max_length=255, blank=True)
    path = models.CharField(max_length=200, blank=True)
    seen_at = models.DateTimeField()

    class Meta:
        ordering = ("-seen_at",)
        constraints = [models.UniqueConstraint(fields=["environment", "host"], name="one_sighting_per_host")]

    def __str__(self) -> str:
        return f"{self.host}{self.path}"
