"""Stored credentials. Settings, revisions and builds hold only their names."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import models
from django.utils import timezone

from .encryption import EncryptedTextField
from .environment import Environment
from .identifiers import UidField
from .property import Property

SHORTEST_SHOWN = 9


class Secret(models.Model):
    """A credential of a property. It is stored encrypted and shown by its last four characters.

    It belongs to one environment, or to every environment of its property if ``environment`` is empty.
    Secrets of different environments may share a name. Each has its own value.

    ``credentials`` is the typed input, as JSON. ``value`` is the result of the exchange, which
    requests carry. ``refresh_at`` is when the next exchange is due: the first one, a refresh, or
    a retry after a failure. Only ``value`` leaves the installation, and only through the transport.
    """

    class Type(models.TextChoices):
        TOKEN = "token", "Token"
        SIMPLE_HTTP = "simple-http", "HTTP user and password"
        OAUTH2 = "oauth2", "OAuth 2 client credentials"
        OAUTH2_JWT = "oauth2-jwt", "OAuth 2 JWT"
        OAUTH2_GOOGLE = "oauth2-google", "Google service account"
        CERTIFICATE = "certificate", "Client certificate"

    class Status(models.TextChoices):
        PENDING = "pending", "Pending"
        SUCCEEDED = "succeeded", "Succeeded"
        FAILED = "failed", "Failed"

    uid = UidField(prefix="SE")
    prop = models.ForeignKey(Property, on_delete=models.CASCADE, related_name="secrets")
    environment = models.ForeignKey(Environment, null=True, blank=True, on_delete=models.CASCADE)
    name = models.CharField(max_length=255)
    type_of = models.CharField(max_length=20, choices=Type.choices, default=Type.TOKEN)
    credentials = EncryptedTextField(blank=True, default="")
    value = EncryptedTextField(blank=True)
    last_four = models.CharField(max_length=4, blank=True, editable=False)
    fingerprint = models.CharField(max_length=64, editable=False)
    status = models.CharField(max_length=10, choices=Status.choices, default=Status.SUCCEEDED)
    status_details = models.TextField(blank=True, default="")
    refresh_status = models.CharField(max_length=10, choices=Status.choices, blank=True, default="")
    refresh_status_details = models.TextField(blank=True, default="")
    tries = models.PositiveIntegerField(default=0)
    activated_at = models.DateTimeField(null=True, blank=True)
    expires_at = models.DateTimeField(null=True, blank=True)
    refresh_at = models.DateTimeField(null=True, blank=True, db_index=True)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        ordering = ("name",)
        constraints = [
            models.UniqueConstraint(
                fields=["prop", "name", "environment"], name="one_secret_per_name_and_environment"
            ),
            models.UniqueConstraint(
                fields=["prop", "name"],
                condition=models.Q(environment=None),
                name="one_secret_per_name_for_every_environment",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def place(self) -> str:
        """The environment that it belongs to, in words."""
        return self.environment.name if self.environment else "every environment"

    def set_value(self, value: str, *, expires_at: datetime | None = None) -> None:
        """Store a value that works from now on. Short values and certificates show no characters."""
        shows_end = len(value) >= SHORTEST_SHOWN and self.type_of != self.Type.CERTIFICATE
        self.value, self.expires_at = value, expires_at
        self.last_four = value[-4:] if shows_end else ""
        self.fingerprint = hashlib.sha256(value.encode()).hexdigest()
        self.status, self.status_details, self.activated_at = self.Status.SUCCEEDED, "", timezone.now()

    def set_credentials(self, credentials: Mapping[str, Any]) -> None:
        """Store typed credentials. The earlier value counts until they have been exchanged."""
        self.credentials = json.dumps(credentials)
        self.status, self.status_details = self.Status.PENDING, ""
        self.refresh_status = self.refresh_status_details = ""
        self.refresh_at, self.tries = timezone.now(), 0

    def read_credentials(self) -> dict[str, Any]:
        """Return the typed credentials. Only the exchange calls this."""
        typed: dict[str, Any] = json.loads(self.credentials) if self.credentials else {}
        return typed

    def is_usable(self, now: datetime) -> bool:
        """Return whether there is a value that has not expired."""
        return bool(self.value) and (self.expires_at is None or self.expires_at > now)
