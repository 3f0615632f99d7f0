"""Data elements and conditions that run without the rest of a build, for counts over many events."""

from __future__ import annotations

import pytest

from rules.engine import judge_rule, read_elements

from .probe import EVENT, Probe, action, compile_rules, condition, element, rule

CALL = {"event": EVENT, "request": {"header": {}}}
GIVEN = {
    "inbound_event_id": "7",
    "received_at": 1_700_000_000.5,
    "installation": {},
    "secret_marker": lambda name: f"[[secret:{name}]]",
}


def test_one_data_element_that_fails_does_not_stop_the_others(probe: Probe) -> None:
    elements = {"Total": element(value="42"), "Broken": element("boom"), "Copy": element(value="{{Total}}")}
    result = read_elements(compile_rules(probe, elements=elements), elements, CALL, **GIVEN)
    assert (result.elements["Total"].value, result.elements["Copy"].value) == ("42", "42")
    assert "ValueError" in result.elements["Broken"].error
    assert "Broken" not in result.values


def test_each_data_element_is_read_once_for_an_event(probe: Probe) -> None:
    elements = {"Total": element(value="42"), "Copy": element(value="{{Total}}")}
    document = {name: {**entry, "id": name} for name, entry in elements.items()}
    read_elements(compile_rules(probe, elements=document), document, CALL, **GIVEN)
    assert probe.evaluations == {"Total": 1, "Copy": 1}


def test_every_condition_is_judged_also_after_one_that_is_not_met(probe: Probe) -> None:
    conditions = [condition(result=False), condition("boom"), condition(result=False, negate=True)]
    build = compile_rules(probe, rule(*conditions, action(value="ran")))
    [judged] = judge_rule(build, "RL-Purchase", CALL, **GIVEN).rules
    assert [run.passed for run in judged.conditions] == [False, None, True]
    assert judged.status == "condition_not_met"


def test_no_action_runs_while_a_rule_is_judged(probe: Probe) -> None:
    build = compile_rules(probe, rule(condition(result=True), action(value="ran")))
    [judged] = judge_rule(build, "RL-Purchase", CALL, **GIVEN).rules
    assert judged.status == "success"
    assert [settings for settings in probe.seen if settings.get("value") == "ran"] == []


def test_a_rule_that_the_build_lacks_is_an_error(probe: Probe) -> None:
    with pytest.raises(KeyError):
        judge_rule(compile_rules(probe), "RL-Purchase", CALL, **GIVEN)
