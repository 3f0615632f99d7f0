"""Sending the events of an issue again: which they are, what a dry run says of them, and the replay."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Count, Q

from properties.catalog.outbound import Outcome
from properties.models import Property
from rules.delivery.compiled_builds import runnable_builds
from rules.delivery.event_run import run_arguments
from rules.delivery.issue_causes import RULE_FAILED, WHOLE
from rules.delivery.replay import jobs
from rules.delivery.replay.choice import REFUSALS, Eligible, choose
from rules.engine import CompiledBuild, mask_lookalikes, run_build
from rules.explain.refusals import explained
from rules.explain.shown_values import parsed
from rules.models import Delivery, InboundEvent, Issue, Replay

MOST_AT_ONCE = 10_000
# Events that the dialog runs dry; of more, the newest stand for all.
MOST_TRIED = 300
# Events whose traces are read to find those in which one rule failed.
MOST_READ = 2_000
KEPT = timedelta(days=8)
FAILED = (Delivery.State.DEAD, Delivery.State.EXPIRED)
# An event that failed as a whole has no delivery that says so.
BY_REASON = frozenset({RULE_FAILED, *WHOLE})
_KEY = ("environment_id", "component_uid", "code", "blamed_field")


@dataclass(frozen=True, slots=True)
class Forecast:
    """What sending the events of an issue again would do now.

    Args:
        eligible: Those that would be delivered, or were not tried because there are too many.
        tried: How many were run dry through the live build.
        failing: Why others would fail again, with their number, the most frequent first.
        refused: Why others cannot be sent again, with their number.
    """

    total: int
    eligible: list[Eligible] = field(default_factory=list)
    tried: int = 0
    failing: list[tuple[int, str]] = field(default_factory=list)
    refused: list[tuple[int, str]] = field(default_factory=list)

    @property
    def passing(self) -> int:
        """How many of the tried events would be delivered."""
        return self.tried - sum(number for number, _ in self.failing)

    @property
    def is_sampled(self) -> bool:
        return len(self.eligible) > self.passing


def can_retry(issue: Any) -> bool:
    """Return whether an issue is about events that failed and may be sent again."""
    return issue.kind in (Issue.Kind.NOT_SENT, Issue.Kind.REFUSED)


def retry_counts(prop: Property, issues: Sequence[Any]) -> dict[str, int]:
    """Return how many events of each issue can still be sent again, at most 10,000 together."""
    wanted = [it for it in issues if can_retry(it)]
    counts: Counter[tuple[Any, ...]] = Counter()
    if any(it.code not in BY_REASON for it in wanted):
        rows = _failed_deliveries(prop).order_by("-event_id").values_list(*_KEY, "destination")
        counts.update(rows[:MOST_AT_ONCE])
    reasons = {it.code for it in wanted if it.code in BY_REASON}
    if reasons:
        failed = _failed_events(prop, reasons).order_by().values_list("environment_id", "reason")
        for environment_id, reason, number in failed.annotate(number=Count("pk")):
            counts[environment_id, reason] = number
    # Several rules may have failed for the same reason: an issue has no more events than it was counted.
    return {it.pk: min(counts[_key_of(it)], it.count) for it in wanted}


def _key_of(issue: Any) -> tuple[Any, ...]:
    if issue.code in BY_REASON:
        return issue.environment_id, issue.code
    return issue.environment_id, issue.component_uid, issue.code, issue.field, issue.destination


def _failed_deliveries(prop: Property) -> Any:
    return Delivery.objects.filter(property_id=prop.pk, state__in=FAILED, replayed_at__isnull=True)


def _failed_events(prop: Property, reasons: Iterable[str]) -> Any:
    return InboundEvent.objects.filter(
        property_id=prop.pk, state=InboundEvent.State.DEAD, reason__in=list(reasons)
    )


def events_of(prop: Property, issue: Any) -> list[int]:
    """Return the ids of the events of an issue that have not been sent again, newest first."""
    if issue.code in BY_REASON:
        found = _failed_events(prop, [issue.code]).filter(environment_id=issue.environment_id)
        rows = found.order_by("-pk").values_list("pk", "trace")[:MOST_READ]
        return [pk for pk, trace in rows if not issue.rule_uid or _failed_in(trace, issue.rule_uid)]
    is_its = Q(
        environment_id=issue.environment_id,
        component_uid=issue.component_uid,
        code=issue.code,
        blamed_field=issue.field,
        destination=issue.destination,
    )
    found = _failed_deliveries(prop).filter(is_its).order_by("-event_id")
    ids = found.values_list("event_id", flat=True)[:MOST_AT_ONCE]
    return list(dict.fromkeys(ids))


def _failed_in(trace: str, rule_uid: str) -> bool:
    """Return whether a rule failed; the traces of failures are always kept."""
    rules = (parsed(trace) or {}).get("rules", [])
    return any(rule["id"] == rule_uid and rule["status"] == "failed" for rule in rules)


def forecast(prop: Property, issue: Any, now: datetime) -> Forecast:
    """Run the events of an issue dry through the build that is live now. Nothing is sent.

    Args:
        now: Time of the database.
    """
    ids = events_of(prop, issue)
    choice = choose(prop, ids, Replay.Build.CURRENT, now)
    newest = choice.eligible[-MOST_TRIED:]
    failing = dict(_failing(newest))
    reasons = Counter(failing.values())
    return Forecast(
        total=len(ids),
        eligible=[it for it in choice.eligible if it.event_id not in failing],
        tried=len(newest),
        failing=[(number, reason) for reason, number in reasons.most_common()],
        refused=[(number, REFUSALS[reason]) for reason, number in choice.refused.most_common()],
    )


def _failing(chosen: Sequence[Eligible]) -> Iterable[tuple[int, str]]:
    """Yield the events that would fail, each with the reason in words."""
    builds = runnable_builds({it.build_id for it in chosen})
    events = InboundEvent.objects.in_bulk([it.event_id for it in chosen])
    for it in chosen:
        build, event = builds.get(it.build_id), events.get(it.event_id)
        if event is None or build is None or build.compiled is None:
            yield it.event_id, "the live build cannot run"
        elif reason := _why_it_fails(event, build.compiled):
            yield it.event_id, reason


def _why_it_fails(event: InboundEvent, build: CompiledBuild) -> str:
    result = run_build(build, event.call(), **run_arguments(event))
    if result.refusals:
        first = result.refusals[0]
        outcome = Outcome("rejected", first.code, first.message, blamed_field=first.field)
        return _plain(explained(first.delegate, outcome, {}, {}).cause)
    failed = next((run for run in result.rules if run.status == "failed"), None)
    if failed is not None:
        return _plain(f"rule “{failed.name}” would fail")
    return "" if result.items else "no rule has anything to send"


def _plain(text: str) -> str:
    return str(mask_lookalikes(text)).rstrip(". ")


def start_retry(
    prop: Property, eligible: Sequence[Eligible], what: str, *, started_by: str, key: str
) -> Replay:
    """Start a replay of these events through the build that is live now.

    Args:
        what: The issue in words.
        key: Identifies the submitted form: the same key returns the same replay.
    """
    given: Mapping[str, str] = {"build": Replay.Build.CURRENT, "what": what, "started_by": started_by}
    return jobs.start(prop, eligible, key=key, **given)
