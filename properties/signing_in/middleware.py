"""Checks each request: is the session open, must the password be changed, and who acts?"""

from __future__ import annotations

from collections.abc import Callable

from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django_htmx.http import HttpResponseClientRedirect

from properties.audit.actor import acting_as
from properties.models import OpenSession

from . import sessions
from .browsers import remember_browser

PASSWORD_PAGES = ("password_change", "logout")


class SignedInMiddleware:
    """Runs after the session and authentication middleware."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self._answer(request)
        if name := getattr(request, "signed_in_as", None):
            remember_browser(response, name)
        return response

    def _answer(self, request: HttpRequest) -> HttpResponseBase:
        if not request.user.is_authenticated:
            return self.get_response(request)
        session = sessions.current(request)
        if session is None:
            request.session.flush()
            request.user = AnonymousUser()
            return self.get_response(request)
        if _must_change(request, session):
            return _to_password_page(request)
        with acting_as(request.user, session.pk):
            response = self.get_response(request)
        if not _is_poll(request):
            sessions.see(session)
        return response


def _must_change(request: HttpRequest, session: OpenSession) -> bool:
    """Return whether the person must choose a password before this page opens."""
    request.must_change_password = hasattr(session.user, "password_to_change")  # type: ignore[attr-defined]
    allowed = map(reverse, PASSWORD_PAGES)
    return request.must_change_password and request.path not in allowed  # type: ignore[attr-defined]


def _to_password_page(request: HttpRequest) -> HttpResponseBase:
    page = reverse("password_change")
    return HttpResponseClientRedirect(page) if "HX-Request" in request.headers else redirect(page)


def _is_poll(request: HttpRequest) -> bool:
    """Return whether the page sends this request by itself, without a person who uses it."""
    match = request.resolver_match
    return match is not None and getattr(match.func, "is_poll", False)
