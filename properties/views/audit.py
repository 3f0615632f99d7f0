"""The audit log: of one property for its owners, of all properties for the administrators of the server."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from django.contrib.auth.decorators import login_required, permission_required
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.utils import timezone
from django.views.decorators.http import require_POST

from properties.audit.log import FORMATS, AuditFilter, entries, page_of, row_of
from properties.models import AuditEvent, Property
from properties.models.identifiers import row_id
from properties.saving import record

from .access import property_page
from .parts import is_drawer, render_with_drawer


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
    asked, opened = AuditFilter.of(request.GET.dict()), row_id(request.GET.get("entry", ""))
    found = entries(prop, asked)
    page, types = page_of(found, asked.before), _types(prop)
    entry = _entries_of(prop).filter(pk=opened).first() if opened else None
    here = {"before": asked.before} if asked.before else {}
    context: dict[str, Any] = {
        "page": page,
        "asked": asked,
        "actions": [(name, AuditEvent(type_of=name).action) for name in types],
        "kinds": _kinds(asked, types),
        "older_query": asked.query(before=page.older) if page.older else "",
        "query": asked.query(**here),
        "opened": row_of(entry) if entry else None,
        "is_everywhere": prop is None,
    }
    if opened and entry is None and is_drawer(request):
        raise Http404
    return render_with_drawer(request, "properties/audit_log.html", "properties/audit_entry.html", context)


def _entries_of(prop: Property | None) -> QuerySet[AuditEvent]:
    return AuditEvent.objects.filter(**({"prop": prop} if prop else {}))


def _types(prop: Property | None) -> list[str]:
    kept = _entries_of(prop).order_by("type_of").values_list("type_of", flat=True)
    return sorted(set(kept.distinct()))


def _kinds(asked: AuditFilter, types: list[str]) -> list[tuple[str, str, bool]]:
    """Return the label and query of each kind of resource, and whether it is chosen; all kinds first."""
    kinds = dict.fromkeys(name.partition(".")[0] for name in types)
    chosen = asked.kind or asked.action.partition(".")[0]
    rows = [("All", "", not chosen)]
    rows += [(kind.replace("_", " ").capitalize(), kind, kind == chosen) for kind in kinds]
    return [
        (label, replace(asked, kind=kind, action="").query(), is_chosen) for label, kind, is_chosen in rows
    ]


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
