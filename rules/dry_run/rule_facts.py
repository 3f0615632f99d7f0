"""Whether a rule would run: its conditions for one event, and counts over the newest ones."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from django.conf import settings

from properties.models import Property
from properties.resources.unsaved import dry_run_environment
from properties.secrets.belonging import DryRunMarkers
from rules.engine import CompiledBuild, RunResult, judge_rule, masked_trace
from rules.explain.component_stories import ConditionStory
from rules.explain.rule_stories import rule_stories
from rules.explain.traces import Trace
from rules.models import Rule
from rules.sandbox import shared_sandbox

from .element_facts import MOST_WITH_CODE
from .recent_events import recent_events
from .samples import NoSample, SampleEvent, sample_event
from .saved_elements import saved_rule

MOST_CHOICES = 20


@dataclass(frozen=True, slots=True)
class ConditionFacts:
    """One condition: how it went for the chosen event, and in how many of the newest events it was met."""

    uid: str
    story: ConditionStory
    met: int
    seen: int

    @property
    def shown(self) -> str:
        """What the condition found, or why it failed."""
        return self.story.error or self.story.found


@dataclass(frozen=True, slots=True)
class RuleFacts:
    """What a rule would do with the newest events.

    Args:
        event: The chosen event; None without events.
        choices: Key and label of the events to choose from.
        conditions: By uid.
        runs: Events, of ``seen``, for which every condition is met.
        would_run: Whether every condition is met for the chosen event.
        problems: Why the rule cannot run.
    """

    event: SampleEvent | None = None
    choices: Sequence[tuple[str, str]] = ()
    conditions: dict[str, ConditionFacts] = field(default_factory=dict)
    runs: int = 0
    seen: int = 0
    would_run: bool = False
    problems: tuple[str, ...] = ()

    @property
    def percent(self) -> int:
        return self.runs * 100 // self.seen if self.seen else 0

    def beside(self, step: int) -> str:
        """Return the key of the event that is ``step`` places after the chosen one in the list, or ""."""
        keys = [key for key, _ in self.choices]
        place = keys.index(self.event.key) + step if self.event and self.event.key in keys else -1
        return keys[place] if 0 <= place < len(keys) else ""

    @property
    def newer(self) -> str:
        return self.beside(-1)

    @property
    def older(self) -> str:
        return self.beside(1)


def rule_facts(prop: Property, rule: Rule, key: str = "") -> RuleFacts:
    """Return what the saved rule would do with the newest events. Nothing is sent.

    Args:
        key: ``event:<id>`` of the event to show; the newest one if it is not kept any more.
    """
    saved, events = saved_rule(prop, rule), recent_events(prop)
    chosen = _chosen(prop, events, key)
    choices = [(event.key, event.label) for event in events[:MOST_CHOICES]]
    if saved.build is None or chosen is None:
        return RuleFacts(chosen, choices, problems=saved.problems)
    marker = DryRunMarkers(prop, dry_run_environment(prop))
    counted = events[:MOST_WITH_CODE] if saved.scripted else events
    results = [_judge(saved.build, rule, event, marker) for event in counted]
    shown = _judge(saved.build, rule, chosen, marker)
    return RuleFacts(
        chosen,
        choices,
        _conditions(shown, results, saved.build),
        runs=sum(map(_all_met, results)),
        seen=len(results),
        would_run=_all_met(shown),
    )


def _chosen(prop: Property, events: Sequence[SampleEvent], key: str) -> SampleEvent | None:
    known = {event.key: event for event in events}
    if key in known or not key:
        return known.get(key) or next(iter(events), None)
    try:
        return sample_event(prop, key)
    except NoSample:
        return next(iter(events), None)


def _conditions(
    shown: RunResult, results: Sequence[RunResult], build: CompiledBuild
) -> dict[str, ConditionFacts]:
    stories = _stories(shown, build)
    seen = len(results)
    met = [[run.passed is True for run in result.rules[0].conditions] for result in results]
    return {
        run.id: ConditionFacts(run.id, stories[place], sum(each[place] for each in met), seen)
        for place, run in enumerate(shown.rules[0].conditions)
    }


def _stories(shown: RunResult, build: CompiledBuild) -> list[ConditionStory]:
    rule = build.rules[0]
    conditions = [
        {
            "id": it.id,
            "name": it.name,
            "modulePath": it.delegate,
            "settings": it.settings,
            "negate": it.negate,
        }
        for it in rule.conditions
    ]
    document = {"rules": [{"id": rule.id, "name": rule.name, "conditions": conditions, "actions": []}]}
    return rule_stories(Trace("again", masked_trace(shown), document))[0].conditions


def runs_for(build: CompiledBuild, rule: Rule, event: SampleEvent, marker: Callable[[str], str]) -> bool:
    """Return whether a rule runs for an event."""
    return _all_met(_judge(build, rule, event, marker))


def _all_met(result: RunResult) -> bool:
    return all(run.passed for run in result.rules[0].conditions)


def _judge(build: CompiledBuild, rule: Rule, event: SampleEvent, marker: Callable[[str], str]) -> RunResult:
    return judge_rule(
        build,
        rule.uid,
        event.call,
        inbound_event_id=event.inbound_event_id,
        received_at=event.received_at,
        installation=settings.INSTALLATION,
        secret_marker=marker,
        scripts=shared_sandbox().sandbox,
    )
