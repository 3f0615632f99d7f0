"""Data elements with the values of received events: the list, and the tree of received keys."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from properties.models import Property
from properties.saving import record_seldom
from properties.views.access import property_page
from properties.views.notices import say, warn
from properties.views.paging import page_number
from rules.dry_run.element_facts import ElementFacts, element_facts, plain_values
from rules.dry_run.received_keys import received_keys
from rules.dry_run.samples import PASTED, NoSample, sample_event
from rules.publishing.libraries import newest_revision, working_library
from rules.publishing.needs import add_with_needs, listed

from .element_list import CHIPS, element_list

VALUES_READ = "event.values_read"


@property_page("view")
def element_values(request: HttpRequest, prop: Property) -> HttpResponse:
    """Show the list of data elements with their values. The page of the list requests it."""
    asked = request.GET
    show = asked.get("show", "")
    # The browser knows the values of tags; here nothing runs.
    facts = ElementFacts() if prop.is_tags else element_facts(prop, with_code="code" in asked)
    shown = element_list(
        prop,
        facts,
        plain_values(prop) if _shows_values(request, prop) else {},
        query=asked.get("q", "").strip(),
        show=show if show in CHIPS else "",
        page=page_number(asked.get("page", "")),
    )
    context = {
        "shown": shown,
        "facts": facts,
        "query": asked.get("q", "").strip(),
        "show": show,
        "targets": _targets(request, prop),
        "is_plain": "values" in asked,
    }
    return render(request, "authoring/element_values.html", context)


@property_page("view")
def received_tree(request: HttpRequest, prop: Property) -> HttpResponse:
    """Show the keys of received events, or of an event that a person pastes."""
    context: dict[str, Any] = {"pasted": request.GET.get("event", ""), "problem": ""}
    try:
        events = [sample_event(prop, PASTED, pasted=context["pasted"])] if context["pasted"] else None
    except NoSample as error:
        events, context["problem"] = [], str(error)
    is_plain = _shows_values(request, prop)
    context |= {"tree": received_keys(prop, events, is_plain=is_plain), "is_plain": is_plain}
    template = "authoring/received_picks.html" if "picks" in request.GET else "authoring/received_tree.html"
    return render(request, template, context)


@require_POST
@property_page("develop")
def elements_to_library(request: HttpRequest, prop: Property) -> HttpResponse:
    """Put data elements into the working library, with all that they need."""
    chosen = list(prop.dataelements.filter(uid__in=request.POST.getlist("element")).order_by("name"))
    if not chosen:
        warn(request, "Nothing was added. Tick data elements first.")
        return redirect("properties:data_elements", prop.uid)
    library = working_library(prop, request.user)
    along = [need for element in chosen for need in add_with_needs(library, newest_revision(element))]
    count = f"{len(chosen)} data element{'' if len(chosen) == 1 else 's'}"
    say(request, f"Added {count} to {library}.{f' With them: {listed(along)}.' if along else ''}")
    return redirect("properties:data_elements", prop.uid)


def _shows_values(request: HttpRequest, prop: Property) -> bool:
    """Return whether the person asked for unmasked values and may see them; this is recorded."""
    may = "values" in request.GET and "develop" in request.rights and not prop.is_tags  # type: ignore[attr-defined]
    if may:
        record_seldom(prop, VALUES_READ, prop, request.user)
    return may


def _targets(request: HttpRequest, prop: Property) -> list[Property]:
    """Return the other properties in which the person may develop."""
    others = Property.objects.visible_to(request.user).exclude(pk=prop.pk).order_by("name")
    user: Any = request.user
    if user.is_superuser:
        return list(others)
    found = others.filter(memberships__user=user).values_list("pk", "memberships__rights")
    may = {pk for pk, rights in found if "develop" in rights}
    return [other for other in others if other.pk in may]
