"""The overview of a property, and the state of an environment's last event."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone

from properties.catalog import shown_times
from properties.http.curl import curl_line
from properties.models import Environment, Property
from properties.views.access import property_page
from properties.views.environment_scope import chosen_environment
from properties.views.environments import EXAMPLE_EVENT
from rules.explain.incoming import other_organization
from rules.issues.issue_rows import IssueRow
from rules.issues.issue_rows import rows_of as issue_rows_of
from rules.issues.lifecycle import OPEN
from rules.issues.silence import last_events
from rules.issues.trends import DAY, Window
from rules.issues.views import issues_context
from rules.match_quality.offers import is_offered

from . import overview as facts
from .chart_downloads import latency_csv, results_csv
from .counted_events import CountedEvents, counted_events, open_events
from .group_tables import name_rows, target_rows
from .key_figures import NAMES, key_figures
from .latency_charts import latency_chart
from .quality_figure import NAME as QUALITY
from .quality_figure import quality_figures
from .ranges import KINDS, BadRange, TimeRange, range_between, time_range
from .result_charts import result_chart
from .rows import rows_of
from .verdict import verdict

LATE_SECONDS = 60.0
TIMES = ("since", "until")
DOWNLOADS = {"results.csv": results_csv, "latency.csv": latency_csv}


@property_page("view")
def overview(request: HttpRequest, prop: Property) -> HttpResponse:
    """Show the overview; ``?part=figures`` is what its frame holds, ``?part=….csv`` a chart as a file."""
    if address := _with_zones(request):
        return redirect(address)
    environment = chosen_environment(request, prop)
    span, problem = _span_of(request)
    part = request.GET.get("part", "")
    if part == "figures":
        return render(request, "event_log/overview_figures.html", _figures(request, prop, environment, span))
    if download := DOWNLOADS.get(part):
        return download(counted_events(environment, span), environment.name)
    steps = facts.steps(prop)
    context = {
        "environment": environment,
        "ranges": [(name, kind.label, _query(request, range=name)) for name, kind in KINDS.items()],
        "range": span.name,
        "chosen": _chosen(request, span, problem),
        "figure_names": [*NAMES, *([QUALITY] if is_offered(prop) else [])],
        "figures_url": _query(request, **span.query, env=environment.uid, part="figures"),
        "is_over": span.is_over,
        "steps": steps,
        "next_step": next((step for step in steps if not step.is_done), None),
    }
    return render(request, "event_log/overview.html", context)


def _span_of(request: HttpRequest) -> tuple[TimeRange, str]:
    """Return the range that the address names, and why it is not what a person typed; else ""."""
    now, asked = timezone.now(), request.GET
    name, since, until = (asked.get(it, "").strip() for it in ("range", *TIMES))
    if name in KINDS or not (since or until):
        return time_range(name, now), ""
    try:
        return range_between(since, until, now), ""
    except BadRange as problem:
        return time_range(name, now), str(problem)


def _with_zones(request: HttpRequest) -> str:
    """Return the address with zones, so that it means the same to everybody; "" if it has them."""
    given = {name: request.GET[name].strip() for name in TIMES if request.GET.get(name)}
    zoned = {name: shown_times.typed(text) for name, text in given.items()}
    if zoned == given:
        return ""
    return f"{request.path}?{urlencode(request.GET.dict() | zoned)}"


def _chosen(request: HttpRequest, span: TimeRange, problem: str) -> dict[str, str]:
    """Return the form for a range of one's own: what was typed, or the range that the page shows."""
    shown = {"since": span.begin.isoformat(), "until": min(span.end, span.now).isoformat()}
    typed = {name: request.GET.get(name, "") for name in TIMES} if problem else shown
    words = "" if span.name else span.kind.words
    return {name: shown_times.for_input(text) for name, text in typed.items()} | {
        "words": words,
        "problem": problem and f"{problem} The page shows the {span.kind.words}.",
    }


def _query(request: HttpRequest, **changed: str) -> str:
    kept = {name: request.GET[name] for name in ("env", "state") if name in request.GET}
    return f"?{urlencode(kept | changed)}"


def _log_url(prop: Property, environment: Environment, span: TimeRange) -> Callable[..., str]:
    """Return a function that gives the address of the log of this range with more filters."""
    base = reverse("rules:event_log", args=[prop.uid])

    def url(**filters: str) -> str:
        times = {} if "since" in filters else span.query
        return f"{base}?{urlencode({'env': environment.uid, **times, **filters})}"

    return url


def _figures(
    request: HttpRequest, prop: Property, environment: Environment, span: TimeRange
) -> dict[str, Any]:
    now = span.now
    counted, has_events = counted_events(environment, span), bool(last_events([environment]))
    live, still_open = facts.live_builds(prop), open_events(environment, now)
    window = None if span.name else Window.between(span.begin, span.end)
    issues = issues_context(request, prop, environment, window)
    log_url = _log_url(prop, environment, span)
    return {
        "environment": environment,
        "live": live,
        "late_minutes": int(still_open.late_seconds // 60) if still_open.late_seconds >= LATE_SECONDS else 0,
        "figures": [*key_figures(counted, still_open, now), *quality_figures(prop, environment)],
        "verdict": verdict(
            environment.name,
            is_live=any(it.environment == environment and it.activation for it in live),
            counted=counted,
            issues=issues["issue_rows"]
            if issues["issue_state"] == OPEN
            else _open_issues(prop, environment, now),
        ),
        "log_url": log_url(),
        **_charts(counted, environment, log_url),
        **_waiting(prop, environment, is_waiting=not has_events),
        **issues,
    }


def _open_issues(prop: Property, environment: Environment, now: datetime) -> list[IssueRow]:
    return issue_rows_of(prop, environment, OPEN, Window.last(DAY, now), now)


def _charts(counted: CountedEvents, environment: Environment, log_url: Callable[..., str]) -> dict[str, Any]:
    published, zone = facts.publications(environment, counted.span.begin), shown_times.zone()
    downloads = {"env": environment.uid, **counted.span.query}
    return {
        "span": counted.span,
        "results": result_chart(counted, published, zone, log_url),
        "latency": latency_chart(counted, zone),
        "names": name_rows(counted.names, log_url),
        "targets": target_rows(counted.targets, log_url),
        "csv_urls": {
            name.partition(".")[0]: f"?{urlencode({**downloads, 'part': name})}" for name in DOWNLOADS
        },
    }


def _waiting(prop: Property, environment: Environment, *, is_waiting: bool) -> dict[str, Any]:
    """Return what the panel needs that waits for the first event."""
    datastream = getattr(environment, "datastream", None) if is_waiting else None
    if datastream is None:
        return {"is_waiting": False}
    return {"is_waiting": True, "curl": curl_line(datastream, EXAMPLE_EVENT, settings.PUBLIC_URL)}


@property_page("view")
def last_event(request: HttpRequest, prop: Property, environment_uid: str) -> HttpResponse:
    """Show the last event of an environment, as a fragment for the page of environments."""
    environment = get_object_or_404(Environment, prop=prop, uid=environment_uid)
    event = facts.last_event_of(environment)
    context = {
        "row": rows_of(prop, [event])[0] if event else None,
        "environment": environment,
        "other_organization": other_organization(event) if event else "",
    }
    return render(request, "event_log/last_event.html", context)
