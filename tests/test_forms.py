"""The form of a descriptor, and the same checks on stored settings."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from properties.catalog.descriptor import ActionType, ComponentType, Field, Section
from properties.catalog.errors import Problem
from properties.catalog.forms import ComponentForm, check_settings, form_for
from properties.catalog.registry import packages
from properties.catalog.tokens import tokens_of


def purchase_needs_currency(settings: Mapping[str, Any]) -> Iterator[Problem]:
    custom = settings.get("customData", {})
    if settings.get("eventName") == "Purchase" and isinstance(custom, dict) and "currency" not in custom:
        yield Problem("customData.currency", "Currency", "A Purchase needs a currency.")


CUSTOM_DATA = Field(
    "customData",
    "Custom Data",
    "object",
    section="custom",
    properties=[
        Field("currency", "Currency"),
        Field("value", "Value", "number"),
        Field("contents", "Contents", "json"),
        Field("content_ids", "Content IDs", "list"),
    ],
)
PIXELS = Field(
    "additionalPixels",
    "Additional pixels",
    "rows",
    section="custom",
    properties=[
        Field("pixelId", "Pixel ID", required=True),
        Field("accessToken", "Access Token", "secret", required=True),
    ],
)
SENDER = ActionType(
    name="send",
    title="Send",
    sections=[Section("event", "Server Event Parameters"), Section("custom", "Custom Data")],
    check=purchase_needs_currency,
    fields=[
        Field("eventName", "Event Name", "combo", section="event", required=True, options=[("Lead", "Lead")]),
        Field(
            "comparison.operator",
            "Operator",
            "choice",
            section="event",
            options=[("equals", "Equals"), ("isTrue", "Is true")],
            default="equals",
        ),
        Field("left", "Left", section="event", only_tokens=True),
        Field("isTestEvent", "Send as Test Event", "boolean", section="event"),
        Field(
            "testEventCode",
            "Test Event Code",
            section="event",
            required=True,
            show_if={"isTestEvent": [True]},
        ),
        Field("delayNext", "Wait", "boolean", section="event", default=True),
        Field("accessToken", "Access Token", "secret", section="event"),
        CUSTOM_DATA,
        PIXELS,
    ],
)
MINIMUM = {"eventName": "Lead", "comparison.operator": "equals", "delayNext": "on"}
STORED = {"eventName": "Lead", "comparison": {"operator": "equals"}, "delayNext": True}
REFERENCE = {"$secret": "Token"}


def sent(settings: Mapping[str, Any] | None = None, **data: Any) -> ComponentForm:
    return form_for(SENDER, settings=settings, data={**MINIMUM, **data}, elements=["Email", "Order Value"])


def stored(**data: Any) -> dict[str, Any]:
    form = sent(**data)
    assert form.is_valid(), form.errors
    return form.to_settings()


def errors_of(**data: Any) -> dict[str, list[str]]:
    return {name: list(errors) for name, errors in sent(**data).errors.items()}


def messages(settings: Mapping[str, Any], **known: Any) -> dict[str, str]:
    known = {"elements": ["Email", "Order Value"], "secrets": ["Token"], **known}
    return {problem.path: problem.message for problem in check_settings(SENDER, settings, **known)}


# What is stored


def test_only_what_is_set_is_stored() -> None:
    assert stored(testEventCode="", **{"customData.currency": ""}) == STORED


def test_keys_with_dots_nest() -> None:
    assert stored()["comparison"] == {"operator": "equals"}


def test_an_unchecked_box_is_stored_only_when_checked_is_the_default() -> None:
    form = form_for(SENDER, data={"eventName": "Lead"})
    assert form.is_valid()
    assert form.to_settings()["delayNext"] is False
    assert "isTestEvent" not in form.to_settings()


@pytest.mark.parametrize(
    ("typed", "value"),
    [("9.99", 9.99), ("10", 10), ("-3", -3), ("{{Order Value}}", "{{Order Value}}")],
)
def test_numbers_are_stored_as_numbers(typed: str, value: Any) -> None:
    assert stored(**{"customData.value": typed})["customData"] == {"value": value}


def test_lists_take_commas_json_or_one_data_element() -> None:
    assert stored(**{"customData.content_ids": "a, b,"})["customData"] == {"content_ids": ["a", "b"]}
    assert stored(**{"customData.content_ids": '["a,b"]'})["customData"] == {"content_ids": ["a,b"]}
    assert stored(**{"customData.content_ids": "{{Email}}"})["customData"] == {"content_ids": "{{Email}}"}


def test_an_object_takes_properties_and_own_keys() -> None:
    data = {"customData.currency": "EUR", "customData.*": '{"shop": {"id": "{{Email}}"}}'}
    assert stored(**data)["customData"] == {"currency": "EUR", "shop": {"id": "{{Email}}"}}


@pytest.mark.parametrize("typed", ["7", "[1]", "null", '"x"'])
def test_own_keys_are_an_object(typed: str) -> None:
    assert "must be a JSON object" in str(errors_of(**{"customData.*": typed}))


def test_an_object_may_be_one_data_element() -> None:
    assert stored(**{"customData.=": "{{Email}}"})["customData"] == "{{Email}}"


def test_what_a_person_did_not_touch_keeps_its_stored_type() -> None:
    before = {**STORED, "left": "{{Email}}", "customData": {"currency": 978, "contents": [{"id": 1}]}}
    shown = form_for(SENDER, settings=before, elements=None)
    data = {path: shown.initial[path] for path in shown.fields if shown.initial[path] is not False}
    form = form_for(SENDER, settings=before, data=data, elements=None)
    assert form.is_valid(), form.errors
    assert form.to_settings() == before


def test_hidden_fields_are_neither_needed_nor_stored() -> None:
    assert stored(testEventCode="TEST1") == STORED
    assert stored(isTestEvent="on", testEventCode="TEST1")["testEventCode"] == "TEST1"
    assert errors_of(isTestEvent="on") == {"testEventCode": ["Test Event Code is needed."]}


SOURCES = ActionType(
    name="send",
    title="Send",
    fields=(
        Field("source", "Source", "combo", options=(("app", "App"), ("web", "Web"))),
        Field("device", "Device", show_if={"source": ["app"]}),
        Field("people", "People", lists=True),
    ),
    advise=lambda settings: iter(
        [Problem("people", "People", "One is better than none.")] if "people" not in settings else []
    ),
)


@pytest.mark.parametrize(
    ("source", "is_kept"), [("app", True), ("web", False), ("", False), ("{{Source}}", True), ("tv", True)]
)
def test_a_value_that_only_an_event_decides_hides_no_field(source: str, is_kept: bool) -> None:
    form = form_for(SOURCES, data={"source": source, "device": "d"}, elements=["Source"])

    assert form.is_valid()
    assert ("device" in form.to_settings()) is is_kept


def test_a_field_of_lists_takes_a_list_of_texts_and_shows_it_as_json() -> None:
    listed = {"people": ["{{Email}}", "a@b.c"]}

    assert check_settings(SOURCES, listed, elements=["Email"]) == []
    assert form_for(SOURCES, settings=listed, elements=None)["people"].value() == '["{{Email}}", "a@b.c"]'
    sent_again = form_for(SOURCES, data={"people": '["{{Email}}", "a@b.c"]'}, elements=["Email"])
    assert sent_again.is_valid()
    assert sent_again.to_settings() == listed


@pytest.mark.parametrize("people", [[["a"]], [True], ["{{Unknown}}"]])
def test_a_list_of_something_else_is_refused(people: list[Any]) -> None:
    problems = check_settings(SOURCES, {"people": people}, elements=["Email"])

    assert {problem.path for problem in problems} == {"people"}


def test_advice_is_shown_at_its_field_and_keeps_nothing_from_being_saved() -> None:
    form = form_for(SOURCES, settings={"source": "app"}, elements=None)

    assert check_settings(SOURCES, {"source": "app"}) == []
    assert [advice.path for advice in form.advice()] == ["people"]
    shown = {item.path: item.advice for section in form.sections() for item in section.fields}
    assert [advice.message for advice in shown["people"]] == ["One is better than none."]
    assert form_for(SOURCES).advice() == []


def test_empty_rows_are_left_out() -> None:
    data = {
        "additionalPixels[0].pixelId": "",
        "additionalPixels[1].pixelId": "{{Email}}",
        "additionalPixels[1].accessToken": "{{Email}}",
    }
    assert stored(**data)["additionalPixels"] == [{"pixelId": "{{Email}}", "accessToken": "{{Email}}"}]


def test_every_row_counts_however_many_there_are() -> None:
    rows = {f"additionalPixels[{index}].pixelId": str(index) for index in range(300)}
    tokens = {f"additionalPixels[{index}].accessToken": "{{Email}}" for index in range(300)}
    kept = stored(**rows, **tokens)["additionalPixels"]
    assert [row["pixelId"] for row in kept] == [str(index) for index in range(300)]
    kept[299]["pixelId"] = "{{Unknown}}"
    assert messages({**STORED, "additionalPixels": kept}) == {
        "additionalPixels[299].pixelId": "There is no data element “Unknown”"
    }


# Credentials


def test_a_typed_credential_leaves_the_settings_as_a_reference() -> None:
    form = sent(accessToken="EAAB123456")
    assert form.is_valid()
    assert form.typed_credentials() == {"accessToken": "EAAB123456"}
    assert form.to_settings({"accessToken": "Token"})["accessToken"] == REFERENCE
    assert "EAAB123456" not in str(form.to_settings())


def test_an_empty_credential_keeps_the_stored_one_and_removing_forgets_it() -> None:
    form = sent({"accessToken": REFERENCE}, accessToken="")
    assert form.is_valid()
    assert form.to_settings()["accessToken"] == REFERENCE
    form = sent({"accessToken": REFERENCE}, **{"accessToken~remove": "on"})
    assert form.is_valid()
    assert "accessToken" not in form.to_settings()


def test_a_credential_that_is_gone_can_be_removed() -> None:
    gone = form_for(SENDER, settings={"accessToken": REFERENCE}, data=MINIMUM, secrets={})
    assert gone.errors == {"accessToken": ["There is no stored credential “Token”"]}
    data = {**MINIMUM, "accessToken~remove": "on"}
    removed = form_for(SENDER, settings={"accessToken": REFERENCE}, data=data, secrets={})
    assert removed.is_valid(), removed.errors
    assert "accessToken" not in removed.to_settings()


def test_the_credential_of_a_row_is_kept_with_its_row() -> None:
    before = {"additionalPixels": [{"pixelId": "1", "accessToken": REFERENCE}]}
    data = {"additionalPixels[0].pixelId": "2", "additionalPixels[1].pixelId": ""}
    form = sent(before, **data)
    assert form.is_valid(), form.errors
    assert form.to_settings()["additionalPixels"] == [{"pixelId": "2", "accessToken": REFERENCE}]


def test_no_credential_is_rendered() -> None:
    assert "EAAB123456" not in str(sent(accessToken="EAAB123456"))
    assert "{{Email}}" in str(sent(accessToken="{{Email}}"))


# What is refused


def test_every_problem_is_named_at_once() -> None:
    problems = errors_of(eventName="", left="plain", **{"customData.value": "9,99"})
    assert problems["eventName"] == ["Event Name is needed."]
    assert "exactly one data element" in problems["left"][0]
    assert "such as 9.99" in problems["customData.value"][0]


def test_an_unknown_data_element_is_refused_with_a_suggestion() -> None:
    assert errors_of(eventName="{{Emial}}") == {
        "eventName": ["There is no data element “Emial”; did you mean “Email”?"]
    }


def test_unknown_data_elements_are_found_inside_json() -> None:
    problems = errors_of(**{"customData.contents": '[{"id": "{{Sku}}"}]'})
    assert "There is no data element “Sku”" in problems["customData.contents"][0]


def test_json_errors_name_line_and_column() -> None:
    [message] = errors_of(**{"customData.contents": '[\n{"id": {{Email}} "quantity": 1}]'})[
        "customData.contents"
    ]
    assert message.startswith("Line 2, column 18: this is not valid JSON")


def test_a_data_element_needs_no_quotes_in_json() -> None:
    assert "customData.contents" not in errors_of(**{"customData.contents": '[{"id": {{Email}}}]'})


@pytest.mark.parametrize(
    ("path", "typed", "message"),
    [
        ("customData.value", "1e400", "This number is too large."),
        ("customData.contents", "1e400", "a number that is too large"),
        ("customData.contents", "[-1e400]", "a number that is too large"),
        ("customData.contents", "7" * 5_000, "thousands of digits"),
        ("customData.contents", '["a\\u0000b"]', "a NUL"),
        ("customData.contents", '[{"a\\u0000b": 1}]', "a NUL"),
        ("customData.contents", '{"id": "\\ud83d"}', "half a surrogate pair"),
        ("customData.contents", "[" * 100 + "]" * 100, "nested too deeply; at most 64 levels"),
        ("customData.contents", "[" * 100_000, "nested too deeply; at most 64 levels"),
        ("customData.*", '{"x": 1e400}', "a number that is too large"),
        ("customData.content_ids", '["a\\u0000b"]', "a NUL"),
    ],
)
def test_values_that_no_database_stores_are_refused(path: str, typed: str, message: str) -> None:
    """Source: PostgreSQL, "JSON Types", on \\u0000 and unpaired surrogates; RFC 8259 has no infinity."""
    assert message in errors_of(**{path: typed})[path][0]


def test_a_whole_pair_of_surrogates_is_one_letter() -> None:
    kept = stored(**{"customData.contents": '["\\ud83d\\ude00"]'})
    assert kept["customData"]["contents"] == ["😀"]


def test_a_choice_takes_only_its_options() -> None:
    assert (
        "is not one of: equals, isTrue."
        in errors_of(**{"comparison.operator": "is"})["comparison.operator"][0]
    )


def test_an_own_key_may_not_double_a_field() -> None:
    assert "has its own field" in errors_of(**{"customData.*": '{"currency": "EUR"}'})["customData.*"][0]


def test_an_object_is_given_once() -> None:
    problems = errors_of(**{"customData.=": "{{Email}}", "customData.currency": "EUR"})
    assert "Enter either one data element" in problems["customData.="][0]


def test_the_check_of_the_type_lands_at_its_field() -> None:
    assert errors_of(eventName="Purchase") == {"customData.currency": ["A Purchase needs a currency."]}


# Stored settings and documents


def test_good_settings_have_no_problems() -> None:
    good = {
        "eventName": "Purchase",
        "accessToken": "EAAB",
        "customData": {"currency": "EUR", "value": 1.5, "x": 1},
    }
    assert messages(good) == {}
    assert messages({"eventName": "Lead", "accessToken": REFERENCE, "customData": "{{Email}}"}) == {}


def test_unknown_settings_are_named_with_a_suggestion() -> None:
    assert messages({**STORED, "eventname": "x"}) == {
        "eventname": "Unknown setting “eventname”; did you mean “eventName”?"
    }


@pytest.mark.parametrize(
    ("settings", "path", "message"),
    [
        ({"eventName": {"a": 1}}, "eventName", "This must be text."),
        ({"eventName": "Lead", "isTestEvent": "yes"}, "isTestEvent", "This must be true or false."),
        (
            {"eventName": "Lead", "customData": 5},
            "customData",
            "This must be an object, or exactly one data element.",
        ),
        (
            {"eventName": "Lead", "additionalPixels": {}},
            "additionalPixels",
            "This must be a list of objects.",
        ),
        ({"eventName": "Lead", "comparison": {"is": 1}}, "comparison.is", "Unknown setting “is”"),
        ({"eventName": "Purchase"}, "customData.currency", "A Purchase needs a currency."),
        (
            {"eventName": "Lead", "accessToken": {"$secret": "Tokn"}},
            "accessToken",
            "There is no stored credential “Tokn”; did you mean “Token”?",
        ),
        (
            {"eventName": "Lead", "testEventCode": "{{Nothing like it}}"},
            "testEventCode",
            "There is no data element “Nothing like it”",
        ),
        (
            {"eventName": "Lead", "additionalPixels": [{"pixelId": "1"}]},
            "additionalPixels[0].accessToken",
            "Access Token is needed.",
        ),
    ],
)
def test_wrong_settings_are_named_by_path(settings: dict[str, Any], path: str, message: str) -> None:
    assert messages(settings)[path].startswith(message)


def test_every_problem_of_a_document_is_listed() -> None:
    assert set(messages({"left": "x", "foo": 1, "customData": {"value": "1,5"}})) == {
        "foo",
        "eventName",
        "left",
        "customData.value",
    }


# What templates get


def test_sections_count_what_is_set_and_what_is_wrong() -> None:
    event, custom = form_for(SENDER, settings={"eventName": "Lead"}, elements=[]).sections()
    assert (event.title, event.set_count, event.total) == ("Server Event Parameters", 1, 7)
    assert (custom.set_count, custom.total, custom.error_count) == (0, 6, 0)
    _, custom = sent(**{"customData.value": "x"}).sections()
    assert custom.error_count == 1


LONG = ActionType(
    name="long",
    title="Long",
    fields=(
        Field("event", "Event", "combo", required=True, options=(("buy", "Purchase"), ("see", "View"))),
        Field("value", "Value", required_for={"event": ["buy"]}, recommended_for={"event": ["see"]}),
        Field("id", "ID", recommended=True),
        Field("page", "Page", show_if={"event": ["see"]}),
        *(Field(f"more{number}", f"More {number}") for number in range(15)),
    ),
)


@pytest.mark.parametrize(
    ("event", "counts"),
    [
        ("buy", {"needed": 2, "recommended": 4, "set": 2, "all": 18}),
        ("see", {"needed": 1, "recommended": 4, "set": 2, "all": 19}),
        ("{{Event}}", {"needed": 1, "recommended": 4, "set": 2, "all": 19}),
        ("own", {"needed": 1, "recommended": 3, "set": 2, "all": 19}),
    ],
)
def test_a_long_form_opens_on_what_the_event_needs(event: str, counts: dict[str, int]) -> None:
    form = form_for(LONG, settings={"event": event, "more3": "x"}, elements=None)
    assert {view.key: view.count for view in form.views()} == counts


def test_a_short_form_has_no_views() -> None:
    assert form_for(SOURCES).views() == []


@pytest.mark.parametrize("typed", ["Purchase", "PURCHASE", "buy", "Buy"])
def test_a_typed_label_of_a_choice_counts_as_its_value(typed: str) -> None:
    form = form_for(LONG, data={"event": typed, "value": "1"}, elements=[])
    assert form.is_valid(), form.errors
    assert form.to_settings()["event"] == "buy"


OFFERED = [
    pytest.param(package.platform, kind, id=package.delegate_id(kind))
    for package in packages().values()
    for kind in package.types()
]


@pytest.mark.parametrize(("platform", "component_type"), OFFERED)
def test_every_offered_type_has_a_form_and_takes_its_own_examples(
    platform: str, component_type: ComponentType
) -> None:
    with tokens_of(platform):
        assert form_for(component_type).sections() is not None
        for example in component_type.examples:
            assert check_settings(component_type, example.settings, elements=None) == [], example.title
