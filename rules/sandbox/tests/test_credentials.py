"""Credentials in custom code: only code sees the value.

Source: adobe/reactor-extension-core-edge, ``lib/dataElements/secret.js``: code gets the value of a Secret
data element. No build, trace or stored stash holds the value.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

import pytest

from properties.catalog.errors import SecretMissing
from rules.sandbox import Known, Sandbox, ScriptError, ScriptFailed, ScriptResult

from .conftest import EVENT, REQUEST, arc

_MARKER = re.compile(r"<<([^<>]+)>>")


class Vault:
    """Puts values in place of ``<<name>>``."""

    def __init__(self, values: Mapping[str, str]) -> None:
        self.values = values

    def revealed(self, text: str, known: Known) -> str:
        def value_of(found: re.Match[str]) -> str:
            if found[1] not in self.values:
                raise SecretMissing(found[1])
            known[self.values[found[1]]] = found[0]
            return json.dumps(self.values[found[1]])[1:-1]

        return _MARKER.sub(value_of, text)

    def withheld(self) -> str:
        return ""


def run(
    sandbox: Sandbox,
    source: str,
    secrets: Mapping[str, str],
    *,
    kind: Any = "action",
    parts: Mapping[str, Any] | None = None,
    elements: Mapping[str, Any] | None = None,
    **given: Any,
) -> ScriptResult:
    """Run a piece that can ask for each secret by its name."""
    known: dict[str, Any] = {name: f"<<{name}>>" for name in secrets}
    resolve = {**known, **(elements or {})}.__getitem__
    call = {"event": EVENT, "request": REQUEST}
    with sandbox.session(call, seed="1", clock=1.0, credentials=Vault(secrets)) as session:
        return session.run(source, kind=kind, arc=arc(**(parts or {})), resolve=resolve, **given)


AWKWARD = [
    "EAABsbCS1234567890ZCZD",
    'quo"te\\back/slash',
    "line one\nline two\r\n\ttab",
    "Grüße, 世界 😀 \u2028 end",
    "1234567890",
    "0x10",
    "$& $1 ${a} `b` </script>",
    "null",
    "[a-z]+(.*)",
]


@pytest.mark.parametrize("value", AWKWARD)
def test_code_sees_the_value_and_its_result_holds_what_stands_for_it(sandbox: Sandbox, value: str) -> None:
    points = [ord(character) for character in value]
    source = """const it = getDataElementValue('Key');
        return {points: Array.from(it, (c) => c.codePointAt(0)), type: typeof it, whole: it,
                header: `Bearer ${it}!`, [it]: [it, [it]]};"""
    assert run(sandbox, source, {"Key": value}).value == {
        "points": points,
        "type": "string",
        "whole": "<<Key>>",
        "header": "Bearer <<Key>>!",
        "<<Key>>": ["<<Key>>", ["<<Key>>"]],
    }


@pytest.mark.parametrize("value", AWKWARD)
def test_nothing_that_leaves_holds_a_value(sandbox: Sandbox, value: str) -> None:
    source = """const it = getDataElementValue('Key');
        arc.event.data.it = [it]; arc.request.body[it] = 1; arc.ruleStash.a = {b: 'x' + it};
        utils.logger.log('the key', it, {it}); utils.logger.error('x'.repeat(495) + it);"""
    result = run(sandbox, source, {"Key": value})
    assert result.arc_after is not None
    assert result.arc_after["event"]["data"]["it"] == ["<<Key>>"]
    assert result.arc_after["request"]["body"] == {"<<Key>>": 1}
    assert result.arc_after["ruleStash"] == {"a": {"b": "x<<Key>>"}}
    assert result.logs[0] == ("log", 'the key <<Key>> {"it":"<<Key>>"}')
    assert value not in json.dumps(result.arc_after, ensure_ascii=False)


def test_a_value_that_a_log_line_cuts_off_does_not_show_its_beginning(sandbox: Sandbox) -> None:
    source = "utils.logger.log('x'.repeat(490) + getDataElementValue('Key'));"
    ((_, text),) = run(sandbox, source, {"Key": "EAABsbCS1234567890ZCZD"}).logs
    assert text == "x" * 490 + "<<Key>>…"


@pytest.mark.parametrize(
    "throw",
    [
        "throw new Error('No: ' + it);",
        "throw it;",
        "throw {message: it};",
        "null[it];",
        "JSON.parse(it + '{');",
        "throw new Error('x'.repeat(480) + it);",
        "return {toJSON() { throw new Error(it); }};",
        "return Promise.reject(new Error(it));",
    ],
)
@pytest.mark.parametrize("value", ["EAABsbCS1234567890ZCZD", 'quo"te\\back'])
def test_the_text_of_an_error_holds_no_value(sandbox: Sandbox, throw: str, value: str) -> None:
    with pytest.raises(ScriptError) as caught:
        run(sandbox, f"const it = getDataElementValue('Key'); {throw}", {"Key": value})
    assert value[:6] not in str(caught.value)
    assert "<<Key>>" in str(caught.value) or "null" in throw or "JSON.parse" in throw


def test_values_are_put_into_settings_stash_and_a_changed_event(sandbox: Sandbox) -> None:
    source = """return [utils.getSettings().a, utils.getExtensionSettings().b, arc.ruleStash.c, arc.event.d]
        .map((it) => it.length);"""
    lengths = run(
        sandbox,
        source,
        {"Key": "twelve chars"},
        settings={"a": "<<Key>>"},
        extension_settings={"b": "x<<Key>>"},
        parts={"ruleStash": {"c": "<<Key>><<Key>>"}, "event": {"d": "<<Key>>y"}},
    ).value
    assert lengths == [12, 13, 24, 13]


def test_what_code_has_not_changed_stays_the_very_same(sandbox: Sandbox) -> None:
    source = "return arc.ruleStash.c.length + JSON.stringify(arc).length > 0;"
    result = run(sandbox, source, {"Key": "a value"}, parts={"ruleStash": {"c": "<<Key>>"}}, kind="condition")
    assert (result.value, result.arc_after) == (True, None)


def test_of_secrets_inside_each_other_the_longer_one_is_taken_out(sandbox: Sandbox) -> None:
    secrets = {"Short": "token", "Long": "my-token-2", "Same": "Long"}
    source = """const [short, long, same] = ['Short', 'Long', 'Same'].map(getDataElementValue);
        return [short, long, same, `${short} ${long} ${short}`, long + short];"""
    assert run(sandbox, source, secrets).value == [
        "<<Short>>",
        "<<Long>>",
        "<<Same>>",
        "<<Short>> <<Long>> <<Short>>",
        "<<Long>><<Short>>",
    ]


def test_a_short_value_is_taken_out_only_where_it_is_the_whole(sandbox: Sandbox) -> None:
    source = "const it = getDataElementValue('Pin'); return [it, 'banana', Number(it), 17, 1.7];"
    assert run(sandbox, source, {"Pin": "7"}).value == ["<<Pin>>", "banana", "<<Pin>>", 17, 1.7]


def test_a_number_made_of_a_value_shows_it_as_little(sandbox: Sandbox) -> None:
    source = "const it = Number(getDataElementValue('Pin')); return [it, {it}, it + 1, `${it}`, it * 10];"
    assert run(sandbox, source, {"Pin": "123456"}).value == [
        "<<Pin>>",
        {"it": "<<Pin>>"},
        123457,
        "<<Pin>>",
        1234560,
    ]


def test_what_code_makes_of_a_value_goes_on_as_it_is(sandbox: Sandbox) -> None:
    source = "return getDataElementValue('Key').split('').reverse().join('');"
    assert run(sandbox, source, {"Key": "abcdef"}).value == "fedcba"


def test_a_later_piece_of_the_event_cannot_give_away_what_an_earlier_one_saw(sandbox: Sandbox) -> None:
    call = {"event": EVENT, "request": REQUEST}
    keep = """const it = getDataElementValue('Key'), map = Array.prototype.map;
        Array.prototype.map = function (f) { return [it]; };"""
    with sandbox.session(call, seed="1", clock=1.0, credentials=Vault({"Key": "a value"})) as session:
        session.run(keep, kind="dataElement", arc=arc(), resolve=lambda name: "<<Key>>")
        result = session.run("return [1].map(String);", kind="dataElement", arc=arc(), resolve=str)
    assert result.value in (["<<Key>>"], ["1"])


def test_a_secret_that_does_not_work_ends_the_piece_and_cannot_be_caught(sandbox: Sandbox) -> None:
    elements = {"Gone": "<<Gone>>"}
    for source in (
        "return getDataElementValue('Gone');",
        "return getDataElementValue('Go' + 'ne');",
        "try { return getDataElementValue('Gone'); } catch { return 'without'; }",
    ):
        with pytest.raises(
            SecretMissing, match="“Gone” is not stored in this property, or does not work now"
        ):
            run(sandbox, source, {}, elements=elements)
    with pytest.raises(SecretMissing):
        run(sandbox, "return 1;", {}, settings={"token": "<<Gone>>"})


def test_a_secret_that_does_not_work_and_is_not_asked_for_hinders_nobody(sandbox: Sandbox) -> None:
    source = "return arc ? 1 : getDataElementValue('Gone');"
    assert run(sandbox, source, {}, elements={"Gone": "<<Gone>>"}).value == 1


def test_without_credentials_code_gets_what_stands_for_them(sandbox: Sandbox) -> None:
    with sandbox.session({"event": EVENT, "request": REQUEST}, seed="1", clock=1.0) as session:
        result = session.run(
            "return getDataElementValue('Key');", kind="action", arc=arc(), resolve=lambda name: "<<Key>>"
        )
    assert result.value == "<<Key>>"


def test_an_error_that_was_seen_on_the_way_is_left_as_it_is(sandbox: Sandbox) -> None:
    call = {"event": EVENT, "request": REQUEST}
    with sandbox.session(call, seed="1", clock=1.0, credentials=Vault({"Key": "Key!"})) as session:

        def resolve(name: str) -> Any:
            if name == "Key":
                return "<<Key>>"
            source = "throw new Error('inner ' + getDataElementValue('Key'));"
            return session.run(source, kind="dataElement", arc=arc(), resolve=resolve).value

        with pytest.raises(ScriptFailed, match=r"^Error: inner <<Key>> \(line 1, "):
            session.run("return getDataElementValue('Inner');", kind="action", arc=arc(), resolve=resolve)
