"""The selectors by which a page hides fields that do not matter."""

from __future__ import annotations

from properties.catalog.descriptor import ActionType, Field
from properties.catalog.form_conditions import shown_if
from properties.catalog.forms import form_for

FIELDS = (
    Field("test", "Test", type="boolean"),
    Field("kind", "Kind", type="choice", options=(("text", "Text"), ("number", "Number")), tokens=False),
    Field("source", "Source", type="combo", options=(("app", "App"), ('a"b', "Odd"))),
    Field("code", "Code", show_if={"test": [True]}),
    Field("digits", "Digits", show_if={"kind": ["number"]}),
    Field("device", "Device", show_if={"source": ["app"], "test": [True]}),
    Field("always", "Always"),
)


def selector(key: str) -> str:
    kind = ActionType(name="send", title="Send", fields=FIELDS, run=lambda settings, context: None)
    form = form_for(kind, settings={}, elements=None)
    return shown_if(form, key, next(it for it in FIELDS if it.key == key))


def test_a_field_that_always_matters_has_no_selector() -> None:
    assert selector("always") == ""


def test_a_check_box_is_asked_by_its_state() -> None:
    assert selector("code") == 'form:has([name="test"]:checked)'


def test_a_choice_is_asked_by_its_chosen_option() -> None:
    assert '[name="kind"] [value="number"]:checked' in selector("digits")


def test_a_data_element_and_own_text_may_be_any_value() -> None:
    found = selector("device")
    assert '[name="source"][value="app"]' in found
    assert '[name="source"][value*="{{"]' in found
    assert r'[name="source"][value]:not([value=""], [value="app"], [value="a\"b"])' in found


def test_every_condition_must_be_met() -> None:
    assert selector("device").count(":has(") == 2
