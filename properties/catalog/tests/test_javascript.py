"""Source: ECMA-262; docs/reference/adobe.md, "JavaScript semantics"."""

from __future__ import annotations

import math
from typing import Any

import pytest

from properties.catalog.javascript import (
    clean,
    is_number,
    is_truthy,
    loosely_equal,
    number_text,
    to_number,
    to_text,
)


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("", 0),
        (" \n\u00a0\ufeff ", 0),
        ("\u00a012\u2003", 12),
        ("0x1F", 31),
        ("0b101", 5),
        ("0o17", 15),
        ("1e3", 1000),
        (".5", 0.5),
        ("5.", 5),
        ("+7", 7),
        ("-7.25", -7.25),
    ],
)
def test_these_texts_are_numbers(text: str, number: float) -> None:
    assert to_number(text) == number
    assert is_number(to_number(text))


@pytest.mark.parametrize(
    "text",
    ["1_000", "1,5", "١٢", "inf", "nan", "NaN", "Infinity", "1e400", "-0x10", "12px", ".", "+", "0x", "1e"],
)
def test_these_texts_are_none(text: str) -> None:
    assert not is_number(to_number(text))


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (1, "1"),
        (1.0, "1"),
        (-0.0, "0"),
        (0.1, "0.1"),
        (-1.5, "-1.5"),
        (129.9, "129.9"),
        (100.0, "100"),
        (1e20, "100000000000000000000"),
        (123456789012345680000.0, "123456789012345680000"),
        (1e21, "1e+21"),
        (10**21, "1e+21"),
        (1.5e300, "1.5e+300"),
        (0.000001, "0.000001"),
        (1e-7, "1e-7"),
        (1.25e-9, "1.25e-9"),
        (math.nan, "NaN"),
        (-math.inf, "-Infinity"),
        (10**400, "Infinity"),
    ],
)
def test_numbers_print_as_in_javascript(number: float, text: str) -> None:
    assert number_text(number) == text


def test_long_identifiers_keep_every_digit() -> None:
    assert number_text(10153872364723649) == "10153872364723649"


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, "null"),
        (True, "true"),
        ([1.0, "ä\n", None, {"k": 1e21}], '[1,"ä\\n",null,{"k":1e+21}]'),
        ({"a": math.nan}, '{"a":null}'),
        ({}, "{}"),
    ],
)
def test_values_become_text(value: Any, text: str) -> None:
    assert to_text(value) == text


@pytest.mark.parametrize(
    ("left", "right", "equal"),
    [
        (None, None, True),
        (None, 0, False),
        (None, "", False),
        (None, False, False),
        ("1", 1, True),
        ("1.0", 1, True),
        ("1.0", "1", False),
        (" 1 ", 1, True),
        ("", 0, True),
        ("abc", 0, False),
        (True, 1, True),
        (True, "1", True),
        (True, "true", False),
        (False, "", True),
        (False, "0", True),
        (math.nan, math.nan, False),
        ([], "", True),
        ([], 0, True),
        ([5], 5, True),
        ([1, [2, None]], "1,2,", True),
        ({}, "[object Object]", True),
        ({}, {}, False),
        ([], [], False),
    ],
)
def test_loose_equality(left: Any, right: Any, equal: bool) -> None:
    assert loosely_equal(left, right) is equal
    assert loosely_equal(right, left) is equal


def test_an_object_equals_itself() -> None:
    value = {"a": 1}
    assert loosely_equal(value, value)


@pytest.mark.parametrize("value", ["0", " ", [], {}, -1, True, math.inf])
def test_these_are_truthy(value: Any) -> None:
    assert is_truthy(value)


@pytest.mark.parametrize("value", ["", 0, -0.0, math.nan, None, False])
def test_these_are_falsy(value: Any) -> None:
    assert not is_truthy(value)


def test_clean_text_trims_and_collapses() -> None:
    assert clean("\ufeff a \t\r\n b\u3000") == "a b"
