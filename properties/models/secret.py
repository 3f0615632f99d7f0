"""A stored credential. Settings, revisions and builds only ever hold its name."""

from __future__ import annotations

import hashlib

from django.db import models

from .encryption import EncryptedTextField
from .environment import Environment
from .identifiers import UidField
from .property import Property


class Secret(models.Model):
    """A credential of a property, encrypted at rest, shown by its last four characters."""

    class Type(models.TextChoices):
        TOKEN = "token", "Token"

    uid = UidField(prefix="SE")
    prop = models.ForeignKey(Property, on_delete=models.CASCADE, related_name="secrets")
    environment = models.ForeignKey(Environment, null=True, blank=True, on_delete=models.SET_NULL)
    name = models.CharField(max_length=255)
    type_of = models.CharField(max_length=20, choices=Type.choices, default=Type.TOKEN)
    value = EncryptedTextField()
    last_four = models.CharField(max_length=4, blank=True, editable=False)
    fingerprint = models.CharField(max_length=64, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        ordering = ("name",)
        constraints = [models.UniqueConstraint(fields=["prop", "name"], name="one_secret_per_name")]

    def __str__(self) -> str:
        return self.name

    def set_value(self, value: str) -> None:
        """Take a new value; short ones show no character at all."""
        self.value = value
        self.last_four = value[-4:] if len(value) >= 9 else ""
        self.fingerprint = hashlib.sha256(value.encode()).hexdigest()
