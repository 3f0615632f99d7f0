"""Deliberate differences from Adobe's engine: one test for each, with both values.

Source: docs/reference/adobe.md, "Token substitution" and "JavaScript semantics".
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from .documents import action, call, code, compare, document, path, rule, value
from .engines import Adobe, Document, EngineDied, Ours

pytestmark = pytest.mark.node

ELEMENTS = {
    "num": value(42),
    "obj": value({"p": 1}),
    "list": value([1, [2, None], "b"]),
    "nul": value(None),
}
NOTHING: dict[str, Any] = {}


def both(adobe: Adobe, ours: Ours, written: Any, elements: Any = ELEMENTS) -> tuple[Any, Any]:
    """Return the value of ``written`` that an action gets, from Adobe's engine and from ours."""
    made = document(rule(action(value=written)), elements=elements)
    return value_seen(adobe, made), value_seen(ours, made)


def value_seen(engine: Adobe | Ours, made: Document, event: Any = None) -> Any:
    result = engine.run(made, call(event) if event else call())
    assert not result.problem, result.problem
    (seen,) = result.seen.get("RLR", ["[null, null]"])[-1:]
    return (json.loads(seen)[1] or NOTHING).get("value", "never called")


def path_values(adobe: Adobe, ours: Ours, where: str, data: Any) -> tuple[Any, Any]:
    made = document(rule(action(value="{{It}}")), elements={"It": path(where)})
    event = {"xdm": {}, "data": data}
    return value_seen(adobe, made, event), value_seen(ours, made, event)


# Tokens


def test_numbers_that_touch_are_joined_instead_of_added(adobe: Adobe, ours: Ours) -> None:
    assert both(adobe, ours, "{{num}}{{num}}") == (84, "4242")


def test_objects_inside_text_become_json(adobe: Adobe, ours: Ours) -> None:
    assert both(adobe, ours, "o:{{obj}}") == ("o:[object Object]", 'o:{"p":1}')


def test_lists_inside_text_become_json(adobe: Adobe, ours: Ours) -> None:
    assert both(adobe, ours, "l:{{list}}") == ("l:1,2,,b", 'l:[1,[2,null],"b"]')


def test_blanks_around_a_name_do_not_hide_the_element(adobe: Adobe, ours: Ours) -> None:
    assert both(adobe, ours, "{{ num }}") == ("never called", 42)


def test_a_value_that_is_missing_is_null_inside_text(adobe: Adobe, ours: Ours) -> None:
    undefined = {"un": code("dataElements", "return;")}
    assert both(adobe, ours, "x{{un}}", undefined) == ("xundefined", "xnull")


def test_a_value_that_is_missing_is_null_for_code(adobe: Adobe, ours: Ours) -> None:
    elements = {
        "un": code("dataElements", "return;"),
        "It": code("dataElements", "return getDataElementValue('un') === undefined;"),
    }
    assert both(adobe, ours, "{{It}}", elements) == (True, False)


def test_line_breaks_stay_in_settings_with_a_token(adobe: Adobe, ours: Ours) -> None:
    assert both(adobe, ours, "two\r\nlines {{num}}") == ("twolines 42", "two\r\nlines 42")


def test_whole_numbers_keep_every_digit(adobe: Adobe, ours: Ours) -> None:
    large = {"id": value(9_007_199_254_740_993)}
    assert both(adobe, ours, "x{{id}}", large) == ("x9007199254740992", "x9007199254740993")


@pytest.mark.parametrize("name", ["it's", "'"])
def test_an_apostrophe_in_a_name_is_allowed(adobe: Adobe, ours: Ours, name: str) -> None:
    made = document(rule(action(value=f"{{{{{name}}}}}")), elements={name: value(1)})
    assert adobe.run(made, call()).problem
    assert value_seen(ours, made) == 1


@pytest.mark.parametrize("name", ['say "it"', "back\\slash"])
def test_quotes_and_backslashes_in_a_name_are_allowed(adobe: Adobe, ours: Ours, name: str) -> None:
    written = f"{{{{{name}}}}}"
    theirs, mine = both(adobe, ours, written, {name: value(1)})
    assert (theirs in (None, "never called"), mine) == (True, 1)


def test_an_unclosed_brace_is_text(adobe: Adobe, ours: Ours) -> None:
    # It mistakes the closing braces of the JSON objects around it for the end of a token.
    made = document(rule(action(value="an unclosed {{ here")))
    assert adobe.run(made, call()).problem
    assert value_seen(ours, made) == "an unclosed {{ here"


def test_text_that_looks_like_a_call_is_text(adobe: Adobe, ours: Ours) -> None:
    theirs, mine = both(adobe, ours, "getDataElementValue(num)")
    assert (theirs, mine) == (42, "getDataElementValue(num)")


def test_a_default_value_that_looks_like_a_token_is_text(adobe: Adobe, ours: Ours) -> None:
    elements = {"It": value(None, defaultValue="{{num}}")}
    assert both(adobe, ours, "{{It}}", elements) == (
        "getDataElementValue(reactor006e0075006d)",
        "{{num}}",
    )


# Path


@pytest.mark.parametrize("end", [0, False, ""])
def test_a_path_keeps_zero_false_and_empty_text(adobe: Adobe, ours: Ours, end: Any) -> None:
    theirs, mine = path_values(adobe, ours, "arc.event.data.it", {"it": end})
    assert theirs is None
    assert mine == end
    assert (mine is False) == (end is False)


def test_an_index_on_a_missing_list_gives_nothing_instead_of_everything(adobe: Adobe, ours: Ours) -> None:
    data = {"email": "ada@example.com"}
    assert path_values(adobe, ours, "arc.event.data.nope[0]", data) == (data, None)


def test_two_indexes_read_a_list_inside_a_list(adobe: Adobe, ours: Ours) -> None:
    assert path_values(adobe, ours, "arc.event.data.a[1][0]", {"a": [[1, 2], [3, 4]]}) == ([1, 2], 3)


def test_an_index_starts_with_no_zero(adobe: Adobe, ours: Ours) -> None:
    assert path_values(adobe, ours, "arc.event.data.a[01]", {"a": [5, 6]}) == (None, None)
    assert path_values(adobe, ours, "arc.event.data.a[]", {"a": [5, 6], "": 7}) == (None, None)


def test_a_path_reads_nothing_that_the_language_adds(adobe: Adobe, ours: Ours) -> None:
    data = {"a": [5, 6], "text": "abc"}
    assert path_values(adobe, ours, "arc.event.data.a.length", data) == (2, None)
    assert path_values(adobe, ours, "arc.event.data.a.constructor.name", data) == ("Array", None)
    assert path_values(adobe, ours, "arc.event.data.text[1]", data) == ("b", None)


# Data elements


def test_an_element_is_evaluated_once_for_an_event(adobe: Adobe, ours: Ours) -> None:
    elements = {"It": {"modulePath": "other::dataElements::count", "settings": {}}}
    made = document(rule(action(value="{{It}}"), action(value="{{It}}{{It}}", x="{{It}}")), elements=elements)
    theirs, mine = adobe.run(made, call()), ours.run(made, call())
    assert (theirs.evaluations, mine.evaluations) == (2, 1)


def test_a_circle_is_a_build_error_instead_of_no_end(node: str, node_modules: Path, ours: Ours) -> None:
    # A separate process, with little memory to exhaust.
    made = document(rule(action(value="{{A}}")), elements={"A": value("{{B}}"), "B": value("{{A}}")})
    with Adobe(node, node_modules, megabytes=64) as doomed, pytest.raises(EngineDied):
        doomed.run(made, call())
    assert "Data elements form a circle: “A” → “B” → “A”." in ours.run(made, call()).problem


def test_code_reads_elements_by_names_it_makes(adobe: Adobe, ours: Ours) -> None:
    elements = {**ELEMENTS, "It": code("dataElements", "return getDataElementValue(['n', 'um'].join(''));")}
    made = document(rule(action(value="{{It}}")), elements=elements)
    assert adobe.run(made, call()).problem
    assert value_seen(ours, made) == 42


def test_changes_by_a_data_element_are_seen_by_nothing_else(adobe: Adobe, ours: Ours) -> None:
    elements = {
        "Changer": code("dataElements", "arc.event.data.user.id = 7; return 1;"),
        "Id": path("arc.event.data.user.id"),
    }
    made = document(rule(action(value="{{Changer}}"), action(value="{{Id}}")), elements=elements)
    assert (value_seen(adobe, made), value_seen(ours, made)) == (7, 42)


def test_a_token_in_code_is_text(adobe: Adobe, ours: Ours) -> None:
    elements = {**ELEMENTS, "It": code("dataElements", "return '{{num}}';")}
    assert both(adobe, ours, "{{It}}", elements) == (42, "{{num}}")


def test_brackets_hold_a_step_and_are_part_of_the_key_where_that_leads_nowhere(
    adobe: Adobe, ours: Ours
) -> None:
    # There, brackets without a number are part of the key.
    data = {"a": {"x": 1, "x-y": 2, "x.y": 3}, "b[x]": 4, "c[]": [5], "d[0]": 6}
    assert path_values(adobe, ours, "arc.event.data.a[x]", data) == (None, 1)
    assert path_values(adobe, ours, 'arc.event.data.a["x-y"]', data) == (None, 2)
    assert path_values(adobe, ours, 'arc.event.data.a["x.y"]', data) == (None, 3)
    assert path_values(adobe, ours, "arc.event.data.b[x]", data) == (4, 4)
    assert path_values(adobe, ours, 'arc.event.data["b[x]"]', data) == (None, 4)
    assert path_values(adobe, ours, "arc.event.data.c[]", data) == (data, [5])
    assert path_values(adobe, ours, "arc.event.data.d[0]", data) == (data, 6)


def test_two_elements_that_read_one_object_are_equal(adobe: Adobe, ours: Ours) -> None:
    elements = {"A": value({"a": 1}), "B": value("{{A}}")}
    made = document(rule(compare("{{A}}", "equals", "{{B}}")), elements=elements)
    theirs, mine = adobe.run(made, call()), ours.run(made, call())
    assert (theirs.statuses, mine.statuses) == ({"RLR": "condition_not_met"}, {"RLR": "success"})


def test_changes_to_the_value_of_an_element_are_seen_by_nothing_else(adobe: Adobe, ours: Ours) -> None:
    changer = code("actions", "getDataElementValue('User').id = 7;", keyName="k")
    elements = {"User": path("arc.event.data.user"), "Id": path("arc.event.data.user.id")}
    made = document(rule(changer, action(value="{{Id}}")), elements=elements)
    assert (value_seen(adobe, made), value_seen(ours, made)) == (7, 42)


def test_the_result_of_an_action_does_not_change_with_the_event(adobe: Adobe, ours: Ours) -> None:
    elements = {"User": path("arc.event.data.user"), "Left": path("arc.ruleStash.probe.id")}
    changer = code("actions", "arc.event.data.user.id = 7;", keyName="k")
    made = document(rule(action(value="{{User}}"), changer, action(value="{{Left}}")), elements=elements)
    assert (value_seen(adobe, made), value_seen(ours, made)) == (7, 42)


def test_the_result_of_an_action_does_not_change_with_later_results(adobe: Adobe, ours: Ours) -> None:
    elements = {"Kept": path("arc.ruleStash.core.customCode"), "Left": path("arc.ruleStash.probe")}
    first, second = (code("actions", "return 1;", keyName=key) for key in "ab")
    made = document(
        rule(first, action(value="{{Kept}}"), second, action(value="{{Left}}")), elements=elements
    )
    assert (value_seen(adobe, made), value_seen(ours, made)) == ({"a": 1, "b": 1}, {"a": 1})


def test_an_address_is_text(adobe: Adobe, ours: Ours) -> None:
    made = document(
        rule(action(value="{{IP}}")),
        elements={"IP": {"modulePath": "core::dataElements::ip", "settings": {}}},
    )
    odd = {"xdm": {"environment": {"ipV4": 7, "ipV6": "2001:db8::1"}}, "data": {}}
    assert (value_seen(adobe, made, odd), value_seen(ours, made, odd)) == (7, "2001:db8::1")


# Custom code


@pytest.mark.parametrize(("source", "theirs"), [("return NaN;", "NaN"), ("return 1 / 0;", "Infinity")])
def test_a_number_that_json_lacks_is_null_and_has_a_default(
    adobe: Adobe, ours: Ours, source: str, theirs: str
) -> None:
    plain, with_default = code("dataElements", source), {**code("dataElements", source), "defaultValue": 5}
    assert both(adobe, ours, "x{{It}}", {"It": plain}) == (f"x{theirs}", "xnull")
    assert both(adobe, ours, "x{{It}}", {"It": with_default}) == (f"x{theirs}", "x5")


def test_a_result_that_json_lacks_fails(adobe: Adobe, ours: Ours) -> None:
    made = document(rule(code("actions", "return () => 1;", keyName="k")))
    assert adobe.run(made, call()).statuses == {"RLR": "success"}
    assert (
        ours.run(made, call())
        .errors["RLR"]
        .startswith('Failed to execute "Custom Code". The code returned a function')
    )


def test_code_may_await(adobe: Adobe, ours: Ours) -> None:
    made = document(
        rule(code("actions", "return await Promise.resolve(1);", keyName="k"), action(value="{{It}}")),
        elements={"It": path("arc.ruleStash.core.customCode.k")},
    )
    assert adobe.run(made, call()).problem
    assert value_seen(ours, made) == 1


def test_an_object_that_code_puts_in_the_place_of_cores_stash_stays(adobe: Adobe, ours: Ours) -> None:
    made = document(
        rule(
            code("actions", "return 1;", keyName="a"),
            code("actions", "arc.ruleStash.core = {customCode: {b: 2}}; return 3;", keyName="c"),
            action(value="{{It}}"),
        ),
        elements={"It": path("arc.ruleStash.core.customCode")},
    )
    assert (value_seen(adobe, made), value_seen(ours, made)) == ({"a": 1, "c": 3}, {"b": 2, "c": 3})


# Values


def test_a_busy_loop_in_code_ends(ours: Ours) -> None:
    # Adobe's engine would never end it, so it is not tried there.
    made = document(rule(code("actions", "for (;;) {}", keyName="k")), rule(action(value=1), name="S"))
    assert ours.run(made, call()).statuses == {"RLR": "failed", "RLS": "success"}


def test_a_promise_that_is_never_settled_fails_the_rule_at_once(adobe: Adobe, ours: Ours) -> None:
    waiting = {**code("actions", "return new Promise(() => {});", keyName="k"), "timeout": 30}
    made = document(rule(waiting))
    theirs, mine = adobe.run(made, call()), ours.run(made, call())
    assert theirs.statuses == mine.statuses == {"RLR": "failed"}
    assert theirs.errors["RLR"].endswith(
        "A timeout occurred because the module took longer than 0.03 seconds to complete."
    )
    assert mine.errors["RLR"].endswith("The promise that the code returned is never settled.")


def test_the_reason_of_an_unexpected_error_is_not_shown(adobe: Adobe, ours: Ours) -> None:
    # It may quote what a visitor typed.
    made = document(rule(action("boom")))
    assert adobe.run(made, call()).errors == {"RLR": 'Failed to execute "Boom". no action'}
    assert "An unexpected ValueError was raised" in ours.run(made, call()).errors["RLR"]
