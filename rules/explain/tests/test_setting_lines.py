"""Settings as the page of an event shows them."""

from __future__ import annotations

from properties.catalog.descriptor import ActionType, Field, Section
from rules.explain.setting_lines import SettingGroup, SettingLine, setting_groups

SEND = ActionType(
    name="send",
    title="Send",
    sections=[Section("who", "Customer"), Section("what", "Order")],
    fields=[
        Field("email", "Email", section="who", hashed=True),
        Field("phone", "Phone", section="who", hashed=True),
        Field("options.mode", "Mode", "choice", section="what"),
        Field(
            "order",
            "Order",
            "object",
            section="what",
            properties=[Field("value", "Value"), Field("id", "ID")],
        ),
    ],
)


def test_fields_are_listed_in_their_sections_with_the_labels_of_the_form() -> None:
    resolved = {"email": "j…@e…", "options": {"mode": "fast"}}
    written = {"email": "{{Email}}", "options": {"mode": "fast"}}
    assert setting_groups(SEND, resolved, written) == [
        SettingGroup("Customer", [SettingLine("Email", "j…@e…", "{{Email}}", is_hashed=True)]),
        SettingGroup("Order", [SettingLine("Mode", "fast", "")]),
    ]


def test_a_data_element_without_a_value_is_missing() -> None:
    (group,) = setting_groups(SEND, {"phone": None}, {"phone": "{{Phone}}"})
    assert group.lines == [SettingLine("Phone", "", "{{Phone}}", is_hashed=True, is_missing=True)]


def test_the_parts_of_an_object_are_listed_one_by_one_with_unknown_keys() -> None:
    resolved = {"order": {"value": 9.5, "gift": True}}
    (group,) = setting_groups(SEND, resolved, {"order": {"value": "{{Value}}", "gift": True}})
    assert [(line.label, line.value, line.written) for line in group.lines] == [
        ("Order › Value", "9.5", "{{Value}}"),
        ("Order › gift", "true", ""),
    ]


def test_one_token_for_a_whole_object_shows_its_parts() -> None:
    (group,) = setting_groups(SEND, {"order": {"id": "1"}}, {"order": "{{Order}}"})
    assert [(line.label, line.value) for line in group.lines] == [("Order › ID", "1")]


def test_settings_that_could_not_be_resolved_show_what_was_written() -> None:
    (group,) = setting_groups(SEND, None, {"email": "{{Email}}"})
    assert group.lines[0].is_missing
    assert group.lines[0].written == "{{Email}}"


def test_a_type_that_is_gone_shows_its_keys() -> None:
    (group,) = setting_groups(None, {"email": "•••• (5 characters)"}, {})
    assert group == SettingGroup("", [SettingLine("email", "•••• (5 characters)", "")])
