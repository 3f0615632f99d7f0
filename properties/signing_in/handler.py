"""What django-axes asks at each sign-in, with the tiers of ``counting`` instead of its own single limit."""

from __future__ import annotations

from typing import Any

from axes.handlers.base import AbstractAxesHandler, AxesBaseHandler
from axes.helpers import get_client_username
from django.contrib.auth import get_user_model
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from properties.saving import record

from . import counting, sessions
from .browsers import known_browser

TOO_MANY = 429


class SignInHandler(AxesBaseHandler, AbstractAxesHandler):
    """Counts, locks, and writes what happened into the audit log."""

    def is_locked(self, request: HttpRequest, credentials: dict[str, Any] | None = None) -> bool:
        """Called once for each try, before the password is looked at: it counts the try."""
        name = get_client_username(request, credentials) or ""
        tried = counting.take(
            counting.keys_of(name, request.axes_ip_address or "", known_browser(request, name))  # type: ignore[attr-defined]
        )
        request.sign_in_try = tried  # type: ignore[attr-defined]
        return tried.opens_at is not None

    def get_failures(self, request: HttpRequest, credentials: dict[str, Any] | None = None) -> int:
        return 0

    def user_login_failed(
        self, sender: Any, credentials: dict[str, Any], request: Any = None, **_: Any
    ) -> None:
        tried = getattr(request, "sign_in_try", None)
        if tried is None:
            return
        if tried.opens_at is None:
            self._record_failure(request, credentials, tried)
        # The middleware of django-axes answers with ``locked_page``.
        request.axes_locked_out = bool(tried.opens_at or tried.locks_until)

    def _record_failure(
        self, request: Any, credentials: dict[str, Any], tried: counting.SignInAttempt
    ) -> None:
        """What was refused unseen leaves no entry: whoever floods the page must not flood the log."""
        name = get_client_username(request, credentials) or ""
        user = get_user_model().objects.filter(username=name).first()
        where = sessions.facts(request)
        # A name that nobody has may be a password in the wrong field.
        entity, actor = user or "A name that nobody has", "not signed in"
        record(None, "user.sign_in_failed", entity, actor, **where)
        if tried.locks_until:
            until = tried.locks_until.isoformat(timespec="seconds")
            record(None, "user.locked_out", entity, actor, **where, until=until)

    def user_logged_in(self, sender: Any, request: Any, user: Any, **_: Any) -> None:
        if tried := getattr(request, "sign_in_try", None):
            counting.give_back(tried.keys)
        sessions.begin(request, user)

    def user_logged_out(self, sender: Any, request: Any, user: Any, **_: Any) -> None:
        if user is not None:
            sessions.sign_out(request, user)

    def reset_attempts(
        self, *, ip_address: str | None = None, username: str | None = None, ip_or_username: bool = False
    ) -> int:
        """What ``manage.py axes_reset`` and its relatives call."""
        if ip_or_username:
            return counting.forget(name=username or "") + counting.forget(address=ip_address or "")
        return counting.forget(username or "", ip_address or "")


def locked_page(request: HttpRequest, response: HttpResponse, credentials: Any) -> HttpResponse:
    """Says for how long; the same for names that exist and for those that do not."""
    tried: counting.SignInAttempt = request.sign_in_try  # type: ignore[attr-defined]
    until = tried.opens_at or tried.locks_until or timezone.now()
    seconds = max(1, round((until - timezone.now()).total_seconds()))
    context = {"seconds": seconds, "minutes": -(-seconds // 60)}
    page = render(request, "registration/locked.html", context, status=TOO_MANY)
    page["Retry-After"] = str(seconds)
    return page
