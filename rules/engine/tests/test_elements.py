"""Source: docs/reference/adobe.md, "Data elements" and "JavaScript semantics"."""

from __future__ import annotations

import logging
import math
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from properties.catalog.context import EventContext
from properties.catalog.descriptor import DataElementType
from properties.catalog.errors import InvalidParameter
from properties.catalog.registry import packages
from rules.engine import compile_build

from .probe import Probe, action, boom, compile_rules, element, invalid, rule, run


def value_of(probe: Probe, **definition: Any) -> Any:
    elements = {"It": element(**definition)}
    run(compile_rules(probe, rule(action(value="{{It}}")), elements=elements))
    return probe.seen[0]["value"]


def test_a_default_value_is_used_when_there_is_none(probe: Probe) -> None:
    assert value_of(probe, value=None, options={"defaultValue": "EUR"}) == "EUR"


@pytest.mark.parametrize("value", ["", 0, False, []])
def test_an_empty_value_is_kept(probe: Probe, value: Any) -> None:
    assert value_of(probe, value=value, options={"defaultValue": "EUR"}) == value


def test_no_number_is_kept_too(probe: Probe) -> None:
    assert math.isnan(value_of(probe, value=math.nan, options={"defaultValue": 1}))


def test_text_is_cleaned_and_then_turned_to_lower_case(probe: Probe) -> None:
    assert value_of(
        probe, value="  Ada \n Lovelace ", options={"cleanText": True, "forceLowerCase": True}
    ) == ("ada lovelace")


def test_a_default_value_is_cleaned_and_turned_to_lower_case_too(probe: Probe) -> None:
    options = {"defaultValue": " EUR ", "cleanText": True, "forceLowerCase": True}
    assert value_of(probe, value=None, options=options) == "eur"


def test_clean_text_knows_the_white_space_of_javascript(probe: Probe) -> None:
    written = "\ufeffa\u00a0\u2028b\u0085\u001f\u200bc\ufeff"
    assert value_of(probe, value=written, options={"cleanText": True}) == "a b\u0085\u001f\u200bc"


def test_only_text_is_cleaned(probe: Probe) -> None:
    assert value_of(probe, value={"A": " B "}, options={"cleanText": True, "forceLowerCase": True}) == {
        "A": " B "
    }


def test_data_elements_read_others(probe: Probe) -> None:
    elements = {"Inner": element(value=7), "Outer": element(value={"id": "{{Inner}}"})}
    run(compile_rules(probe, rule(action(value="{{Outer}}")), elements=elements))
    assert probe.seen[0]["value"] == {"id": 7}


def test_an_element_is_evaluated_once_for_an_event(probe: Probe) -> None:
    elements = {"It": element(value=7)}
    rules = [rule(action(a="{{It}}", b="{{It}} {{ It }}"), action(a="{{It}}"), name=name) for name in "AB"]
    run(compile_rules(probe, *rules, elements=elements))
    assert probe.evaluations == {"It": 1}


def test_an_element_that_reads_the_rule_stash_is_evaluated_for_each_component(probe: Probe) -> None:
    elements = {"Left": element("stash", key="arc.ruleStash.probe"), "Indirect": element(value="{{Left}}")}
    steps = [action(value="{{Indirect}}"), action(value="first"), action(value="{{Indirect}}{{Left}}")]
    run(compile_rules(probe, rule(*steps), elements=elements))
    assert [seen["value"] for seen in probe.seen] == [None, "first", "firstfirst"]
    assert probe.evaluations == {"Left": 2, "Indirect": 2}


def test_a_token_that_completes_the_path_to_the_rule_stash_is_noticed(probe: Probe) -> None:
    elements = {"Place": element(value="ruleStash.probe"), "Left": element("stash", key="arc.{{Place}}")}
    steps = [action(value="{{Left}}"), action(value="first"), action(value="{{Left}}")]
    run(compile_rules(probe, rule(*steps), elements=elements))
    assert [seen["value"] for seen in probe.seen] == [None, "first", "first"]


def test_an_element_never_sees_the_rule_stash_of_another_rule(probe: Probe) -> None:
    elements = {"Left": element("stash", key="arc.ruleStash.probe")}
    rules = [rule(action(value="A"), action(value="{{Left}}")), rule(action(value="{{Left}}"), name="B")]
    run(compile_rules(probe, *rules, elements=elements))
    assert [seen["value"] for seen in probe.seen] == ["A", "A", None]


def test_a_path_to_the_rule_stash_is_followed_for_each_component(probe: Probe) -> None:
    """A path is read only once if rules cannot change it; they can change this one."""
    left = {"modulePath": "core::dataElements::path", "settings": {"path": "arc.ruleStash.probe"}}
    steps = [action(value="{{Left}}"), action(value="first"), action(value="{{Left}}")]
    document = {"dataElements": {"Left": left}, "rules": [rule(*steps)]}
    run(compile_build(document, {**packages(), "probe": probe.package}))
    assert [seen["value"] for seen in probe.seen] == [None, "first", "first"]


def test_a_place_that_cannot_be_read_fails_the_rules_that_ask_for_it_alone(probe: Probe) -> None:
    def unreadable(settings: Any) -> Any:
        raise InvalidParameter("The place is wrong.")

    kind = DataElementType(name="wrong", title="Wrong", run=invalid, read=unreadable)
    probe.package = replace(probe.package, data_elements=[*probe.package.data_elements, kind])
    rules = rule(action(value="{{It}}"), name="A"), rule(action(value=1), name="B")
    first, second = run(compile_rules(probe, *rules, elements={"It": element("wrong")})).rules
    assert (first.status, second.status) == ("failed", "success")


def test_the_failure_of_an_element_names_it(probe: Probe) -> None:
    elements = {"Phone": element("refuse"), "Person": element(value="{{Phone}}")}
    result = run(compile_rules(probe, rule(action(value="{{Person}}")), elements=elements))
    assert result.rules[0].error == (
        'Failed to execute "Note". Failed to execute module for data element "Person". '
        'Failed to execute module for data element "Phone". Phone has no digits.'
    )
    assert result.elements["Phone"].error.endswith("Phone has no digits.")


def test_a_failed_element_fails_each_component_that_reads_it_alike(probe: Probe) -> None:
    elements = {"Phone": element("refuse")}
    rules = [rule(action(value="{{Phone}}"), name=name) for name in "AB"]
    first, second = run(compile_rules(probe, *rules, elements=elements)).rules
    assert first.error == second.error


def test_the_text_of_an_unexpected_error_is_shown_nowhere(
    probe: Probe, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG):
        result = run(compile_rules(probe, rule(action(value="{{It}}")), elements={"It": element("boom")}))
    assert "ada@example.com" not in result.rules[0].error + caplog.text
    line = boom.__code__.co_firstlineno + 1
    assert f"An unexpected ValueError was raised in probe.py, line {line}. Please" in result.rules[0].error
    assert f" > probe.py:{line} boom" in caplog.text


def counted(probe: Probe, fails: Callable[[EventContext], bool]) -> list[int]:
    """Add a data element that fails on a condition; return a list with one entry for each evaluation."""
    evaluated: list[int] = []

    def count(settings: Any, context: EventContext) -> Any:
        evaluated.append(len(evaluated))
        if fails(context):
            raise InvalidParameter("Not now.")
        return context.arc["ruleStash"].get("probe")

    kind = DataElementType(name="counted", title="Counted", run=count)
    probe.package = replace(probe.package, data_elements=[*probe.package.data_elements, kind])
    return evaluated


def test_a_failed_element_is_evaluated_once_for_an_event(probe: Probe) -> None:
    evaluated = counted(probe, lambda context: True)
    elements = {"It": element("counted"), "Indirect": element(value="{{It}}")}
    rules = [rule(action(a="{{It}}"), name="A"), rule(action(a="{{Indirect}}"), name="B")]
    result = run(compile_rules(probe, *rules, rule(action(a="{{It}}"), name="C"), elements=elements))
    assert [it.status for it in result.rules] == ["failed"] * 3
    assert evaluated == [0]


@pytest.mark.parametrize("name", ["Left", "Indirect"])
def test_what_failed_for_one_rule_is_tried_anew_for_the_next_where_rules_differ(
    probe: Probe, name: str
) -> None:
    evaluated = counted(probe, lambda context: not context.arc["ruleStash"])
    elements = {"Left": element("counted", of="arc.ruleStash"), "Indirect": element(value="{{Left}}")}
    asks = action(value=f"{{{{{name}}}}}")
    rules = [rule(asks, name="A"), rule(action(value=5), asks, name="B")]
    result = run(compile_rules(probe, *rules, elements=elements))
    assert [it.status for it in result.rules] == ["failed", "success"]
    assert probe.seen[-1] == {"value": 5}
    assert evaluated == [0, 1]


def test_a_circle_that_is_found_only_when_events_come_fails_the_rule(probe: Probe) -> None:
    elements = {"A": element("ask", name="B"), "B": element("ask", name="A")}
    result = run(compile_rules(probe, rule(action(value="{{A}}")), elements=elements))
    assert "Data element circular reference detected: A -> B -> A" in result.rules[0].error


def test_an_element_knows_where_it_reads(probe: Probe) -> None:
    elements = {"Key": element(value="email"), "It": element("where", value="{{Key}}")}
    result = run(compile_rules(probe, rule(action(value="{{It}}")), elements=elements))
    assert result.elements["It"].path == "arc.event.data.email"


def test_only_elements_that_are_needed_are_evaluated(probe: Probe) -> None:
    result = run(compile_rules(probe, rule(action()), elements={"It": element(value=1)}))
    assert result.elements == {}
