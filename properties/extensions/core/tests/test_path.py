"""Source: docs/reference/adobe.md, "Edge Core" and "JavaScript semantics"."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from properties.catalog.errors import InvalidParameter, Problem
from properties.catalog.forms import check_settings
from properties.catalog.testing import fake_context, run_component

from ..data_elements import run_path
from ..extension import CONSTANT, IP, PATH

DATA = {
    "order": {"id": "T-1", "total": 0, "note": "", "paid": False, "0": "key"},
    "items": [{"sku": "A"}, {"sku": "B"}],
    "grid": [[1, 2], [3, 4]],
    "text": "abc",
    "a b": {"ü": 1},
    "a": {"x-y": 1, "x.y": 2, "x]y": 3, 'x"y': 4, "0": 5},
    "items[]": [7],
    "form[email]": "ada@shop.example",
    "open[0": 8,
    "": {"c": 9},
    "b[x]": 10,
    "b": {"x": 11, "y": None},
    "b[y]": 12,
}


def read(path: Any, **data_elements: Any) -> Any:
    context = fake_context(xdm={"eventType": "x"}, data=DATA, data_elements=data_elements)
    return run_component(PATH, {"path": path}, context)


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("arc.event.xdm.eventType", "x"),
        ("arc.event.data.order.id", "T-1"),
        ("arc.event.data.order.total", 0),
        ("arc.event.data.order.note", ""),
        ("arc.event.data.order.paid", False),
        ("arc.event.data.order.0", "key"),
        ("arc.event.data.order[0]", "key"),
        ("arc.event.data.items[1].sku", "B"),
        ("arc.event.data.items.1.sku", "B"),
        ("arc.event.data.grid[1][0]", 3),
        ("arc.event.data.grid.1[0]", 3),
        ("arc.event.data.a b.ü", 1),
        ("arc.event.data.items", DATA["items"]),
        ('arc.event.data.a["x-y"]', 1),
        ("arc.event.data.a['x-y']", 1),
        ("arc.event.data.a.x-y", 1),
        ('arc.event.data.a["x.y"]', 2),
        ('arc["event"]["data"]["a"]["x.y"]', 2),
        ('arc.event.data.a["x]y"]', 3),
        (r'arc.event.data.a["x\"y"]', 4),
        ("arc.event.data.a['x\"y']", 4),
        ('arc.event.data.a["0"]', 5),
        ('arc.event.data["form[email]"]', "ada@shop.example"),
        ("arc.event.data.form[email]", "ada@shop.example"),
        ("arc.event.data.items[][0]", 7),
        ('arc.event.data["items[]"][0]', 7),
        ("arc.event.data.items[]", [7]),
        ("arc.event.data.open[0", 8),
        ("arc.event.data..c", 9),
        ("arc.event.data.b[x]", 11),
        ("arc.event.data.b[y]", None),
        ('arc.event.data["b[x]"]', 10),
    ],
)
def test_a_path_reads_what_is_there(path: str, value: Any) -> None:
    assert read(path) == value


@pytest.mark.parametrize(
    "path",
    [
        "arc.event.data.nope",
        "arc.event.data.nope[0]",
        "arc.event.data.nope.deeper",
        "arc.event.data.items[2]",
        "arc.event.data.items[-1]",
        "arc.event.data.items[][]",
        'arc.event.data.a["x-y]',
        "arc.event.data.text[]",
        "arc.event.data.items[01]",
        "arc.event.data.items[x]",
        "arc.event.data.items[0",
        "arc.event.data.items]0[",
        "arc.event.data.items.length",
        "arc.event.data.items[99999999999999999999]",
        "arc.event.data.text[0]",
        "arc.event.data.text.length",
        "arc.event.data.order.constructor.name",
        "arc.event.data.order.__class__",
        "event.data.order.id",
        "arc..event",
        "",
        "null",
    ],
)
def test_a_path_that_leads_nowhere_returns_nothing(path: str) -> None:
    assert read(path) is None


def test_a_data_element_inside_of_the_path_chooses_key_or_position() -> None:
    assert read("arc.event.data.items[{{Position}}].{{Key}}", Position=1, Key="sku") == "B"


def test_a_missing_data_element_inside_of_the_path_reads_the_key_null() -> None:
    assert read("arc.event.data.{{Key}}", Key=None) is None


@pytest.mark.parametrize("value", [None, 7])
def test_a_path_that_is_not_text_fails(value: Any) -> None:
    with pytest.raises(InvalidParameter, match="not a text"):
        read("{{Whole}}", Whole=value)


@pytest.mark.parametrize(
    "path",
    [
        "arc.event.data.x",
        "arc.event.data[{{A}}].{{B}}",
        'arc.event.data.a["x-y"]',
        "arc.event.data.form[email]",
        "arc.{{Part}}.data",
        "arc.request.header.httpHeaders",
        "arc.ruleStash.core",
        "{{Whole}}",
        "",
        None,
    ],
)
def test_these_paths_get_no_advice(path: Any) -> None:
    assert advice(path) == []


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("event.data.a", "start the path with arc.event"),
        ("arc..b", "arc holds event, request, ruleStash"),
        ("arc.a.", "arc holds event, request, ruleStash"),
        ("arc.eventType", "arc holds event, request, ruleStash"),
        ("arc.event..x", "A key is missing"),
        ("arc.event.data.", "A key is missing"),
        ("arc.event.data.items[]", "A key is missing"),
        ("arc.event.data.items[0", "a bracket in its name"),
        ("arc.event.data.[", "a bracket in its name"),
    ],
)
def test_a_path_that_adobe_accepts_and_nothing_matches_gets_advice_and_is_not_refused(
    path: str, words: str
) -> None:
    (problem,) = advice(path)
    assert (problem.path, problem.label) == ("path", "Path")
    assert words in problem.message
    assert check_settings(PATH, {"path": path}) == []


def advice(path: Any) -> list[Problem]:
    assert PATH.advise is not None
    return list(PATH.advise({"path": path}))


@given(st.text(alphabet="ab.[]\"'0\\", max_size=20))
@example('a["')
def test_any_text_is_a_path_and_the_quick_reader_reads_what_the_slow_one_does(text: str) -> None:
    arc = {
        "event": {"data": {"a": {"b": [1, {"a": 2}], "": 3}, "a[b]": 4, "0": 5}},
        "request": {},
        "ruleStash": {},
    }
    for path in (text, f"arc.event.data.{text}"):
        context = fake_context(data=arc["event"]["data"])
        assert PATH.read is not None
        quick = PATH.read({"path": path})
        assert quick is not None
        assert quick(context.arc) == run_path({"path": path}, context)


def test_a_constant_is_any_json_value() -> None:
    assert run_component(CONSTANT, {"value": {"a": [1, None]}}, fake_context()) == {"a": [1, None]}


@pytest.mark.parametrize(
    ("environment", "address"),
    [
        ({"ipV4": "203.0.113.7", "ipV6": "2001:db8::7"}, "203.0.113.7"),
        ({"ipV4": "", "ipV6": "2001:db8::7"}, "2001:db8::7"),
        ({}, None),
        (None, None),
    ],
)
def test_the_address_is_of_version_four_if_there_is_one(environment: Any, address: str | None) -> None:
    assert run_component(IP, {}, fake_context(xdm={"environment": environment})) == address
