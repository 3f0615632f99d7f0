"""Custom code that needs missing names: import and documents report it, and its rules are disabled."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from properties.catalog.component_advice import advice_on
from properties.catalog.registry import find_type
from rules.documents.adobe import plan_import

SHOP_FILE = Path(__file__).parent / "adobe/shop.json"
NEEDS_FETCH = "const a = 1;\nreturn fetch('https://x.example');"
WHY = "Line 2: fetch is not available here. Send requests with the action Make Fetch Call."


@pytest.fixture
def listing() -> Any:
    return json.loads(SHOP_FILE.read_text())


def imported(listing: Any) -> Any:
    return plan_import(json.dumps(listing).encode()).draft


def _turn_into_code(resource: Any, kind: str, source: str) -> None:
    resource["attributes"]["delegate_descriptor_id"] = f"core::{kind}::custom-code"
    resource["attributes"]["settings"] = json.dumps({"source": source})


def first_condition(listing: Any) -> tuple[str, Any]:
    """Return the name of the rule with a condition, and the condition."""
    for rule in listing["rules"]["data"]:
        for component in listing["rule_components"][rule["id"]]["data"]:
            if "::conditions::" in component["attributes"]["delegate_descriptor_id"]:
                return rule["attributes"]["name"], component
    raise AssertionError("no condition")


@pytest.mark.django_db
def test_a_rule_whose_code_needs_what_is_not_here_comes_over_disabled(listing: Any) -> None:
    name, condition = first_condition(listing)
    _turn_into_code(condition, "conditions", NEEDS_FETCH)
    draft = imported(listing)
    [rule] = [each for each in draft.rules if each["name"] == name]
    assert not rule["enabled"]
    assert rule["conditions"][0]["settings"]["source"] == NEEDS_FETCH
    reasons = [entry.reason for entry in draft.report.disabled if entry.name == name]
    assert any(reason.endswith(f"cannot run here. {WHY}") for reason in reasons)
    assert all(WHY not in entry.reason for entry in draft.report.warnings)


@pytest.mark.django_db
def test_a_rule_that_reads_such_an_element_comes_over_disabled_too(listing: Any) -> None:
    element = next(e for e in listing["data_elements"]["data"] if e["attributes"]["name"] == "Email")
    _turn_into_code(element, "dataElements", NEEDS_FETCH)
    draft = imported(listing)
    [email] = [each for each in draft.elements if each["name"] == "Email"]
    assert not email["enabled"]
    assert f"It cannot run here. {WHY}" in [entry.reason for entry in draft.report.disabled]
    readers = [rule for rule in draft.rules if "{{Email}}" in json.dumps(rule)]
    assert readers
    assert not any(rule["enabled"] for rule in readers)


@pytest.mark.django_db
def test_code_that_needs_only_what_is_offered_stays_as_it_was(listing: Any) -> None:
    name, condition = first_condition(listing)
    _turn_into_code(condition, "conditions", "return new URL('https://x.example').hash === ''")
    before = next(each for each in imported(json.loads(SHOP_FILE.read_text())).rules if each["name"] == name)
    [rule] = [each for each in imported(listing).rules if each["name"] == name]
    assert rule["enabled"] == before["enabled"]


def test_the_form_and_a_document_are_given_the_same() -> None:
    kind = find_type("core::actions::custom-code")
    [problem] = advice_on(kind, {"keyName": "x", "source": NEEDS_FETCH})
    assert (problem.path, problem.message) == ("source", WHY)
