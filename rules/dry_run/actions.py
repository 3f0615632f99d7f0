"""Dry runs of an action that is not saved yet. Nothing is sent."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from properties.catalog.outbound import BatchItem, Warn
from properties.catalog.registry import packages
from rules.delivery.outcome_kinds import OutcomeKind
from rules.engine import BuildProblem, RunResult, compile_build, mask_lookalikes, masked_trace
from rules.explain.element_stories import ElementStory, element_stories
from rules.explain.outcome_words import ShownOutcome, some_of, would_be
from rules.explain.outgoing import Outgoing, outgoing
from rules.explain.rule_stories import RuleStory, rule_stories
from rules.explain.sentences import why_not
from rules.explain.shown_values import shown_text
from rules.explain.traces import Trace

from .run import run_sample
from .samples import SampleEvent

# Ids of the two rules of a draft: one has only the action, the other only the conditions of its rule.
ACTION = "action"
CONDITIONS = "conditions"
RUNS = ShownOutcome("Would run", "ok", "ok")
SENDS_NOTHING = ShownOutcome("Would send nothing", "nomatch", "none")


@dataclass(frozen=True, slots=True)
class Preview:
    """The result of a dry run of an action.

    Args:
        outgoing: Requests that would be sent.
        payloads: What each of them holds of the event, as the vendor would get it.
        refusal: Why nothing would be sent: the vendor would refuse it.
        refused_after: Warnings about parameters left out before the refusal; often its cause.
        error: Why the action would fail or wait.
        waits: Whether the event would wait until the error is over.
        left: Output for later actions; empty if there is none.
        elements: Data elements that were needed.
        unmet: Why the rule would not run for this event; empty if it would.
        problems: Why the draft cannot be compiled.
    """

    sample: SampleEvent
    outgoing: list[Outgoing] = field(default_factory=list)
    payloads: Sequence[Mapping[str, Any]] = ()
    refusal: str = ""
    refused_after: Sequence[Warn] = ()
    error: str = ""
    waits: bool = False
    left: str = ""
    elements: list[ElementStory] = field(default_factory=list)
    unmet: str = ""
    problems: Sequence[str] = ()

    @property
    def outcome(self) -> ShownOutcome:
        """The verdict in a few words."""
        if self.waits:
            return would_be(OutcomeKind.ON_HOLD)
        if self.problems or self.error:
            return would_be(OutcomeKind.NOT_SENT, "the action would fail")
        if self.refusal:
            return would_be(OutcomeKind.NOT_SENT)
        if not self.outgoing:
            return RUNS if self.left else SENDS_NOTHING
        lost = [warn.label for it in self.outgoing for warn in it.warnings if warn.is_lost]
        if lost:
            return would_be(OutcomeKind.WITHOUT, some_of(list(dict.fromkeys(lost))))
        return would_be(OutcomeKind.DELIVERED)


def fitting(
    document: Mapping[str, Any], samples: Iterable[SampleEvent], secret_marker: Callable[[str], str]
) -> SampleEvent | None:
    """Return the first event that meets the conditions of a draft; None if no event does.

    Raises:
        BuildProblem: The draft cannot be compiled.
    """
    conditions = [rule for rule in document["rules"] if rule["id"] == CONDITIONS]
    build = compile_build({**document, "rules": conditions}, packages())
    return next(
        (it for it in samples if run_sample(build, it, secret_marker).rules[0].status == "success"), None
    )


def run_draft(
    document: Mapping[str, Any], sample: SampleEvent, secret_marker: Callable[[str], str]
) -> RunResult:
    """Run a draft for an event.

    Args:
        document: A build document with the rules ``ACTION`` and ``CONDITIONS``.

    Raises:
        BuildProblem: The draft cannot be compiled.
    """
    return run_sample(compile_build(document, packages()), sample, secret_marker)


def preview(document: Mapping[str, Any], sample: SampleEvent, secret_marker: Callable[[str], str]) -> Preview:
    """Return what a draft would do with an event."""
    try:
        result = run_draft(document, sample, secret_marker)
    except BuildProblem as error:
        return Preview(sample, problems=error.problems)
    trace = Trace("again", masked_trace(result), dict(document))
    stories = {story.id: story for story in rule_stories(trace)}
    refusal = next((it.message for it in result.refusals), "")
    refused_after = [warning for it in result.refusals for warning in it.warnings]
    return Preview(
        sample,
        outgoing=outgoing(result.items, result.secrets),
        payloads=[
            it.item.payload for it in result.items if not it.is_wait and isinstance(it.item, BatchItem)
        ],
        refusal=str(mask_lookalikes(refusal)),
        refused_after=refused_after,
        error="" if refusal else next((it.error for it in stories[ACTION].actions), ""),
        waits=any(it.is_wait for it in result.items),
        left=_left(result),
        elements=element_stories(trace),
        unmet=_unmet(stories[CONDITIONS]),
    )


def _unmet(story: RuleStory) -> str:
    if story.unmet:
        return why_not(story.unmet)
    return story.error if story.status == "failed" else ""


def _left(result: RunResult) -> str:
    """Return the value for the rule stash, as the trace shows it."""
    if result.items or result.refusals:
        return ""
    actions = next(rule for rule in masked_trace(result)["rules"] if rule["id"] == ACTION)["actions"]
    found = actions[-1]["output"] if actions else None
    return "" if found is None else shown_text(found)
