"""Forms that were opened before their person signed in again. The typed input is restored."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.views.csrf import csrf_failure

from .typing import SeeOther, keep_interrupted


def form_too_old(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Refuse a form without a valid CSRF token. Its page opens again with the typed input."""
    kept = keep_interrupted(request) if request.method == "POST" else ""
    return SeeOther(kept) if kept else csrf_failure(request, reason)
