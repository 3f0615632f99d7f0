"""Dry runs of a build, with the same story as the page of an event."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from properties.catalog.registry import packages
from properties.models import Property
from properties.resources.unsaved import dry_run_environment
from properties.secrets.belonging import DryRunMarkers
from rules.delivery.outcome_kinds import OutcomeKind
from rules.engine import Refusal, RunResult, compile_build, mask_lookalikes, masked_trace
from rules.explain.element_stories import ElementStory, element_stories
from rules.explain.outcome_words import ShownOutcome, would_be
from rules.explain.outgoing import Outgoing, outgoing
from rules.explain.rule_stories import RuleStory, rule_stories
from rules.explain.sentences import sentence
from rules.explain.traces import Trace

from .run import run_sample
from .samples import SampleEvent


@dataclass(frozen=True, slots=True)
class BuildDryRun:
    """The result of a dry run of a build.

    Args:
        sentence: The outcome in a few words.
        refusals: (rule, why nothing would be sent).
    """

    sample: SampleEvent
    outcome: ShownOutcome
    sentence: str
    rules: list[RuleStory]
    elements: list[ElementStory]
    outgoing: list[Outgoing]
    refusals: list[tuple[str, str]]


def dry_run_build(prop: Property, document: Mapping[str, Any], sample: SampleEvent) -> BuildDryRun:
    """Run an event through a build document without sending.

    Raises:
        BuildProblem: The document cannot be compiled.
    """
    build = compile_build(document, packages())
    environment = prop.environments.filter(uid=document.get("environment", {}).get("id", "")).first()
    result = run_sample(build, sample, DryRunMarkers(prop, environment or dry_run_environment(prop)))
    trace = Trace("again", masked_trace(result), dict(document))
    rules, sent = rule_stories(trace), outgoing(result.items, result.secrets)
    outcome, text = _verdict(result, rules, sent)
    return BuildDryRun(
        sample=sample,
        outcome=outcome,
        sentence=text,
        rules=rules,
        elements=element_stories(trace),
        outgoing=sent,
        refusals=[(it.rule_name, str(mask_lookalikes(it.message))) for it in result.refusals],
    )


def _verdict(
    result: RunResult, rules: Sequence[RuleStory], sent: Sequence[Outgoing]
) -> tuple[ShownOutcome, str]:
    """Return the worst outcome, as the page of an event does."""
    failed = next((it for it in rules if it.status == "failed"), None)
    if result.refusals:
        return would_be(OutcomeKind.NOT_SENT), _refused(result.refusals[0])
    if failed:
        text = f"Rule “{failed.name}” would fail {failed.error}"
        return would_be(OutcomeKind.NOT_SENT, "a rule would fail"), text
    if waiting := next((it for it in result.items if it.is_wait), None):
        return would_be(OutcomeKind.ON_HOLD), _waits(waiting.rule_id, rules)
    if sent:
        return would_be(OutcomeKind.DELIVERED), _sent(sent)
    if not rules:
        return would_be(OutcomeKind.NO_MATCH), "This build has no rules."
    if any(it.status == "success" for it in rules):
        text, _ = sentence("no_match", "nothing_to_send", rules, [])
        return would_be(OutcomeKind.NO_MATCH, "nothing to send"), text
    return would_be(OutcomeKind.NO_MATCH), sentence("no_match", "conditions_not_met", rules, [])[0]


def _refused(refusal: Refusal) -> str:
    return f"Rule “{refusal.rule_name}” would send nothing: {mask_lookalikes(refusal.message)}"


def _waits(rule_id: str, rules: Sequence[RuleStory]) -> str:
    story = next(it for it in rules if it.id == rule_id)
    return f"Rule “{story.name}” would wait {story.error}"


def _sent(sent: Sequence[Outgoing]) -> str:
    first, *others = sent
    name = f" as “{first.name}”" if first.name else ""
    more = f", and {len(others)} more" if others else ""
    return f"Would be delivered to {first.target}{name}{more}. Nothing was sent now."
