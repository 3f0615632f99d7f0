"""The pages of a validation: start, results. They run nothing of a build and frame no site."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST

from properties.models import Environment, Property
from properties.views.access import for_tags, polled, property_page
from rules.models import ValidationSession
from rules.publishing.build import live_build

from .checklist import checklist_of, senders_to, shown_environment
from .checks import Seen, checks_of, seen_in
from .validation_sessions import (
    WrongPage,
    development_of,
    opening_address,
    shown_session,
    start_validation,
    usual_page,
)

# After so long without a report, the page names what is likely.
PATIENCE_SECONDS = 60


@property_page("view")
@for_tags
def validation(request: HttpRequest, prop: Property) -> HttpResponse:
    """Show the start of a validation, and the results of the newest one."""
    environment = development_of(prop)
    context = {
        "environment": environment,
        "is_live": live_build(environment) is not None,
        "page": usual_page(prop),
        **_checklist(prop),
        **_results(prop, request),
    }
    return render(request, "tags/validation.html", context)


@require_POST
@property_page("develop")
@for_tags
def validation_start(request: HttpRequest, prop: Property) -> HttpResponse:
    """Start a validation. ``page`` is where to start, ``next`` the page that shows the rest."""
    next_page = request.POST.get("next", "")
    try:
        start_validation(development_of(prop), request.POST.get("page", ""), request.user)
    except WrongPage as problem:
        messages.error(request, str(problem))
    is_ours = url_has_allowed_host_and_scheme(
        next_page, {request.get_host()}, require_https=request.is_secure()
    )
    return redirect(next_page) if is_ours else redirect("rules:validation", prop.uid)


@polled
@property_page("view")
@for_tags
def validation_results(request: HttpRequest, prop: Property) -> HttpResponse:
    """Show the lines of the newest validation; the page asks again every two seconds until it is over."""
    return render(request, "tags/validation_results.html", _results(prop, request))


def _results(prop: Property, request: HttpRequest) -> dict[str, Any]:
    session = shown_session(prop, request.user, request.GET.get("session", ""))
    if session is None:
        return {"session": None}
    seen = seen_in(session)
    checks = checks_of(seen)
    return {
        "session": session,
        "events": seen.events,
        "forwarding": _log_of(seen, request),
        "address": opening_address(session),
        "checks": checks,
        "counts": {state: sum(it.state == state for it in checks) for state in ("ok", "failed", "open")},
        "is_silent": _is_silent(session),
    }


@property_page("view")
def site_checklist(request: HttpRequest, prop: Property) -> HttpResponse:
    """Show what is known of the sites that send to a property; nothing if no tags property does."""
    sites = [prop] if prop.is_tags else senders_to(prop, Property.objects.visible_to(request.user))
    context = {"checklists": [_checklist(site) | {"has_link": True} for site in sites]}
    return render(request, "tags/checklists.html", context)


def _checklist(site: Property) -> dict[str, Any]:
    environment = shown_environment(site)
    return {"site": site, "site_environment": environment, "items": checklist_of(environment)}


def _log_of(seen: Seen, request: HttpRequest) -> Environment | None:
    """Return the environment whose log shows the events, if the person may see its property."""
    environment = seen.live.forwarding if seen.live else None
    visible = Property.objects.visible_to(request.user)
    return environment if environment and visible.filter(pk=environment.prop_id).exists() else None


def _is_silent(session: ValidationSession) -> bool:
    waited = (timezone.now() - session.created_at).total_seconds()
    return not session.report and waited > PATIENCE_SECONDS
