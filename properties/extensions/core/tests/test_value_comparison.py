"""Source: docs/reference/adobe.md, "Edge Core" (operators) and "JavaScript semantics"."""

from __future__ import annotations

import math
from typing import Any

import pytest

from properties.catalog.errors import InvalidParameter
from properties.catalog.testing import fake_context, run_component

from ..comparison import OPERATORS
from ..extension import VALUE_COMPARISON

NEGATED = {
    "doesNotEqual": "equals",
    "doesNotContain": "contains",
    "doesNotStartWith": "startsWith",
    "doesNotEndWith": "endsWith",
    "doesNotMatchRegex": "matchesRegex",
}


def settings(operator: str, right: Any = None, *, ignore_case: bool = False) -> dict[str, Any]:
    comparison = {"operator": operator, "caseInsensitive": ignore_case}
    return {"leftOperand": "{{Left}}", "comparison": comparison, "rightOperand": right}


def compare(left: Any, operator: str, right: Any = None, *, ignore_case: bool = False) -> bool:
    context = fake_context(data_elements={"Left": left})
    return bool(run_component(VALUE_COMPARISON, settings(operator, right, ignore_case=ignore_case), context))


def test_there_are_adobes_eighteen_operators() -> None:
    assert list(OPERATORS) == [
        "equals",
        "doesNotEqual",
        "contains",
        "doesNotContain",
        "startsWith",
        "doesNotStartWith",
        "endsWith",
        "doesNotEndWith",
        "matchesRegex",
        "doesNotMatchRegex",
        "lessThan",
        "lessThanOrEqual",
        "greaterThan",
        "greaterThanOrEqual",
        "isTrue",
        "isTruthy",
        "isFalse",
        "isFalsy",
    ]


@pytest.mark.parametrize(
    ("left", "operator", "right", "expected"),
    [
        ("Purchase", "equals", "Purchase", True),
        ("Purchase", "equals", "purchase", False),
        (5, "equals", "5", True),
        (None, "equals", "", False),
        ("a-b-c", "contains", "b", True),
        (12345, "contains", 34, True),
        (1e21, "contains", "e+", True),
        (True, "contains", "t", False),
        (None, "contains", "n", False),
        ([1], "contains", "1", False),
        ("abc", "startsWith", "ab", True),
        ("abc", "startsWith", "bc", False),
        ("abc", "endsWith", "bc", True),
        ("bc", "endsWith", "abc", False),
        ("abc", "endsWith", "", True),
        ("order-17", "matchesRegex", r"^order-\d+$", True),
        (17, "matchesRegex", r"^\d+$", True),
        (None, "matchesRegex", ".*", False),
        ("x", "matchesRegex", None, False),
        ("9", "lessThan", "10", True),
        ("", "lessThan", 1, True),
        ("0x10", "equals", 16, True),
        ("0x10", "lessThanOrEqual", "16", True),
        ("1,5", "greaterThan", 1, False),
        (None, "lessThan", 1, False),
        (True, "lessThan", 2, False),
        (math.inf, "greaterThan", 1, False),
        ("1e400", "greaterThan", 1, False),
        (5, "greaterThan", "{{Left}}", False),
        (5, "greaterThanOrEqual", "{{Left}}", True),
        (True, "isTrue", None, True),
        ("true", "isTrue", None, False),
        (False, "isFalse", None, True),
        (0, "isFalse", None, False),
        ([], "isTruthy", None, True),
        ("", "isTruthy", None, False),
        (0, "isFalsy", None, True),
        (None, "isFalsy", None, True),
    ],
)
def test_operators(left: Any, operator: str, right: Any, expected: bool) -> None:
    assert compare(left, operator, right) is expected


@pytest.mark.parametrize("left", ["a", "b", 1, None, True, [], {}])
@pytest.mark.parametrize(("negated", "plain"), NEGATED.items())
def test_the_not_forms_are_the_opposite_also_where_there_is_no_text(
    negated: str, plain: str, left: Any
) -> None:
    assert compare(left, negated, "a") is not compare(left, plain, "a")


@pytest.mark.parametrize(
    ("left", "operator", "right"),
    [
        ("PURCHASE", "equals", "purchase"),
        ("My SHOP", "contains", "shop"),
        ("My Shop", "startsWith", "MY"),
        ("My Shop", "endsWith", "SHOP"),
        ("My Shop", "matchesRegex", "^my"),
    ],
)
def test_case_is_ignored_when_that_is_asked_for(left: str, operator: str, right: str) -> None:
    assert compare(left, operator, right, ignore_case=True)
    assert not compare(left, operator, right)


@pytest.mark.parametrize("operator", ["matchesRegex", "doesNotMatchRegex"])
def test_an_invalid_pattern_from_an_event_fails_the_condition(operator: str) -> None:
    context = fake_context(data_elements={"Left": "x", "Right": "("})
    with pytest.raises(InvalidParameter):
        run_component(VALUE_COMPARISON, settings(operator, "{{Right}}"), context)


@pytest.mark.parametrize(("operator", "expected"), [("matchesRegex", True), ("doesNotMatchRegex", False)])
def test_a_pattern_beyond_re2_is_run_by_javascript(operator: str, expected: bool) -> None:
    asked: list[tuple[str, ...]] = []

    def run_pattern(*question: str) -> bool:
        asked.append(question)
        return True

    context = fake_context(data_elements={"Left": 17}, run_pattern=run_pattern)
    given = settings(operator, r"^(?=\d)", ignore_case=True)
    assert run_component(VALUE_COMPARISON, given, context) is expected
    assert asked == [("test", r"^(?=\d)", "i", "17")]


def test_a_pattern_beyond_re2_fails_where_nothing_can_run_it() -> None:
    with pytest.raises(InvalidParameter, match="needs JavaScript"):
        compare("a", "matchesRegex", "(?=a)")


def problems(operator: str, right: Any) -> list[str]:
    assert VALUE_COMPARISON.check is not None
    found = list(VALUE_COMPARISON.check(settings(operator, right)))
    assert all((it.path, it.label) == ("rightOperand", "Right Operand") for it in found)
    return [it.message for it in found]


@pytest.mark.parametrize(
    ("operator", "right"),
    [
        ("lessThan", 10),
        ("lessThan", "9.99"),
        ("lessThan", "{{Limit}}"),
        ("matchesRegex", "^a+$"),
        ("matchesRegex", "({{Name}}"),
        ("matchesRegex", r"^(?=a)(b)\1"),
        ("equals", ""),
        ("isTrue", None),
    ],
)
def test_these_right_operands_are_accepted(operator: str, right: Any) -> None:
    assert problems(operator, right) == []


@pytest.mark.parametrize("right", ["ten", "1,5", "", "  ", None, True, [1]])
def test_a_right_operand_that_is_not_a_number_is_refused(right: Any) -> None:
    assert problems("greaterThan", right) == ["Enter a number, such as 10 or 9.99, or a data element."]


@pytest.mark.parametrize("operator", ["matchesRegex", "doesNotMatchRegex"])
@pytest.mark.parametrize("right", ["(", "", None, "(?i)a"])
def test_a_bad_pattern_is_refused_when_it_is_saved(operator: str, right: Any) -> None:
    assert len(problems(operator, right)) == 1


@pytest.mark.parametrize(
    ("operator", "right", "line"),
    [
        ("equals", "Purchase", "Event Name equals “Purchase”"),
        ("greaterThan", 10, "Event Name is greater than “10”"),
        ("doesNotEqual", "{{Other Name}}", "Event Name does not equal Other Name"),
        ("isTrue", "ignored", "Event Name is true"),
    ],
)
def test_a_rule_card_shows_it_in_one_line(operator: str, right: Any, line: str) -> None:
    assert VALUE_COMPARISON.summary is not None
    assert VALUE_COMPARISON.summary(settings(operator, right) | {"leftOperand": "{{Event Name}}"}) == line


def test_settings_that_are_not_complete_yet_have_a_summary_too() -> None:
    assert VALUE_COMPARISON.summary is not None
    assert VALUE_COMPARISON.summary({}) == ""
