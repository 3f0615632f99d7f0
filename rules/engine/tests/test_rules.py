"""Source: docs/reference/adobe.md, "How a build runs" and "What a module receives"."""

from __future__ import annotations

from typing import Any

import pytest

from properties.catalog.outbound import BatchItem, OutboundRequest

from .probe import EVENT, Probe, action, compile_rules, condition, element, rule, run


def status(probe: Probe, *components: Any) -> str:
    return run(compile_rules(probe, rule(*components))).rules[0].status


@pytest.mark.parametrize(
    ("result", "negate", "expected"),
    [
        (True, False, "success"),
        (False, False, "condition_not_met"),
        (True, True, "condition_not_met"),
        (False, True, "success"),
    ],
)
def test_a_condition_counts_as_it_is_or_the_other_way_round(
    probe: Probe, result: bool, negate: bool, expected: str
) -> None:
    assert status(probe, condition(result=result, negate=negate)) == expected


@pytest.mark.parametrize("result", [None, 1, 0, "true", {}])
def test_a_result_that_is_no_boolean_fails_the_rule(probe: Probe, result: Any) -> None:
    outcome = run(compile_rules(probe, rule(condition(result=result)))).rules[0]
    assert outcome.status == "failed"
    assert outcome.error == (
        'Failed to execute "Gives". Condition "Gives" from rule "Purchase" did not return a boolean result.'
    )


@pytest.mark.parametrize("negate", [False, True])
def test_a_failing_condition_is_never_met(probe: Probe, negate: bool) -> None:
    assert status(probe, condition("boom", negate=negate), action()) == "failed"
    assert probe.seen == []


def test_conditions_run_in_order_until_one_is_not_met(probe: Probe) -> None:
    conditions = [condition(result=True, n=1), condition(result=False, n=2), condition(result=True, n=3)]
    assert status(probe, *conditions, action()) == "condition_not_met"
    assert [seen["n"] for seen in probe.seen] == [1, 2]


def test_actions_run_in_order_until_one_fails(probe: Probe) -> None:
    assert status(probe, action(n=1), action("boom"), action(n=3)) == "failed"
    assert [seen["n"] for seen in probe.seen] == [1]


def test_a_rule_without_components_succeeds(probe: Probe) -> None:
    assert status(probe) == "success"


def test_a_failing_rule_leaves_the_others_alone(probe: Probe) -> None:
    rules = [rule(action("boom"), name="A"), rule(action("item"), name="B")]
    result = run(compile_rules(probe, *rules))
    assert [(it.id, it.status) for it in result.rules] == [("RL-A", "failed"), ("RL-B", "success")]
    assert [it.rule_name for it in result.items] == ["B"]


def test_an_action_leaves_its_result_instead_of_the_earlier_one_of_its_extension(probe: Probe) -> None:
    run(compile_rules(probe, rule(action(value=1), action(value=2), action())))
    assert probe.contexts[-1].arc["ruleStash"] == {"probe": None}
    elements = {"Left": element("stash", key="arc.ruleStash.probe")}
    run(
        compile_rules(
            probe, rule(action(value=1), action(value=2), action(value="{{Left}}")), elements=elements
        )
    )
    assert probe.seen[-1]["value"] == 2


def test_each_rule_has_a_stash_of_its_own(probe: Probe) -> None:
    run(compile_rules(probe, rule(action(value=1), name="A"), rule(action(value=2), name="B")))
    first, second = (context.arc["ruleStash"] for context in probe.contexts)
    assert (first, second) == ({"probe": 1}, {"probe": 2})


def test_a_delegate_sees_the_event_and_where_it_stands(probe: Probe) -> None:
    run(compile_rules(probe, rule(action()), extension_settings={"token": {"$secret": "Token"}}))
    context = probe.contexts[0]
    assert context.arc["event"] is EVENT
    assert context.inbound_event_id == "7"
    assert context.received_at == 1_700_000_000.5
    assert context.build_info == {"environment": "staging"}
    assert context.rule == {"id": "RL-Purchase", "name": "Purchase"}
    assert context.component == {"id": "RC2", "name": ""}
    assert context.extension_settings == {"token": "[[secret:Token]]"}
    assert context.installation == {"META_GRAPH_URL": "https://graph.example.com"}
    assert context.default_country == "de"


def test_items_go_out_with_the_action_they_come_from(probe: Probe) -> None:
    result = run(compile_rules(probe, rule(action("item", name="Purchase"), action("item", twice=True))))
    assert [(it.component_id, it.delegate, it.position) for it in result.items] == [
        ("RC2", "probe::actions::item", 0),
        ("RC2", "probe::actions::item", 1),
        ("RC2", "probe::actions::item", 2),
    ]
    assert isinstance(result.items[0].item, BatchItem)
    assert result.items[0].item.payload == {"event_name": "Purchase"}


def test_items_that_are_sent_do_not_stop_later_actions(probe: Probe) -> None:
    run(compile_rules(probe, rule(action("item"), action(n=2))))
    assert [seen["n"] for seen in probe.seen] == [2]


def test_later_actions_wait_for_a_request_whose_answer_they_need(probe: Probe) -> None:
    result = run(compile_rules(probe, rule(action("await"), action())))
    assert [it.state is None for it in result.items] == [False]
    assert isinstance(result.items[0].item, OutboundRequest)
    assert (result.rules[0].status, probe.seen) == ("success", [])


def test_a_refusal_names_the_rule_the_action_and_the_reason(probe: Probe) -> None:
    result = run(compile_rules(probe, rule(action("refuse"), action())))
    (refusal,) = result.refusals
    assert (refusal.rule_id, refusal.component_id, refusal.delegate) == (
        "RL-Purchase",
        "RC2",
        "probe::actions::refuse",
    )
    assert (refusal.code, refusal.message) == ("purchase_incomplete", "A Purchase needs a currency.")
    assert (result.rules[0].status, result.rules[0].error_code) == ("failed", "purchase_incomplete")
    assert probe.seen == []


def test_settings_that_cannot_be_prepared_fail_only_their_rule(probe: Probe) -> None:
    build = compile_rules(probe, rule(action("unprepared"), name="A"), rule(action(), name="B"))
    for _ in range(2):
        first, second = run(build).rules
        assert first.error == 'Failed to execute "Unprepared". The pattern is wrong.'
        assert second.status == "success"


def test_without_a_trace_only_states_are_kept(probe: Probe) -> None:
    build = compile_rules(probe, rule(condition(result=True), action("refuse")))
    outcome = run(build, trace=False).rules[0]
    assert [*outcome.conditions, *outcome.actions] == []
    assert (outcome.status, outcome.error_code) == ("failed", "purchase_incomplete")


def test_the_same_event_gives_the_same_items_each_time(probe: Probe) -> None:
    build = compile_rules(probe, rule(action("item", name="{{It}}")), elements={"It": element(value="x")})
    assert run(build).items == run(build).items


def test_an_error_without_text_gets_adobes(probe: Probe) -> None:
    outcome = run(compile_rules(probe, rule(action("silent")))).rules[0]
    assert outcome.error == (
        'Failed to execute "Silent". The extension triggered an error, but no error information was provided.'
    )
