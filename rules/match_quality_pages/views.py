"""The page *Match Quality*, the question to the vendor, and parts that other pages request."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.text import slugify
from django.views.decorators.http import require_POST

from properties.models import Environment, Property
from properties.views.access import property_page
from properties.views.environment_scope import chosen_environment
from rules.match_quality.asking import read_now
from rules.match_quality.offers import QualityOffer, offers
from rules.match_quality.readings import Stored, stored_quality
from rules.match_quality.words import calibration_words

from .advising import advice_of
from .destination_figures import ShownDestination, shown

CSV = "history.csv"


@dataclass(frozen=True, slots=True)
class ShownOffer:
    """One extension on the page."""

    offer: QualityOffer
    stored: Stored
    destinations: list[ShownDestination]
    learned: str

    @property
    def is_empty(self) -> bool:
        return not any(it.rows for it in self.destinations)

    @property
    def lowest(self) -> Any:
        """The event with the lowest score of all destinations."""
        rows = [it.lowest for it in self.destinations if it.lowest]
        return min(rows, key=lambda row: row.event.score or 0.0, default=None)


@property_page("view")
def match_quality(request: HttpRequest, prop: Property) -> HttpResponse:
    environment = chosen_environment(request, prop)
    context = _context(request, prop, environment)
    if request.GET.get("part") == CSV:
        return _history_csv(context["shown"], request, environment)
    is_stale = any(not it.stored.is_fresh for it in context["shown"])
    return render(request, "match_quality_pages/page.html", {**context, "is_stale": is_stale})


@require_POST
@property_page("view")
def match_quality_read(request: HttpRequest, prop: Property) -> HttpResponse:
    """Ask the vendors, at most once in a quarter of an hour, and show what they say."""
    environment = chosen_environment(request, prop)
    for offer in offers(prop):
        read_now(offer, environment)
    if not request.htmx:  # type: ignore[attr-defined]
        return redirect(_page(prop, environment, request.GET.get("event", "")))
    return render(request, "match_quality_pages/content.html", _context(request, prop, environment))


@property_page("view")
def match_quality_advice(request: HttpRequest, prop: Property) -> HttpResponse:
    """Show what would raise the score, from the newest events, as a fragment of the page."""
    environment = chosen_environment(request, prop)
    found = [
        advice_of(offer, prop, environment, stored_quality(offer, environment)) for offer in offers(prop)
    ]
    return render(request, "match_quality_pages/advice.html", {"environment": environment, "advice": found})


@property_page("view")
def match_quality_summary(request: HttpRequest, prop: Property) -> HttpResponse:
    """Show the scores in a few words, as a fragment of the configuration of an extension."""
    environment = chosen_environment(request, prop)
    context = _context(request, prop, environment, package=request.GET.get("package", ""))
    found = [advice_of(it.offer, prop, environment, it.stored) for it in context["shown"][:1]]
    advice = next(iter(found), None)
    return render(request, "match_quality_pages/summary.html", {**context, "advice": advice})


def _context(
    request: HttpRequest, prop: Property, environment: Environment, package: str = ""
) -> dict[str, Any]:
    found = [it for it in offers(prop) if package in ("", it.package.name)]
    query = urlencode(_kept(request, environment))
    return {
        "environment": environment,
        "shown": [_shown(request, prop, environment, offer) for offer in found],
        "page_url": _page(prop, environment, request.GET.get("event", "")),
        "read_url": f"{reverse('rules:match_quality_read', args=[prop.uid])}?{query}",
        "advice_url": f"{reverse('rules:match_quality_advice', args=[prop.uid])}?{query}",
        "csv_url": f"{_page(prop, environment, '')}&part={CSV}",
    }


def _shown(request: HttpRequest, prop: Property, environment: Environment, offer: QualityOffer) -> ShownOffer:
    stored, asked = stored_quality(offer, environment), request.GET.get("event", "")
    destinations = [
        shown(offer.quality, it, asked, lambda name: _page(prop, environment, name))
        for it in stored.destinations
    ]
    return ShownOffer(offer, stored, destinations, calibration_words(offer.quality, stored.calibration))


def _kept(request: HttpRequest, environment: Environment) -> dict[str, str]:
    event = request.GET.get("event", "")
    return {"env": environment.uid, **({"event": event} if event else {})}


def _page(prop: Property, environment: Environment, event: str) -> str:
    query = {"env": environment.uid, **({"event": event} if event else {})}
    return f"{reverse('rules:match_quality', args=[prop.uid])}?{urlencode(query)}"


def _history_csv(found: list[ShownOffer], request: HttpRequest, environment: Environment) -> HttpResponse:
    """Return every score that is stored: day, destination, event, score."""
    answer = HttpResponse(content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="match-quality-{slugify(environment.name)}.csv"'
    writer = csv.writer(answer)
    writer.writerow(["Day (UTC)", "Destination", "Event", "Score"])
    for offer in found:
        for it in offer.destinations:
            for day, scores in sorted(it.quality.history.items()):
                for name, score in scores.items():
                    writer.writerow([day.isoformat(), it.quality.destination, harmless_cell(name), score])
    return answer


def harmless_cell(text: str) -> str:
    """Return a text that a spreadsheet does not take for a formula."""
    return f"'{text}" if text[:1] in ("=", "+", "-", "@", "\t") else text
