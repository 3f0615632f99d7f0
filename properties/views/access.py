"""Deciding who may open a page of a property, and who may change something on it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import wraps
from typing import Literal
from urllib.parse import urlsplit

from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import ResolverMatch, URLPattern
from django.utils.http import url_has_allowed_host_and_scheme
from django_htmx.http import HttpResponseClientRedirect, HttpResponseClientRefresh, reswap, retarget

from properties.catalog.tokens import tokens_of
from properties.models import RIGHTS, Property
from properties.resources.linked_property import linked_property
from properties.resources.readers import variables_of

from .parts import is_drawer
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
                if prop.is_tags and is_for_event_forwarding(request.resolver_match):
                    return _of_linked_property(request, prop)
                with tokens_of(prop.platform, lambda: variables_of(prop)):
                    return view(request, prop, **kwargs)
            except (Http404, PermissionDenied):
                _keep_typing(request)
                raise

        return page

    return decorate


def for_event_forwarding(patterns: Sequence[URLPattern]) -> Sequence[URLPattern]:
    """Mark pages that tags properties do not have; their navigation leaves them out."""
    for pattern in patterns:
        pattern.callback.is_for_event_forwarding = True  # type: ignore[attr-defined]
    return patterns


def is_for_event_forwarding(match: ResolverMatch | None) -> bool:
    """Return whether only properties of event forwarding have this page."""
    return bool(match and getattr(match.func, "is_for_event_forwarding", False))


def for_tags(view: View) -> View:
    """Make a view a page that only tags properties have; the navigation of others leaves it out."""

    @wraps(view)
    def page(request: HttpRequest, prop: Property, **kwargs: object) -> HttpResponseBase:
        if not prop.is_tags:
            raise Http404("Only tags properties have this page.")
        return view(request, prop, **kwargs)

    page.is_for_tags = True  # type: ignore[attr-defined]
    return page


def is_for_other_platform(match: ResolverMatch, prop: Property) -> bool:
    """Return whether a property of this platform does not have a page."""
    if prop.is_tags:
        return is_for_event_forwarding(match)
    return bool(getattr(match.func, "is_for_tags", False))


def _of_linked_property(request: HttpRequest, prop: Property) -> HttpResponseBase:
    """Go to the same page of the property that receives the events of a tags property."""
    linked, match = linked_property(prop), request.resolver_match
    if linked is None or match is None or request.method not in READING or len(match.kwargs) > 1:
        raise Http404("Tags properties do not have this page.")
    get_object_or_404(Property.objects.visible_to(request.user), pk=linked.pk)
    return redirect(match.view_name, linked.uid)


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


def came_from(request: HttpRequest) -> Property | None:
    """Return the property that ``?in=`` names, if the person may see it; the page gets its frame."""
    prop = Property.objects.visible_to(request.user).filter(uid=request.GET.get("in", "")[:40]).first()
    if prop:
        request.prop, request.rights = prop, rights_in(prop, request.user)  # type: ignore[attr-defined]
    return prop


def _to_sign_in(request: HttpRequest) -> HttpResponseBase:
    """Ask a person to sign in and return to the page, never to an address that accepts only POST."""
    if request.headers.get("HX-Request") == "true":
        return _whole_page_to_sign_in(request)
    if request.method in READING:
        return redirect_to_login(request.get_full_path())
    if kept := keep_interrupted(request):
        return redirect_to_login(kept)
    came_from = request.headers.get("Referer", "")
    is_ours = url_has_allowed_host_and_scheme(came_from, {request.get_host()})
    return redirect_to_login(urlsplit(came_from)._replace(scheme="", netloc="").geturl() if is_ours else "/")


def _whole_page_to_sign_in(request: HttpRequest) -> HttpResponseBase:
    """Let the whole page ask for the password, as a part cannot; keep what a form in the drawer sent."""
    kept = keep_interrupted(request) if request.method == "POST" and is_drawer(request) else ""
    if kept:
        return HttpResponseClientRedirect(redirect_to_login(kept).url)
    if "typed_by" in request.POST:  # A form is being typed in: loading the page again would lose it.
        notice = render(request, "capi/signed_out.html")
        return retarget(reswap(notice, "outerHTML"), "[data-signed-out]")
    return HttpResponseClientRefresh()


def require(request: HttpRequest, right: Right) -> None:
    """Raise PermissionDenied unless the person has ``right`` in the property of this page."""
    if right not in request.rights:  # type: ignore[attr-defined]
        words = "every right" if right == "own" else f"the right “{right.replace('_', ' ').capitalize()}”"
        raise PermissionDenied(f"This needs {words} in this property. Ask the person who manages it.")
