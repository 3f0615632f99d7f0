"""The overview of a property, and the state of an environment's last event."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render

from properties.models import Environment, Property
from properties.views.access import property_page
from rules.explain.incoming import other_organization
from rules.publishing.production_warnings import production_warnings

from . import overview as facts
from .filters import EventLogFilter
from .rows import page_of, rows_of

SHOWN_EVENTS = 6


@property_page("view")
def overview(request: HttpRequest, prop: Property) -> HttpResponse:
    steps = facts.steps(prop)
    context = {
        "figures": facts.figures(prop),
        "live": facts.live_builds(prop),
        "troubles": facts.troubles(prop),
        "production_warnings": production_warnings(prop),
        "steps": steps,
        "next_step": next((step for step in steps if not step.is_done), None),
        "rows": page_of(prop, EventLogFilter(), sees_bodies=False).rows[:SHOWN_EVENTS],
    }
    return render(request, "event_log/overview.html", context)


@property_page("view")
def last_event(request: HttpRequest, prop: Property, environment_uid: str) -> HttpResponse:
    """Show the last event of an environment, as a fragment for the page of environments."""
    environment = get_object_or_404(Environment, prop=prop, uid=environment_uid)
    event = facts.last_event_of(environment)
    context = {
        "row": rows_of(prop, [event])[0] if event else None,
        "environment": environment,
        "other_organization": other_organization(event) if event else "",
    }
    return render(request, "event_log/last_event.html", context)
