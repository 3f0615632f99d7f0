"""Issues in words: one sentence for the cause, and where it comes from."""

from __future__ import annotations

from typing import Any

from properties.catalog.registry import find_package
from rules.delivery.issue_causes import RULE_FAILED, WHOLE
from rules.delivery.outcomes import MAY_HAVE_ARRIVED
from rules.explain.delivery_stories import target_of
from rules.explain.refusals import RefusalExplanation
from rules.explain.sentences import REASONS
from rules.explain.shown_values import why_failed
from rules.models import Issue

Kind = Issue.Kind
SIGNS = {
    Kind.NOT_SENT: ("notsent", "bad"),
    Kind.REFUSED: ("refused", "bad"),
    Kind.WITHOUT: ("without", "warn"),
    Kind.ON_HOLD: ("hold", "warn"),
    Kind.FAILED_BUILD: ("bug", "bad"),
    Kind.WARNING: ("bug", "warn"),
    Kind.SILENT: ("nomatch", "bad"),
}


def title_of(issue: Any, refusal: RefusalExplanation, environment_name: str) -> str:
    """Return the cause of an issue as one sentence, without a full stop.

    Args:
        refusal: Why its events were refused.
    """
    name = issue.name or "Event"
    if issue.kind == Kind.WITHOUT:
        field = issue.label or issue.field or "a field"
        return _plain(f"{name} delivered without {field}{_why_without(refusal)}")
    if issue.kind == Kind.ON_HOLD:
        return _on_hold(issue)
    if issue.kind == Kind.FAILED_BUILD:
        problem = issue.message or "no reason is known"
        return _plain(f"The last build for {environment_name} failed: {problem}")
    if issue.kind in (Kind.WARNING, Kind.SILENT):
        return _plain(issue.message)
    if issue.code in MAY_HAVE_ARRIVED:
        return f"{name} not sent again: it may have arrived, {_package(issue)} did not answer"
    if issue.kind == Kind.REFUSED:
        return _plain(f"{name} refused by {_package(issue)}: {_of(name, refusal.cause)}")
    return _plain(f"{name} not sent: {_of(name, _why_not(issue, refusal))}")


def _why_without(refusal: RefusalExplanation) -> str:
    """Return why a field is missing; that it was left out is said already."""
    cause = refusal.cause.rstrip(". ").removesuffix("; left out")
    if cause.startswith(("It ", "A ")):
        cause = cause[0].lower() + cause[1:]
    return f": {cause}" if cause else ""


def _of(name: str, cause: str) -> str:
    """Return a cause that does not name the event again: “Purchase needs …” becomes “it needs …”."""
    return f"it {cause.removeprefix(name).lstrip()}" if cause.startswith(f"{name} ") else cause


def _on_hold(issue: Any) -> str:
    events = f"{issue.count:,} event{'' if issue.count == 1 else 's'} on hold"
    where = target_of(issue.delegate, issue.destination) if issue.delegate else "Every destination"
    subject = events if issue.count else f"{where} is on hold"
    return _plain(f"{subject}: {issue.message}" if issue.message else subject)


def _why_not(issue: Any, refusal: RefusalExplanation) -> str:
    if issue.code == RULE_FAILED:
        return why_failed(issue.message) or "a rule failed"
    return REASONS[issue.code][0] if issue.code in WHOLE else refusal.cause


def _package(issue: Any) -> str:
    package = find_package(issue.delegate)
    return package.display_name if package else issue.destination or "the destination"


def _plain(text: str) -> str:
    return text.rstrip(". ")
