"""Value Comparison: its fields, checks and summary."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from properties.catalog.context import EventContext
from properties.catalog.descriptor import Field, Run, Settings
from properties.catalog.errors import InvalidParameter, Problem
from properties.catalog.javascript import is_number, to_number, to_text
from properties.catalog.javascript_patterns import pattern_problems
from properties.catalog.tokens import TOKEN, tokens_in

from .comparison import OPERATORS, Operator, holds, taking
from .values import text_or_none

RIGHT = ("rightOperand", "Right Operand")
COMPARISON_FIELDS = (
    Field(
        key="leftOperand",
        label="Left Operand",
        required=True,
        only_tokens=True,
        placeholder="{{Event Name}}",
        help="The data element to compare.",
    ),
    Field(
        key="comparison.operator",
        label="Operator",
        type="choice",
        required=True,
        tokens=False,
        default="equals",
        options=[(name, operator.label) for name, operator in OPERATORS.items()],
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
        placeholder="Purchase",
        help="The value to compare with. When numbers are compared, text such as 10 is read as a number.",
    ),
)


def prepare_comparison(settings: Settings) -> Run:
    """Choose the operator once; raise an error for an unknown name."""
    operator = _operator(settings)
    if operator is None:
        raise InvalidParameter("The operator of the comparison is unknown.")
    case_insensitive = _case_insensitive(settings)

    def run(settings: Settings, context: EventContext) -> bool:
        left, right = settings.get("leftOperand"), settings.get("rightOperand")
        return holds(operator, left, right, case_insensitive, context)

    return run


def check_comparison(settings: Settings) -> Iterator[Problem]:
    """Yield problems of the right side that depend on the operator, unless it contains tokens."""
    operator, right = _operator(settings), settings.get("rightOperand")
    if operator is None or tokens_in(right):
        return
    if operator.takes == "number" and not _is_number(right):
        yield Problem(*RIGHT, "Enter a number, such as 10 or 9.99, or a data element.")
    if operator.takes == "pattern":
        yield from pattern_problems(*RIGHT, text_or_none(right) or "", "^order- or \\.pdf$")


def _is_number(right: Any) -> bool:
    return is_number(right) or (
        isinstance(right, str) and bool(right.strip()) and is_number(to_number(right))
    )


def summarize_comparison(settings: Settings) -> str:
    """One line such as: Event Name equals “Purchase”."""
    operator = _operator(settings)
    left = TOKEN.sub(r"\1", to_text(settings.get("leftOperand", "")))
    if operator is None or not operator.takes:
        return f"{left} {operator.phrase if operator else ''}".strip()
    right = settings.get("rightOperand", "")
    shown = TOKEN.sub(r"\1", right) if tokens_in(right) else f"“{to_text(right)}”"
    return f"{left} {operator.phrase} {shown}"


def _operator(settings: Settings) -> Operator | None:
    comparison = settings.get("comparison")
    name = comparison.get("operator") if isinstance(comparison, dict) else None
    return OPERATORS.get(name) if isinstance(name, str) else None


def _case_insensitive(settings: Settings) -> bool:
    comparison = settings.get("comparison")
    return isinstance(comparison, dict) and bool(comparison.get("caseInsensitive"))
