"""Compares two values as Value Comparison does, without its settings."""

from __future__ import annotations

from typing import Any

from properties.catalog.descriptor import Compare, Settings
from properties.catalog.javascript import loosely_equal

from .comparison import OPERATORS


def compare_sides(settings: Settings) -> Compare | None:
    """Return a function that compares left and right; None for patterns, which may need JavaScript."""
    comparison = settings.get("comparison")
    comparison = comparison if isinstance(comparison, dict) else {}
    name, ignores_case = str(comparison.get("operator")), bool(comparison.get("caseInsensitive"))
    operator = OPERATORS.get(name)
    if operator is None or operator.takes == "pattern":
        return None
    if not ignores_case and name in _EQUALITIES:
        return _EQUALITIES[name]
    compare = operator.compare
    return lambda left, right: compare(left, right, ignores_case)


def _unequal(left: Any, right: Any) -> bool:
    return not loosely_equal(left, right)


_EQUALITIES: dict[str, Compare] = {"equals": loosely_equal, "doesNotEqual": _unequal}
