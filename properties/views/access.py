"""Deciding who may open a page of a property, and who may change something on it."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Literal
from urllib.parse import urlsplit

from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponseBase
from django.shortcuts import get_object_or_404
from django.utils.http import url_has_allowed_host_and_scheme
from django_htmx.http import HttpResponseClientRefresh

from properties.models import RIGHTS, Property

from .typing import keep_interrupted

Right = Literal["view", "develop", "approve", "publish", "manage_extensions", "manage_environments", "own"]
View = Callable[..., HttpResponseBase]

READING = ("GET", "HEAD", "OPTIONS")


def rights_in(prop: Property, user: object) -> frozenset[str]:
    """Return the rights of ``user``. All rights together include ``own``: settings, people, deletion."""
    rights = prop.rights_of(user)
    return rights | {"own"} if rights.issuperset(RIGHTS) else rights


def polled(view: View) -> View:
    """Mark a view that an open page calls by itself. Such a request does not show that a person is there."""
    view.is_poll = True  # type: ignore[attr-defined]
    return view


def property_page(right: Right, *, reading: Right = "view") -> Callable[[View], View]:
    """Make ``view(request, prop, **kwargs)`` a page of the property whose uid is in the address.

    People who are not signed in are asked to sign in. Strangers get 404. Everybody who sees the property may
    read: GET needs ``reading``. Other methods need ``right``, otherwise they get 403. The request gets
    ``prop`` and ``rights``. Templates get ``prop`` and ``can``.
    """

    def decorate(view: View) -> View:
        @wraps(view)
        def page(request: HttpRequest, uid: str, **kwargs: object) -> HttpResponseBase:
            if not request.user.is_authenticated:
                return _to_sign_in(request)
            prop = get_object_or_404(Property.objects.visible_to(request.user), uid=uid)
            request.prop, request.rights = prop, rights_in(prop, request.user)  # type: ignore[attr-defined]
            needed = reading if request.method in READING else right
            try:
                if needed != "view":
                    require(request, needed)
                return view(request, prop, **kwargs)
            except (Http404, PermissionDenied):
                _keep_typing(request)
                raise

        return page

    return decorate


def _keep_typing(request: HttpRequest) -> None:
    """Keep the input of a form, to offer it again if the deleted object or the right returns."""
    if request.method == "POST":
        keep_interrupted(request, "left")


def signed_in_page(view: View) -> View:
    """Make ``view(request, **kwargs)`` a page for everybody who is signed in."""

    @wraps(view)
    def page(request: HttpRequest, **kwargs: object) -> HttpResponseBase:
        return view(request, **kwargs) if request.user.is_authenticated else _to_sign_in(request)

    return page


def _to_sign_in(request: HttpRequest) -> HttpResponseBase:
    """Ask a person to sign in and return to the page, never to an address that accepts only POST."""
    if request.headers.get("HX-Request") == "true":
        return HttpResponseClientRefresh()  # A part of a page cannot ask. The whole page does.
    if request.method in READING:
        return redirect_to_login(request.get_full_path())
    if kept := keep_interrupted(request):
        return redirect_to_login(kept)
    came_from = request.headers.get("Referer", "")
    is_ours = url_has_allowed_host_and_scheme(came_from, {request.get_host()})
    return redirect_to_login(urlsplit(came_from)._replace(scheme="", netloc="").geturl() if is_ours else "/")


def require(request: HttpRequest, right: Right) -> None:
    """Raise PermissionDenied unless the person has ``right`` in the property of this page."""
    if right not in request.rights:  # type: ignore[attr-defined]
        words = "every right" if right == "own" else f"the right “{right.replace('_', ' ').capitalize()}”"
        raise PermissionDenied(f"This needs {words} in this property. Ask the person who manages it.")
