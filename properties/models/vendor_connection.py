"""Sign-ins at a vendor that connect a property, and what the vendor says about the tokens in use."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import models

from .draft import new_key
from .encryption import EncryptedTextField
from .property import Property
from .secret import Secret


class ConnectAttempt(models.Model):
    """One sign-in at a vendor, from the button until account and token are stored. It ends within the hour.

    It belongs to one person in one browser. ``state_hash`` is of the state that the vendor sends back, which
    counts once: ``came_back_at`` says that it did. ``prop`` is the property that connects; a set-up that has
    no property yet is named by ``target`` instead. ``owner_name`` is the name of either, ``back`` the path of
    the page with the button. ``environments`` are the uids that the token is for.

    ``granted`` is what the sign-in gave, as JSON, until the person has chosen. ``trouble`` says in words why
    it gave nothing.
    """

    RETURN_WITHIN = timedelta(minutes=20)
    CHOOSE_WITHIN = timedelta(minutes=30)
    KEPT = timedelta(hours=1)

    key = models.CharField(max_length=40, unique=True, default=new_key)
    state_hash = models.CharField(max_length=64, unique=True)
    session_hash = models.CharField(max_length=64)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    prop = models.ForeignKey(Property, null=True, blank=True, on_delete=models.CASCADE, related_name="+")
    package_name = models.CharField(max_length=214)
    target = models.CharField(max_length=40, blank=True, default="")
    owner_name = models.CharField(max_length=255)
    back = models.CharField(max_length=300)
    environments = models.JSONField(default=list, blank=True)
    granted = EncryptedTextField(blank=True, default="")
    trouble = models.JSONField(default=dict, blank=True)
    created_at = models.DateTimeField(auto_now_add=True, db_index=True)
    came_back_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("-id",)

    def __str__(self) -> str:
        return f"{self.package_name} {self.key[:6]}"

    def read_grant(self) -> dict[str, Any]:
        """Return what the sign-in gave; empty if nothing."""
        found: dict[str, Any] = json.loads(self.granted) if self.granted else {}
        return found

    def set_grant(self, granted: Mapping[str, Any]) -> None:
        self.granted = json.dumps(dict(granted))


class VendorConnection(models.Model):
    """What a vendor says about one stored token.

    ``fingerprint`` is of the token that ``status`` is about: another token needs another look. ``status`` is
    a ``ConnectionStatus`` as JSON. ``trouble`` is why the newest reading failed; ``status`` then is older.
    ``kept`` is what the package needs to end the connection; empty for a token that a person entered.
    """

    secret = models.OneToOneField(Secret, on_delete=models.CASCADE, related_name="vendor_connection")
    package_name = models.CharField(max_length=214)
    kept = models.JSONField(default=dict, blank=True)
    connected_by = models.CharField(max_length=255, blank=True, default="")
    connected_at = models.DateTimeField(null=True, blank=True)
    fingerprint = models.CharField(max_length=64, blank=True, default="")
    status = models.JSONField(default=dict, blank=True)
    trouble = models.CharField(max_length=500, blank=True, default="")
    read_at = models.DateTimeField(null=True, blank=True)
    read_next_at = models.DateTimeField(db_index=True)

    def __str__(self) -> str:
        return f"{self.package_name}: {self.secret_id}"

    def is_about(self, secret: Secret) -> bool:
        """Return whether the status is about the token that is stored now."""
        return bool(self.status) and self.fingerprint == secret.fingerprint

    def ends_at(self) -> datetime | None:
        """Return when the token ends, or None."""
        seconds = self.status.get("expires_at")
        return datetime.fromtimestamp(seconds, UTC) if seconds else None
