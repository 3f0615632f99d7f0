"""Rules as they ran for an event: conditions with both values, actions with every field."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, TypeVar

from properties.models import Property
from rules.models import Rule

from . import rule_marks
from .component_stories import (
    ActionStory,
    ConditionStory,
    action_story,
    condition_story,
    unreached_action,
    unreached_condition,
)
from .outcome_words import ShownOutcome
from .shown_values import duration
from .traces import Trace

Story = TypeVar("Story", ConditionStory, ActionStory)
STATUSES = ("failed", "success", "condition_not_met")


@dataclass(frozen=True, slots=True)
class RuleStory:
    """One rule.

    Args:
        waits: Whether the rest runs later, when the answer to its last request or a credential arrives.
    """

    id: str
    name: str
    status: str
    mark: ShownOutcome
    conditions: list[ConditionStory]
    actions: list[ActionStory]
    waits: bool = False

    @property
    def unmet(self) -> ConditionStory | None:
        """The condition that stopped the rule."""
        return next((c for c in self.conditions if c.is_reached and c.passed is False), None)

    @property
    def stopped_early(self) -> bool:
        """Whether a condition failed, so that no action was reached."""
        return self.status == "failed" and not any(action.is_reached for action in self.actions)

    @property
    def met_count(self) -> int:
        return sum(condition.passed is True for condition in self.conditions)

    @property
    def microseconds(self) -> int:
        """Time that its conditions and actions took, without sending."""
        conditions = sum(it.microseconds for it in self.conditions)
        return conditions + sum(it.microseconds for it in self.actions)

    @property
    def spent(self) -> str:
        return duration(self.microseconds)

    @property
    def error(self) -> str:
        """Where it failed and why, such as ``in “Custom Code”: …``."""
        components: list[ConditionStory | ActionStory] = [*self.conditions, *self.actions]
        return next((f"in “{it.title}”: {it.error}" for it in components if it.error), "")


def rule_uids(prop: Property) -> set[str]:
    """Return the uids of rules that can be opened: a build may contain rules that were deleted later."""
    return set(Rule.objects.filter(prop=prop).values_list("uid", flat=True))


def rule_stories(trace: Trace) -> list[RuleStory]:
    """Return every rule of the build: failed rules, finished rules, then those that came closest."""
    written = {rule["id"]: rule for rule in trace.document.get("rules", [])}
    stories = [_rule(run, written.get(run["id"], {})) for run in trace.data.get("rules", [])]
    return sorted(stories, key=lambda story: (STATUSES.index(story.status), -story.met_count))


def _rule(run: Mapping[str, Any], written: Mapping[str, Any]) -> RuleStory:
    waits = bool(run.get("waits"))
    conditions = _parts(run, written, "conditions", condition_story, unreached_condition)
    actions = _parts(run, written, "actions", action_story, unreached_action)
    return RuleStory(
        id=run["id"],
        name=run["name"],
        status=run["status"],
        mark=rule_marks.WAITS if waits else rule_marks.rule_mark(run["status"]),
        conditions=[_waiting(it) if waits else it for it in conditions],
        actions=[_waiting(it) if waits else it for it in actions],
        waits=waits,
    )


def _waiting(story: Story) -> Story:
    """Return the story of a component whose rule waits: without the credential it did not run, or fail."""
    return replace(story, mark=rule_marks.WAITS) if story.error else story


def _parts(
    run: Mapping[str, Any],
    written: Mapping[str, Any],
    key: str,
    explain: Callable[[Mapping[str, Any], Any], Story],
    tell_unreached: Callable[[Mapping[str, Any]], Story],
) -> Iterator[Story]:
    """Return the components that ran, then those that were not reached."""
    settings = {it["id"]: it.get("settings") for it in written.get(key, [])}
    ran = run.get(key, [])
    yield from (explain(it, settings.get(it["id"])) for it in ran)
    yield from (tell_unreached(it) for it in written.get(key, [])[len(ran) :])
