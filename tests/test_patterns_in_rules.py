"""Patterns that only JavaScript runs, in a build that handles events."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from properties.catalog.registry import packages
from rules.engine import RunResult, compile_build, run_build
from rules.sandbox import Sandbox, WatchedSandbox, Watcher

PAGE = {"web": {"webPageDetails": {"URL": "https://shop.example/checkout/thank-you?order=7"}}}
TOOLS = "core::dataElements::text-tools"


@pytest.fixture(scope="module")
def scripts() -> Iterator[WatchedSandbox]:
    with Sandbox() as sandbox:
        yield WatchedSandbox(sandbox, Watcher())


def component(delegate: str, settings: dict[str, Any]) -> dict[str, Any]:
    return {"id": "C", "name": "C", "modulePath": delegate, "settings": settings}


def run(delegate: str, settings: dict[str, Any], scripts: WatchedSandbox | None) -> RunResult:
    """The event through a rule with that condition, or with one that reads that data element, named Tried."""
    tried = component(delegate, settings)
    elements = {"Tried": {**tried, "name": "Tried"}} if "dataElements" in delegate else {}
    reads = {"leftOperand": "{{Tried}}", "comparison": {"operator": "isTruthy"}}
    condition = component("core::conditions::value-comparison", reads) if elements else tried
    document = {
        "extensions": {"core": {"settings": {}}},
        "dataElements": elements,
        "rules": [{"id": "R", "name": "R", "conditions": [condition], "actions": []}],
    }
    return run_build(
        compile_build(document, packages()),
        {"event": {"xdm": PAGE, "data": {}}, "request": {"header": {}}},
        inbound_event_id="1",
        received_at=1.7e9,
        installation={},
        secret_marker=str,
        scripts=scripts,
    )


# ECMA-262, Assertion and BackReference; the values follow from the text.
@pytest.mark.parametrize(
    ("settings", "value"),
    [
        (
            {"operator": "regexReplace", "regexInput": r"(?<=o)(r)\1?", "replacementValue": "[$1]"},
            "o[r]der-77",
        ),
        ({"operator": "regexMatch", "regexInput": r"(\d)\1"}, "77"),
        ({"operator": "regexMatch", "regexInput": r"(?<=-)(?<first>\d)", "group": 1}, "7"),
        ({"operator": "regexSplit", "regexInput": "(?=-)"}, ["order", "-77"]),
    ],
)
def test_text_tools_accept_look_around_and_back_references(
    scripts: WatchedSandbox, settings: dict[str, Any], value: Any
) -> None:
    result = run(TOOLS, {"sourceValue": "order-77", **settings}, scripts)
    assert result.elements["Tried"].value == value


@pytest.mark.parametrize(
    ("part", "pattern", "status"),
    [
        ("path", r"^(?=/checkout/).*you$", "success"),
        ("path", r"^(?!/checkout/)", "condition_not_met"),
        ("query", r"(?<!\d)7(?!\d)", "success"),
        ("domain", r"(s)hop(?=\.)", "success"),
    ],
)
def test_url_accepts_look_around(scripts: WatchedSandbox, part: str, pattern: str, status: str) -> None:
    values = [{"value": pattern, "valueIsRegex": True}]
    result = run("core::conditions::url", {"part": part, "name": "order", "values": values}, scripts)
    assert result.rules[0].status == status


@pytest.mark.parametrize(("pattern", "value"), [(r"(\w)\1", "twice"), (r"^(\w)\1", "never")])
def test_conditional_value_accepts_back_references(scripts: WatchedSandbox, pattern: str, value: str) -> None:
    settings = {
        "leftOperand": "hello",
        "comparison": {"operator": "matchesRegex"},
        "rightOperand": pattern,
        "conditionalValue": "twice",
        "fallbackValue": "never",
    }
    assert run("core::dataElements::conditional-value", settings, scripts).elements["Tried"].value == value


def test_a_pattern_that_takes_too_long_names_its_element_and_is_skipped_after_three_times(
    scripts: WatchedSandbox,
) -> None:
    settings = {"sourceValue": "a" * 40 + "b", "operator": "regexMatch", "regexInput": "(?=(a+)+$)x"}
    errors = [run(TOOLS, settings, scripts).elements["Tried"].error for _ in range(4)]
    assert all('data element "Tried"' in error for error in errors)
    assert all("The pattern takes too long on this text." in error for error in errors)
    assert ["Not run: it was ended 3 times" in error for error in errors] == [False, False, False, True]


def test_without_javascript_the_reason_is_shown() -> None:
    settings = {"sourceValue": "a", "operator": "regexMatch", "regexInput": "(?=a)"}
    error = run(TOOLS, settings, None).elements["Tried"].error
    assert "The pattern needs JavaScript, which cannot be run here." in error
