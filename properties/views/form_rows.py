"""One more row of a list in a generated form, as its button “Add another” asks for it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render

from properties.catalog import dotted
from properties.catalog.descriptor import ComponentType
from properties.catalog.form_inputs import Input, InputGroup
from properties.catalog.form_sections import inputs_in
from properties.catalog.forms import form_for
from properties.catalog.registry import find_type
from properties.models import Property

from .access import property_page

MOST = 1000  # A form reads no more rows.


@property_page("view")
def form_row(request: HttpRequest, prop: Property, delegate: str, path: str, number: int) -> HttpResponse:
    """Return the empty row of a list that has ``number`` rows.

    ``path`` is how the names of its inputs begin.
    """
    kind = find_type(delegate)
    group = _rows_at(kind, path, number) if kind and number < MOST else None
    if group is None:
        raise Http404
    row = group.fields[-1]
    first: Input = next(inputs_in(row))
    first.bound.field.widget.attrs["autofocus"] = True
    context = {"group": group, "row": row, "number": len(group.fields)}
    return render(request, "capi/form_row_more.html", context)


def _rows_at(kind: ComponentType, path: str, filled: int) -> InputGroup | None:
    """Return the list of a form that has so many rows and an empty one; None if there is no such list."""
    settings: dict[str, Any] = {}
    dotted.put(settings, path, [{}] * filled)
    sections = form_for(kind, settings=settings, elements=None).sections()
    groups = _groups(item for section in sections for item in section.fields)
    return next((it for it in groups if it.kind == "rows" and it.path == path), None)


def _groups(items: Iterable[Any]) -> Iterable[InputGroup]:
    for item in items:
        if isinstance(item, InputGroup):
            yield item
            if item.kind == "group":
                yield from _groups(item.fields)
