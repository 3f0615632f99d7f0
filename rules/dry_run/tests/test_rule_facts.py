"""Whether a rule would run for the newest events."""

from __future__ import annotations

import pytest

from properties.models import Property
from rules.dry_run.rule_facts import RuleFacts, rule_facts
from rules.models import InboundEvent, Rule, RuleComponent

from .received import receive

COMPARISON = "core::conditions::value-comparison"


@pytest.fixture
def rule(prop: Property) -> Rule:
    return Rule.objects.get(prop=prop)


def compare(
    rule: Rule, right: str, *, operator: str = "equals", left: str = "{{Email}}", order: int = 1
) -> RuleComponent:
    settings = {"leftOperand": left, "comparison": {"operator": operator}, "rightOperand": right}
    return rule.components.create(kind="conditions", delegate=COMPARISON, settings=settings, order=order)


def counts(found: RuleFacts) -> list[int]:
    return [condition.met for condition in found.conditions.values()]


def test_each_condition_and_the_whole_rule_are_counted(prop: Property, rule: Rule) -> None:
    compare(rule, "@shop.example", operator="contains")
    mine, other = {"user": {"email": "a@shop.example"}}, {"user": {"email": "a@other.example"}}
    receive(
        prop,
        [{"name": "Purchase", **mine}] * 3 + [{"name": "Purchase", **other}] + [{"name": "Lead", **mine}],
    )
    found = rule_facts(prop, rule)
    assert counts(found) == [4, 4]
    assert (found.runs, found.seen, found.percent) == (3, 5, 60)


def test_the_chosen_event_shows_what_each_condition_found(prop: Property, rule: Rule) -> None:
    [first, _] = receive(prop, [{"name": "Purchase"}, {"name": "Lead"}])
    newest = rule_facts(prop, rule)
    [condition] = newest.conditions.values()
    assert (condition.story.found, condition.story.passed, newest.would_run) == ("“Lead”", False, False)
    chosen = rule_facts(prop, rule, f"event:{first.pk}")
    [condition] = chosen.conditions.values()
    assert (condition.story.found, condition.story.passed, chosen.would_run) == ("“Purchase”", True, True)
    assert (chosen.newer, chosen.older) == (newest.event.key, "")


def test_values_of_customers_are_masked(prop: Property, rule: Rule) -> None:
    compare(rule, "x")
    receive(prop, [{"name": "Purchase", "user": {"email": "petra@other.example"}}])
    found = [condition.story.found for condition in rule_facts(prop, rule).conditions.values()]
    assert found == ["“Purchase”", "“p…@o…”"]


def test_a_disabled_rule_is_counted_too(prop: Property, rule: Rule) -> None:
    rule.enabled = False
    rule.save()
    receive(prop, [{"name": "Purchase"}])
    assert rule_facts(prop, rule).runs == 1


def test_a_rule_without_conditions_runs_for_every_event(prop: Property, rule: Rule) -> None:
    rule.components.filter(kind="conditions").delete()
    receive(prop, [{"name": "Lead"}])
    assert (rule_facts(prop, rule).runs, rule_facts(prop, rule).would_run) == (1, True)


def test_an_event_of_another_property_is_never_shown(prop: Property, rule: Rule) -> None:
    [event] = receive(prop, [{"name": "Purchase"}])
    InboundEvent.objects.filter(pk=event.pk).update(property_id=prop.pk + 1)
    assert rule_facts(prop, rule, f"event:{event.pk}").event is None


def test_a_condition_whose_package_is_missing_is_a_problem(prop: Property, rule: Rule) -> None:
    rule.components.create(kind="conditions", delegate="gone::conditions::x", order=2)
    receive(prop, [{"name": "Purchase"}])
    [problem] = rule_facts(prop, rule).problems
    assert "is not installed" in problem
