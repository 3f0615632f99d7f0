from __future__ import annotations

from typing import Any

import pytest

from rules.explain.shown_values import as_line, duration, shown_text, why_failed


@pytest.mark.parametrize(
    ("microseconds", "expected"),
    [(0, ""), (7, "7 µs"), (999, "999 µs"), (1000, "1.0 ms"), (12_340, "12.3 ms"), (2_500_000, "2.5 s")],
)
def test_a_duration_has_the_unit_that_fits(microseconds: int, expected: str) -> None:
    assert duration(microseconds) == expected


@pytest.mark.parametrize(
    ("value", "line", "text"),
    [
        ("two\nlines", "two\nlines", "two\nlines"),
        (["Purchase"], '["Purchase"]', '[\n  "Purchase"\n]'),
        ({"ü": 1}, '{"ü": 1}', '{\n  "ü": 1\n}'),
        (None, "null", "null"),
        (True, "true", "true"),
    ],
)
def test_a_value_is_one_line_beside_another_and_several_alone(value: Any, line: str, text: str) -> None:
    assert (as_line(value), shown_text(value)) == (line, text)


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        ("", ""),
        ("Not run.", "Not run."),
        ('Failed to execute "Custom Code". TypeError: x', "TypeError: x"),
        ('Failed to execute module for data element "A". No digits.', "No digits."),
        (
            'Failed to execute "Note". Failed to execute module for data element "A". '
            'Failed to execute module for data element "B “C”". No digits.',
            "Data element “A”: Data element “B “C””: No digits.",
        ),
    ],
)
def test_a_reason_does_not_say_again_what_failed(error: str, expected: str) -> None:
    assert why_failed(error) == expected
