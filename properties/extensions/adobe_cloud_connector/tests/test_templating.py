"""Header templating. Source: docs/reference/adobe.md, "Secrets"."""

from __future__ import annotations

from typing import Any

import pytest

from properties.catalog.forms import check_settings
from properties.catalog.testing import fake_context, run_component

from ..extension import MAKE_FETCH_CALL, extension
from ..templating import with_templates

URL = "https://api.example.com/orders"


def row(**changes: str) -> dict[str, str]:
    return {
        "key": "shop",
        "value": "[[secret:Shop]]",
        "urlPattern": r"^https://api\.example\.com/",
        **changes,
    }


def filled(value: str, *rows: dict[str, str], url: str = URL) -> str:
    return with_templates({"X-Key": value}, url, {"headerOverrides": list(rows)})["X-Key"]


def test_a_name_in_double_brackets_is_replaced_if_the_address_matches() -> None:
    assert filled("Bearer [[shop]]", row()) == "Bearer [[secret:Shop]]"
    assert filled("Bearer [[shop]]", row(), url="https://evil.example/") == "Bearer [[shop]]"


def test_a_name_is_replaced_in_any_letter_case_and_anywhere_in_the_value() -> None:
    assert filled("[[SHOP]] and [[Shop]]", row(value="1")) == "1 and 1"


def test_a_name_with_signs_and_a_value_with_backslashes_are_plain_text() -> None:
    assert filled("[[a.b]] [[axb]]", row(key="a.b", value=r"\1\g<0>")) == r"\1\g<0> [[axb]]"


@pytest.mark.parametrize("pattern", ["", "(", "a" * 3_000])
def test_an_invalid_pattern_matches_no_address(pattern: str) -> None:
    assert filled("[[shop]]", row(urlPattern=pattern)) == "[[shop]]"


@pytest.mark.parametrize("odd", [None, "text", [1], [None], {}])
def test_odd_settings_change_nothing(odd: Any) -> None:
    assert with_templates({"X": "[[shop]]"}, URL, {"headerOverrides": odd}) == {"X": "[[shop]]"}


def test_a_fetch_call_fills_in_its_headers() -> None:
    context = fake_context(extension_settings={"headerOverrides": [row()]})
    settings = {"method": "GET", "url": URL, "headers": [{"key": "X-Key", "value": "[[shop]]"}]}
    assert run_component(MAKE_FETCH_CALL, settings, context).headers == {"X-Key": "[[secret:Shop]]"}


def test_lines_without_name_or_pattern_are_refused() -> None:
    configuration = extension.configuration
    assert configuration is not None
    settings = {"headerOverrides": [row(), row(key=""), row(urlPattern="(")]}
    problems = check_settings(configuration, settings)
    assert [it.path for it in problems] == ["headerOverrides[1].key", "headerOverrides[2].urlPattern"]
