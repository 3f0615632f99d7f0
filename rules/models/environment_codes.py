"""Test codes that a person sets for all events of an environment."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar

from django.conf import settings
from django.db import models

from properties.models.environment import Environment


class EnvironmentTestCode(models.Model):
    """With which test code the events of an environment are sent, whatever its rules say.

    It counts for events that were accepted from ``since`` to before ``until``, so that a replay decides the
    same. An empty ``code`` turns the codes of rules off, only for the build ``build_id``: what a person
    publishes later counts again.
    """

    CODE_LENGTH: ClassVar[int] = 60

    environment = models.OneToOneField(
        Environment, on_delete=models.CASCADE, primary_key=True, related_name="test_code"
    )
    code = models.CharField(max_length=CODE_LENGTH, blank=True)
    since = models.DateTimeField()
    until = models.DateTimeField(null=True)
    build_id = models.BigIntegerField(null=True)
    set_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )

    def __str__(self) -> str:
        return f"{self.code or 'No test code'} in {self.environment}"

    def at(self, moment: datetime, build_id: int | None) -> str | None:
        """Return the code of an event; "" if it gets none, None if its rules decide.

        Args:
            moment: When the event was accepted.
            build_id: The build that accepted it.
        """
        if moment < self.since or (self.until is not None and moment >= self.until):
            return None
        return self.code if self.code or build_id == self.build_id else None
