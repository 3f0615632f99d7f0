"""What stands beside the components of a rule: what it would do, what it did, and its revisions."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render

from properties.models import Property
from properties.resources.revision_changes import revision_lines
from properties.views.access import property_page
from rules.dry_run.rule_facts import rule_facts as facts_of
from rules.explain.seen_values import failed_traces, with_value
from rules.explain.shown_outcomes import delivery_outcome
from rules.models import Rule
from rules.publishing.live_states import PublishingStates

from .cards import cards
from .rule_changes import rule_changes
from .rule_runs import runs_of


@property_page("view")
def rule_facts(request: HttpRequest, prop: Property, rule_uid: str) -> HttpResponse:
    """Show the conditions with what the newest events would make of them. The page requests it."""
    rule = get_object_or_404(Rule, prop=prop, uid=rule_uid)
    facts = facts_of(prop, rule, request.GET.get("event", ""))
    conditions = [(card, facts.conditions.get(card.component.uid)) for card in cards(rule, "conditions")]
    context = {"rule": rule, "facts": facts, "conditions": conditions}
    return render(request, "authoring/rule_facts.html", context)


@property_page("view")
def rule_events(request: HttpRequest, prop: Property, rule_uid: str) -> HttpResponse:
    rule = get_object_or_404(Rule, prop=prop, uid=rule_uid)
    found = list(runs_of(rule))
    traces = failed_traces(found)
    runs = [(it, with_value(delivery_outcome(it), it, traces.get(it.event_id, ""))) for it in found]
    context = {"rule": rule, "runs": runs, "tab": "events", "state": PublishingStates(prop).of(rule)}
    return render(request, "authoring/rule_events.html", context)


@property_page("view")
def rule_revisions(request: HttpRequest, prop: Property, rule_uid: str) -> HttpResponse:
    rule = get_object_or_404(Rule, prop=prop, uid=rule_uid)
    lines = revision_lines(prop, rule.uid, rule_changes)
    compared = next((it for it in lines if str(it.revision.number) == request.GET.get("compare")), None)
    context = {
        "rule": rule,
        "lines": lines,
        "compared": compared,
        "difference": [*rule_changes(compared.revision.snapshot, rule.snapshot())] if compared else [],
        "state": PublishingStates(prop).of(rule),
        "tab": "revisions",
    }
    return render(request, "authoring/rule_revisions.html", context)
