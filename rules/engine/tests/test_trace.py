from __future__ import annotations

import json
import math
from dataclasses import replace
from typing import Any

import pytest

from properties.catalog.descriptor import ActionType
from properties.catalog.errors import InvalidParameter
from rules.engine import mask, mask_lookalikes, masked_trace

from .probe import Probe, action, compile_rules, condition, element, rule, run

NAME = {"Name": element(value="Lovelace")}
HIDDEN = "•••• (8 characters)"


def trace(probe: Probe, *components: Any, **parts: Any) -> dict[str, Any]:
    found = masked_trace(run(compile_rules(probe, rule(*components), **parts)))
    json.dumps(found, allow_nan=False)
    return found


def only_rule(found: dict[str, Any]) -> dict[str, Any]:
    (a_rule,) = found["rules"]
    return a_rule


def test_it_has_the_build_and_each_rule(probe: Probe) -> None:
    found = trace(probe, condition(result=False))
    assert found["build"] == {"environment": "staging"}
    assert only_rule(found)["status"] == "condition_not_met"


def test_a_condition_shows_both_values(probe: Probe) -> None:
    found = trace(
        probe, condition(left="{{It}}", result=True, negate=True), elements={"It": element(value=3)}
    )
    shown = only_rule(found)["conditions"][0]
    assert shown["compared"] == [3, True]
    assert (shown["passed"], shown["negate"], shown["delegate"]) == (False, True, "probe::conditions::gives")
    assert shown["settings"] == {"left": 3, "result": True}
    assert shown["microseconds"] >= 0


def test_a_condition_that_compares_nothing_shows_no_values(probe: Probe) -> None:
    shown = only_rule(trace(probe, condition("boom", n=1)))["conditions"][0]
    assert (shown["compared"], shown["passed"], shown["settings"]) == (None, None, {"n": 1})
    assert "An unexpected ValueError" in shown["error"]


def test_a_condition_that_lacks_a_value_shows_its_error(probe: Probe) -> None:
    shown = only_rule(trace(probe, condition(left="{{Nope}}", result=True)))["conditions"][0]
    assert (shown["compared"], shown["passed"], shown["settings"]) == (None, None, None)
    assert '"Nope" was not found' in shown["error"]


def test_an_action_shows_where_its_items_go_and_its_warnings(probe: Probe) -> None:
    shown = only_rule(trace(probe, action("item", to="123", token={"$secret": "Main"})))["actions"][0]
    assert shown["output"] == {"destination": "123", "name": "", "envelope": {"token": "secret “Main”"}}
    assert shown["warnings"] == [
        {"path": "email", "label": "Email", "message": "It was left out.", "code": "not_sha256"}
    ]


def test_an_element_shows_path_value_and_default(probe: Probe) -> None:
    elements = {"It": element("where", value=None, options={"defaultValue": "EUR"})}
    (shown,) = trace(probe, action(value="{{It}}"), elements=elements)["elements"]
    assert shown == {
        "name": "It",
        "delegate": "probe::dataElements::where",
        "path": "arc.event.data.None",
        "value": "EUR",
        "used_default": True,
        "error": "",
    }


def test_a_setting_that_is_hashed_is_masked_with_the_element_that_feeds_it(probe: Probe) -> None:
    found = trace(probe, action(email="{{Name}}"), elements=NAME)
    assert only_rule(found)["actions"][0]["settings"] == {"email": HIDDEN}
    assert found["elements"][0]["value"] == HIDDEN


def test_an_element_that_feeds_a_hashed_setting_is_masked_everywhere(probe: Probe) -> None:
    elements = NAME | {"Greeting": element(value="Dear {{Name}}")}
    found = trace(
        probe,
        condition(left="{{Name}}", result=True),
        action(value="{{Greeting}}"),
        action(email="{{Name}}"),
        elements=elements,
    )
    assert only_rule(found)["conditions"][0]["compared"] == [HIDDEN, True]
    assert "Lovelace" not in json.dumps(found)


def test_an_element_behind_the_element_that_feeds_it_is_masked_too(probe: Probe) -> None:
    elements = NAME | {"Whole": element(value="Ada {{Name}}")}
    found = trace(probe, action(email="{{Whole}}"), action(value="{{Name}}"), elements=elements)
    assert "Lovelace" not in json.dumps(found)


def test_an_element_that_a_data_element_hashes_is_masked(probe: Probe) -> None:
    elements = {**NAME, "Digest": element("digest", of="{{Name}}", value="x"), "Other": element(value="seen")}
    shown = trace(probe, condition(left="{{Name}}{{Digest}}{{Other}}", result=True), elements=elements)
    assert {it["name"]: it["value"] for it in shown["elements"]}["Name"] == HIDDEN
    assert {it["name"]: it["value"] for it in shown["elements"]}["Other"] == "seen"


def test_the_same_value_is_masked_where_another_element_holds_it(probe: Probe) -> None:
    elements = NAME | {"Person": element(value={"last": "Lovelace", "city": "London"})}
    found = trace(probe, action(value="{{Person}}"), action(email="{{Name}}"), elements=elements)
    assert only_rule(found)["actions"][0]["settings"]["value"] == {"last": HIDDEN, "city": "London"}


@pytest.mark.parametrize(
    "settings",
    [
        {"person": {"name": "{{Name}}"}},
        {"person": "{{Person}}"},
        {"people": [{"name": "{{Name}}"}]},
        {"people": "{{People}}"},
        {"email": "Lovelace"},
    ],
)
def test_hashed_settings_inside_of_objects_and_rows_are_masked(
    probe: Probe, settings: dict[str, Any]
) -> None:
    elements = NAME | {
        "Person": element(value={"name": "Lovelace"}),
        "People": element(value=[{"name": "Lovelace"}]),
    }
    assert "Lovelace" not in json.dumps(trace(probe, action(**settings), elements=elements))


@pytest.mark.parametrize(
    "settings",
    [
        {"email": "{{Name}}"},
        {"email": "Dear {{Name}}"},
        {"person": {"name": "{{Name}}"}},
        {"person": "{{Name}}"},
        {"people": [{"name": "x"}, {"name": "{{Name}}"}]},
        {"people": "{{Name}}"},
        {"people": ["{{Name}}"]},
    ],
)
def test_an_element_is_private_also_when_what_it_feeds_did_not_run(
    probe: Probe, settings: dict[str, Any]
) -> None:
    a_rule = condition(left="{{Name}}", result=False), action(**settings)
    found = trace(probe, *a_rule, elements=NAME)
    assert only_rule(found)["actions"] == []
    assert found["elements"][0]["value"] == HIDDEN
    assert only_rule(found)["conditions"][0]["compared"] == [HIDDEN, False]


def test_credentials_are_shown_by_their_name(probe: Probe) -> None:
    elements = {"Token": element(value={"$secret": "Main"}), "Header": element(value="Bearer {{Token}}")}
    found = trace(
        probe,
        action(token={"$secret": "Main"}),
        action(value="{{Token}}"),
        action(value="{{Header}}"),
        elements=elements,
    )
    shown = [it["settings"] for it in only_rule(found)["actions"]]
    assert shown == [
        {"token": "secret “Main”"},
        {"value": "secret “Main”"},
        {"value": "Bearer secret “Main”"},
    ]
    assert "[[secret" not in json.dumps(found)


@pytest.mark.parametrize("kind", ["note", "item"])
def test_a_credential_that_an_event_brings_is_masked(probe: Probe, kind: str) -> None:
    found = trace(probe, action(kind, token="{{Token}}"), elements={"Token": element(value="EAABsbCS1234")})
    assert "EAAB" not in json.dumps(found)


@pytest.mark.parametrize(
    "settings",
    [
        {"value": "Bearer {{Token}}"},
        {"value": "Basic  {{Token}}"},
        {"value": ["x", {"header": "Bearer {{Token}}"}]},
        {"value": "Bearer {{Header}}"},
        {"value": {"Authorization": "{{Token}}"}},
        {"value": {"body": [{"access_token": "{{Token}}"}]}},
        {"value": [{"key": "Authorization", "value": "{{Token}}"}]},
        {"value": [{"key": "api_key", "value": "{{Token}}"}]},
    ],
)
def test_an_element_that_stands_where_a_credential_belongs_is_masked(
    probe: Probe, settings: dict[str, Any]
) -> None:
    token = "EAABsbCS1234EAABsbCS"
    elements = {"Token": element(value=token), "Header": element(value="{{Token}}")}
    found = trace(probe, action(value="{{Token}}"), action(**settings), elements=elements)
    assert token not in json.dumps(found)
    assert {it["name"]: it["value"] for it in found["elements"]}["Token"] == "•••• (20 characters)"


@pytest.mark.parametrize(
    "settings",
    [
        {"value": "Bearer of {{Token}}"},
        {"value": [{"key": "name", "value": "{{Token}}"}]},
        {"token_of": "{{Token}}"},
    ],
)
def test_an_element_that_stands_elsewhere_is_shown(probe: Probe, settings: dict[str, Any]) -> None:
    found = trace(probe, action(**settings), elements={"Token": element(value="blue")})
    assert found["elements"][0]["value"] == "blue"


@pytest.mark.parametrize(
    ("value", "elsewhere", "shown"),
    [
        ("Anna", "Anna", "•••• (4 characters)"),
        (["x", {"of": "Anna"}], "Anna", "•••• (4 characters)"),
        ("Anna", {"her": ["Anna"]}, {"her": ["•••• (4 characters)"]}),
        ("Anna", {"Anna": 1}, {"•••• (4 characters)": 1}),
        ("Anna", "Annabel", "Annabel"),
        (1234, 1234, "•••• (number)"),
        (1234, "1234", "•••• (4 characters)"),
        # A country, a gender or a number of items identifies nobody.
        ("Ann", "Ann", "Ann"),
        (123, 123, 123),
        ("", "", ""),
        (None, "None", "None"),
        (True, "True", "True"),
    ],
)
def test_a_private_value_of_four_characters_or_more_is_hidden_wherever_it_stands(
    probe: Probe, value: Any, elsewhere: Any, shown: Any
) -> None:
    elements = {"Name": element(value=value), "Other": element(value=elsewhere)}
    found = trace(probe, action(email="{{Name}}"), action(value="{{Other}}"), elements=elements)
    assert {it["name"]: it["value"] for it in found["elements"]}["Other"] == shown
    assert only_rule(found)["actions"][1]["settings"] == {"value": shown}
    assert only_rule(found)["actions"][1]["output"] == shown


def test_a_private_value_of_four_characters_or_more_is_hidden_in_errors(probe: Probe) -> None:
    def fail(settings: Any, context: Any) -> None:
        raise InvalidParameter("neither Anna nor Ann is known")

    failing = ActionType(name="fail", title="Fail", run=fail)
    probe.package = replace(probe.package, actions=[*probe.package.actions, failing])
    names = {"Four": element(value="Anna"), "Three": element(value="Ann")}
    found = trace(probe, action(people=[{"name": "{{Four}}{{Three}}"}]), action("fail"), elements=names)
    assert only_rule(found)["actions"][1]["error"].endswith("neither •••• (4 characters) nor Ann is known")


def test_values_that_json_lacks_are_written_as_text(probe: Probe) -> None:
    found = trace(probe, action(value="{{It}}"), elements={"It": element(value=math.inf)})
    assert found["elements"][0]["value"] == "inf"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("x" * 2_000, "x" * 2_000),
        ("x" * 2_001, "x" * 2_000 + "… (2001 characters)"),
        ("x" * 70_000, "x" * 2_000 + "… (70000 characters)"),
    ],
    ids=["just short enough", "one letter longer", "long"],
)
def test_long_texts_are_cut(probe: Probe, text: str, shown: str) -> None:
    found = trace(probe, action(value=text))
    assert only_rule(found)["actions"][0]["settings"]["value"] == shown


@pytest.mark.parametrize("start", [1_690, 1_940, 1_990, 1_999])
def test_an_address_that_the_cut_goes_through_is_hidden(probe: Probe, start: int) -> None:
    """Source: RFC 5321, 4.5.3.1: 64 characters, the sign and 255 characters at most."""
    address = f"{'jane' * 16}@{'.'.join(['shop' * 15] * 4)}.example"
    found = trace(probe, action(value=f"{'x ' * (start // 2)}{' ' * (start % 2)}{address} {'y' * 1_000}"))
    assert "jane" not in json.dumps(found)
    assert "shopshop" not in json.dumps(found)


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("jo@example.com", "j…@e…"),
        ("Lovelace", HIDDEN),
        ("m", "•••• (1 character)"),
        (1234, "•••• (number)"),
        (None, None),
        ("", ""),
        (False, False),
        ({"a": ["Ada"]}, {"a": ["•••• (3 characters)"]}),
        ("a" * 64, "a" * 64),
    ],
)
def test_mask_hides_all_but_the_shape(value: Any, shown: Any) -> None:
    assert mask(value) == shown


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("write to ada@example.com!", "write to a…@e…!"),
        ("https://shop.example/?mail=ada%40example.com&x=1", "https://shop.example/?mail=a…@e…&x=1"),
        # Google, Measurement Protocol: its credential is a parameter of the URL.
        ("https://a.example/?api_secret=aVerySecretOne&x=1", "https://a.example/?api_secret=••••tOne&x=1"),
        ("call +1 (650) 555-1212 now", "call •••• (17 characters) now"),
        ("650-555-1212", "•••• (12 characters)"),
        ("(030) 1234 5678", "•••• (15 characters)"),
        ({"ada@example.com": ["ada@example.com"]}, {"a…@e…": ["a…@e…"]}),
    ],
)
def test_what_looks_like_an_address_or_a_phone_number_is_masked(value: Any, shown: Any) -> None:
    assert mask_lookalikes(value) == shown


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("Bearer abcdefgh1234", "Bearer ••••1234"),
        ("Bearer  \tabcdefgh1234", "Bearer  \t••••1234"),
        # Of eight characters, four would be half.
        ("Bearer abcdefgh", "Bearer ••••"),
        ("Bearer abcdefghi", "Bearer ••••fghi"),
        ("Basic dXNlcjpwYXNzd29yZA==", "Basic ••••ZA=="),
        ("Basic  dXNlcjpwYXNzd29yZA==", "Basic  ••••ZA=="),
        (
            '{"access_token": "abcdefgh1234", "expires_in": 60}',
            '{"access_token": "••••1234", "expires_in": 60}',
        ),
        ('{"a": "{\\"idToken\\": \\"abcdefgh1234\\"}"}', '{"a": "{\\"idToken\\": \\"••••1234\\"}"}'),
        ("https://a.example/?token=abcdefgh1234&b=1", "https://a.example/?token=••••1234&b=1"),
        ({"token": "abcdefgh1234"}, {"token": "••••1234"}),
        (
            [{"key": "Authorization", "value": "Bearer abcdefgh1234"}],
            [{"key": "Authorization", "value": "Bearer ••••1234"}],
        ),
    ],
)
def test_credentials_that_an_answer_brought_show_their_last_four_characters(value: Any, shown: Any) -> None:
    """Source: docs/reference/adobe.md, "Secrets": stars and the last four characters."""
    assert mask_lookalikes(value) == shown


@pytest.mark.parametrize(
    "value",
    [
        {"token": "secret “Ads token”"},
        {"access_token": "{{Ads Token}}", "token": "short", "secret": True, "password": None},
        "Bearer secret “Ads token”",
        "Bearer {{Ads Token}}",
        "Authorization: Bearer [secret]",
        "Basic knowledge of tokens=many",
        '{"event_name": "Purchase", "tokens": "abcdefgh1234"}',
    ],
)
def test_what_stands_for_a_secret_stays_readable(value: Any) -> None:
    assert mask_lookalikes(value) == value


@pytest.mark.parametrize(
    "value",
    [
        "1700000000",
        "1234567890123456",
        "1234567.89",
        "2026-11-22 10:30:00",
        "2026-11-22",
        "22.11.2026 10",
        "203.0.113.117",
        "fb.1.1596403881668.1116446470",
        "2001:db8::7",
        "order 2026-000-111",
        1700000000,
        None,
    ],
)
def test_times_orders_and_addresses_of_machines_are_shown(value: Any) -> None:
    assert mask_lookalikes(value) == value


def test_masking_a_long_text_takes_one_pass() -> None:
    assert mask_lookalikes("a" * 65_000 + "@") == "a" * 65_000 + "@"
    assert mask_lookalikes("+1 " * 20_000) != ""
    assert mask_lookalikes('"token":' * 20_000) != ""


def test_outer_blanks_in_a_token_do_not_show_what_feeds_a_hashed_setting(probe: Probe) -> None:
    unmet = rule(condition(result=False), action(email="{{ Name }}"), name="Never")
    shown = rule(action(value="{{Name}}"), action(other="so {{  Name }}"), name="Shown")
    found = masked_trace(run(compile_rules(probe, unmet, shown, elements=NAME)))
    assert [it["value"] for it in found["elements"]] == [HIDDEN]
    assert "Lovelace" not in json.dumps(found)
