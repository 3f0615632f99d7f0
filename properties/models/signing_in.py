"""Passwords that must be changed, open sessions, and counts of failed sign-ins."""

from __future__ import annotations

from datetime import timedelta

from django.conf import settings
from django.db import models
from django.utils import timezone


class PasswordToChange(models.Model):
    """Marks a user whose password was set by somebody else. The next page asks for a new password."""

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL,
        on_delete=models.CASCADE,
        primary_key=True,
        related_name="password_to_change",
    )
    created_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return str(self.user)


class OpenSession(models.Model):
    """One browser in which a person is signed in. Without this row, the browser is signed out.

    ``device`` describes the browser in a few words, as its user agent states.
    """

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="open_sessions")
    device = models.CharField(max_length=120)
    address = models.CharField(max_length=45)
    created_at = models.DateTimeField(default=timezone.now)
    last_seen_at = models.DateTimeField(default=timezone.now, db_index=True)

    class Meta:
        ordering = ("-last_seen_at", "-id")

    def __str__(self) -> str:
        return f"{self.user} on {self.device}"

    @staticmethod
    def idle_limit() -> timedelta:
        return timedelta(minutes=settings.SESSION_IDLE_MINUTES)


class SignInCount(models.Model):
    """Failed sign-ins of a name, an address, a browser, or all. ``key`` is a keyed hash: no name is stored.

    ``failures`` counts since the last success or the last quiet day. No attempt is accepted before
    ``opens_at``.
    """

    key = models.CharField(max_length=80, primary_key=True)
    failures = models.PositiveIntegerField(default=0)
    last_at = models.DateTimeField(db_index=True)
    opens_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return self.key
