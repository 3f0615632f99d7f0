"""Browsers in which somebody is signed in: when that begins, when it was used last, and when it ends."""

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
# One write a minute tells well enough when a browser was used last.
SEEN_AGAIN = timedelta(minutes=1)


def facts(request: HttpRequest) -> dict[str, str]:
    """Address and device of a request, as an audit entry and a session name them."""
    agent = request.META.get("HTTP_USER_AGENT", "")
    address = get_client_ip_address(request) or ""
    return {"address": address[:45] or "unknown", "device": device(agent)[:120]}


def begin(request: HttpRequest, user: Any) -> None:
    """Somebody has signed in."""
    _forget_old()
    where = facts(request)
    request.session[KEY] = OpenSession.objects.create(user=user, **where).pk
    request.signed_in_as = user.get_username()  # type: ignore[attr-defined]
    record(None, "user.signed_in", user, user, **where)


def _forget_old() -> None:
    now = timezone.now()
    OpenSession.objects.filter(last_seen_at__lt=now - OpenSession.idle_limit()).delete()


def current(request: HttpRequest) -> OpenSession | None:
    """The session of a request; None when it was ended, or has been idle or open for too long."""
    user: Any = request.user
    number = request.session.get(KEY)
    if number is None:  # From before sessions were listed.
        request.session[KEY] = number = OpenSession.objects.create(user=user, **facts(request)).pk
    found = OpenSession.objects.select_related("user__password_to_change")
    session = found.filter(pk=number, user=user.pk).first()
    return session if session and not is_over(session) else None


def is_over(session: OpenSession) -> bool:
    """Idle or open for too long."""
    now = timezone.now()
    longest = timedelta(seconds=settings.SESSION_COOKIE_AGE)
    return now - session.last_seen_at >= OpenSession.idle_limit() or now - session.created_at >= longest


def see(session: OpenSession) -> None:
    """A person has used it just now."""
    now = timezone.now()
    if now - session.last_seen_at >= SEEN_AGAIN:
        OpenSession.objects.filter(pk=session.pk).update(last_seen_at=now)


def sign_out(request: HttpRequest, user: Any) -> None:
    """The person has asked to."""
    OpenSession.objects.filter(pk=request.session.get(KEY, 0), user=user).delete()
    record(None, "user.signed_out", user, user, **facts(request))


def end(session: OpenSession, actor: Any) -> None:
    """Its browser is signed out at its next request."""
    session.delete()
    where = {"address": session.address, "device": session.device}
    record(None, "user.session_ended", session.user, actor, **where)


def open_sessions(user: Any) -> list[OpenSession]:
    return [session for session in user.open_sessions.all() if not is_over(session)]
