"""Open sessions: their start, their last use, and their end."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from axes.helpers import get_client_ip_address
from django.conf import settings
from django.http import HttpRequest
from django.utils import timezone

from properties.models import OpenSession
from properties.saving import record

from .browsers import device

KEY = "open_session"
# One write a minute is precise enough for the time of last use.
SEEN_AGAIN = timedelta(minutes=1)


def facts(request: HttpRequest) -> dict[str, str]:
    """Return the address and device of a request, for audit entries and sessions."""
    agent = request.META.get("HTTP_USER_AGENT", "")
    address = get_client_ip_address(request) or ""
    return {"address": address[:45] or "unknown", "device": device(agent)[:120]}


def begin(request: HttpRequest, user: Any) -> None:
    """Start a session after a person has signed in."""
    _forget_old()
    where = facts(request)
    request.session[KEY] = OpenSession.objects.create(user=user, **where).pk
    request.signed_in_as = user.get_username()  # type: ignore[attr-defined]
    record(None, "user.signed_in", user, user, **where)


def _forget_old() -> None:
    now = timezone.now()
    OpenSession.objects.filter(last_seen_at__lt=now - OpenSession.idle_limit()).delete()


def current(request: HttpRequest) -> OpenSession | None:
    """Return the session of a request, or None if it was ended or has been idle or open for too long."""
    user: Any = request.user
    number = request.session.get(KEY)
    if number is None:  # It was started before sessions were listed.
        request.session[KEY] = number = OpenSession.objects.create(user=user, **facts(request)).pk
    found = OpenSession.objects.select_related("user__password_to_change")
    session = found.filter(pk=number, user=user.pk).first()
    return session if session and not is_over(session) else None


def is_over(session: OpenSession) -> bool:
    """Return whether a session has been idle or open for too long."""
    now = timezone.now()
    longest = timedelta(seconds=settings.SESSION_COOKIE_AGE)
    return now - session.last_seen_at >= OpenSession.idle_limit() or now - session.created_at >= longest


def see(session: OpenSession) -> None:
    """Record that a person has just used a session."""
    now = timezone.now()
    if now - session.last_seen_at >= SEEN_AGAIN:
        OpenSession.objects.filter(pk=session.pk).update(last_seen_at=now)


def sign_out(request: HttpRequest, user: Any) -> None:
    """End the session of a request, because the person signs out."""
    OpenSession.objects.filter(pk=request.session.get(KEY, 0), user=user).delete()
    record(None, "user.signed_out", user, user, **facts(request))


def end(session: OpenSession, actor: Any) -> None:
    """End a session. Its browser is signed out at its next request."""
    session.delete()
    where = {"address": session.address, "device": session.device}
    record(None, "user.session_ended", session.user, actor, **where)


def open_sessions(user: Any) -> list[OpenSession]:
    return [session for session in user.open_sessions.all() if not is_over(session)]
