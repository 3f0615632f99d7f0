"""The audit log: of one property for its owners, of all properties for the administrators of the server."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.decorators import login_required, permission_required
from django.http import HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_POST

from properties.audit.log import FORMATS, AuditFilter, entries, page_of
from properties.models import AuditEvent, Property
from properties.saving import record

from .access import property_page


@property_page("own", reading="own")
def audit_log(request: HttpRequest, prop: Property) -> HttpResponse:
    return _page(request, prop)


@require_POST
@property_page("own")
def audit_export(request: HttpRequest, prop: Property) -> HttpResponseBase:
    return _file(request, prop)


@login_required
@permission_required("properties.view_auditevent", raise_exception=True)
def audit_everywhere(request: HttpRequest) -> HttpResponse:
    return _page(request, None)


@require_POST
@login_required
@permission_required("properties.view_auditevent", raise_exception=True)
def audit_everywhere_export(request: HttpRequest) -> HttpResponseBase:
    return _file(request, None)


def _page(request: HttpRequest, prop: Property | None) -> HttpResponse:
    asked = AuditFilter.of(request.GET.dict())
    page = page_of(entries(prop, asked), asked.before)
    kinds = AuditEvent.objects.filter(**({"prop": prop} if prop else {}))
    actions = sorted(set(kinds.order_by("type_of").values_list("type_of", flat=True).distinct()))
    context: dict[str, Any] = {
        "page": page,
        "asked": asked,
        "actions": [(name, AuditEvent(type_of=name).action) for name in actions],
        "older_query": asked.query(before=page.older) if page.older else "",
        "is_everywhere": prop is None,
    }
    return render(request, "properties/audit_log.html", context)


def _file(request: HttpRequest, prop: Property | None) -> HttpResponseBase:
    """Export all matching entries in pieces. The export is recorded as an entry before it begins."""
    asked = AuditFilter.of(request.POST.dict())
    name = request.POST.get("format", "csv")
    written = FORMATS.get(name, FORMATS["csv"])
    record(
        prop, "audit.exported", prop or "All properties", request.user, format=written.ending, **asked.facts()
    )
    response = StreamingHttpResponse(written.write(entries(prop, asked)), content_type=written.content_type)
    file = f"audit-{prop.uid if prop else 'all'}-{timezone.now():%Y%m%d-%H%M%S}.{written.ending}"
    response["Content-Disposition"] = f'attachment; filename="{file}"'
    return response
