"""Value Comparison: what it does, what it refuses, how a rule card tells it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from properties.catalog.context import EventContext
from properties.catalog.descriptor import Run, Settings
from properties.catalog.errors import InvalidParameter, Problem
from properties.catalog.javascript import is_number, to_number, to_text
from properties.catalog.tokens import TOKEN, tokens_in

from .comparison import OPERATORS, Operator
from .patterns import compile_pattern

RIGHT = ("rightOperand", "Right Operand")


def prepare_comparison(settings: Settings) -> Run:
    """Choose the operator once; raises for a name that is no operator."""
    operator = _operator(settings)
    if operator is None:
        raise InvalidParameter("The comparison has no operator that is known here.")
    compare, case_insensitive = operator.compare, _case_insensitive(settings)

    def run(settings: Settings, context: EventContext) -> bool:
        return compare(settings.get("leftOperand"), settings.get("rightOperand"), case_insensitive)

    return run


def check_comparison(settings: Settings) -> Iterator[Problem]:
    """Problems of the right side that depend on the operator. One with tokens is known when events come."""
    operator, right = _operator(settings), settings.get("rightOperand")
    if operator is None or tokens_in(right):
        return
    if operator.takes == "number" and not _is_number(right):
        yield Problem(*RIGHT, "Enter a number, such as 10 or 9.99, or a data element.")
    if operator.takes == "pattern":
        yield from _check_pattern(right, _case_insensitive(settings))


def _is_number(right: Any) -> bool:
    return is_number(right) or (
        isinstance(right, str) and bool(right.strip()) and is_number(to_number(right))
    )


def _check_pattern(right: Any, case_insensitive: bool) -> Iterator[Problem]:
    if right in (None, ""):
        yield Problem(*RIGHT, "Enter a regular expression, such as ^order- or \\.pdf$.")
        return
    try:
        compile_pattern(to_text(right), case_insensitive)
    except InvalidParameter as error:
        yield Problem(*RIGHT, str(error))


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
    return bool(settings.get("comparison", {}).get("caseInsensitive"))
