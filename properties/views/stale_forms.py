"""A form that was opened before its person signed in again: what was typed comes back."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.views.csrf import csrf_failure

from .typing import SeeOther, keep_interrupted


def form_too_old(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Refuse a form without a valid CSRF token; its page opens again with what was typed."""
    kept = keep_interrupted(request) if request.method == "POST" else ""
    return SeeOther(kept) if kept else csrf_failure(request, reason)
