"""The page *Issues*, muting, and sending the events of an issue again."""

from __future__ import annotations

import uuid
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST

from properties.models import Environment, Property
from properties.saving import record
from properties.views.access import property_page
from properties.views.environment_scope import chosen_environment
from properties.views.notices import say, warn
from rules.delivery.clock import database_now
from rules.models import Issue, Replay

from . import retrying
from .issue_list import find_issue, state_counts
from .issue_rows import RowFacts, rows_of
from .lifecycle import FIXED, MUTED, OPEN, STATES
from .muting import mute, unmute
from .trends import Window

SPANS = {
    "1h": timedelta(hours=1),
    "24h": timedelta(days=1),
    "7d": timedelta(days=7),
    "30d": timedelta(days=30),
}
USUAL_SPAN = "24h"
# What links of the page leave in the address.
KEPT = ("env", "state", "range", "since", "until")
LABELS = {OPEN: "Open", FIXED: "Fixed", MUTED: "Muted"}


@property_page("view")
def issues(request: HttpRequest, prop: Property) -> HttpResponse:
    environment = chosen_environment(request, prop)
    context = issues_context(request, prop, environment)
    return render(request, "issues/issues.html", {"environment": environment, **context})


def issues_context(
    request: HttpRequest, prop: Property, environment: Environment, window: Window | None = None
) -> dict[str, Any]:
    """Return what ``event_log/issues_table.html`` shows: the issues of one environment in one state.

    ``?state=`` is the state, ``?range=`` the range of counts and trends unless ``window`` is given.
    """
    now, state = timezone.now(), request.GET.get("state", OPEN)
    state = state if state in STATES else OPEN
    span = request.GET.get("range", USUAL_SPAN)
    span = span if span in SPANS else USUAL_SPAN
    counts = state_counts(environment, now)
    return {
        "issue_rows": rows_of(prop, environment, state, window or Window.last(SPANS[span], now), now),
        "issue_state": state,
        "issue_states": [(it, LABELS[it], counts[it], _query(request, state=it)) for it in STATES],
        "issue_span": span,
        "issue_spans": [(it, _label_of(it), _query(request, range=it)) for it in SPANS if it != "1h"],
        "open_issues": counts[OPEN],
        "mutes": Issue.Mute.choices,
    }


def _label_of(span: str) -> str:
    return f"{span[:-1]} {span[-1]}"


def _query(request: HttpRequest, **changed: str) -> str:
    kept = {name: request.GET[name] for name in KEPT if name in request.GET}
    return f"?{urlencode(kept | changed)}"


@property_page("develop")
@require_POST
def issue_mute(request: HttpRequest, prop: Property, issue_id: str) -> HttpResponse:
    issue, how = _issue(prop, issue_id), request.POST.get("mute", "")
    if how not in Issue.Mute.values:
        warn(request, "Choose how long the issue is muted.")
        return _back(prop, issue)
    mute(prop, issue, how, request.POST.get("reason", ""), request.user, timezone.now())
    until = "until a newer build is live" if how == Issue.Mute.CHANGE else f"for {Issue.Mute(how).label}"
    say(request, f"Muted {until}.")
    return _back(prop, issue)


@property_page("develop")
@require_POST
def issue_unmute(request: HttpRequest, prop: Property, issue_id: str) -> HttpResponse:
    issue = _issue(prop, issue_id)
    unmute(prop, issue, request.user)
    say(request, "No longer muted.")
    return _back(prop, issue)


@property_page("develop")
def issue_retry(request: HttpRequest, prop: Property, issue_id: str) -> HttpResponse:
    """Show what a dry run of the events says; the form sends those that would be delivered."""
    issue = _issue(prop, issue_id)
    if not retrying.can_retry(issue):
        raise Http404("Nothing of this issue can be sent again.")
    environment = _environment(prop, issue)
    row = RowFacts([prop], [issue]).row(issue, environment, None, 0)
    found = retrying.forecast(prop, issue, database_now())
    if request.method == "POST":
        return _start(request, prop, row.title, found)
    context = {"row": row, "forecast": found, "environment": environment, "key": uuid.uuid4().hex}
    return render(request, "issues/retry.html", context | {"issues_url": _page_of(prop, issue)})


def _start(request: HttpRequest, prop: Property, what: str, found: retrying.Forecast) -> HttpResponse:
    key = request.POST.get("key", "")
    if len(key) != len(uuid.uuid4().hex):
        warn(request, "Open the issue and press Retry again.")
        return redirect("rules:issues", prop.uid)
    is_known = Replay.objects.filter(key=f"{prop.pk}:{key}"[:40]).exists()
    replay = retrying.start_retry(prop, found.eligible, what, started_by=str(request.user), key=key)
    if not is_known:
        record(prop, "events.replayed", replay, request.user, events=replay.total, build=replay.build)
    if not replay.total:
        warn(request, "No event was left to send again. Somebody else may have retried them.")
    return redirect("rules:replay_detail", prop.uid, replay.uid)


def _issue(prop: Property, issue_id: str) -> Any:
    found = find_issue(prop, issue_id, timezone.now())
    if found is None:
        raise Http404("This issue no longer exists.")
    return found


def _environment(prop: Property, issue: Any) -> Environment:
    found = prop.environments.filter(pk=issue.environment_id).first()
    if found is None:
        raise Http404("The environment of this issue no longer exists.")
    return found


def _page_of(prop: Property, issue: Any) -> str:
    return f"{reverse('rules:issues', args=[prop.uid])}?{urlencode({'env': _environment(prop, issue).uid})}"


def _back(prop: Property, issue: Any) -> HttpResponse:
    return redirect(_page_of(prop, issue))
