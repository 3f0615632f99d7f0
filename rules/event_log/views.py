"""The event log and the page of one event."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse

from properties.models import Environment, Property
from properties.saving import record
from properties.views.access import polled, property_page
from rules.explain.event_states import GROUPS, STATES
from rules.explain.refusals import causes
from rules.explain.rule_stories import rule_uids
from rules.explain.story import event_story
from rules.models import InboundEvent
from rules.publishing.production_warnings import production_warnings

from .filters import EventLogFilter
from .live import Cursor, changes
from .overview import since
from .rows import EventLogPage, counted, page_of

SHOWN_CAUSES = 5


@property_page("view")
def event_log(request: HttpRequest, prop: Property) -> HttpResponse:
    asked, sees_bodies = EventLogFilter.of(request.GET.dict()), _sees_bodies(request)
    page = page_of(prop, asked, sees_bodies=sees_bodies)
    context = {
        "page": page,
        "asked": asked,
        "environments": prop.environments.all(),
        "states": [(state, badge.label) for state, badge in GROUPS.items()],
        "counted": counted(prop, asked, sees_bodies=sees_bodies),
        "is_live": asked.before is None,
        "production_warnings": production_warnings(prop),
        **_refusals(prop, asked),
        "older_query": _older(asked, page),
        **_live(prop, asked, Cursor().moved(page.rows)),
    }
    return render(request, "event_log/event_log.html", context)


@polled
@property_page("view")
def event_live(request: HttpRequest, prop: Property) -> HttpResponse:
    """Show the changes since a page was shown, or answer 204."""
    asked, cursor = EventLogFilter.of(request.GET.dict()), Cursor.of(request.GET.dict())
    found = changes(prop, asked, cursor, sees_bodies=_sees_bodies(request))
    if not found:
        return HttpResponse(status=204)
    start = Cursor() if found.is_flooded else cursor
    context = {
        "changes": found,
        "counted": counted(prop, asked, sees_bodies=_sees_bodies(request)),
        **_live(prop, asked, start.moved([*found.new, *found.changed])),
    }
    return render(request, "event_log/live.html", context)


@property_page("view")
def event_detail(request: HttpRequest, prop: Property, event_id: int) -> HttpResponse:
    event = get_object_or_404(InboundEvent, property_id=prop.pk, pk=event_id)
    environment = Environment.objects.filter(prop=prop, pk=event.environment_id).first()
    is_plain = _sees_bodies(request)
    if is_plain and event.body:
        record(prop, "event.body_read", f"Event {event.pk}", request.user, event=str(event.pk))
    story = event_story(event, is_plain=is_plain)
    context = {"story": story, "environment": environment, "rule_uids": rule_uids(prop)}
    return render(request, "event_log/event_detail.html", context)


@property_page("view")
def states(request: HttpRequest, prop: Property) -> HttpResponse:
    """Show the page *What the states mean*."""
    return render(request, "event_log/states.html", {"states": STATES})


def _sees_bodies(request: HttpRequest) -> bool:
    """Only people who develop this property see stored bodies, which contain customer data."""
    return "develop" in request.rights  # type: ignore[attr-defined]


def _refusals(prop: Property, asked: EventLogFilter) -> dict[str, Any]:
    """Return all causes of refusals for the unfiltered log, or the one that filters it."""
    if asked.cause:
        found = (it for it in causes(prop, since()) if str(it.key) == asked.cause)
        return {"shown_cause": next(found, None)}
    is_first = not asked.is_active and asked.before is None
    return {"causes": causes(prop, since())[:SHOWN_CAUSES] if is_first else []}


def _older(asked: EventLogFilter, page: EventLogPage) -> str:
    before = page.older or page.searched_to
    return asked.query(before=before) if before else ""


def _live(prop: Property, asked: EventLogFilter, cursor: Cursor) -> dict[str, Any]:
    """Return the address that the page polls for changes."""
    query = asked.query(after=cursor.after, watch=cursor.watch)
    return {"live_url": f"{reverse('rules:event_live', args=[prop.uid])}?{query}"}
