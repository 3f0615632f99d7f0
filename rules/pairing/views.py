"""The page *Deduplication*."""

from __future__ import annotations

from datetime import timedelta
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from properties.models import Property
from properties.views.access import property_page
from properties.views.environment_scope import chosen_environment

from .page import in_short, page_parts
from .vendor_figures import vendor_figures

SPANS = {"24h": (timedelta(days=1), "24 h"), "7d": (timedelta(days=7), "7 d")}
USUAL_SPAN = "24h"


@property_page("view")
def deduplication(request: HttpRequest, prop: Property) -> HttpResponse:
    """Show how the copies of events from pages and servers fit, in the last day or week.

    ``?part=short`` is what the overview says of the last day.
    """
    environment, now = chosen_environment(request, prop), timezone.now()
    if request.GET.get("part") == "short":
        verdict = in_short(prop, environment, now - SPANS[USUAL_SPAN][0], now)
        return render(request, "pairing/short.html", {"environment": environment, "verdict": verdict})
    chosen = request.GET.get("range", USUAL_SPAN)
    chosen = chosen if chosen in SPANS else USUAL_SPAN
    visible = Property.objects.visible_to(request.user)
    theirs = vendor_figures(prop, environment)
    context = page_parts(prop, environment, now - SPANS[chosen][0], now, visible, theirs)
    kept = {"env": request.GET["env"]} if "env" in request.GET else {}
    spans = [(it, label, f"?{urlencode(kept | {'range': it})}") for it, (_, label) in SPANS.items()]
    context |= {"environment": environment, "span": chosen, "spans": spans}
    return render(request, "pairing/deduplication.html", context)
