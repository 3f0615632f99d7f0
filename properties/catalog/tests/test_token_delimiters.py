"""Tokens of event forwarding and of tags. What tags do is what adobe/reactor-turbine does."""

from __future__ import annotations

from contextlib import suppress

import pytest

from properties.catalog.descriptor import ActionType, Field
from properties.catalog.forms import check_settings, form_for
from properties.catalog.json_text import read_text
from properties.catalog.tokens import (
    EVENT_FORWARDING,
    TAGS,
    delimiters,
    names_in_code,
    names_set_in,
    token,
    tokens_in,
    tokens_of,
    whole_token,
)

ACTION = ActionType(
    name="send",
    title="Send",
    fields=(
        Field("value", "Value"),
        Field("only", "Only", only_tokens=True),
        Field("more", "More", type="json"),
    ),
)


def test_each_platform_reads_its_own_tokens_only() -> None:
    text = "{{Email}} %Email%"
    assert tokens_in(text) == {"Email"}
    assert whole_token("{{Email}}") == "Email"
    assert whole_token("%Email%") is None
    with tokens_of("web"):
        assert whole_token("%Email%") == "Email"
        assert whole_token("{{Email}}") is None
        assert token("Email") == "%Email%"


def test_the_former_tokens_are_back_after_the_block_and_after_an_error() -> None:
    with suppress(ValueError), tokens_of("web"):
        assert delimiters() is TAGS
        raise ValueError
    assert delimiters() is EVENT_FORWARDING


def test_a_block_for_another_property_may_be_inside() -> None:
    with tokens_of("web"), tokens_of("edge"):
        assert whole_token("{{Email}}") == "Email"


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("%Email%", {"Email"}),
        ("a %One% b %Two% c", {"One", "Two"}),
        ("100% off, 50% more", {" off, 50"}),
        ("100 %", set()),
        ("%%", set()),
        # The first pair counts, as in the engine: the second name stands behind a sign that is used.
        ("5% of %Total%", {" of "}),
        ("50% of\nall, 20 less", set()),
    ],
)
def test_tokens_of_tags_are_found_as_the_engine_finds_them(text: str, names: set[str]) -> None:
    with tokens_of("web"):
        assert tokens_in(text) == names


@pytest.mark.parametrize("text", ["100% off, 50% more", "/search?q=%20shoes%20", "width: 100%"])
def test_text_with_percent_signs_is_no_problem_in_tags(text: str) -> None:
    with tokens_of("web"):
        assert check_settings(ACTION, {"value": text, "more": {"a": text}}, elements=["Email"]) == []


@pytest.mark.parametrize("text", ["%event.detail.value%", "%this.@text%", "%target.id%"])
def test_tokens_that_read_the_event_of_the_page_need_no_data_element(text: str) -> None:
    with tokens_of("web"):
        assert check_settings(ACTION, {"value": text, "only": text}, elements=[]) == []


def test_a_whole_token_of_tags_must_name_a_data_element() -> None:
    with tokens_of("web"):
        (found,) = check_settings(ACTION, {"more": {"a": ["%Emial%"]}}, elements=["Email"])
    assert found.path == "more"
    assert "There is no data element “Emial”" in found.message
    assert "Email" in found.message


@pytest.mark.parametrize(
    ("code", "name"),
    [
        ("_satellite.setVar('order', event.detail);", "order"),
        ('_satellite.setVar( "order" , 1)', "order"),
        ("_satellite.setVar(`order`, 1)", "order"),
        ("_satellite.setVar('order', {id: 1})", "order.id"),
    ],
)
def test_a_whole_token_of_tags_may_name_what_code_sets(code: str, name: str) -> None:
    with tokens_of("web", lambda: names_set_in([{"source": code}])):
        assert check_settings(ACTION, {"value": f"%{name}%"}, elements=["Email"]) == []


@pytest.mark.parametrize(
    "code",
    [
        "_satellite.setVar(name, 1)",
        "_satellite.setVar('orders', 1)",
        "_satellite.getVar('order')",
        "my_satellite.setVar('order', 1)",
    ],
)
def test_what_code_does_not_set_is_unknown(code: str) -> None:
    with tokens_of("web", lambda: names_set_in(code)):
        assert len(check_settings(ACTION, {"value": "%order%"}, elements=[])) == 1


def test_event_forwarding_has_no_variables_that_code_sets() -> None:
    with tokens_of("edge", lambda: {"order"}):
        assert len(check_settings(ACTION, {"value": "{{order}}"}, elements=[])) == 1


def test_code_is_read_only_for_a_name_that_is_no_data_element() -> None:
    def fail() -> set[str]:
        raise AssertionError

    with tokens_of("web", fail):
        assert check_settings(ACTION, {"value": "%Email% 100% off, 50%"}, elements=["Email"]) == []


def test_blanks_around_a_name_count_in_tags() -> None:
    with tokens_of("web"):
        (found,) = check_settings(ACTION, {"value": "% Email %"}, elements=["Email"])
    assert "There is no data element “ Email ”" in found.message
    assert check_settings(ACTION, {"value": "{{ Email }}"}, elements=["Email"]) == []


def test_a_message_shows_the_token_of_the_platform() -> None:
    with tokens_of("web"):
        (found,) = check_settings(ACTION, {"only": "Email"}, elements=["Email"])
    assert found.message == "This must be exactly one data element, such as %Email%."


def test_only_names_of_data_elements_are_marked_inside_text_of_tags() -> None:
    def tinted(text: str) -> str:
        form = form_for(ACTION, settings={"value": text}, elements=["Email"])
        inputs = [it for section in form.sections() for it in section.inputs]
        return str(next(it.tinted for it in inputs if it.path == "value"))

    with tokens_of("web"):
        assert tinted("100% off, 50% more %Email%") == "100% off, 50% more <mark>%Email%</mark>"
        assert tinted("a %event.detail%") == "a <mark>%event.detail%</mark>"
        assert tinted("%Emial%") == '<mark class="bad">%Emial%</mark>'
    assert tinted("to {{Emial}}") == 'to <mark class="bad">{{Emial}}</mark>'


def test_json_text_may_hold_a_bare_token_of_tags() -> None:
    with tokens_of("web"):
        assert read_text('{"a": %Total%, "b": "100% off, 50% more"}') == {
            "a": "%Total%",
            "b": "100% off, 50% more",
        }


def test_code_of_tags_names_data_elements_through_satellite() -> None:
    assert names_in_code("return _satellite.getVar('Total') + turbine.getDataElementValue('Tax')") == (
        "Total",
        "Tax",
    )


@pytest.mark.parametrize("name", ["50% off", " Total", "this.total", "event.total", "target.total"])
def test_names_that_no_token_of_tags_can_have_are_refused(name: str) -> None:
    assert TAGS.refusal(name)
    assert not TAGS.refusal("Total of this.cart")
