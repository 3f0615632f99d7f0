"""Saves a received event under a name, for test events and dry runs, and deletes it again."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.views.decorators.http import require_POST

from properties.models import Property
from properties.saving import record
from properties.views.access import property_page
from properties.views.notices import say
from properties.views.parts import drawer_done, is_drawer, render_either
from rules.dry_run.saved_events import LONGEST_NAME, NotSaved, delete_saved, example_of, save_event
from rules.event_log.rows import rows_of
from rules.models import InboundEvent, SavedEvent


@property_page("develop")
def event_save(request: HttpRequest, prop: Property, event_id: int) -> HttpResponse:
    """Show a received event without the customer data that is recognised; save it as the person leaves it."""
    event = get_object_or_404(InboundEvent, property_id=prop.pk, pk=event_id)
    if request.method == "POST":
        return _save(request, prop, event)
    if "develop" not in request.rights:  # type: ignore[attr-defined]
        return redirect("rules:event_detail", prop.uid, event.pk)
    if not event.body:
        raise Http404("The request of this event is no longer kept.")
    record(prop, "event.body_read", f"Event {event.pk}", request.user, event=str(event.pk))
    return _form(request, event, _name_of(prop, event), example_of(event))


def _name_of(prop: Property, event: InboundEvent) -> str:
    """Return the name at the vendor, or that of the sender."""
    return (rows_of(prop, [event])[0].name or event.name)[:LONGEST_NAME]


def _save(request: HttpRequest, prop: Property, event: InboundEvent) -> HttpResponse:
    name, text = request.POST.get("name", ""), request.POST.get("event", "")
    try:
        saved = save_event(prop, name, text, request.user)
    except NotSaved as error:
        return _form(request, event, name, text, problem=str(error))
    say(request, f"Saved “{saved.name}”. It is offered under Send a test event and in dry runs.")
    return drawer_done(request) if is_drawer(request) else _test_event(prop, event, saved)


def _form(request: HttpRequest, event: InboundEvent, name: str, text: str, **more: Any) -> HttpResponse:
    log = reverse("rules:event_log", args=[request.prop.uid])  # type: ignore[attr-defined]
    close_url = log if is_drawer(request) else f"{log}?{urlencode({'event': event.pk})}"
    context = {"event": event, "name": name, "text": text, "close_url": close_url, **more}
    response = render_either(request, "test_events/save_event.html", context)
    # htmx shows only answers that say 200.
    response.status_code = 422 if more and not is_drawer(request) else 200
    return response


def _test_event(prop: Property, event: InboundEvent, saved: SavedEvent) -> HttpResponse:
    environment = prop.environments.filter(pk=event.environment_id).first() or prop.environments.first()
    if environment is None:
        return redirect("rules:event_log", prop.uid)
    page = reverse("rules:test_event", args=[prop.uid, environment.uid])
    return redirect(f"{page}?{urlencode({'saved': saved.uid})}")


@property_page("develop")
@require_POST
def saved_event_delete(request: HttpRequest, prop: Property, saved_uid: str) -> HttpResponse:
    saved = get_object_or_404(SavedEvent, prop=prop, uid=saved_uid)
    delete_saved(saved, request.user)
    say(request, f"Deleted the saved event “{saved.name}”.")
    return redirect("rules:event_log", prop.uid)
