"""The page that compares the engine with Adobe's names tests that exist, and every file of Adobe's tests."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).parent.parent
PAGE = (ROOT / "docs" / "adobe_parity.md").read_text(encoding="utf-8")
NAMED = set(re.findall(r"`(test_\w+)`", PAGE))
# The 26 test files of adobe/reactor-turbine-edge, "TE's test files" in adobe-event-forwarding.
ADOBES_FILES = """
index createGetDataElementValue createGetDataElementValues createModuleProvider createNewLogger
anonymizeString cleanText createGetCurrentTimestamp getRuleFetchFn getMtlsFetch
rules/addActionResultToStash rules/addModuleToQueue rules/checkConditionResult rules/createPromiseChain
rules/enhanceExecutionErrorMessageAndRethrow rules/executeDelegateModule rules/getTimeoutPromise
rules/logDelegateModuleCall rules/logDelegateModuleOutput rules/logModuleErrorAndRethrow
rules/logRuleStarting rules/logRuleEnding rules/normalizeDelegate rules/normalizeError
rules/returnRuleResult rules/transformToTimeBoundedPromise
"""


def existing() -> set[str]:
    """Names of all tests of the project."""
    folders = [ROOT / name for name in ("tests", "rules", "properties", "capi_admin")]
    files = (path for folder in folders for path in folder.rglob("test_*.py"))
    return {
        name for path in files for name in re.findall(r"^def (test_\w+)\(", path.read_text("utf-8"), re.M)
    }


def test_every_test_it_names_exists() -> None:
    assert sorted(NAMED - existing()) == []


def test_it_has_a_row_for_each_of_adobes_test_files() -> None:
    assert [name for name in ADOBES_FILES.split() if f"`{name}`" not in PAGE] == []


def test_it_has_a_row_for_each_difference() -> None:
    quirks = (ROOT / "tests" / "differential" / "test_quirks.py").read_text(encoding="utf-8")
    tests = re.findall(r"^def (test_\w+)\(", quirks, re.M)
    assert [name for name in tests if name not in NAMED] == []
