"""The data element that a field names."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect

from properties.models import Property

from .access import property_page
from .element_editor import data_element_edit
from .parts import is_drawer


@property_page("view")
def data_element_named(request: HttpRequest, prop: Property) -> HttpResponseBase:
    """Go to the data element of a name, which a field knows. In the drawer, show it."""
    element = get_object_or_404(prop.dataelements, name=request.GET.get("name", "").strip())
    if request.method == "GET" and is_drawer(request):
        return data_element_edit(request, uid=prop.uid, element_uid=element.uid)
    return redirect("properties:data_element_edit", prop.uid, element.uid)
