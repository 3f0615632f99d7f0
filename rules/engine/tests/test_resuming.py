"""Awaited actions: a rule stops at a request and continues with its answer.

Source: docs/operating.md, "When a destination has trouble".
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from properties.catalog.descriptor import ActionType
from properties.catalog.outbound import Answer, OutboundRequest
from rules.engine import CompiledBuild, RunResult, continued_trace, masked_trace, resume_rule
from rules.engine.records import continued
from rules.engine.results import Outbound

from .probe import EVENT, Probe, action, compile_rules, condition, element, rule, run

LEFT = {"Left": element("stash", key="arc.ruleStash.probe")}


@pytest.fixture
def probe(probe: Probe) -> Probe:
    """Its ``await`` keeps every answer in a list."""
    awaiting = ActionType(
        name="await",
        title="Await",
        run=lambda settings, context: OutboundRequest("GET", f"https://example.com/{settings.get('n', '')}"),
        result=lambda answer, settings, earlier: [*(earlier or []), settings.get("n"), answer.body],
    )
    others = [it for it in probe.package.actions if it.name != "await"]
    probe.package = replace(probe.package, actions=[*others, awaiting])
    return probe


def resume(build: CompiledBuild, state: Mapping[str, Any] | None, body: str = "pong") -> RunResult:
    assert state is not None
    return resume_rule(
        build,
        json.loads(json.dumps(state)),
        Answer(200, body=body),
        {"event": EVENT, "request": {"header": {}}},
        inbound_event_id="7",
        received_at=1_700_000_000.5,
        installation={},
        secret_marker=lambda name: f"[[secret:{name}]]",
    )


def test_the_actions_after_it_see_what_the_answer_left(probe: Probe) -> None:
    build = compile_rules(
        probe, rule(condition(result=True), action("await", n=1), action(value="{{Left}}")), elements=LEFT
    )
    first = run(build)
    assert (first.rules[0].waits, len(probe.seen)) == (True, 1)
    later = resume(build, first.items[0].state)
    assert (later.rules[0].status, later.rules[0].waits) == ("success", False)
    assert probe.seen[1:] == [{"value": [1, "pong"]}]


def test_what_earlier_actions_left_is_there_again(probe: Probe) -> None:
    steps = [action(value=["kept"]), action("await", n=1), action(value="{{Left}}")]
    build = compile_rules(probe, rule(*steps), elements=LEFT)
    resume(build, run(build).items[0].state)
    assert probe.seen[-1] == {"value": ["kept", 1, "pong"]}


def test_a_second_answer_is_awaited_after_the_first(probe: Probe) -> None:
    build = compile_rules(
        probe,
        rule(action("await", n=1), action("await", n="{{Left}}"), action(value="{{Left}}")),
        elements=LEFT,
    )
    second = resume(build, run(build).items[0].state, "one")
    assert (second.rules[0].waits, second.items[0].state is None) == (True, False)
    resume(build, second.items[0].state, "two")
    assert probe.seen[-1] == {"value": [1, "one", [1, "one"], "two"]}


def test_only_the_rule_that_waited_goes_on(probe: Probe) -> None:
    build = compile_rules(probe, rule(action(n=0), name="A"), rule(action("await"), action(n=1), name="B"))
    state = run(build).items[0].state
    probe.seen.clear()
    assert [it.id for it in resume(build, state).rules] == ["RL-B"]
    assert [seen["n"] for seen in probe.seen] == [1]


def test_a_failure_after_the_answer_fails_the_rule(probe: Probe) -> None:
    build = compile_rules(probe, rule(action("await"), action("boom"), action(n=1)))
    outcome = resume(build, run(build).items[0].state).rules[0]
    assert (outcome.status, probe.seen) == ("failed", [])


def test_a_state_of_another_build_is_refused(probe: Probe) -> None:
    state = run(compile_rules(probe, rule(action(n=0), action("await"), name="A"))).items[0].state
    for other in (rule(action("await"), name="B"), rule(action(n=0), name="A")):
        with pytest.raises(KeyError):
            resume(compile_rules(probe, other), state)


@pytest.mark.parametrize(("timeout", "seconds"), [(None, 2.0), (700, 0.7), (60_000, 5.0)])
def test_the_answer_is_awaited_no_longer_than_the_timeout_of_the_action(
    probe: Probe, timeout: int | None, seconds: float
) -> None:
    asked = {**action("await"), "timeout": timeout}
    request = run(compile_rules(probe, rule(asked))).items[0].item
    assert isinstance(request, OutboundRequest)
    assert request.read_timeout_seconds == seconds


def test_the_traces_before_and_after_an_answer_become_one(probe: Probe) -> None:
    build = compile_rules(
        probe, rule(action("await", n=1), action(value="{{Left}}")), rule(name="B"), elements=LEFT
    )
    first = run(build)
    before = masked_trace(first)
    assert before["rules"][0]["waits"] is True
    later = resume(build, first.items[0].state)
    found = continued_trace(before, masked_trace(later))
    assert [it["delegate"] for it in found["rules"][0]["actions"]] == [
        "probe::actions::await",
        "probe::actions::note",
    ]
    assert (found["rules"][0]["waits"], [it["name"] for it in found["elements"]]) == (False, ["Left"])
    assert len(found["rules"]) == 2
    first.go_on(later)
    assert masked_trace(first)["rules"][0]["actions"] == found["rules"][0]["actions"]


@pytest.mark.parametrize(
    ("before", "later", "whole"),
    [
        (["a", "b", "c failed"], ["c", "d"], ["a", "b", "c", "d"]),
        (["a", "b", "c"], ["d", "e"], ["a", "b", "c", "d", "e"]),
        (["a failed"], ["a"], ["a"]),
        ([], ["a"], ["a"]),
        (["a", "b failed", "c"], ["d"], ["a", "b failed", "c", "d"]),
        (["a"], [], ["a"]),
    ],
)
def test_actions_before_and_after_a_wait_become_one_list(
    before: list[str], later: list[str], whole: list[str]
) -> None:
    """The action that could not run yet is listed once, as it finally ran."""
    assert continued(before, later, lambda run: run.endswith("failed")) == whole


def test_what_was_said_by_a_component_that_could_not_run_is_shown() -> None:
    item = OutboundRequest("GET", "https://example.com/")
    recorded = [
        Outbound("RL1", "A", "RC1", "probe::actions::note", item, 0, state).why_put_off
        for state in ({"again": {"kind": "retry", "message": "Later."}}, {"secret": "Key"}, {}, None)
    ]
    assert recorded == ["Later.", "", "", ""]
