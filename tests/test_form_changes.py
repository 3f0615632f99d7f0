"""An object as keys or as JSON, and cures: the page is shown changed, and nothing typed is lost."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from properties.catalog.descriptor import ActionType, Field, Section
from properties.catalog.errors import Cure, Problem
from properties.catalog.forms import ComponentForm, form_for

DATA = Field(
    "customData",
    "Custom Data",
    "object",
    section="custom",
    properties=[
        Field("currency", "Currency"),
        Field("value", "Value", "number"),
        Field("content_ids", "Content IDs", "list"),
        Field("test", "Test", "boolean"),
        Field("store", "Store", "object", properties=[Field("code", "Code")]),
    ],
)


def needs_currency(settings: Mapping[str, Any]) -> Iterator[Problem]:
    data = settings.get("customData") or {}
    if isinstance(data, dict) and not data.get("currency"):
        yield Problem("customData.currency", "Currency", "A Purchase needs a currency.")


SENDER = ActionType(
    name="send",
    title="Send",
    sections=[Section("custom", "Custom Data")],
    fields=[Field("name", "Name", required=True), DATA],
    check=needs_currency,
)


def shown(data: Mapping[str, str], change: str = "", elements: Any = None) -> ComponentForm:
    sent = {**data, "~change": change} if change else dict(data)
    form = form_for(SENDER, data=sent, elements=elements)
    form.is_valid()
    return form


def texts(form: ComponentForm) -> dict[str, str]:
    """Return what the page would send."""
    found = {path: form.raw(path) for path in form.fields if form.raw(path) not in ("", "false")}
    return found | {name: form.data[name] for name in form.data if name.endswith("~json")}


TYPED = {
    "name": "Purchase",
    "customData.currency": "{{Currency}}",
    "customData.value": "9.5",
    "customData.content_ids": "a, b",
    "customData.test": "true",
    "customData.store.code": "S1",
    "customData.*": '{"own": [1, null]}',
}


def test_keys_become_json() -> None:
    form = shown(TYPED, "json customData")
    assert list(form.fields) == ["name", "customData.*"]
    assert json.loads(form.raw("customData.*")) == {
        "currency": "{{Currency}}",
        "value": 9.5,
        "content_ids": ["a", "b"],
        "test": True,
        "store": {"code": "S1"},
        "own": [1, None],
    }
    assert form.raw("name") == "Purchase"


def test_json_becomes_keys_again_and_nothing_is_lost() -> None:
    as_json = texts(shown(TYPED, "json customData"))
    again = texts(shown(as_json, "keys customData"))
    assert json.loads(again.pop("customData.*")) == {"own": [1, None]}
    assert again == {key: text for key, text in TYPED.items() if key != "customData.*"}


def test_both_ways_are_saved_as_the_same_settings() -> None:
    as_json = shown(texts(shown(TYPED, "json customData")))
    assert as_json.is_valid(), as_json.errors
    assert as_json.to_settings() == shown(TYPED).to_settings()


def test_a_data_element_for_the_whole_goes_both_ways() -> None:
    token = {"name": "Purchase", "customData.=": "{{Custom Data}}"}
    as_json = texts(shown(token, "json customData"))
    assert as_json["customData.*"] == "{{Custom Data}}"
    assert shown(as_json).to_settings()["customData"] == "{{Custom Data}}"
    assert texts(shown(as_json, "keys customData")) == token


def test_a_wrong_value_is_kept_as_text_both_ways() -> None:
    as_json = texts(shown({**TYPED, "customData.value": "nine"}, "json customData"))
    assert json.loads(as_json["customData.*"])["value"] == "nine"
    assert texts(shown(as_json, "keys customData"))["customData.value"] == "nine"


def test_a_value_without_a_fitting_input_stays_json() -> None:
    text = '{"currency": {"code": "EUR"}, "test": "{{Is test}}", "value": 1}'
    form = shown({"name": "P", "customData~json": "1", "customData.*": text}, "keys customData")
    assert json.loads(form.raw("customData.*")) == {"currency": {"code": "EUR"}, "test": "{{Is test}}"}
    assert form.raw("customData.value") == "1"


@pytest.mark.parametrize("text", ['{"currency": "EUR",}', "[1]", '{"{{Name}}": 1}'])
def test_bad_json_keeps_its_text_and_says_what_is_wrong(text: str) -> None:
    form = shown({"name": "P", "customData~json": "1", "customData.*": text}, "keys customData")
    assert texts(form) == {"name": "P", "customData~json": "1", "customData.*": text}
    assert list(form.errors) == ["customData.*"]


def test_keys_that_are_not_json_stay_keys() -> None:
    form = shown({**TYPED, "customData.*": "{own"}, "json customData")
    assert form.raw("customData.currency") == "{{Currency}}"
    assert "Line 1" in str(form.errors["customData.*"])


def test_a_data_element_beside_keys_stays_until_a_person_decides() -> None:
    form = shown({**TYPED, "customData.=": "{{Custom Data}}"}, "json customData")
    assert form.raw("customData.value") == "9.5"
    assert list(form.errors) == ["customData.="]


def test_a_change_reports_nothing_else_and_says_that_the_form_is_not_finished() -> None:
    form = shown({"customData.value": "nine"}, "json customData")
    assert form.is_valid()
    assert form.changing == "customData"
    assert shown({"customData.value": "nine"}).changing == ""


def test_a_problem_of_a_key_is_shown_at_the_json() -> None:
    form = shown({"name": "P", "customData~json": "1", "customData.*": '{"value": 1}'})
    assert form.errors == {"customData.*": ["Currency: A Purchase needs a currency."]}


def test_an_unknown_data_element_in_json_is_named() -> None:
    data = {"name": "P", "customData~json": "1", "customData.*": '{"currency": "{{Curency}}"}'}
    form = shown(data, elements=["Currency"])
    assert "did you mean “Currency”" in str(form.errors["customData.*"])


def test_a_cure_fills_its_input() -> None:
    form = shown({"name": "purchase"}, "set name Purchase made")
    assert form.raw("name") == "Purchase made"
    assert form.changing == "name"


def test_a_cure_reaches_a_key_of_json() -> None:
    data = {"name": "P", "customData~json": "1", "customData.*": '{"value": 1}'}
    form = shown(data, "set customData.currency {{Currency}}")
    assert json.loads(form.raw("customData.*")) == {"value": 1, "currency": "{{Currency}}"}


@pytest.mark.parametrize("change", ["json nothing", "set nothing x", "frob customData", "keys customData"])
def test_a_change_that_does_not_exist_changes_nothing(change: str) -> None:
    assert texts(shown(TYPED, change)) == texts(shown(TYPED))


# Cures


def test_a_misspelled_data_element_has_a_cure() -> None:
    form = form_for(SENDER, data={"name": "a {{Emial}} b"}, elements=["Email", "Phone"])
    assert form.spelling_cure("name") == Cure("Use Email", "a {{Email}} b")
    assert form_for(SENDER, data={"name": "{{Email}}"}, elements=["Email"]).spelling_cure("name") is None
    assert form_for(SENDER, data={"name": "{{Emial}}"}, elements=None).spelling_cure("name") is None
