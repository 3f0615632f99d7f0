"""Finding the run that an address names, and who may go on with it."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.decorators import permission_required
from django.http import Http404, HttpRequest
from django.shortcuts import get_object_or_404
from django.urls import NoReverseMatch, reverse

from properties.models import Property
from rules.models import QuickStartRun

from .screens import recipe_of

ADDING = permission_required("properties.add_property", raise_exception=True)


def runs_of(request: HttpRequest) -> Any:
    """Return everything that this person has begun, the newest first."""
    person: Any = request.user
    return QuickStartRun.objects.filter(user_id=person.pk).select_related("tags", "forwarding")


def run_of(request: HttpRequest, uid: str) -> QuickStartRun:
    """Return a run of this person; 404 for one of others."""
    found: QuickStartRun = get_object_or_404(runs_of(request), uid=uid)
    if recipe_of(found.package) is None:
        raise Http404("The package of this Quick Start is gone.")
    return found


def made_by(request: HttpRequest, uid: str) -> tuple[QuickStartRun, Property]:
    """Return a run and its tags property; 404 before it is made, or after it was deleted."""
    run = run_of(request, uid)
    if run.work != QuickStartRun.Work.DONE or run.tags is None:
        raise Http404("Nothing was made yet, or it was deleted.")
    get_object_or_404(Property.objects.visible_to(request.user), pk=run.tags.pk)
    return run, run.tags


def page_of(name: str, prop: Property) -> str:
    """Return the address of a page of a property, or "" where no app has it."""
    try:
        return reverse(f"rules:{name}", args=[prop.uid])
    except NoReverseMatch:
        return ""
