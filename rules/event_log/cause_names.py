"""A cause of refusals in one sentence, as its issue says it."""

from __future__ import annotations

from properties.catalog.outbound import Outcome
from properties.models import Environment, Property
from rules.explain.refusals import CauseKey, explained
from rules.issues.wording import title_of
from rules.models import Issue


def cause_name(prop: Property, environment: Environment, key: CauseKey) -> str:
    """Return a cause in words, without a full stop; its code if nothing like it was counted here."""
    issues = Issue.objects.filter(
        property_id=prop.pk,
        environment_id=environment.pk,
        component_uid=key.component_uid,
        code=key.code,
        field=key.blamed_field,
    )
    issue = issues.order_by("-last_seen_at").first()
    if issue is None:
        return f"Cause: {key.code.replace('_', ' ') or 'unknown'}"
    outcome = Outcome("rejected", issue.code, issue.message, issue.advice, blamed_field=issue.field)
    return title_of(issue, explained(issue.delegate, outcome, {}, {}), environment.name)
