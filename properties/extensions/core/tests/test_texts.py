"""Source: ECMA-262 (String.prototype, GetSubstitution) and its worked examples on MDN."""

from __future__ import annotations

from typing import Any

import pytest

from properties.catalog.errors import InvalidParameter
from properties.catalog.forms import check_settings
from properties.catalog.testing import fake_context, run_component

from ..text_operators import OPERATORS
from ..texts import TEXT_TOOLS


def tool(operator: str, value: Any, **settings: Any) -> Any:
    given = {"operator": operator, "sourceValue": "{{Value}}", **settings}
    return run_component(TEXT_TOOLS, given, fake_context(data_elements={"Value": value}))


def test_there_are_adobes_tools_by_their_names() -> None:
    adobes = "simpleReplace regexReplace substring regexMatch length indexOf lastIndexOf slice join split"
    assert {*adobes.split(), "arrayPop", "arrayShift"} <= set(OPERATORS)


@pytest.mark.parametrize(
    ("operator", "value", "settings", "result"),
    [
        ("simpleReplace", "a.b.a", {"searchValue": "a", "replacementValue": "x"}, "x.b.a"),
        ("simpleReplace", "a.b.a", {"searchValue": "a", "replaceAll": True}, ".b."),
        ("simpleReplace", "a.b", {"searchValue": ".", "replacementValue": "$&"}, "a$&b"),
        ("simpleReplace", 12.5, {"searchValue": ".", "replacementValue": ","}, "12,5"),
        ("regexReplace", "aaa", {"regexInput": "a", "replacementValue": "b"}, "baa"),
        ("regexReplace", "abc", {"regexInput": "x*", "replacementValue": "-", "replaceAll": True}, "-a-b-c-"),
        ("regexReplace", "ABC", {"regexInput": "b", "caseInsensitive": True}, "AC"),
        ("regexReplace", "abc", {"regexInput": "b", "replacementValue": "[$&$$]"}, "a[b$]c"),
        ("regexReplace", "ab", {"regexInput": "(a)(x)?", "replacementValue": "<$1$2>"}, "<a>b"),
        ("regexReplace", "ab", {"regexInput": "(a)", "replacementValue": "$2$0$12"}, "$2$0a2b"),
        ("regexReplace", "2026-03", {"regexInput": r"(?<y>\d+)-", "replacementValue": "$<y>/"}, "2026/03"),
        ("regexReplace", "ab", {"regexInput": "a", "replacementValue": "$<y>"}, "$<y>b"),
        ("regexMatch", "order-17", {"regexInput": r"order-(\d+)"}, "order-17"),
        ("regexMatch", "order-17", {"regexInput": r"order-(\d+)", "group": 1}, "17"),
        ("regexMatch", "order-17", {"regexInput": r"order-(\d+)", "group": 2}, None),
        ("regexMatch", "basket", {"regexInput": r"order-(\d+)"}, None),
        ("regexSplit", "a ; b,c", {"regexInput": r"\s*[;,]\s*"}, ["a", "b", "c"]),
        ("regexSplit", "aXbxc", {"regexInput": "x", "caseInsensitive": True}, ["a", "b", "c"]),
        ("substring", "Mozilla", {"start": 1, "end": 3}, "oz"),
        ("substring", "Mozilla", {"start": 5, "end": 2}, "zil"),
        ("substring", "Mozilla", {"start": -5, "end": 2}, "Mo"),
        ("substring", "Mozilla", {"start": "2"}, "zilla"),
        ("slice", "The morning is upon us.", {"start": -3}, "us."),
        ("slice", "abc", {"start": 2, "end": 1}, ""),
        ("slice", [1, 2, 3], {"start": 1}, [2, 3]),
        ("split", "a, b, c", {"delimiter": ", "}, ["a", "b", "c"]),
        ("join", ["a", None, 1, {"b": 2}], {"delimiter": "-"}, 'a--1-{"b":2}'),
        ("join", ["a", "b"], {}, "ab"),
        ("length", "grün", {}, 4),
        ("length", [1, 2], {}, 2),
        ("indexOf", "canal", {"searchValue": "a"}, 1),
        ("lastIndexOf", "canal", {"searchValue": "a"}, 3),
        ("indexOf", "canal", {"searchValue": "x"}, -1),
        ("arrayShift", [1, 2], {}, 1),
        ("arrayPop", [1, 2], {}, 2),
        ("arrayPop", [], {}, None),
        ("lowerCase", "GRÜN", {}, "grün"),
        ("upperCase", "grün", {}, "GRÜN"),
        ("capitalize", "maria cruz", {}, "Maria cruz"),
        ("trim", "\ufeff a b \u00a0", {}, "a b"),
    ],
)
def test_tools(operator: str, value: Any, settings: dict[str, Any], result: Any) -> None:
    assert tool(operator, value, **settings) == result


@pytest.mark.parametrize("value", [None, True, {"a": 1}])
@pytest.mark.parametrize("operator", OPERATORS)
def test_a_value_that_does_not_fit_the_tool_returns_nothing(operator: str, value: Any) -> None:
    assert tool(operator, value, searchValue="a", regexInput="a", delimiter=",") is None


def test_the_list_of_an_event_is_not_changed() -> None:
    items = [1, 2, 3]
    tool("arrayPop", items)
    assert items == [1, 2, 3]


def test_a_replacement_never_grows_without_end() -> None:
    grown = {"replacementValue": "x" * 1000, "replaceAll": True}
    assert tool("simpleReplace", "a" * 1000, searchValue="a", **grown) is None
    assert tool("regexReplace", "a" * 1000, regexInput="a", **grown) is None


@pytest.mark.parametrize(
    ("operator", "settings", "question"),
    [
        ("regexReplace", {"replaceAll": True, "replacementValue": "$1"}, ("replace", "gi", "text", "$1")),
        ("regexReplace", {"caseInsensitive": False}, ("replace", "", "text", "")),
        ("regexMatch", {"group": 1}, ("exec", "i", "text")),
        ("regexSplit", {}, ("split", "i", "text")),
    ],
)
def test_look_around_is_run_by_javascript(
    operator: str, settings: dict[str, Any], question: tuple[str, ...]
) -> None:
    asked: list[tuple[str, ...]] = []

    def run_pattern(operation: str, pattern: str, flags: str, *texts: str) -> Any:
        assert pattern == "(?<=t)e"
        asked.append((operation, "".join(sorted(flags)), *texts))
        return {"replace": "new", "exec": ["e", "found"], "split": ["t", "xt"]}[operation]

    given = {"operator": operator, "sourceValue": "text", "regexInput": "(?<=t)e", "caseInsensitive": True}
    result = run_component(TEXT_TOOLS, given | settings, fake_context(run_pattern=run_pattern))
    assert asked == [question]
    assert result in ("new", "found", ["t", "xt"])


@pytest.mark.parametrize(
    ("settings", "missing"),
    [
        ({"operator": "simpleReplace"}, ["searchValue"]),
        ({"operator": "indexOf", "searchValue": " "}, []),
        ({"operator": "regexSplit"}, ["regexInput"]),
        ({"operator": "regexMatch", "regexInput": " "}, []),
        ({"operator": "lowerCase"}, []),
    ],
)
def test_what_only_some_tools_need_is_needed_for_them(settings: dict[str, Any], missing: list[str]) -> None:
    given = {"sourceValue": "text", **settings}
    problems = check_settings(TEXT_TOOLS, given, elements=[], secrets=None)
    assert [problem.path for problem in problems] == missing


def test_look_around_can_be_saved() -> None:
    assert TEXT_TOOLS.check is not None
    settings = {"operator": "regexReplace", "regexInput": r"(?<!\d)(\d)\1"}
    assert list(TEXT_TOOLS.check(settings)) == []


def test_a_wrong_pattern_from_an_event_is_reported() -> None:
    with pytest.raises(InvalidParameter):
        tool("regexMatch", "a", regexInput="(")


@pytest.mark.parametrize(
    ("settings", "field"),
    [
        ({"operator": "split"}, "delimiter"),
        ({"operator": "regexMatch"}, "regexInput"),
        ({"operator": "regexMatch", "regexInput": "("}, "regexInput"),
        ({"operator": "regexSplit", "regexInput": "a++"}, "regexInput"),
    ],
)
def test_what_a_tool_needs_is_asked_for(settings: dict[str, Any], field: str) -> None:
    assert TEXT_TOOLS.check is not None
    assert [problem.path for problem in TEXT_TOOLS.check(settings)] == [field]
