"""The revisions of a data element."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST

from properties.models import DataElement, Property
from properties.resources.restoring import revert_element
from properties.resources.revision_changes import element_changes, revision_lines

from .access import property_page
from .notices import say, warn
from .typing import one_at_a_time


@property_page("view")
def data_element_revisions(request: HttpRequest, prop: Property, element_uid: str) -> HttpResponse:
    element = get_object_or_404(prop.dataelements, uid=element_uid)
    lines = revision_lines(prop, element.uid, element_changes)
    compared = next((it for it in lines if str(it.revision.number) == request.GET.get("compare")), None)
    difference = [*element_changes(compared.revision.snapshot, element.snapshot())] if compared else []
    context = {"element": element, "lines": lines, "compared": compared, "difference": difference}
    return render(request, "properties/data_element_revisions.html", context)


@require_POST
@property_page("develop")
def data_element_revert(request: HttpRequest, prop: Property, element_uid: str, number: int) -> HttpResponse:
    with one_at_a_time(prop):
        element = get_object_or_404(prop.dataelements, uid=element_uid)
        kind = DataElement.kind
        revision = get_object_or_404(prop.revisions, kind=kind, resource_uid=element.uid, number=number)
        try:
            revert_element(element, revision, actor=request.user)
            say(request, f"{element.name} is what it was in revision {number}.")
        except ValueError as error:
            warn(request, str(error))
    return redirect("properties:data_element_revisions", prop.uid, element.uid)
