"""Source: Adobe, Core extension (tags): Conditional Value, Merged Objects."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from properties.catalog.testing import fake_context, run_component

from ..choosing import CONDITIONAL_VALUE, LOOKUP_TABLE, MERGED_OBJECTS


def look_up(value: Any, table: list[dict[str, Any]], **settings: Any) -> Any:
    given = {"input": "{{Input}}", "table": table, **settings}
    return run_component(LOOKUP_TABLE, given, fake_context(data_elements={"Input": value, "Key": "a"}))


def merge(*objects: Any) -> Any:
    names = {str(position): item for position, item in enumerate(objects)}
    settings = {"objects": [f"{{{{{name}}}}}" for name in names]}
    return run_component(MERGED_OBJECTS, settings, fake_context(data_elements=names))


TABLE = [{"key": "a", "value": "first"}, {"key": "1", "value": "one"}, {"key": "true", "value": "yes"}]


@pytest.mark.parametrize(
    ("value", "result"),
    [("a", "first"), (" a ", "first"), (1, "one"), (1.0, "one"), (True, "yes"), ("A", None), ("b", None)],
)
def test_a_key_is_compared_as_text(value: Any, result: Any) -> None:
    assert look_up(value, TABLE) == result


@pytest.mark.parametrize("value", [None, {}, [], ["a"], "b"])
def test_an_input_outside_the_table_returns_the_value_for_everything_else(value: Any) -> None:
    assert look_up(value, TABLE, defaultValue="other") == "other"


def test_capital_letters_can_be_ignored() -> None:
    assert look_up("A", TABLE, caseInsensitive=True) == "first"


def test_keys_and_values_take_data_elements() -> None:
    assert look_up("a", [{"key": "{{Key}}", "value": "{{Input}}!"}]) == "a!"


def test_the_first_row_that_fits_counts() -> None:
    assert look_up("a", [*TABLE, {"key": "a", "value": "second"}]) == "first"


def test_a_repeated_key_is_reported() -> None:
    assert LOOKUP_TABLE.check is not None
    (problem,) = LOOKUP_TABLE.check(
        {"table": [{"key": "a"}, {"key": "a"}, {"key": "{{A}}"}, {"key": "{{A}}"}]}
    )
    assert problem.path == "table[1].key"


def test_a_conditional_value_without_a_fallback_returns_nothing() -> None:
    settings = {"leftOperand": "{{A}}", "comparison": {"operator": "isTrue"}, "conditionalValue": "yes"}
    context = fake_context(data_elements={"A": False})
    assert run_component(CONDITIONAL_VALUE, settings, context) is None


def test_objects_are_merged_deeply_and_lists_are_joined() -> None:
    merged = merge({"a": {"b": 1, "c": [1]}, "d": 1}, {"a": {"b": 2, "c": [2], "e": None}})
    assert merged == {"a": {"b": 2, "c": [1, 2], "e": None}, "d": 1}


def test_what_is_merged_is_not_changed() -> None:
    objects = [{"a": {"b": [1]}}, {"a": {"b": [2], "c": 3}}]
    before = copy.deepcopy(objects)
    merge(*objects)
    assert objects == before


def test_values_that_are_not_objects_are_left_out() -> None:
    assert merge(None, "text", {"a": 1}, 7, [1]) == {"a": 1}
    assert merge(None, "text") is None
