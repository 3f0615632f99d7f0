"""Value Comparison: the operators in words, its fields and checks.

Source: adobe/reactor-extension-core, valueComparison.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from properties.catalog.descriptor import Field, Settings
from properties.catalog.errors import Problem
from properties.catalog.javascript import is_number, to_number, to_text
from properties.catalog.javascript_patterns import pattern_problems
from properties.catalog.tokens import tokens_in, without_tokens

# Name → label, words on a rule card, and the kind of the right side: any, text, pattern, number, or none.
OPERATORS: Mapping[str, tuple[str, str, str]] = {
    "equals": ("Equals", "equals", "any"),
    "doesNotEqual": ("Does Not Equal", "does not equal", "any"),
    "contains": ("Contains", "contains", "text"),
    "doesNotContain": ("Does Not Contain", "does not contain", "text"),
    "startsWith": ("Starts With", "starts with", "text"),
    "doesNotStartWith": ("Does Not Start With", "does not start with", "text"),
    "endsWith": ("Ends With", "ends with", "text"),
    "doesNotEndWith": ("Does Not End With", "does not end with", "text"),
    "matchesRegex": ("Matches Regex", "matches regex", "pattern"),
    "doesNotMatchRegex": ("Does Not Match Regex", "does not match regex", "pattern"),
    "lessThan": ("Is Less Than", "is less than", "number"),
    "lessThanOrEqual": ("Is Less Than Or Equal To", "is less than or equal to", "number"),
    "greaterThan": ("Is Greater Than", "is greater than", "number"),
    "greaterThanOrEqual": ("Is Greater Than Or Equal To", "is greater than or equal to", "number"),
    "isTrue": ("Is True", "is true", ""),
    "isTruthy": ("Is Truthy", "is truthy", ""),
    "isFalse": ("Is False", "is false", ""),
    "isFalsy": ("Is Falsy", "is falsy", ""),
}
_RIGHT = ("rightOperand", "Right Operand")


def taking(*kinds: str) -> list[str]:
    """Return the names of the operators whose right side is of one of ``kinds``."""
    return [name for name, (_, _, takes) in OPERATORS.items() if takes in kinds]


COMPARISON_FIELDS = (
    Field(
        key="leftOperand",
        label="Left Operand",
        required=True,
        only_tokens=True,
        placeholder="%Cart Total%",
        help="The data element to compare.",
    ),
    Field(
        key="comparison.operator",
        label="Operator",
        type="choice",
        required=True,
        tokens=False,
        default="equals",
        options=[(name, label) for name, (label, _, _) in OPERATORS.items()],
    ),
    Field(
        key="comparison.caseInsensitive",
        label="Case Insensitive",
        type="boolean",
        tokens=False,
        default=False,
        show_if={"comparison.operator": taking("any", "text", "pattern")},
        help="Ignores the difference between capital and small letters.",
    ),
    Field(
        key="rightOperand",
        label="Right Operand",
        show_if={"comparison.operator": taking("any", "text", "pattern", "number")},
        placeholder="100",
        help="The value to compare with. When numbers are compared, text such as 10 is read as a number.",
    ),
)


def check_comparison(settings: Settings) -> Iterator[Problem]:
    """Yield problems of the right side that depend on the operator, unless it has data elements."""
    takes, right = _operator(settings)[2], settings.get("rightOperand")
    if tokens_in(right):
        return
    if takes == "number" and not _is_number(right):
        yield Problem(*_RIGHT, "Enter a number, such as 10 or 9.99, or a data element.")
    if takes == "pattern":
        yield from pattern_problems(*_RIGHT, right if isinstance(right, str) else "", "^order- or \\.pdf$")


def summarize_comparison(settings: Settings) -> str:
    """One line such as: Cart Total is greater than “100”."""
    _, phrase, takes = _operator(settings)
    left = without_tokens(to_text(settings.get("leftOperand", "")))
    right = settings.get("rightOperand", "")
    shown = without_tokens(right) if tokens_in(right) else f"“{to_text(right)}”"
    return f"{left} {phrase} {shown if takes else ''}".strip()


def _is_number(right: Any) -> bool:
    return is_number(right) or (
        isinstance(right, str) and bool(right.strip()) and is_number(to_number(right))
    )


def _operator(settings: Settings) -> tuple[str, str, str]:
    comparison = settings.get("comparison")
    name = comparison.get("operator") if isinstance(comparison, dict) else None
    return OPERATORS.get(name, ("", "", "")) if isinstance(name, str) else ("", "", "")
