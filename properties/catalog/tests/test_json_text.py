"""JSON in text settings is read when saved, so that no value of a data element can break it."""

from __future__ import annotations

import json
from typing import Any

import pytest

from properties.catalog.descriptor import Field
from properties.catalog.json_text import NotJson, read_plain, read_text, with_values
from properties.catalog.substitution import compile_settings

OBJECT = Field(
    "data", "Data", type="object", properties=[Field("items", "Items", type="json", json_text=True)]
)


class Event:
    """Returns a value that breaks text."""

    def element(self, name: str) -> Any:
        return 'TV 55" Pro'

    def secret(self, name: str) -> str:
        return name


def test_a_quote_in_a_value_breaks_json_text_and_not_the_object_that_is_kept() -> None:
    settings = {"data": '{"name": "{{Product}}", "note": "It is {{Product}}", "value": {{Product}}}'}
    with pytest.raises(json.JSONDecodeError):
        json.loads(compile_settings(settings)(Event())["data"])
    kept = with_values([OBJECT], settings)
    assert compile_settings(kept)(Event())["data"] == {
        "name": 'TV 55" Pro',
        "note": 'It is TV 55" Pro',
        "value": 'TV 55" Pro',
    }


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ('{"a": 1, "b": [true, null]}', {"a": 1, "b": [True, None]}),
        ('{"a": "{{A}}"}', {"a": "{{A}}"}),
        ('{"a": {{A}}, "b": [{{B}},{{C}}]}', {"a": "{{A}}", "b": ["{{B}}", "{{C}}"]}),
        (' \n{"a": "x {{A}} y"}\n', {"a": "x {{A}} y"}),
        (r'{"a": "{{Size \"L\"}}"}', {"a": '{{Size "L"}}'}),
        (r'{"a": "say \"{{A}}\" twice"}', {"a": 'say "{{A}}" twice'}),
        ('{"a": "unclosed {{"}', {"a": "unclosed {{"}),
    ],
)
def test_a_data_element_may_stand_with_or_without_quotes(text: str, value: Any) -> None:
    assert read_text(text) == value


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ('{"a": 1,}', "Line 1, column"),
        ('{\n "a": {{A}}\n "b": 1}', "Line 3, column 2"),
        ("{{A}}{{B}}", "Line 1, column 6"),
        ('{"a": NaN}', "JSON does not allow NaN"),
        ('{"a": "\\u0000"}', "a NUL"),
        ('{"a": 1e999}', "too large"),
        ("[" * 5000, "nested too deeply"),
    ],
)
def test_invalid_json_is_reported_with_its_place(text: str, place: str) -> None:
    with pytest.raises(NotJson, match=place):
        read_text(text)


def test_a_token_without_quotes_is_not_json_by_itself() -> None:
    with pytest.raises(NotJson, match="Put data elements in quotes"):
        read_plain('{"a": {{A}}}')


LIST = Field("list", "List", type="list")
TEXT = Field("text", "Text")
ANY = Field("any", "Any", type="json")
MANY = Field("many", "Many", lists=True)
NESTED = Field("deep.data", "Deep", type="object")
ROWS = Field("rows", "Rows", type="rows", properties=[OBJECT])


@pytest.mark.parametrize(
    ("field", "settings", "kept"),
    [
        (OBJECT, {"data": '{"items": "[{\\"id\\": \\"{{A}}\\"}]"}'}, {"data": {"items": [{"id": "{{A}}"}]}}),
        (OBJECT, {"data": {"items": '[{"id": "{{A}}"}]'}}, {"data": {"items": [{"id": "{{A}}"}]}}),
        (LIST, {"list": '["{{A}}", "b"]'}, {"list": ["{{A}}", "b"]}),
        (MANY, {"many": '["{{A}}", "b"]'}, {"many": ["{{A}}", "b"]}),
        (NESTED, {"deep": {"data": "{}", "x": 1}}, {"deep": {"data": {}, "x": 1}}),
        (ROWS, {"rows": [{"data": '{"a": 1}'}, 7]}, {"rows": [{"data": {"a": 1}}, 7]}),
    ],
)
def test_text_of_an_object_or_list_becomes_its_value_at_any_depth(
    field: Field, settings: Any, kept: Any
) -> None:
    before = json.dumps(settings)
    assert with_values([field], settings) == kept
    assert json.dumps(settings) == before


@pytest.mark.parametrize(
    ("field", "settings"),
    [
        (OBJECT, {"data": "{{A}}"}),
        (OBJECT, {"data": "{broken"}),
        (OBJECT, {"data": '{"{{Key}}": 1}'}),
        (OBJECT, {"data": "[1]"}),
        (OBJECT, {"data": ""}),
        (OBJECT, {"data": {"items": "{{A}}"}}),
        (LIST, {"list": "a, b"}),
        (LIST, {"list": "[SKU-1,SKU-2]"}),
        (TEXT, {"text": '{"a": 1}'}),
        (ANY, {"any": '{"a": 1}'}),
        (ROWS, {"rows": [{"data": {"a": 1}}]}),
        (OBJECT, {}),
        (OBJECT, None),
    ],
)
def test_everything_else_stays_the_same_object(field: Field, settings: Any) -> None:
    assert with_values([field], settings) is settings
