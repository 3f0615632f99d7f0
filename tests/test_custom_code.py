"""Custom code in rules: the engine, Core and the sandbox together.

Source: docs/reference/adobe.md, "What a module receives" and "JavaScript semantics".
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from properties.catalog.registry import packages
from rules.engine import BuildProblem, RunResult, compile_build, masked_trace, run_build
from rules.sandbox import Sandbox, WatchedSandbox, Watcher

EVENT = {"xdm": {"eventType": "purchase"}, "data": {"total": 42, "email": "ada@example.com"}}


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with Sandbox() as opened:
        yield opened


@pytest.fixture
def scripts(sandbox: Sandbox) -> WatchedSandbox:
    return WatchedSandbox(sandbox, Watcher())


def element(source: str, **more: Any) -> dict[str, Any]:
    return {"modulePath": "core::dataElements::custom-code", "settings": {"source": source}, **more}


def path(where: str) -> dict[str, Any]:
    return {"modulePath": "core::dataElements::path", "settings": {"path": where}}


def condition(source: str, **more: Any) -> dict[str, Any]:
    settings = {"source": source}
    return {"id": "RC1", "modulePath": "core::conditions::custom-code", "settings": settings, **more}


def action(source: str, key: str = "it", number: int = 2, **more: Any) -> dict[str, Any]:
    settings = {"keyName": key, "source": source}
    return {"id": f"RC{number}", "modulePath": "core::actions::custom-code", "settings": settings, **more}


def rule(*components: Mapping[str, Any], name: str = "Rule") -> dict[str, Any]:
    kinds = {
        kind: [it for it in components if f"::{kind}::" in it["modulePath"]]
        for kind in ("conditions", "actions")
    }
    return {"id": f"RL-{name}", "name": name, **kinds}


def run(
    scripts: Any, *rules: Mapping[str, Any], elements: Mapping[str, Any] | None = None, event: Any = EVENT
) -> RunResult:
    document = {
        "buildInfo": {"environment": "staging"},
        "extensions": {"core": {"displayName": "Core", "settings": {}}},
        "dataElements": elements or {},
        "rules": rules,
    }
    return run_build(
        compile_build(document, packages()),
        {"event": event, "request": {"header": {}}},
        inbound_event_id="7",
        received_at=1_700_000_000.5,
        installation={},
        secret_marker=str,
        scripts=scripts,
    )


def left(result: RunResult) -> Any:
    """Return the result of the last action of the only rule."""
    assert result.rules[0].error == ""
    return result.rules[0].actions[-1].output["customCode"]["it"]


def test_code_reads_the_event_and_other_data_elements_by_any_name(scripts: WatchedSandbox) -> None:
    elements = {
        "Total": path("arc.event.data.total"),
        "Double": element("return getDataElementValue('Total') * 2"),
    }
    source = "return getDataElementValue(['Dou', 'ble'].join('')) + arc.event.data.total"
    assert left(run(scripts, rule(action(source)), elements=elements)) == 126


def test_code_may_return_a_promise(scripts: WatchedSandbox) -> None:
    assert left(run(scripts, rule(action("return Promise.resolve(arc.event.data.total)")))) == 42


def test_a_token_in_code_is_text(scripts: WatchedSandbox) -> None:
    elements = {"Total": path("arc.event.data.total")}
    assert left(run(scripts, rule(action("return '{{Total}}'")), elements=elements)) == "{{Total}}"


@pytest.mark.parametrize(
    ("source", "status"),
    [
        ("return arc.event.data.total > 40", "success"),
        ("return false", "condition_not_met"),
        ("return 1", "failed"),
        ("return", "failed"),
        ("throw new Error('no')", "failed"),
    ],
)
def test_a_condition_must_return_a_boolean(scripts: WatchedSandbox, source: str, status: str) -> None:
    assert run(scripts, rule(condition(source))).rules[0].status == status


def test_results_of_actions_are_kept_under_their_keys(scripts: WatchedSandbox) -> None:
    steps = [
        action("return 1", "a", 1),
        action("return 2", "b", 2),
        action("return arc.ruleStash.core", "it", 3),
    ]
    assert left(run(scripts, rule(*steps))) == {"customCode": {"a": 1, "b": 2}}


def test_a_path_reads_the_result_of_an_earlier_action(scripts: WatchedSandbox) -> None:
    elements = {"Cents": path("arc.ruleStash.core.customCode.cents")}
    steps = [action("return 4200", "cents", 1), action("return getDataElementValue('Cents')", number=2)]
    assert left(run(scripts, rule(*steps), elements=elements)) == 4200


def test_what_code_changes_in_the_event_is_seen_by_later_components_of_its_rule_only(
    scripts: WatchedSandbox,
) -> None:
    elements = {"Total": path("arc.event.data.total"), "Type": path("arc.event.xdm.eventType")}
    change = condition("getDataElementValue('Total'); arc.event.data.total = 1; return true")
    read = action("return getDataElementValue('Total')")
    event = json.loads(json.dumps(EVENT))
    result = run(scripts, rule(read, name="A"), rule(change, read, name="B"), rule(read, name="C"),
                 elements=elements, event=event)  # fmt: skip
    assert [it.actions[0].output["customCode"]["it"] for it in result.rules] == [42, 1, 42]
    assert event == EVENT


def test_a_data_element_changes_nothing(scripts: WatchedSandbox) -> None:
    elements = {"Bad": element("arc.event.data.total = 0; return 'done'")}
    source = "return getDataElementValue('Bad') + arc.event.data.total"
    result = run(
        scripts, rule(action("return getDataElementValue('Bad')", "x", 1), action(source)), elements=elements
    )
    assert left(result) == "done42"


def test_an_element_that_asks_for_its_rule_differs_from_rule_to_rule(scripts: WatchedSandbox) -> None:
    elements = {"Rule": element("return utils.getRule().name")}
    rules = [rule(action("return getDataElementValue('Rule')"), name=name) for name in "AB"]
    found = [it.actions[0].output["customCode"]["it"] for it in run(scripts, *rules, elements=elements).rules]
    assert found == ["A", "B"]


def test_utils_know_settings_component_rule_and_build(scripts: WatchedSandbox) -> None:
    source = (
        "return [utils.getSettings().keyName, utils.getComponent().id, utils.getRule(),"
        " utils.getBuildInfo().environment, utils.getExtensionSettings()]"
    )
    assert left(run(scripts, rule(action(source)))) == [
        "it",
        "RC2",
        {"id": "RL-Rule", "name": "Rule"},
        "staging",
        {},
    ]


def test_clock_and_chance_are_those_of_the_event(scripts: WatchedSandbox) -> None:
    steps = rule(action("return [Date.now(), Math.random()]"))
    first, second = (left(run(scripts, steps)) for _ in range(2))
    assert first == second
    assert first[0] == 1_700_000_000_500


def test_the_trace_names_the_piece_its_place_and_what_it_logged(scripts: WatchedSandbox) -> None:
    source = "utils.logger.warn('half way', 7);\nreturn arc.event.nope.deeper"
    trace = masked_trace(
        run(scripts, rule(condition("utils.logger.log('here'); return true"), action(source)))
    )
    (shown,) = trace["rules"]
    assert shown["conditions"][0]["logs"] == [{"level": "log", "text": "here"}]
    (failed,) = shown["actions"]
    assert failed["error"].startswith('Failed to execute "Custom Code". TypeError: ')
    assert "(line 2, column " in failed["error"]


def test_errors_and_logs_of_code_show_no_customer_data(scripts: WatchedSandbox) -> None:
    source = "utils.logger.log(arc.event.data.email); throw new Error('bad ' + arc.event.data.email)"
    trace = run(
        scripts, rule(condition("utils.logger.log(arc.event.data.email); return true"), action(source))
    )
    assert "ada@example.com" not in json.dumps(masked_trace(trace))


def test_a_loop_ends_and_the_next_rule_runs(scripts: WatchedSandbox) -> None:
    result = run(scripts, rule(action("for (;;) {}"), name="A"), rule(action("return 1"), name="B"))
    assert [it.status for it in result.rules] == ["failed", "success"]


def test_a_shorter_timeout_of_the_component_ends_its_code_sooner(scripts: WatchedSandbox) -> None:
    result = run(scripts, rule(action("for (;;) {}", timeout=5)))
    assert result.rules[0].status == "failed"


def test_a_rule_waits_for_code_that_is_skipped_after_three_timeouts(scripts: WatchedSandbox) -> None:
    endless = rule(action("for (;;) {}"), name="A")
    fine = rule(action("return 1", number=9), name="B")
    for _ in range(3):
        assert run(scripts, endless, fine).rules[0].status == "failed"
    result = run(scripts, endless, fine)
    skipped, other = result.rules
    [waiting] = result.items
    assert skipped.status != "failed"
    assert waiting.state is not None
    again = waiting.state["again"]
    assert (again["kind"], again["code"]) == ("retry", "code_skipped")
    assert "Not run: it was ended 3 times within 60 seconds" in again["message"]
    assert 55 < again["after_seconds"] <= 60
    assert other.status == "success"


def test_a_rule_that_asks_for_a_skipped_data_element_waits_too(scripts: WatchedSandbox) -> None:
    elements = {"Slow": element("for (;;) {}")}
    asking = rule(action("try { return getDataElementValue('Slow'); } catch { return 'without'; }"))
    for _ in range(3):
        run(scripts, rule(action("return getDataElementValue('Slow')")), elements=elements)
    [waiting] = run(scripts, asking, elements=elements).items
    assert waiting.state is not None
    assert waiting.state["again"]["kind"] == "retry"


@pytest.mark.parametrize(
    "source",
    [
        "return arc.event.data.order.total.toFixed(2)",
        "return 'x'.repeat(arc.event.data.length ?? 100_000)",
        "let a = []; for (let i = 0; i < 300 && !arc.event.data.order; i++) a = [a]; return a",
        "if (!arc.event.data.order) return new Promise(() => {}); return 1",
    ],
)
def test_a_stranger_s_bad_events_switch_no_code_off(scripts: WatchedSandbox, source: str) -> None:
    bad, good = {"data": {}}, {"data": {"order": {"total": 42}, "length": 1}}
    for _ in range(5):
        assert run(scripts, rule(action(source)), event=bad).rules[0].status == "failed"
    assert run(scripts, rule(action(source)), event=good).rules[0].status == "success"


def test_without_values_code_gets_the_marker_of_a_credential(scripts: WatchedSandbox) -> None:
    elements = {
        "Token": {"modulePath": "core::dataElements::constant", "settings": {"value": {"$secret": "Main"}}}
    }
    assert left(
        run(scripts, rule(action("return 'Bearer ' + getDataElementValue('Token')")), elements=elements)
    ) == ("Bearer Main")


def test_a_circle_through_code_stops_the_build_or_the_rule(scripts: WatchedSandbox) -> None:
    written = {
        "A": element("return getDataElementValue('B')"),
        "B": element('return getDataElementValue("A")'),
    }
    with pytest.raises(BuildProblem, match="circle"):
        run(scripts, elements=written)
    made = {
        "A": element("return getDataElementValue('' + 'B')"),
        "B": element("return getDataElementValue('A')"),
    }
    result = run(scripts, rule(action("return getDataElementValue('A')")), elements=made)
    assert "circular reference detected: A -> B -> A" in result.rules[0].error


def test_without_a_sandbox_code_fails_and_the_rest_works() -> None:
    result = run(None, rule(action("return 1"), name="A"), rule(name="B"))
    assert [it.status for it in result.rules] == ["failed", "success"]
    assert "Custom code cannot be run here." in result.rules[0].error
