"""Conditions that need only two values, so that their settings need not be made."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from properties.catalog.descriptor import Compare, ComponentType, ConditionType, Settings
from properties.catalog.tokens import tokens_in, whole_token


class Sides(NamedTuple):
    """The two sides of a comparison: each is a data element, or the same value for every event.

    Args:
        left_name, right_name: Name of the data element, or None.
        left, right: The value when there is no data element.
    """

    compare: Compare
    left_name: str | None
    left: Any
    right_name: str | None
    right: Any

    def of(self, element: Callable[[str], Any]) -> tuple[Any, Any]:
        """Return both values for an event; ``element`` returns the value of a data element."""
        _, left_name, left, right_name, right = self
        left = left if left_name is None else element(left_name)
        return left, right if right_name is None else element(right_name)


def sides_of(component_type: ComponentType, settings: Settings) -> Sides | None:
    """Return the two sides of a condition; None if it depends on anything else."""
    if not isinstance(component_type, ConditionType):
        return None
    keys, prepare = component_type.compared, component_type.compare
    if not keys or not prepare or _reads_more_than(settings, keys):
        return None
    try:
        compare = prepare(settings)
    except Exception:
        return None  # Settings that cannot be prepared fail the rule when it runs.
    left, right = (settings.get(key) for key in keys)
    return Sides(compare, whole_token(left), left, whole_token(right), right) if compare else None


def with_sides(component_type: ComponentType, settings: Settings, values: tuple[Any, Any]) -> Settings:
    """Return the settings of a condition with the values of its two sides in place of their tokens."""
    keys = (component_type.compared if isinstance(component_type, ConditionType) else None) or ()
    sides = zip(keys, values, strict=False)
    return {**settings, **{key: value for key, value in sides if key in settings}}


def _reads_more_than(settings: Settings, keys: tuple[str, ...]) -> bool:
    """Return whether a data element is read anywhere except as the whole of one of the two sides."""
    rest = {key: value for key, value in settings.items() if key not in keys}
    return bool(tokens_in(rest)) or not all(_is_simple(settings.get(key)) for key in keys)


def _is_simple(side: Any) -> bool:
    return not isinstance(side, Mapping | list) and (whole_token(side) is not None or not tokens_in(side))
