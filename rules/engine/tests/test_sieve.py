"""Rules that begin with the same comparisons are found together; each must end as if it were alone."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from properties.catalog.registry import packages
from rules.engine import RunResult, compile_build, run_build

TEXTS = ["purchase", "page", "5", "05", "", "true", "null", "[object Object]"]
VALUES = st.one_of(
    st.sampled_from(TEXTS), st.sampled_from([5, 5.0, 0, 1, True, False, None, {}, [], ["5"], [["page"]]])
)
NAMES = ["Type", "Page", " Type ", "Read By Code", "Unknown"]
CONDITION = st.tuples(
    st.sampled_from(NAMES), st.sampled_from(["equals", "doesNotEqual"]), st.sampled_from(TEXTS), st.booleans()
)
RULES = st.lists(st.lists(CONDITION, max_size=3), max_size=8)


def _document(rules: list[list[Any]]) -> dict[str, Any]:
    return {
        "dataElements": {
            "Type": _element("path", path="arc.event.data.type"),
            "Page": _element("path", path="arc.event.data.page"),
            "Read By Code": _element("custom-code", source="return 1"),
        },
        "rules": [
            {"id": f"RL{number}", "name": str(number), "conditions": [_condition(*it) for it in rule]}
            for number, rule in enumerate(rules)
        ],
    }


def _element(kind: str, **settings: Any) -> dict[str, Any]:
    return {"modulePath": f"core::dataElements::{kind}", "settings": settings}


def _condition(name: str, operator: str, text: str, negate: bool) -> dict[str, Any]:
    settings = {"leftOperand": f"{{{{{name}}}}}", "comparison": {"operator": operator}, "rightOperand": text}
    delegate = "core::conditions::value-comparison"
    return {"id": "RC", "name": name, "modulePath": delegate, "settings": settings, "negate": negate}


def _run(rules: list[list[Any]], data: dict[str, Any]) -> RunResult:
    return run_build(
        compile_build(_document(rules), packages()),
        {"event": {"xdm": {}, "data": data}, "request": {"header": {}, "body": {}}},
        inbound_event_id="1",
        received_at=1_700_000_000.0,
        installation={},
        secret_marker=str,
    )


def _told(result: RunResult) -> list[Any]:
    return [
        (rule.status, rule.error, [(it.passed, it.settings, it.error) for it in rule.conditions])
        for rule in result.rules
    ]


@given(rules=RULES, kind=VALUES, page=VALUES)
def test_each_rule_ends_as_if_it_were_alone(rules: list[list[Any]], kind: Any, page: Any) -> None:
    data = {"type": kind, "page": page}
    alone = [_told(_run([rule], data))[0] for rule in rules]
    # The table skips a comparison that is negated twice; its meaning is unchanged.
    asked_one_by_one = [_told(_run([[_turned(it) for it in rule]], data))[0][0] for rule in rules]

    together = _told(_run(rules, data))

    assert together == alone
    assert [status for status, *_ in together] == asked_one_by_one


def _turned(condition: tuple[str, str, str, bool]) -> tuple[str, str, str, bool]:
    name, operator, text, negate = condition
    return name, "doesNotEqual" if operator == "equals" else "equals", text, not negate


def test_rules_that_ask_for_other_texts_are_not_asked() -> None:
    rules = [[("Type", "equals", "purchase", False), ("Page", "equals", text, False)] for text in TEXTS]
    sieve = compile_build(_document([*rules, []]), packages()).sieve
    assert sieve.candidates({"Type": "purchase", "Page": "page"}.get) == [1, len(rules)]
    assert sieve.candidates({"Type": "other"}.get) == [len(rules)]


def test_what_is_no_text_is_left_to_the_comparison() -> None:
    statuses = [
        rule.status
        for rule in _run([[("Type", "equals", text, False)] for text in ("5", "05", "6")], {"type": 5}).rules
    ]
    # Source: ECMA-262, IsLooselyEqual: a number is compared with the number in the text.
    assert statuses == ["success", "success", "condition_not_met"]
