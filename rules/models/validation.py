"""Validations of a tag library on the real site."""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils import timezone

from properties.models.environment import Environment


def new_validation_token() -> str:
    return secrets.token_hex(16)


def validation_end() -> datetime:
    return timezone.now() + timedelta(minutes=ValidationSession.MINUTES)


class ValidationSession(models.Model):
    """One person looks for a quarter of an hour at what the library of Development does on the site.

    ``token`` is in the address of the page, in the events of this person's browser and in the report of the
    library. It names the session and opens nothing, so it is stored as it is. ``page`` is the address where
    the person starts. ``report`` is the latest report as JSON, "" before the first one; a report replaces
    the one before it.
    """

    MINUTES: ClassVar[int] = 15
    LONGEST_PAGE: ClassVar[int] = 500

    token = models.CharField(max_length=32, unique=True, default=new_validation_token)
    environment = models.ForeignKey(Environment, on_delete=models.CASCADE, related_name="validations")
    page = models.CharField(max_length=LONGEST_PAGE)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    created_at = models.DateTimeField(default=timezone.now)
    until = models.DateTimeField(default=validation_end)
    report = models.TextField(blank=True, default="")
    reported_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ("-id",)
        indexes = [models.Index(fields=["environment", "-id"], name="validation_environment")]

    def __str__(self) -> str:
        return f"Validation of {self.environment}"

    @property
    def is_over(self) -> bool:
        return timezone.now() >= self.until
