"""What a person typed into a form and has not saved."""

from __future__ import annotations

import secrets

from django.conf import settings
from django.db import models

from .encryption import EncryptedTextField

LONGEST_ADDRESS = 800


def new_key() -> str:
    """Names a draft in an address; nobody guesses it, and only its owner can use it."""
    return secrets.token_urlsafe(24)


class Draft(models.Model):
    """A form that was refused, interrupted or left. It belongs to one person and ends by itself.

    ``fields`` and ``credentials`` are JSON, encrypted. Credentials go sooner than the rest.
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
