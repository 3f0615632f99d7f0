"""Undoing a deletion."""

from __future__ import annotations

from django.db import IntegrityError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.views.decorators.http import require_POST

from properties.models import DataElement, Extension, Property, Resource, Revision
from properties.resources.restoring import restore_resource

from .access import property_page, require
from .notices import say, warn

LISTS = {Extension.kind: "properties:extensions", DataElement.kind: "properties:data_elements"}


def undo_address(resource: Resource) -> str:
    """Return the address that restores ``resource`` after its deletion, or "" if it has no revision."""
    last = Revision.objects.filter(resource_uid=resource.uid).order_by("-number").first()
    return reverse("properties:restore", args=[resource.prop.uid, last.pk]) if last else ""


@require_POST
@property_page("view")
def restore(request: HttpRequest, prop: Property, revision_id: int) -> HttpResponse:
    revision = get_object_or_404(prop.revisions.filter(kind__in=LISTS), pk=revision_id)
    require(request, "manage_extensions" if revision.kind == Extension.kind else "develop")
    try:
        resource = restore_resource(revision, actor=request.user)
        say(request, f"“{resource.display_name}” is back.")
    except IntegrityError:
        warn(request, "Nothing was restored: it exists already, or its name is taken.")
    return redirect(LISTS[revision.kind], prop.uid)
