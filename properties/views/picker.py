"""The list in the dialog of the data element picker."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from properties.models import Property

from .access import property_page
from .data_elements import named_like, row_of

MOST = 100


@property_page("view")
def data_element_picker(request: HttpRequest, prop: Property) -> HttpResponse:
    query = request.GET.get("q", "").strip()
    found = named_like(prop, query).filter(enabled=True)[: MOST + 1]
    context = {"choices": [row_of(e) for e in found[:MOST]], "query": query, "has_more": len(found) > MOST}
    return render(request, "capi/picker_list.html", context)
