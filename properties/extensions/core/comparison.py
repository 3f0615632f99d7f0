"""Compares two values as Adobe's Value Comparison does.

Source: docs/reference/adobe.md, "Edge Core" and "JavaScript semantics".
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from operator import ge, gt, le, lt
from typing import Any

from properties.catalog.context import EventContext
from properties.catalog.javascript import is_number, is_truthy, loosely_equal, to_number

from .patterns import NeedsJavaScript, Pattern, ask_javascript, matches
from .values import text_or_none

Compare = Callable[[Any, Any, bool], bool]


@dataclass(frozen=True, slots=True)
class Operator:
    """One way to compare.

    Args:
        label: Its name in the form.
        phrase: Its words between the two sides on a rule card.
        compare: ``(left, right, case_insensitive)``.
        takes: Kind of the right side: ``any``, ``text``, ``pattern``, ``number``, or "" if there is none.
    """

    label: str
    phrase: str
    compare: Compare
    takes: str = ""

    @property
    def is_opposite(self) -> bool:
        """Whether it is one of the "does not" operators."""
        return "not" in self.phrase


def _lower(value: Any) -> Any:
    return value.lower() if isinstance(value, str) else value


def _equals(left: Any, right: Any, case_insensitive: bool) -> bool:
    return loosely_equal(_lower(left), _lower(right)) if case_insensitive else loosely_equal(left, right)


def _text(compare: Callable[[str, str], bool]) -> Compare:
    def run(left: Any, right: Any, case_insensitive: bool) -> bool:
        whole, part = text_or_none(left), text_or_none(right)
        if whole is None or part is None:
            return False
        return compare(whole.lower(), part.lower()) if case_insensitive else compare(whole, part)

    return run


def _matches(left: Any, right: Any, case_insensitive: bool) -> bool:
    text, pattern = text_or_none(left), text_or_none(right)
    return text is not None and pattern is not None and matches(Pattern(pattern, case_insensitive), text)


def _number(compare: Callable[[float, float], bool]) -> Compare:
    def run(left: Any, right: Any, case_insensitive: bool) -> bool:
        numbers = [to_number(side) if isinstance(side, str) else side for side in (left, right)]
        return all(map(is_number, numbers)) and compare(*numbers)

    return run


def _not(compare: Compare) -> Compare:
    return lambda left, right, case_insensitive: not compare(left, right, case_insensitive)


_contains, _starts, _ends = _text(str.__contains__), _text(str.startswith), _text(str.endswith)

OPERATORS = {
    "equals": Operator("Equals", "equals", _equals, "any"),
    "doesNotEqual": Operator("Does Not Equal", "does not equal", _not(_equals), "any"),
    "contains": Operator("Contains", "contains", _contains, "text"),
    "doesNotContain": Operator("Does Not Contain", "does not contain", _not(_contains), "text"),
    "startsWith": Operator("Starts With", "starts with", _starts, "text"),
    "doesNotStartWith": Operator("Does Not Start With", "does not start with", _not(_starts), "text"),
    "endsWith": Operator("Ends With", "ends with", _ends, "text"),
    "doesNotEndWith": Operator("Does Not End With", "does not end with", _not(_ends), "text"),
    "matchesRegex": Operator("Matches Regex", "matches regex", _matches, "pattern"),
    "doesNotMatchRegex": Operator("Does Not Match Regex", "does not match regex", _not(_matches), "pattern"),
    "lessThan": Operator("Is Less Than", "is less than", _number(lt), "number"),
    "lessThanOrEqual": Operator(
        "Is Less Than Or Equal To", "is less than or equal to", _number(le), "number"
    ),
    "greaterThan": Operator("Is Greater Than", "is greater than", _number(gt), "number"),
    "greaterThanOrEqual": Operator(
        "Is Greater Than Or Equal To", "is greater than or equal to", _number(ge), "number"
    ),
    "isTrue": Operator("Is True", "is true", lambda left, right, ci: left is True),
    "isTruthy": Operator("Is Truthy", "is truthy", lambda left, right, ci: is_truthy(left)),
    "isFalse": Operator("Is False", "is false", lambda left, right, ci: left is False),
    "isFalsy": Operator("Is Falsy", "is falsy", lambda left, right, ci: not is_truthy(left)),
}


def holds(operator: Operator, left: Any, right: Any, case_insensitive: bool, context: EventContext) -> bool:
    """Return whether the comparison is true; JavaScript runs a pattern that RE2 cannot express.

    Raises:
        InvalidParameter: The pattern is wrong, or there is no sandbox to run it.
    """
    try:
        return operator.compare(left, right, case_insensitive)
    except NeedsJavaScript:
        pattern = Pattern(str(text_or_none(right)), case_insensitive)
        found = ask_javascript(context, "test", pattern, str(text_or_none(left)))
    return bool(found) is not operator.is_opposite


def taking(*kinds: str) -> list[str]:
    """Return the names of the operators whose right side is of one of ``kinds``."""
    return [name for name, operator in OPERATORS.items() if operator.takes in kinds]
