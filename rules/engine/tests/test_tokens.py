"""Source: docs/reference/adobe.md, "Token substitution" and "JavaScript semantics"."""

from __future__ import annotations

from typing import Any

import pytest

from .probe import Probe, action, compile_rules, element, rule, run

ELEMENTS = {
    "num": element(value=42),
    "obj": element(value={"p": 1}),
    "list": element(value=[1, "b"]),
    "nul": element(value=None),
    "yes": element(value=True),
    "whole": element(value=1.0),
    "huge": element(value=1e21),
    "tiny": element(value=1e-7),
    "name with: punctuation. 'and' \"quotes\" \\": element(value="ok"),
}


def settings_seen(probe: Probe, value: Any, elements: dict[str, Any] = ELEMENTS) -> Any:
    run(compile_rules(probe, rule(action(value=value)), elements=elements))
    return probe.seen[0]["value"]


@pytest.mark.parametrize(
    ("written", "seen"),
    [
        ("{{obj}}", {"p": 1}),
        ("{{num}}", 42),
        ("{{nul}}", None),
        ("{{yes}}", True),
        ("x{{num}}y", "x42y"),
        ("o:{{obj}}", 'o:{"p":1}'),
        ("l:{{list}}", 'l:[1,"b"]'),
        ("n={{nul}}", "n=null"),
        ("b={{yes}}", "b=true"),
        ("{{num}}{{num}}", "4242"),
        ("{{whole}}.", "1."),
        ("{{huge}}.", "1e+21."),
        ("{{tiny}}.", "1e-7."),
        ("{{ num }}", 42),
        ("{{name with: punctuation. 'and' \"quotes\" \\}}", "ok"),
        ("an unclosed {{ is text", "an unclosed {{ is text"),
        ("{{}}", "{{}}"),
        ("getDataElementValue(x)", "getDataElementValue(x)"),
        ("two\r\nlines {{num}}", "two\r\nlines 42"),
        ({"a": [{"b": "{{num}}"}, "{{num}}!"]}, {"a": [{"b": 42}, "42!"]}),
    ],
)
def test_tokens_become_values(probe: Probe, written: Any, seen: Any) -> None:
    assert settings_seen(probe, written) == seen


def test_keys_keep_their_order(probe: Probe) -> None:
    assert list(settings_seen(probe, {"b": "{{num}}", "a": 1, "c": "{{num}}"})) == ["b", "a", "c"]


def test_settings_without_tokens_are_handed_out_by_reference(probe: Probe) -> None:
    value = {"a": ["b"]}
    assert settings_seen(probe, value) is value


def test_a_value_that_looks_like_a_token_is_text(probe: Probe) -> None:
    assert (
        settings_seen(probe, "{{x}}", {"x": element(value=None, options={"defaultValue": "{{x}}"})})
        == "{{x}}"
    )


def test_a_secret_reference_becomes_what_stands_for_it(probe: Probe) -> None:
    assert settings_seen(probe, {"$secret": "Token"}) == "[[secret:Token]]"


def test_an_unknown_name_fails_the_component_with_adobes_text(probe: Probe) -> None:
    result = run(compile_rules(probe, rule(action(value="{{Nope}}"))))
    assert result.rules[0].status == "failed"
    assert (
        result.rules[0].error == 'Failed to execute "Note". Data element definition for "Nope" was not found.'
    )


def test_an_unknown_name_in_the_configuration_fails_every_component_of_the_extension(probe: Probe) -> None:
    result = run(compile_rules(probe, rule(action()), extension_settings={"x": "{{Nope}}"}))
    assert (
        result.rules[0].error == 'Failed to execute "Note". Data element definition for "Nope" was not found.'
    )
