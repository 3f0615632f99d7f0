"""The browsers in which a person is signed in."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST

from properties.audit.actor import acting_session
from properties.models import OpenSession
from properties.signing_in.sessions import end, open_sessions

from .notices import say


@login_required
def sessions(request: HttpRequest) -> HttpResponse:
    found = open_sessions(request.user)
    context = {"sessions": found, "own": acting_session(), "others": len(found) - 1}
    return render(request, "properties/sessions.html", context)


@require_POST
@login_required
def session_end(request: HttpRequest, session_id: int) -> HttpResponse:
    session = get_object_or_404(_sessions(request), pk=session_id)
    end(session, request.user)
    say(request, f"Ended the session in {session.device}.")
    return redirect("properties:sessions")


@require_POST
@login_required
def sessions_end_others(request: HttpRequest) -> HttpResponse:
    for session in _sessions(request).exclude(pk=acting_session()):
        end(session, request.user)
    say(request, "You are signed in only here now.")
    return redirect("properties:sessions")


def _sessions(request: HttpRequest) -> Any:
    """Return the sessions of this person."""
    user: Any = request.user
    return OpenSession.objects.filter(user=user)
