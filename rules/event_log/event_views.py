"""The page of one event, its drawer beside the log, and the request that it came with."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.http import require_POST

from properties.models import Property
from properties.models.identifiers import row_id
from properties.saving import record
from properties.views.access import property_page
from rules.explain.incoming import incoming
from rules.explain.story import EventStory
from rules.models import InboundEvent

from .event_parts import TABS, parts_of
from .gone_events import gone_event

# Beyond so many, a link shows the others.
MOST_OTHER_RULES, MOST_ELEMENTS = 20, 100


@property_page("view")
def event_detail(request: HttpRequest, prop: Property, event_id: int) -> HttpResponse:
    event = InboundEvent.objects.filter(property_id=prop.pk, pk=event_id).first()
    if event is not None:
        return _page(request, prop, event)
    gone = gone_event(event_id)
    if gone is None:
        raise Http404
    context = {"gone": gone, "frame": "capi/page.html"}
    return render(request, "event_log/event_gone.html", context, status=404)


@property_page("develop")
@require_POST
def event_incoming(request: HttpRequest, prop: Property, event_id: int) -> HttpResponse:
    """Show the received request with customer data. The audit log notes who looked."""
    event = get_object_or_404(InboundEvent, property_id=prop.pk, pk=event_id)
    if event.body:
        record(prop, "event.body_read", f"Event {event.pk}", request.user, event=str(event.pk))
    if not request.htmx:  # type: ignore[attr-defined]
        return _page(request, prop, event, is_plain=True)
    context = {"incoming": incoming(event, is_plain=True)}
    return render(request, "event_log/incoming.html", context)


def _page(
    request: HttpRequest, prop: Property, event: InboundEvent, *, is_plain: bool = False
) -> HttpResponse:
    rights: frozenset[str] = request.rights  # type: ignore[attr-defined]
    parts = parts_of(prop, event, rights, is_plain=is_plain)
    context = {
        "tabs": TABS,
        "event_url": _address_of(request, event),
        **parts,
        **_listed(request, parts["story"]),
    }
    return render(request, "event_log/event_detail.html", context)


def _listed(request: HttpRequest, story: EventStory) -> dict[str, Any]:
    """Return the rules and data elements to list: all rules that ran, and the first of the others.

    ``?all=rules`` or ``?all=elements`` lists all.
    """
    rules, elements, everything = story.rules, story.elements, request.GET.get("all")
    rules = rules if everything == "rules" else rules[: len(story.ran) + MOST_OTHER_RULES]
    elements = elements if everything == "elements" else elements[:MOST_ELEMENTS]
    return {
        "rules": rules,
        "more_rules": len(story.rules) - len(rules),
        "elements": elements,
        "more_elements": len(story.elements) - len(elements),
    }


def drawer_of(request: HttpRequest, prop: Property) -> dict[str, Any]:
    """Return what the drawer beside the log shows; empty if the address names no event."""
    found = row_id(request.GET.get("event", ""))
    if not found:
        return {}
    event = InboundEvent.objects.filter(property_id=prop.pk, pk=found).first()
    query = {name: value for name, value in request.GET.items() if name not in ("event", "tab", "all")}
    close_url = f"{reverse('rules:event_log', args=[prop.uid])}?{urlencode(query)}"
    if event is None:
        return {"gone": gone_event(found), "close_url": close_url}
    tab = request.GET.get("tab", "")
    parts = parts_of(prop, event, request.rights)  # type: ignore[attr-defined]
    return {
        "tab": tab if tab in TABS else "why",
        "tabs": TABS,
        "query": urlencode({"event": event.pk, **query}),
        "close_url": close_url,
        "event_url": _address_of(request, event),
        **parts,
        **_listed(request, parts["story"]),
    }


def _address_of(request: HttpRequest, event: InboundEvent) -> str:
    """Return the whole address of the page of an event, for a message or a ticket."""
    return request.build_absolute_uri(reverse("rules:event_detail", args=[request.prop.uid, event.pk]))  # type: ignore[attr-defined]
