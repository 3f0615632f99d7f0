"""What a trace shows of conditions and data elements that fast paths decided, and what it hides."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from properties.catalog.descriptor import ActionType
from properties.catalog.errors import InvalidParameter
from properties.catalog.registry import packages
from rules.engine import compile_build, continued_trace, execution, masked_trace, run_build

from .probe import Probe, action, compile_rules, condition, element, rule, run
from .test_resuming import resume

ELEMENTS = {
    "Type": {"modulePath": "core::dataElements::path", "settings": {"path": "arc.event.data.type"}},
    "Currency": {
        "modulePath": "core::dataElements::path",
        "settings": {"path": "arc.event.data.currency"},
        "defaultValue": " EUR ",
        "cleanText": True,
        "forceLowerCase": True,
    },
}


def compare(left: str, operator: str, right: Any, **more: Any) -> dict[str, Any]:
    settings = {"leftOperand": left, "comparison": {"operator": operator}, "rightOperand": right}
    path = "core::conditions::value-comparison"
    return {"id": f"RC {left} {right}", "name": "", "modulePath": path, "settings": settings, **more}


def trace(*conditions: dict[str, Any], elements: dict[str, Any] = ELEMENTS, **data: Any) -> dict[str, Any]:
    document = {
        "dataElements": elements,
        "rules": [{"id": "RL1", "name": "Purchase", "conditions": conditions, "actions": []}],
    }
    return masked_trace(
        run_build(
            compile_build(document, packages()),
            {"event": {"xdm": {}, "data": data}, "request": {"header": {}, "body": {}}},
            inbound_event_id="1",
            received_at=1.0,
            installation={},
            secret_marker=str,
        )
    )


def test_conditions_decided_from_two_values_show_them_up_to_the_one_that_was_not_met() -> None:
    found = trace(
        compare("{{Type}}", "equals", "purchase"),
        compare("{{Currency}}", "equals", "usd", negate=True),
        compare("{{Type}}", "contains", "{{Currency}}"),
        compare("{{Type}}", "isTrue", None),
        type="purchase",
    )
    (recorded,) = found["rules"]
    assert [(it["compared"], it["passed"], it["negate"], it["error"]) for it in recorded["conditions"]] == [
        (["purchase", "purchase"], True, False, ""),
        (["eur", "usd"], True, True, ""),
        (["purchase", "eur"], False, False, ""),
    ]
    assert recorded["conditions"][0]["settings"] == {
        "leftOperand": "purchase",
        "comparison": {"operator": "equals"},
        "rightOperand": "purchase",
    }
    assert recorded["status"] == "condition_not_met"


@pytest.mark.parametrize(("type_", "is_met"), [("eur", True), ("usd", False), ("{{Currency}}", False)])
def test_two_elements_may_be_compared(type_: str, is_met: bool) -> None:
    (recorded,) = trace(compare("{{Type}}", "equals", "{{Currency}}"), type=type_)["rules"]
    (shown,) = recorded["conditions"]
    assert (shown["compared"], shown["passed"]) == ([type_, "eur"], is_met)
    assert recorded["status"] == ("success" if is_met else "condition_not_met")


@pytest.mark.parametrize(("type_", "is_met"), [("in eur", True), ("in {{Currency}}", False)])
def test_a_text_around_an_element_is_compared_as_it_comes_out(type_: str, is_met: bool) -> None:
    (recorded,) = trace(compare("{{Type}}", "equals", "in {{Currency}}"), type=type_)["rules"]
    assert recorded["status"] == ("success" if is_met else "condition_not_met")
    (other,) = trace(compare("in {{Currency}}", "equals", "{{Type}}"), type=type_)["rules"]
    assert other["status"] == recorded["status"]


@pytest.mark.parametrize(
    ("data", "recorded"),
    [
        ({}, [("Type", None, False), ("Currency", "eur", True)]),
        ({"currency": None}, [("Type", None, False), ("Currency", "eur", True)]),
        ({"currency": " USD"}, [("Type", None, False), ("Currency", "usd", False)]),
        ({"type": "", "currency": ""}, [("Type", "", False), ("Currency", "", False)]),
    ],
)
def test_an_element_that_is_read_on_the_way_shows_whether_its_default_was_used(
    data: dict[str, Any], recorded: list[Any]
) -> None:
    found = trace(compare("{{Type}}", "isFalsy", None), compare("{{Currency}}", "isTruthy", None), **data)
    assert [(it["name"], it["value"], it["used_default"]) for it in found["elements"]] == recorded


def test_an_element_without_a_default_is_tidied_on_the_way_too() -> None:
    """Rules that the table decides see the same text as rules that are run."""
    path = {"modulePath": "core::dataElements::path", "settings": {"path": "arc.event.data.type"}}
    elements = {
        "Clean": path | {"cleanText": True},
        "Lower": path | {"forceLowerCase": True},
        "Both": path | {"cleanText": True, "forceLowerCase": True},
        "Neither": path,
    }
    texts = {"Clean": "New Lead", "Lower": " new  lead", "Both": "new lead", "Neither": " New  Lead"}
    conditions = [compare(f"{{{{{name}}}}}", "equals", text) for name, text in texts.items()]
    found = trace(*conditions, elements=elements, type=" New  Lead")
    assert found["rules"][0]["status"] == "success"
    assert {it["name"]: it["value"] for it in found["elements"]} == texts


def test_a_default_value_alone_is_used_on_the_way_too() -> None:
    path = {"modulePath": "core::dataElements::path", "settings": {"path": "arc.event.data.currency"}}
    elements = {"Currency": path | {"defaultValue": " EUR "}}
    found = trace(compare("{{Currency}}", "equals", " EUR "), elements=elements)
    (recorded,) = found["rules"]
    assert recorded["status"] == "success"
    assert [(it["value"], it["used_default"]) for it in found["elements"]] == [(" EUR ", True)]


def test_a_rule_that_was_ruled_out_shows_the_comparison_and_no_time() -> None:
    (recorded,) = trace(compare("{{Type}}", "equals", "purchase"), type="page")["rules"]
    assert recorded["status"] == "condition_not_met"
    assert [(it["compared"], it["microseconds"]) for it in recorded["conditions"]] == [
        (["page", "purchase"], 0)
    ]


def test_each_component_shows_its_own_time(probe: Probe, monkeypatch: pytest.MonkeyPatch) -> None:
    """Microseconds, rounded down; time between two components counts for the later one."""
    moments = iter([1_000, 4_000, 11_999, 12_000])
    monkeypatch.setattr(execution, "perf_counter_ns", lambda: next(moments))
    steps = rule(condition(result=True), action(n=0), action(n=1))
    (recorded,) = masked_trace(run(compile_rules(probe, steps)))["rules"]
    assert [it["microseconds"] for it in (*recorded["conditions"], *recorded["actions"])] == [3, 7, 0]


def test_a_comparison_shows_its_own_time(monkeypatch: pytest.MonkeyPatch) -> None:
    moments = iter([1_000, 6_500, 8_500])
    monkeypatch.setattr(execution, "perf_counter_ns", lambda: next(moments))
    # Conditions that read the stash are compared when recorded, not by a fast path.
    first = compare("{{Unread}}", "isFalsy", None)
    elements = {"Unread": {"modulePath": "core::dataElements::path", "settings": {"path": "arc.ruleStash.x"}}}
    (recorded,) = trace(first, compare("{{Unread}}", "equals", None), elements=elements)["rules"]
    assert [it["microseconds"] for it in recorded["conditions"]] == [5, 2]


def test_a_value_that_is_typed_into_a_hashed_setting_is_hidden_everywhere(probe: Probe) -> None:
    steps = rule(action(email="Lovelace"), action(value="Lovelace"))
    found = masked_trace(run(compile_rules(probe, steps)))
    assert "Lovelace" not in json.dumps(found)


def test_of_values_that_begin_alike_the_longest_is_hidden_first(probe: Probe) -> None:
    def fail(settings: Any, context: Any) -> None:
        raise InvalidParameter("no match for Lovelace-King")

    failing = ActionType(name="fail", title="Fail", run=fail)
    probe.package = replace(probe.package, actions=[*probe.package.actions, failing])
    elements = {name: element(value=name) for name in ("Love", "Lovelace", "Lovelace-King")}
    people = [{"name": f"{{{{{name}}}}}"} for name in elements]
    build = compile_rules(probe, rule(action(people=people), action("fail")), elements=elements)
    (recorded,) = masked_trace(run(build))["rules"]
    assert recorded["actions"][1]["error"] == 'Failed to execute "Fail". no match for •••• (13 characters)'


def test_lists_and_objects_are_shown_whole_with_what_looks_private_hidden(probe: Probe) -> None:
    value = ["new", {"to": ["jo@example.com", 7, 3.5, None, True]}, []]
    found = masked_trace(
        run(compile_rules(probe, rule(action(value="{{It}}")), elements={"It": element(value=value)}))
    )
    recorded = ["new", {"to": ["j…@e…", 7, 3.5, None, True]}, []]
    assert found["elements"][0]["value"] == recorded
    assert found["rules"][0]["actions"][0]["output"] == recorded
    assert found["rules"][0]["actions"][0]["settings"] == {"value": recorded}


def test_conditions_stay_shown_when_a_rule_goes_on_after_an_answer(probe: Probe) -> None:
    build = compile_rules(probe, rule(condition(result=True), action("await"), action(n=1)))
    first = run(build)
    later = resume(build, first.items[0].state)
    (recorded,) = continued_trace(masked_trace(first), masked_trace(later))["rules"]
    assert [it["passed"] for it in recorded["conditions"]] == [True]
    assert len(recorded["actions"]) == 2
