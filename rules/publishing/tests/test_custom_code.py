"""Custom code that cannot run stops the build. Source: docs/reference/failures.md, "Custom code"."""

from __future__ import annotations

from typing import Any

import pytest

from properties.catalog.forms import check_settings
from rules.publishing import code_problems
from rules.publishing.build_problems import Finding, Surroundings, problems_of
from rules.publishing.content import Content
from rules.sandbox import ScriptError


def findings(*sources: str, absent: dict[str, str] | None = None) -> list[Finding]:
    elements: list[dict[str, Any]] = [
        {"name": f"E{n}", "delegate": "core::dataElements::custom-code", "settings": {"source": source}}
        for n, source in enumerate(sources)
    ]
    core = {"package": "core", "display_name": "Core", "settings": {}}
    content = Content(extensions=[core], data_elements=elements, rules=[])
    return problems_of(content, Surroundings(check=check_settings, secrets=[], absent=absent or {}))


def test_a_syntax_error_is_named_with_line_and_column() -> None:
    (found,) = findings("const a = 1;\nreturn a +;")
    assert found.place.path == "$.data_elements[0].settings.source"
    assert found.message.startswith("Line 2, column ")


@pytest.mark.parametrize(
    "source",
    [
        "return 1",
        "await 0; return arc",
        "if (1) {{ return '{{Nobody}}'; }}",
        "return getDataElementValue(arc.x)",
    ],
)
def test_code_that_parses_is_fine(source: str) -> None:
    assert findings(source) == []


def test_a_circle_of_code_is_found() -> None:
    (found,) = findings("return getDataElementValue('E1')", 'return getDataElementValue( "E0" )')
    assert "“E0” → “E1” → “E0”" in found.message


def test_code_that_reads_what_does_not_take_part_is_named() -> None:
    (found,) = findings(
        "return getDataElementValue('Off')", absent={"Off": "The data element “Off” is disabled."}
    )
    assert (found.message, found.place.path) == (
        "The data element “Off” is disabled.",
        "$.data_elements[0].settings.source",
    )


def test_code_that_could_not_be_checked_once_is_checked_again(monkeypatch: pytest.MonkeyPatch) -> None:
    def unavailable() -> Any:
        raise ScriptError("The sandbox did not start.")

    source = "return 'met by a sandbox that does not start'"
    with monkeypatch.context() as patch:
        patch.setattr(code_problems, "shared_sandbox", unavailable)
        (found,) = findings(source)
    assert found.message == "The code cannot be checked. The sandbox did not start."
    assert findings(source) == []
