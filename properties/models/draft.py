"""Form input that a person typed and did not save."""

from __future__ import annotations

import secrets

from django.conf import settings
from django.db import models

from .encryption import EncryptedTextField

LONGEST_ADDRESS = 800


def new_key() -> str:
    """Return a random key that names a draft in an address. Only the draft's owner can use it."""
    return secrets.token_urlsafe(24)


class Draft(models.Model):
    """The input of a form that was refused, interrupted or left. It belongs to one person and expires.

    ``fields`` and ``credentials`` are JSON, encrypted. Credentials expire earlier than the other fields.
    """

    class Reason(models.TextChoices):
        REFUSED = "refused", "Refused"
        SIGNED_OUT = "signed_out", "Signed out"
        LEFT = "left", "Left"

    key = models.CharField(max_length=40, unique=True, default=new_key)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    address = models.CharField(max_length=LONGEST_ADDRESS)
    reason = models.CharField(max_length=10, choices=Reason.choices)
    fields = EncryptedTextField()
    credentials = EncryptedTextField(blank=True, default="")
    created_at = models.DateTimeField(auto_now_add=True, db_index=True)

    class Meta:
        ordering = ("-id",)
        indexes = [models.Index(fields=["user", "address"])]

    def __str__(self) -> str:
        return self.address
