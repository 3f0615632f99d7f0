"""The page that compares the engine with Adobe's names tests that exist, and every one of Adobe's."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).parent.parent
PAGE = (ROOT / "docs" / "adobe_parity.md").read_text(encoding="utf-8")
NAMED = set(re.findall(r"`(test_\w+)`", PAGE))
# The tests in each of the 26 test files of adobe/reactor-turbine-edge 4.0.1.
# A test in a loop counts once for each round.
ADOBES_TESTS = {
    "index": 1,
    "createGetDataElementValue": 21,
    "createGetDataElementValues": 2,
    "createModuleProvider": 4,
    "createNewLogger": 2,
    "anonymizeString": 3,
    "cleanText": 5,
    "createGetCurrentTimestamp": 2,
    "getRuleFetchFn": 10,
    "getMtlsFetch": 3,
    "rules/addActionResultToStash": 4,
    "rules/addModuleToQueue": 3,
    "rules/checkConditionResult": 4,
    "rules/createPromiseChain": 3,
    "rules/enhanceExecutionErrorMessageAndRethrow": 1,
    "rules/executeDelegateModule": 3,
    "rules/getTimeoutPromise": 1,
    "rules/logDelegateModuleCall": 1,
    "rules/logDelegateModuleOutput": 1,
    "rules/logModuleErrorAndRethrow": 3,
    "rules/logRuleStarting": 1,
    "rules/logRuleEnding": 1,
    "rules/normalizeDelegate": 1,
    "rules/normalizeError": 3,
    "rules/returnRuleResult": 3,
    "rules/transformToTimeBoundedPromise": 2,
}
# The same for the code that runs in adobe/reactor-extension-core-edge 1.4.0, src/lib.
CORES_FILES = """
conditions/valueComparison conditions/customCode dataElements/customCode dataElements/path dataElements/secret
actions/customCode
"""


def rows() -> list[list[str]]:
    """The cells of each row of each table."""
    lines = [line for line in PAGE.splitlines() if re.match(r"\|(?!---)", line)]
    return [[cell.strip() for cell in line.strip("|").split(" | ")] for line in lines]


def existing() -> set[str]:
    """Names of all tests of the project."""
    folders = [ROOT / name for name in ("tests", "rules", "properties", "capi_admin")]
    files = (path for folder in folders for path in folder.rglob("test_*.py"))
    return {
        name for path in files for name in re.findall(r"^def (test_\w+)\(", path.read_text("utf-8"), re.M)
    }


def test_every_test_it_names_exists() -> None:
    assert sorted(NAMED - existing()) == []


def test_it_has_a_row_for_each_of_adobes_tests() -> None:
    assert sum(ADOBES_TESTS.values()) == 88
    assert {name: sum(row[0] == f"`{name}`" for row in rows()) for name in ADOBES_TESTS} == ADOBES_TESTS


def test_it_has_a_row_for_each_file_of_cores_tests() -> None:
    assert [name for name in CORES_FILES.split() if not any(row[0] == f"`{name}`" for row in rows())] == []


def test_each_row_names_a_test() -> None:
    listed = [row for row in rows() if row[-1] not in ("test", "our tests")]
    assert [row for row in listed if not re.search(r"`test_\w+`", row[-1])] == []


def test_no_row_says_the_same_as_another() -> None:
    listed = [tuple(row[:2]) for row in rows() if re.search(r"`test_\w+`", row[-1])]
    assert sorted({row for row in listed if listed.count(row) > 1}) == []


def test_it_has_a_row_for_each_difference() -> None:
    quirks = (ROOT / "tests" / "differential" / "test_quirks.py").read_text(encoding="utf-8")
    tests = re.findall(r"^def (test_\w+)\(", quirks, re.M)
    assert [name for name in tests if name not in NAMED] == []
