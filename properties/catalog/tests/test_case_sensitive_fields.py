"""Fields whose letter case counts, and data elements that force lower case."""

from __future__ import annotations

from properties.catalog.case_sensitive_fields import letter_case_advice
from properties.catalog.descriptor import Field

FIELDS = (Field(key="click", label="Click ID", keeps_case=True), Field(key="email", label="Email"))
SETTINGS = {"click": "fb.1.1.{{Click}}", "email": "{{Click}}"}


def test_an_element_is_named_at_the_field_whose_case_counts() -> None:
    [problem] = letter_case_advice(FIELDS, SETTINGS, ["Click"])
    assert (problem.path, problem.label) == ("click", "Click ID")
    assert "“Click”" in problem.message


def test_other_elements_are_not_named() -> None:
    assert list(letter_case_advice(FIELDS, SETTINGS, ["Other"])) == []
    assert list(letter_case_advice(FIELDS, SETTINGS, [])) == []
