"""Reports come from browsers: whatever they hold, a page shows a bounded part, and never fails."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.urls import reverse

from properties.catalog.site_checks import BrowserCall
from properties.models import RIGHTS, Property
from rules.models import ValidationSession
from rules.tags.validation.pairs import pairs_of
from rules.tags.validation.reports import read_report
from tests.people import member, signed_in

WRONG: list[Any] = [
    None, 7, "text", [], [1], {"host": {}}, {"path": 5, "calls": "x", "rules": {}, "parts": []},
    {"calls": [["a"], "b", [1, 2, 3], ["Purchase", None, "yes"]], "rules": [[1], ["a", 1, 2]]},
    {"parts": {"adobe-alloy": 7, "facebook-pixel": {"setUps": "many", "loaded": 3, "foreign": "x"}}},
    {"parts": {"facebook-pixel": {"loaded": "object", "foreign": [1, {}], "setUps": True}}},
    {"blocked": ["<script>alert(1)</script>", 3], "host": "<b>"},
]  # fmt: skip


@pytest.mark.parametrize("report", WRONG)
def test_any_report_can_be_shown(tags_prop: Property, olivia: Any, report: Any) -> None:
    environment = tags_prop.environments.get(stage="development")
    text = json.dumps(report)
    ValidationSession.objects.create(environment=environment, page="https://shop.example/", report=text)
    client = signed_in(member(olivia, tags_prop, RIGHTS))
    answer = client.get(reverse("rules:validation_results", args=[tags_prop.uid]))
    assert answer.status_code == 200
    assert b"<script>alert" not in answer.content
    assert b"<b>" not in answer.content


def test_texts_and_lists_are_bounded() -> None:
    many = [["x" * 5_000, "y" * 5_000, False]] * 500
    parts = {f"p{n}": {"a": ["z" * 999] * 99} for n in range(99)}
    found = read_report(json.dumps({"host": "h" * 999, "calls": many, "parts": parts}))
    assert found is not None
    assert (len(found.host), len(found.calls), len(found.calls[0].id), len(found.parts)) == (200, 30, 200, 30)
    assert len(found.parts["p0"]["a"]) == 30


def test_a_path_with_an_address_of_a_person_loses_it() -> None:
    found = read_report('{"host": "shop.example", "path": "/u/mary%40shop.example/jane@shop.example/cart"}')
    assert found is not None
    assert found.page == "shop.example/u/…/…/cart"


def test_broken_json_is_no_report() -> None:
    assert read_report("{") is None
    assert read_report("") is None


def test_a_pair_has_one_name_and_one_id() -> None:
    calls = [BrowserCall("PageView", "1"), BrowserCall("Lead", "2"), BrowserCall("Contact", "3")]
    found = pairs_of([*calls, BrowserCall("Search", "")], [("PageView", "1"), ("AddToCart", "2"), ("X", "")])
    assert (found.calls, found.paired) == (4, 1)
    assert found.other_names == ["Lead is AddToCart at the server"]
    assert found.missing == ["Contact"]
    assert found.without_id == ["Search"]
