"""What a person chose to see, kept when they sign out."""

from __future__ import annotations

from django.conf import settings
from django.db import models

from .property import Property


class PersonalChoice(models.Model):
    """One choice of one person: in one property, or everywhere if ``prop`` is null.

    ``value`` is JSON, such as the uid of an environment or the density of rows.
    """

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="choices")
    prop = models.ForeignKey(
        Property, null=True, blank=True, on_delete=models.CASCADE, related_name="+", verbose_name="property"
    )
    name = models.CharField(max_length=40)
    value = models.JSONField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["user", "prop", "name"], name="one_choice_in_a_property"),
            models.UniqueConstraint(
                fields=["user", "name"], condition=models.Q(prop=None), name="one_choice_everywhere"
            ),
        ]

    def __str__(self) -> str:
        return self.name
