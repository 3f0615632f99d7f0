"""Import from Adobe: the upload, the preview and the report."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.decorators import permission_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.cache import add_never_cache_headers

from properties.models import Property
from properties.views.access import property_page, signed_in_page
from properties.views.notices import say

from .adobe import ImportPlan, carry_out, plan_import
from .adobe.importing import IMPORTED
from .forms import AdobeFileForm
from .reading import InvalidDocument

PAGE, PART = "documents/import_adobe.html", "documents/import_adobe_preview.html"


@signed_in_page
@permission_required("properties.add_property", raise_exception=True)
def import_adobe(request: HttpRequest) -> HttpResponse:
    """Show what would be imported; the button “Import” imports it.

    The file may hold credentials, so it is never stored between the two steps: the browser sends it again.
    """
    form = AdobeFileForm(request.user, request.POST or None, request.FILES or None)
    context: dict[str, Any] = {"form": form}
    if request.method == "POST" and form.is_valid():
        try:
            given = form.cleaned_data
            plan = plan_import(given["file"].read(), given["name"], given["forwarding"])
            if request.POST.get("step") == "import":
                return _import(request, plan)
            context |= {"plan": plan, **_shown(plan.facts())}
        except InvalidDocument as error:
            context["problems"] = error.problems
    context["is_part"] = "HX-Request" in request.headers
    response = render(request, PART if context["is_part"] else PAGE, context)
    add_never_cache_headers(response)
    return response


def _import(request: HttpRequest, plan: ImportPlan) -> HttpResponse:
    prop = carry_out(plan, request.user).prop
    say(request, f"Imported “{prop.name}”. Nothing is published yet.")
    return redirect("documents:import_report", prop.uid)


@property_page("view")
def import_report(request: HttpRequest, prop: Property) -> HttpResponse:
    """Show what the import of this property left to do."""
    entry = prop.audit_events.filter(type_of=IMPORTED).first()
    if entry is None:
        raise Http404
    context = {"entry": entry, **_shown(entry.entity)}
    return render(request, "documents/import_report.html", context)


def _shown(facts: dict[str, Any]) -> dict[str, Any]:
    """Return counts and lists for the template, each list with its heading and its meaning."""
    lists = [
        ("disabled", "Imported but disabled", "Do what each line says, then enable them.", "warn"),
        ("skipped", "Not imported", "There is no equivalent here.", "bad"),
        ("adapted", "Imported with a difference", "The result is the same. Check each line once.", "muted"),
        ("warnings", "Imported unchanged, probably not meant", "It works as it does at Adobe.", "warn"),
    ]
    return {
        "counts": [(name.replace("_", " "), count) for name, count in facts["imported"].items()],
        "lists": [(key, *words, facts[key]) for key, *words in lists if facts.get(key)],
    }
