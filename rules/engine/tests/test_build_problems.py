from __future__ import annotations

from typing import Any

import pytest

from properties.catalog.registry import packages
from rules.engine import BuildProblem, compile_build

from .probe import Probe, action, compile_rules, condition, element, rule


def problems(probe: Probe, *rules: Any, **parts: Any) -> list[str]:
    with pytest.raises(BuildProblem) as raised:
        compile_rules(probe, *rules, **parts)
    return raised.value.problems


def test_a_circle_of_data_elements_is_named(probe: Probe) -> None:
    elements = {
        "A": element(value="{{B}}"),
        "B": element(value=["x {{ C }}"]),
        "C": element(value="{{A}}"),
        "Reader": element(value="{{A}}"),
    }
    (problem,) = problems(probe, elements=elements)
    circle = problem.removeprefix("Data elements form a circle: ").removesuffix(".").split(" → ")
    assert circle[0] == circle[-1]
    assert circle in (
        ["“A”", "“B”", "“C”", "“A”"],
        ["“B”", "“C”", "“A”", "“B”"],
        ["“C”", "“A”", "“B”", "“C”"],
    )


def test_every_circle_is_named(probe: Probe) -> None:
    elements = {"A": element(value="{{A}}"), "B": element(value="{{C}}"), "C": element(value="{{B}}")}
    assert len(problems(probe, elements=elements)) == 2


def test_a_circle_through_the_configuration_of_the_extension_is_found(probe: Probe) -> None:
    found = problems(probe, elements={"A": element(value=1)}, extension_settings={"x": "{{A}}"})
    assert found == ["Data elements form a circle: “A” → “A”."]


def test_a_circle_through_settings_and_configuration_alike_is_found(probe: Probe) -> None:
    document = {
        "extensions": {"probe": {"displayName": "Probe", "settings": {"x": "{{Outer}}"}}},
        "dataElements": {
            "Inner": element(value="{{Outer}}"),
            "Outer": {"modulePath": "core::dataElements::path", "settings": {"path": "arc.event.{{Inner}}"}},
        },
    }
    with pytest.raises(BuildProblem, match=r"Data elements form a circle: “(Inner|Outer)” → “"):
        compile_build(document, {**packages(), "probe": probe.package})


def test_everything_that_is_not_installed_is_named_at_once(probe: Probe) -> None:
    found = problems(
        probe, rule(condition("nope"), action("nope"), name="Purchase"), elements={"It": element("nope")}
    )
    assert found == [
        "Data element “It”: “probe::dataElements::nope” is not installed.",
        "Rule “Purchase”, “probe::conditions::nope”: “probe::conditions::nope” is not installed.",
        "Rule “Purchase”, “probe::actions::nope”: “probe::actions::nope” is not installed.",
    ]


def test_an_action_is_no_condition(probe: Probe) -> None:
    misplaced = {**condition(), "modulePath": "probe::actions::note"}
    a_rule = {**rule(), "conditions": [misplaced]}
    assert "probe::actions::note" in problems(probe, a_rule)[0]


def test_a_token_in_a_key_is_refused(probe: Probe) -> None:
    (problem,) = problems(probe, rule(action(value={"{{It}}": 1})))
    assert problem == (
        "Rule “Purchase”, “probe::actions::note”: {{It}}: The name of a key cannot hold a data element."
    )


def test_rules_with_the_same_id_are_refused(probe: Probe) -> None:
    assert problems(probe, rule(name="A"), rule(name="B"), rule(name="A")) == ["2 rules have the id “RL-A”."]


@pytest.mark.parametrize(
    ("document", "reason"),
    [
        (None, "$: Expected `object`, got `null`"),
        ({"rules": {}}, "$.rules: Expected `array | null`, got `object`"),
        ({"rules": ["x"]}, "$.rules[0]: Expected `object`, got `str`"),
        ({"rules": [{"name": "A"}]}, "$.rules[0]: Object missing required field `id`"),
        (
            {"rules": [{"id": "A"}, {"id": "B", "actions": [{"id": "C"}]}]},
            "$.rules[1].actions[0]: Object missing required field `modulePath`",
        ),
        (
            {"rules": [{"id": "A", "conditions": [{"modulePath": "probe::conditions::gives"}]}]},
            "$.rules[0].conditions[0]: Object missing required field `id`",
        ),
        (
            {"dataElements": {"Größe": {"modulePath": "probe::dataElements::value", "settings": []}}},
            '$.dataElements["Größe"].settings: Expected `object | null`, got `array`',
        ),
        ({"dataElements": {"A": {}}}, '$.dataElements["A"]: Object missing required field `modulePath`'),
        ({"extensions": {"probe": None}}, '$.extensions["probe"]: Expected `object`, got `null`'),
        ({"property": {"settings": "DE"}}, "$.property.settings: Expected `object | null`, got `str`"),
    ],
)
def test_a_document_that_cannot_be_read_is_shown_with_the_place(
    probe: Probe, document: Any, reason: str
) -> None:
    with pytest.raises(BuildProblem) as raised:
        compile_build(document, {"probe": probe.package})
    assert raised.value.problems == [f"The build document cannot be read at {reason}."]


def test_every_part_that_cannot_be_read_is_shown_at_once() -> None:
    with pytest.raises(BuildProblem) as raised:
        compile_build({"rules": [{}, {}], "dataElements": {"A": None}}, {})
    assert len(raised.value.problems) == 3
