"""What the drawer and the page of one event show beside its story: the cure, and how many events share it."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse

from properties.models import Environment, Property
from rules.explain.refusals import CauseKey
from rules.explain.rule_stories import rule_uids
from rules.explain.story import EventStory, event_story
from rules.explain.why_boxes import WhyBox
from rules.issues.fixing import Fix, fix_of
from rules.models import Activation, Delivery, InboundEvent, Issue, RuleComponent
from rules.publishing.build_numbers import build_numbers

from .event_quality import estimates_of

# The parts of an event: name in the address, label.
TABS = {
    "why": "Why",
    "elements": "Data Elements",
    "payload": "Payload",
    "incoming": "Incoming",
    "history": "History",
}


@dataclass(frozen=True, slots=True)
class Alike:
    """Other events with the same cause.

    Args:
        count: How many others there are; retention does not lower it.
        build: Number of the build in which it was first seen; 0 if there was none.
    """

    count: int
    build: int
    url: str


def parts_of(
    prop: Property, event: InboundEvent, rights: Collection[str], *, is_plain: bool = False
) -> dict[str, Any]:
    """Return everything that the templates of one event need, in a fixed number of queries.

    Args:
        rights: Of the person.
        is_plain: Show the received request with customer data.
    """
    story = event_story(event, is_plain=is_plain)
    environment = Environment.objects.filter(prop=prop, pk=event.environment_id).first()
    issue = _issue(story)
    fix = _fix(prop, event, environment, story.why)
    numbers = build_numbers([event.build_id, issue.first_build_id if issue else None])
    return {
        "story": story,
        "environment": environment,
        "why": story.why,
        "rule_uids": rule_uids(prop),
        "fix": fix if fix and fix.right in rights else None,
        "alike": _alike(prop, environment, issue, numbers),
        "estimates": estimates_of(prop, event.pk, environment),
        "build_number": numbers.get(event.build_id or 0, 0),
        "has_newer_build": _has_newer_build(event),
    }


def _has_newer_build(event: InboundEvent) -> bool:
    """Whether another build is live now than the one that ran: the cause may be gone."""
    live = Activation.objects.filter(environment_id=event.environment_id).order_by("-id")
    return live.values_list("build_id", flat=True).first() not in (None, event.build_id)


def _issue(story: EventStory) -> Issue | None:
    """Return the issue that counts this cause."""
    found = story.why.delivery
    if found is None or story.outcome.kind not in Issue.Kind.values:
        return None
    event = story.event
    like = Issue.objects.filter(
        property_id=event.property_id,
        environment_id=event.environment_id,
        kind=story.outcome.kind,
        component_uid=found.component_uid,
    )
    code, field = (found.code, found.blamed_field) if found.refusal else ("", story.why.path)
    return like.filter(code=code, field=field).first() if code else like.filter(field=field).first()


def _alike(
    prop: Property, environment: Environment | None, issue: Issue | None, numbers: dict[int, int]
) -> Alike | None:
    if issue is None or issue.count < 2 or environment is None:
        return None
    asked = {"env": environment.uid}
    if issue.code and issue.kind != Issue.Kind.WITHOUT:
        asked["cause"] = str(CauseKey(issue.component_uid, issue.code, issue.field))
    else:
        asked["result"] = issue.kind
    url = f"{reverse('rules:event_log', args=[prop.uid])}?{urlencode(asked)}"
    return Alike(issue.count - 1, numbers.get(issue.first_build_id or 0, 0), url)


def _fix(prop: Property, event: InboundEvent, environment: Environment | None, why: WhyBox) -> Fix | None:
    """Return the page that mends the cause; None if nothing needs mending."""
    found = why.delivery
    if found is None or environment is None or not why.ground:
        return None
    component = RuleComponent.objects.filter(rule__prop=prop, uid=found.component_uid)
    extensions = dict(prop.extensions.values_list("package_name", "uid"))
    kind = Issue.Kind.ON_HOLD if found.state == Delivery.State.PARKED else Issue.Kind.NOT_SENT
    cause = SimpleNamespace(kind=kind, code=found.code, delegate=found.delegate, example_event_id=event.pk)
    at_fault = component.select_related("rule").first()
    return fix_of(prop, cause, environment, at_fault, why.path, extensions)
