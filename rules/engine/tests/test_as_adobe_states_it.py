"""Statements of Adobe's own engine tests, with their values, that no other test of ours covers.

Source: adobe/reactor-turbine-edge, src/__tests__ and src/rules/__tests__; docs/adobe_parity.md lists them.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from properties.catalog.context import EventContext
from properties.catalog.descriptor import DataElementType, Settings
from rules.engine import masked_trace

from .probe import Probe, action, compile_rules, condition, element, rule, run


@pytest.fixture
def contexts(probe: Probe) -> list[dict[str, Any]]:
    """Return what the data element ``look`` sees of its context, each time."""
    seen: list[dict[str, Any]] = []

    def look(settings: Settings, context: EventContext) -> None:
        seen.append({"component": context.component, "extension": context.extension_settings})

    looking = DataElementType(name="look", title="Look", run=look)
    probe.package = replace(probe.package, data_elements=[*probe.package.data_elements, looking])
    return seen


def value_of(probe: Probe, definition: dict[str, Any]) -> Any:
    run(compile_rules(probe, rule(action(value="{{It}}")), elements={"It": definition}))
    return probe.seen[0]["value"]


# createGetDataElementValue


def test_a_data_element_sees_the_settings_of_its_extension(
    probe: Probe, contexts: list[dict[str, Any]]
) -> None:
    elements, settings = {"It": element("look")}, {"data": "extension settings"}
    run(compile_rules(probe, rule(action(value="{{It}}")), elements=elements, extension_settings=settings))
    assert contexts[0]["extension"] == {"data": "extension settings"}


def test_a_data_element_knows_its_id_and_name(probe: Probe, contexts: list[dict[str, Any]]) -> None:
    elements = {"data element name": {**element("look"), "id": "DE123"}}
    run(compile_rules(probe, rule(action(value="{{data element name}}")), elements=elements))
    assert contexts[0]["component"] == {"id": "DE123", "name": "data element name"}


@pytest.mark.parametrize("options", [{}, {"defaultValue": None}])
def test_a_value_that_is_missing_stays_missing_without_a_default(
    probe: Probe, options: dict[str, Any]
) -> None:
    assert value_of(probe, element(value=None, options=options)) is None


def test_text_is_turned_to_lower_case_without_being_cleaned(probe: Probe) -> None:
    assert value_of(probe, element(value=" bAr ", options={"forceLowerCase": True})) == " bar "
    assert value_of(
        Probe(), element(value=None, options={"defaultValue": "bAr", "forceLowerCase": True})
    ) == ("bar")


# cleanText


@pytest.mark.parametrize(
    ("written", "cleaned"),
    [
        ("Clean   multiple    spaces", "Clean multiple spaces"),
        ("new line here \n and\nhere \n", "new line here and here"),
        ("This is my Perfect String", "This is my Perfect String"),
        ("  This is my String     ", "This is my String"),
        (None, None),
        (123, 123),
        ({}, {}),
    ],
)
def test_text_is_cleaned_as_adobe_cleans_it(probe: Probe, written: Any, cleaned: Any) -> None:
    assert value_of(probe, element(value=written, options={"cleanText": True})) == cleaned


# rules/addActionResultToStash


@pytest.mark.parametrize("result", ["", 0, False, None, [], "actionResult"])
def test_whatever_an_action_gives_is_left_in_the_stash(probe: Probe, result: Any) -> None:
    elements = {"Left": element("stash", key="arc.ruleStash.probe")}
    run(compile_rules(probe, rule(action(value=result), action(left="{{Left}}")), elements=elements))
    assert probe.seen[-1]["left"] == result
    assert (probe.seen[-1]["left"] is False) == (result is False)


# rules/returnRuleResult, rules/logRuleStarting, rules/logRuleEnding


def test_each_rule_is_shown_with_its_id_and_how_it_ended(probe: Probe) -> None:
    rules = [
        rule(action(), name="fine"),
        rule(condition(result=False), name="unmet"),
        rule(action("boom"), name="broken"),
    ]
    recorded = masked_trace(run(compile_rules(probe, *rules)))["rules"]
    assert [(it["id"], it["name"], it["status"]) for it in recorded] == [
        ("RL-fine", "fine", "success"),
        ("RL-unmet", "unmet", "condition_not_met"),
        ("RL-broken", "broken", "failed"),
    ]


# rules/logModuleErrorAndRethrow, rules/logDelegateModuleCall, rules/logDelegateModuleOutput


def test_a_condition_that_is_not_met_is_no_error(probe: Probe) -> None:
    (recorded,) = masked_trace(run(compile_rules(probe, rule(condition(result=False), action()))))["rules"]
    assert [(it["passed"], it["error"]) for it in recorded["conditions"]] == [(False, "")]
    assert recorded["actions"] == []


def test_what_ran_before_a_failure_is_shown_with_its_settings_and_output(probe: Probe) -> None:
    elements = {"It": element(value=3)}
    steps = rule(condition(result=True), action(value="{{It}}"), action("refuse", n=1), action(value=9))
    (recorded,) = masked_trace(run(compile_rules(probe, steps, elements=elements)))["rules"]
    assert [it["passed"] for it in recorded["conditions"]] == [True]
    assert [(it["settings"], it["output"], bool(it["error"])) for it in recorded["actions"]] == [
        ({"value": 3}, 3, False),
        ({"n": 1}, None, True),
    ]


# createGetCurrentTimestamp


def test_steps_are_shown_in_order_with_the_time_each_took(probe: Probe) -> None:
    steps = [{**action(n=number), "id": f"RC{number}"} for number in range(5)]
    (recorded,) = masked_trace(run(compile_rules(probe, rule(*steps))))["rules"]
    assert [it["id"] for it in recorded["actions"]] == ["RC0", "RC1", "RC2", "RC3", "RC4"]
    assert all(it["microseconds"] >= 0 for it in recorded["actions"])


# rules/getTimeoutPromise, rules/transformToTimeBoundedPromise


@pytest.mark.parametrize(
    ("timeout", "seconds"),
    [(100, 0.1), (2500, 2.5), ("1500", 1.5), (None, 2), (0, 2), (-1, 2), ("soon", 2), (True, 2), ([], 2)],
)
def test_a_component_has_its_timeout_or_two_seconds(probe: Probe, timeout: Any, seconds: float) -> None:
    build = compile_rules(
        probe, rule({**condition(result=True), "timeout": timeout}, {**action(), "timeout": timeout})
    )
    (compiled,) = build.rules
    assert [it.timeout_seconds for it in (*compiled.conditions, *compiled.actions)] == [seconds, seconds]


# The container of src/__mocks__ has parts that are null or missing.


def test_parts_that_are_missing_or_null_are_empty(probe: Probe) -> None:
    bare = {"id": "RL1", "conditions": None, "actions": [{"id": "RC1", "modulePath": "probe::actions::note"}]}
    build = compile_rules(probe, bare, {"id": "RL2", "name": None, "actions": None})
    assert [(it.name, it.status) for it in run(build).rules] == [("", "success"), ("", "success")]
    assert probe.seen == [{}]
