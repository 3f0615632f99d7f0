"""The first line of an event's page."""

from __future__ import annotations

import pytest

from rules.explain.component_stories import ConditionStory
from rules.explain.outcome_words import ShownOutcome
from rules.explain.rule_stories import RuleStory
from rules.explain.sentences import REASONS, sentence, why_not
from rules.models import InboundEvent

MARK = ShownOutcome("", "", "none")


def condition(
    passed: bool | None, summary: str = "Event Name equals “Purchase”", **more: object
) -> ConditionStory:
    return ConditionStory("Value Comparison", summary, MARK, passed=passed, **more)  # type: ignore[arg-type]


def rule(name: str, *conditions: ConditionStory) -> RuleStory:
    return RuleStory("RL1", name, "condition_not_met", MARK, list(conditions), [])


def test_a_negated_condition_says_not() -> None:
    shown = why_not(condition(False, negate=True, found="“Purchase”"))
    assert shown == "the condition not (Event Name equals “Purchase”) was not met: it was “Purchase”."


def test_a_condition_without_a_summary_is_named_by_its_title() -> None:
    assert why_not(condition(False, summary="")) == "the condition Value Comparison was not met."


def test_of_many_rules_the_closest_one_is_named() -> None:
    first = rule("Lead", condition(False, "Event Name equals “Lead”", found="“Purchase”"))
    closest = rule("Purchase", condition(True), condition(False, "Value is greater than 10", found="5"))
    text, advice = sentence("no_match", "conditions_not_met", [first, closest], [])
    assert text == (
        "None of the 2 rules matched. Closest was rule “Purchase”: "
        "the condition Value is greater than 10 was not met: it was 5."
    )
    assert advice == ""


def test_when_none_came_close_the_first_is_an_example() -> None:
    rules = [rule(name, condition(False, found="“x”")) for name in ("Lead", "Purchase")]
    assert sentence("no_match", "conditions_not_met", rules, [])[0].startswith(
        "None of the 2 rules matched. For example, in rule “Lead” the condition"
    )


@pytest.mark.parametrize("state", InboundEvent.State.values)
def test_every_state_has_a_sentence_even_when_nothing_else_is_known(state: str) -> None:
    text, _ = sentence(state, "", [], [])
    assert text.endswith(".")


@pytest.mark.parametrize("reason", REASONS)
def test_every_reason_of_ours_has_a_sentence(reason: str) -> None:
    text, _ = sentence("dead" if reason not in ("no_build", "no_rules") else "no_match", reason, [], [])
    assert text == REASONS[reason][0]


def test_a_failed_rule_is_named_with_its_component_and_the_reason() -> None:
    failed = RuleStory("RL1", "Purchase", "failed", MARK, [], [])
    failed.conditions.append(condition(None, error="TypeError: x"))
    text, _ = sentence("dead", "rule_failed", [failed], [])
    assert text == "Rule “Purchase” failed in “Value Comparison”: TypeError: x"
