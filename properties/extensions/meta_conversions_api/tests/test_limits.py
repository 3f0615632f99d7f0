"""Values at a limit, and just beyond it."""

from __future__ import annotations

import json
from types import MappingProxyType
from typing import Any

import pytest

from properties.catalog.customer_data.cleaning import UnusableValue
from properties.catalog.customer_data.values import mapping, read_json

from .test_normalize import digest, normalized

# Source: RFC 8259, 6; IEEE 754: a 64-bit number represents every integer up to this one exactly.
LAST_EXACT = 9_007_199_254_740_992


@pytest.mark.parametrize(
    ("value", "sent"),
    [
        (1_234_567_890.0, 1_234_567_890),
        (float(LAST_EXACT), LAST_EXACT),
        (LAST_EXACT + 1, LAST_EXACT + 1),
        (str(LAST_EXACT + 1), LAST_EXACT + 1),
        ("9" * 40, int("9" * 40)),
        ("007", "007"),
    ],
)
def test_an_id_that_a_number_holds_exactly_is_sent(value: Any, sent: Any) -> None:
    assert normalized("digits_id", value) == sent


@pytest.mark.parametrize(
    ("value", "code"),
    [(float(LAST_EXACT + 2), "not_exact"), (-float(LAST_EXACT + 2), "not_exact"), ("9" * 41, "not_digits")],
)
def test_an_id_that_lost_digits_as_a_number_is_left_out(value: Any, code: str) -> None:
    with pytest.raises(UnusableValue) as refused:
        normalized("digits_id", value)
    assert refused.value.code == code


@pytest.mark.parametrize(
    ("country", "sent"),
    [("us", "ca"), ("de", "california"), ("gb", "california"), ("za", "california"), ("", "california")],
)
def test_the_name_of_a_state_becomes_its_code_in_the_united_states_alone(country: str, sent: str) -> None:
    """Source: Meta, Customer Information Parameters, "st"."""
    assert normalized("state", "California", country=country) == digest(sent)


@pytest.mark.parametrize(("begin", "end"), [("[", "]"), ('{"a":', "}")])
def test_json_may_be_nested_32_levels_deep(begin: str, end: str) -> None:
    """Source: docs/sending_events.md, "When an event is refused": events have the same limit."""
    text = begin * 32 + "1" + end * 32
    assert read_json(text) == json.loads(text)
    with pytest.raises(UnusableValue, match="not valid JSON"):
        read_json(begin * 33 + "1" + end * 33)


def test_any_mapping_is_an_object_and_nothing_else_is() -> None:
    assert mapping(MappingProxyType({"a": 1})) == {"a": 1}
    assert mapping('{"a": 1}') == {"a": 1}
    for value in ([], "[]", "1", 1, [("a", 1)]):
        with pytest.raises(UnusableValue):
            mapping(value)
