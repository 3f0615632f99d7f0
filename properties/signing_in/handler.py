"""The django-axes handler, with the tiers of ``attempts`` instead of one single limit."""

from __future__ import annotations

from typing import Any

from axes.handlers.base import AbstractAxesHandler, AxesBaseHandler
from axes.helpers import get_client_username
from django.contrib.auth import get_user_model
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from properties.saving import record

from . import attempts, sessions
from .browsers import known_browser

TOO_MANY = 429


class SignInHandler(AxesBaseHandler, AbstractAxesHandler):  # type: ignore[misc]
    """Counts attempts, locks sign-ins, and records them in the audit log."""

    def is_locked(self, request: HttpRequest, credentials: dict[str, Any] | None = None) -> bool:
        """Count the attempt. django-axes calls this once for each attempt, before the password is checked."""
        name = get_client_username(request, credentials) or ""
        attempt = attempts.take(
            attempts.keys_of(name, request.axes_ip_address or "", known_browser(request, name))  # type: ignore[attr-defined]
        )
        request.sign_in_attempt = attempt  # type: ignore[attr-defined]
        return attempt.opens_at is not None

    def get_failures(self, request: HttpRequest, credentials: dict[str, Any] | None = None) -> int:
        return 0

    def user_login_failed(
        self, sender: Any, credentials: dict[str, Any], request: Any = None, **_: Any
    ) -> None:
        attempt = getattr(request, "sign_in_attempt", None)
        if attempt is None:
            return
        if attempt.opens_at is None:
            self._record_failure(request, credentials, attempt)
        # The middleware of django-axes then returns ``locked_page``.
        request.axes_locked_out = bool(attempt.opens_at or attempt.locks_until)

    def _record_failure(
        self, request: Any, credentials: dict[str, Any], attempt: attempts.SignInAttempt
    ) -> None:
        """Record a failure. Locked attempts leave no entry: a flood of them must not flood the log."""
        name = get_client_username(request, credentials) or ""
        user = get_user_model().objects.filter(username=name).first()
        where = sessions.facts(request)
        # An unknown name may be a password in the wrong field.
        entity, actor = user or "An unknown name", "not signed in"
        record(None, "user.sign_in_failed", entity, actor, **where)
        if attempt.locks_until:
            until = attempt.locks_until.isoformat(timespec="seconds")
            record(None, "user.locked_out", entity, actor, **where, until=until)

    def user_logged_in(self, sender: Any, request: Any, user: Any, **_: Any) -> None:
        if attempt := getattr(request, "sign_in_attempt", None):
            attempts.give_back(attempt.keys)
        sessions.begin(request, user)

    def user_logged_out(self, sender: Any, request: Any, user: Any, **_: Any) -> None:
        if user is not None:
            sessions.sign_out(request, user)

    def reset_attempts(
        self, *, ip_address: str | None = None, username: str | None = None, ip_or_username: bool = False
    ) -> int:
        """Remove waits for ``manage.py axes_reset`` and related commands."""
        if ip_or_username:
            return attempts.forget(name=username or "") + attempts.forget(address=ip_address or "")
        return attempts.forget(username or "", ip_address or "")


def locked_page(request: HttpRequest, response: HttpResponse, credentials: Any) -> HttpResponse:
    """Say how long to wait. The page is the same for existing and for unknown names."""
    attempt: attempts.SignInAttempt = request.sign_in_attempt  # type: ignore[attr-defined]
    until = attempt.opens_at or attempt.locks_until or timezone.now()
    seconds = max(1, round((until - timezone.now()).total_seconds()))
    context = {"seconds": seconds, "minutes": -(-seconds // 60)}
    page = render(request, "registration/locked.html", context, status=TOO_MANY)
    page["Retry-After"] = str(seconds)
    return page
