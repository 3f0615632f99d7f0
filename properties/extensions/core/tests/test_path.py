"""Expected values: adobe-event-forwarding, "Edge Core" and "More behaviour", our column."""

from __future__ import annotations

from typing import Any

import pytest

from properties.catalog.errors import InvalidParameter
from properties.catalog.testing import fake_context, run_component

from ..extension import CONSTANT, IP, PATH

DATA = {
    "order": {"id": "T-1", "total": 0, "note": "", "paid": False, "0": "key"},
    "items": [{"sku": "A"}, {"sku": "B"}],
    "grid": [[1, 2], [3, 4]],
    "text": "abc",
    "a b": {"ü": 1},
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
        "arc.event.data.items[]",
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
def test_a_path_to_nothing_gives_nothing(path: str) -> None:
    assert read(path) is None


def test_a_data_element_inside_of_the_path_chooses_key_or_position() -> None:
    assert read("arc.event.data.items[{{Position}}].{{Key}}", Position=1, Key="sku") == "B"


def test_a_missing_data_element_inside_of_the_path_reads_the_key_null() -> None:
    assert read("arc.event.data.{{Key}}", Key=None) is None


@pytest.mark.parametrize("value", [None, 7])
def test_a_path_that_is_no_text_fails(value: Any) -> None:
    with pytest.raises(InvalidParameter, match="no text"):
        read("{{Whole}}", Whole=value)


@pytest.mark.parametrize("path", ["arc.event.data.x", "arc.event.data[{{A}}].{{B}}", "{{Whole}}", "", None])
def test_these_paths_are_accepted(path: Any) -> None:
    assert PATH.check is not None
    assert list(PATH.check({"path": path})) == []


@pytest.mark.parametrize(
    "path", ["event.data.x", "arc.event.data.items[0", "arc.event..x", "arc.event.data.["]
)
def test_these_paths_are_refused(path: str) -> None:
    assert PATH.check is not None
    (problem,) = PATH.check({"path": path})
    assert (problem.path, problem.label) == ("path", "Path")


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
