"""Nonsense through every data element and condition of every package: nothing breaks, nothing is made up.

The values are those of docs/reference/failures.md, "Input", after the edge has read and cleaned
them.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from functools import cache, reduce
from typing import Any

import pytest

from properties.catalog.descriptor import (
    ComponentType,
    ConditionType,
    DataElementType,
    ExtensionPackage,
    Field,
)
from properties.catalog.registry import packages
from properties.catalog.tokens import tokens_in
from rules.engine import CompiledBuild, RunResult, compile_build, masked_trace, run_build
from rules.engine.scripts import ScriptHost
from rules.sandbox import Sandbox
from tests.work import hang_limit

TOKEN = "{{Bad}}"
DEEPEST = 31
# Logged if a package raised an unexpected error.
UNEXPECTED = "An unexpected"
FREE_FIELDS = ("text", "textarea", "combo", "number", "integer", "json", "list")


def nested(wrap: Any) -> Any:
    return reduce(lambda value, _: wrap(value), range(DEEPEST), 1)


VALUES: dict[str, Any] = {
    "nothing": None,
    "true": True,
    "false": False,
    "zero": 0,
    "negative zero": -0.0,
    "a negative number": -7,
    "a fraction": 0.1,
    "the largest double": 1.7976931348623157e308,
    "the smallest double": 5e-324,
    "20 digits": 12345678901234567890,
    "100 digits": 10**99,
    "2 to the power of 53": 2**53 + 1,
    "empty text": "",
    "a blank": " ",
    "other blanks": "\u00a0\u2003\ufeff\r\n\t",
    "a replaced surrogate": "a\ufffdb",
    "a control character": "a\x01\x7f\x9fb",
    "an emoji of several": "👩‍👩‍👧‍👦",
    "letters with marks": "ä\u0308\u0323ẛ̣",
    "right to left": "\u202eמחיר‏ ١٢٣",
    "a letter that grows": "ßŉİ",
    "60,000 letters": "x" * 60_000,
    "2,000 emojis": "😀" * 2_000,
    "a token": "{{Email}} {{",
    "a replacement": "$1 $& $<x> \\1",
    "a pattern that is slow": "(a+)+$",
    "a broken pattern": "(?<![",
    "a pattern for JavaScript": r"(?<=(a+)+)\1$",
    "a hash already": "62a14e44f765419d10fea99367361a727c12365e2520f32218d505ed9aa0f62f",
    "quotes": '"a\\"; b="',
    "half an escape": "%zz%u0000%",
    "escaped NUL in an address": "https://a.example/?x=%00%ED%A0%80&%00=1#%00",
    "HTML": "<script>alert(1)</script>",
    "a header in a header": "fb.1.1700000000000.1\r\nSet-Cookie: a=b",
    "a word for no number": "NaN",
    "infinity in words": "-Infinity",
    "a number too large": "1e400",
    "a number in another script": "١٢٣٤",
    "a hexadecimal number": "0x1F",
    "many digits": "9" * 5_000,
    "a date that never was": "2026-02-30T25:61:61+99:99",
    "the end of time": "9999-12-31T23:59:59.999999-23:59",
    "the beginning of time": "0001-01-01T00:00:00+23:59",
    "a broken address": "http://[::1:99999/%%?%%=&&#",
    "an address without end": "https://" + "a." * 500 + "?" + "&" * 1_000,
    "JSON of a list": '["a", ',
    "deep JSON": "[" * 5_000,
    "null in words": "null",
    "an empty list": [],
    "a list of nothing": [None, [], {}],
    "a mixed list": ["a", 1, True, None, {"b": [2]}],
    "a long list": list(range(1_000)),
    "a deep list": nested(lambda value: [value]),
    "an empty object": {},
    "an object with odd keys": {
        "": 1,
        "__proto__": {"a": 1},
        "constructor": None,
        "a.b": 2,
        "{{a}}": "{{b}}",
    },
    "a wide object": {str(key): key for key in range(500)},
    "a deep object": nested(lambda value: {"a": value}),
}
KINDS = [
    (package, kind)
    for package in packages().values()
    if package.platform == "edge"
    for kind in (*package.data_elements, *package.conditions)
]
each_kind = pytest.mark.parametrize(("package", "kind"), KINDS, ids=[p.delegate_id(k) for p, k in KINDS])
each_value = pytest.mark.parametrize("value", VALUES.values(), ids=VALUES)


# The values that a data element can have, except nothing.
GIVES: dict[str, tuple[type, ...]] = {
    "core::dataElements::ip": (str,),
    "core::dataElements::merged-objects": (dict,),
    "core::dataElements::number": (int, float),
    "core::dataElements::date-to-unix-time": (int, str),
    "core::dataElements::timestamp": (int, str),
    "core::dataElements::query-string-parameter": (str,),
    "core::dataElements::cookie": (str,),
    "core::dataElements::header": (str,),
    "core::dataElements::hash": (str, list),
    "core::dataElements::random": (int, str),
    "core::dataElements::bot": (str, bool),
    "core::dataElements::secret": (str,),
}
# These return their input, whatever it is.
HANDS_ON = {
    f"core::dataElements::{name}"
    for name in ("path", "constant", "conditional-value", "lookup-table", "text-tools", "custom-code")
}


def event_of(value: Any) -> Iterator[dict[str, Any]]:
    """Calls with ``value`` in every place that a component may read: inside and at the end of paths."""
    page = {"web": {"webPageDetails": {"URL": value}}}
    environment = {"environment": {"ipV4": value, "ipV6": value, "browserDetails": {"userAgent": value}}}
    xdm = {"_id": value, "eventType": value, "timestamp": value, **page, **environment}
    headers = {"user-agent": [value], "cookie": [value], "referer": value}
    yield call(xdm, {"bad": value, "event": value}, {"httpHeaders": headers, "cookies": {"_fbp": value}})
    yield call({"web": value, "environment": value}, {"bad": value}, {"httpHeaders": value, "cookies": value})


def call(xdm: Any, data: Any, header: Any) -> dict[str, Any]:
    return {"event": {"xdm": xdm, "data": data}, "request": {"header": header}}


def variants(kind: ComponentType) -> Iterator[dict[str, Any]]:
    """The settings of each example, and these with the value in one, inside its text, or in them all."""
    fields = [field for field in kind.fields if takes_any(field)]
    for example in kind.examples:
        yield dict(example.settings)
        for text in (TOKEN, f"a{TOKEN}.b"):
            yield from ({**example.settings, **put(field, text)} for field in fields)
        yield reduce(
            lambda settings, field: {**settings, **put(field, TOKEN)}, fields, dict(example.settings)
        )


def takes_any(field: Field) -> bool:
    return field.tokens and (field.type in FREE_FIELDS or field.type in ("rows", "object"))


def put(field: Field, text: str) -> dict[str, Any]:
    value: Any = [{it.key: text for it in field.properties}] if field.type == "rows" else text
    for key in reversed(field.key.split(".")):
        value = {key: value}
    return dict(value)


@cache
def builds(delegate: str) -> list[tuple[bool, CompiledBuild]]:
    """One build per variant, and whether it must run without error: an example that works with text."""
    kind = next(k for p, k in KINDS if p.delegate_id(k) == delegate)
    plain = [dict(example.settings) for example in kind.examples]
    made = [(it in plain, compile_build(document(delegate, kind, it), packages())) for it in variants(kind)]
    usual = next(event_of("text"))
    return [(is_plain and not any(errors_of(run(build, usual, None))), build) for is_plain, build in made]


def document(delegate: str, kind: ComponentType, settings: Mapping[str, Any]) -> dict[str, Any]:
    """A build in which every token has the bad value, with the component in its only rule."""
    path = {"modulePath": "core::dataElements::path", "settings": {"path": "arc.event.data.bad"}}
    elements = {name: {"id": name, "name": name, **path} for name in tokens_in(settings)}
    component = {"id": "C", "name": "C", "modulePath": delegate, "settings": settings}
    if isinstance(kind, DataElementType):
        elements["Tried"] = {**component, "name": "Tried"}
        component = {
            "id": "C",
            "name": "C",
            "modulePath": "core::conditions::value-comparison",
            "settings": {"leftOperand": "{{Tried}}", "comparison": {"operator": "isTruthy"}},
        }
    rule = {"id": "R", "name": "R", "conditions": [component], "actions": []}
    names = {str(it["modulePath"]).partition("::")[0] for it in (*elements.values(), component)}
    return {
        "extensions": {name: {"settings": {}} for name in names},
        "dataElements": elements,
        "rules": [rule],
    }


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with Sandbox() as opened:
        yield opened


def run(build: CompiledBuild, event: dict[str, Any], scripts: ScriptHost | None) -> RunResult:
    return run_build(
        build,
        event,
        inbound_event_id="1",
        received_at=1.7e9,
        installation={},
        secret_marker=lambda name: f"[[{name}]]",
        scripts=scripts,
    )


def errors_of(result: RunResult) -> list[str]:
    (rule,) = result.rules
    return [rule.error, *(element.error for element in result.elements.values())]


@each_value
@each_kind
def test_a_bad_value_breaks_nothing(
    package: ExtensionPackage, kind: ComponentType, value: Any, sandbox: Sandbox
) -> None:
    for event in event_of(value):
        before = json.dumps(event)
        for must_run, build in builds(package.delegate_id(kind)):
            with hang_limit():
                result = run(build, event, sandbox)
            errors = errors_of(result)
            assert not any(UNEXPECTED in error for error in errors), errors
            assert not (must_run and any(errors)), errors
            assert_right_types(package.delegate_id(kind), kind, result)
            assert_storable(masked_trace(result))
        assert json.dumps(event) == before


def test_it_is_known_what_each_data_element_gives() -> None:
    """A new data element must be in one of the two lists; otherwise this test would not check its type."""
    elements = {p.delegate_id(k) for p, k in KINDS if isinstance(k, DataElementType)}
    assert elements == set(GIVES) ^ HANDS_ON


def assert_storable(value: Any) -> None:
    """Check that every database accepts the JSON: no NaN, no NUL, no half surrogate."""
    text = json.dumps(value, ensure_ascii=False, allow_nan=False)
    assert "\\u0000" not in text
    text.encode()


def assert_right_types(delegate: str, kind: ComponentType, result: RunResult) -> None:
    """Check that a condition returned a boolean, and a data element a value that every database accepts."""
    (rule,) = result.rules
    if isinstance(kind, ConditionType) and rule.status != "failed":
        assert isinstance(rule.conditions[0].passed, bool)
    for element in result.elements.values():
        assert_storable(element.value)
    if delegate in GIVES:
        given = result.elements["Tried"].value
        assert given is None or type(given) in GIVES[delegate]
