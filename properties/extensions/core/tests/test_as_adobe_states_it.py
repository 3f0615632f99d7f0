"""Adobe's own tests of its Core extension, with their values.

Source: adobe/reactor-extension-core-edge, src/lib/**/__tests__. Values that JSON lacks (undefined, dates) are
left out. Custom code: rules/sandbox/tests.
"""

from __future__ import annotations

import math
from typing import Any

import pytest

from properties.catalog.errors import InvalidParameter
from properties.catalog.testing import fake_context, run_component, secret_marker

from ..extension import PATH, VALUE_COMPARISON
from ..secret import SECRET

SAME: dict[str, Any] = {}
TEXT_OPERATORS = {
    "contains": ("doesNotContain", "b", "d", "B", 2, "2"),
    "startsWith": ("doesNotStartWith", "a", "b", "A", 1, "1"),
    "endsWith": ("doesNotEndWith", "c", "b", "C", 3, "3"),
}
EQUALITY = [
    ("abc", "abc", False, True),
    ("abc", "Abc", False, False),
    ("abc", "Abc", True, True),
    ("123", 123, False, True),
    (SAME, SAME, False, True),
    (True, True, False, True),
    (True, "true", False, False),
]
PATTERNS = [
    ("abc", r"a\Sc", False, True),
    ("abc", r"a\Sd", False, False),
    ("abc", r"a\SC", True, True),
    ("3", 3, False, True),
    (3, "3", False, True),
]
NO_TEXT = [(SAME, SAME, False, False), (True, True, False, False), (None, None, False, False)]
ORDERS = {
    "lessThan": [(1, 2, True), (1, 1, False), ("1", "2", True)],
    "lessThanOrEqual": [(1, 2, True), (1, 1, True), (3, 1, False), ("1", "1", True)],
    "greaterThan": [(2, 1, True), (1, 1, False), ("2", "1", True)],
    "greaterThanOrEqual": [(2, 1, True), (1, 1, True), (1, 2, False), ("1", "1", True)],
}
NO_NUMBER = [(SAME, SAME, False), (True, True, False), (None, None, False)]
TRUTHY = [True, {}, [], 42, "foo", -42, 3.14, -3.14, math.inf, -math.inf]
FALSY = [False, None, 0, math.nan, ""]


def cases() -> list[tuple[str, Any, Any, bool, bool]]:
    """Operator, left, right, whether case is ignored, result."""
    found: list[tuple[str, Any, Any, bool, bool]] = []

    def both(plain: str, negated: str, table: list[tuple[Any, Any, bool, bool]]) -> None:
        for left, right, ignores, result in table:
            found.append((plain, left, right, ignores, result))
            found.append((negated, left, right, ignores, not result))

    both("equals", "doesNotEqual", EQUALITY)
    both("matchesRegex", "doesNotMatchRegex", PATTERNS + NO_TEXT)
    for plain, (negated, part, other, capital, number, digit) in TEXT_OPERATORS.items():
        table = [("abc", part, False, True), ("abc", other, False, False), ("abc", capital, True, True)]
        both(plain, negated, [*table, ("123", number, False, True), (123, digit, False, True), *NO_TEXT])
    for name, order in ORDERS.items():
        found += [(name, left, right, False, result) for left, right, result in order + NO_NUMBER]
    found += [("isTrue", True, None, False, True), ("isTrue", "true", None, False, False)]
    found += [("isFalse", False, None, False, True), ("isFalse", "false", None, False, False)]
    for value, is_truthy in [(it, True) for it in TRUTHY] + [(it, False) for it in FALSY]:
        found += [("isTruthy", value, None, False, is_truthy), ("isFalsy", value, None, False, not is_truthy)]
    return found


@pytest.mark.parametrize(("operator", "left", "right", "ignores", "result"), cases())
def test_a_comparison_returns_the_results_of_adobes_tests(
    operator: str, left: Any, right: Any, ignores: bool, result: bool
) -> None:
    comparison = {"operator": operator, **({"caseInsensitive": True} if ignores else {})}
    given = {"leftOperand": left, "comparison": comparison, "rightOperand": right}
    assert run_component(VALUE_COMPARISON, given, fake_context()) is result


def test_a_path_returns_the_value_or_nothing() -> None:
    context = fake_context(data={"nonXdmKey": "nonXdmValue"})
    assert run_component(PATH, {"path": "arc.event.data.nonXdmKey"}, context) == "nonXdmValue"
    assert run_component(PATH, {"path": "unicorn"}, context) is None


def test_a_secret_of_another_stage_is_not_taken() -> None:
    context = fake_context(build_info={"environment": "development"})
    chosen = {"secrets": {"development": {"id": "ID123", "name": "Secret 1"}}}
    assert run_component(SECRET, chosen, context) == secret_marker("Secret 1")
    for other in ({}, {"secrets": {"production": {"id": "ID123", "name": "Secret 1"}}}):
        with pytest.raises(InvalidParameter, match="No secret is chosen for development"):
            run_component(SECRET, other, context)
