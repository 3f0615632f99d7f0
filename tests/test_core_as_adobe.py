"""Core compared with Adobe's published Core and real JavaScript: equal results for equal values."""

# ruff: noqa: SIM905 - split keeps long lists of short texts readable.

from __future__ import annotations

import itertools
import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

from properties.catalog.javascript import number_text, to_number
from properties.catalog.registry import find_type
from properties.catalog.testing import fake_context, run_component

COMPARISON = "@adobe/reactor-extension-core-edge/src/lib/conditions/valueComparison.js"
OPERATORS = """
equals doesNotEqual contains doesNotContain startsWith doesNotStartWith endsWith doesNotEndWith
lessThan lessThanOrEqual greaterThan greaterThanOrEqual isTrue isTruthy isFalse isFalsy
""".split()
TEXTS = (
    "a A abc ABC 0 1 1.0 0x10 0b2 1e3 .5 5. +7 -7 1_000 1,5 ١ inf NaN Infinity 1e400 -0x10 true null".split()
)
BLANKS = ["", " ", " 1 ", "\u00a012", "\ufeff"]
NUMBERS = [0, 1, -1, 0.1, 16, 1000, 1e21, 1e-7, 123456.789]
VALUES: list[Any] = [*TEXTS, *BLANKS, *NUMBERS, None, True, False, [], [1], ["a", None], {}, {"a": 1}]

RUNNER = """
const compare = require(process.argv[1]);
const {comparisons, numbers} = JSON.parse(require('fs').readFileSync(0, 'utf8'));
process.stdout.write(JSON.stringify({
  comparisons: comparisons.map((settings) => compare({utils: {getSettings: () => settings}})),
  numbers: numbers.map((n) => String(n)),
}));
"""

pytestmark = pytest.mark.node


def javascript(node: str, node_modules: Path, **cases: list[Any]) -> dict[str, list[Any]]:
    given = json.dumps({"comparisons": [], "numbers": []} | cases)
    command = [node, "-e", RUNNER, str(node_modules / COMPARISON)]
    done = subprocess.run(command, input=given, capture_output=True, text=True, check=True, timeout=60)
    return dict(json.loads(done.stdout))


def test_every_operator_gives_what_adobes_gives(node: str, node_modules: Path) -> None:
    kind = find_type("core::conditions::value-comparison")
    assert kind is not None
    cases = [
        {
            "leftOperand": left,
            "comparison": {"operator": operator, "caseInsensitive": ignore},
            "rightOperand": right,
        }
        for operator, left, right, ignore in itertools.product(OPERATORS, VALUES, VALUES, [False, True])
    ]
    theirs = javascript(node, node_modules, comparisons=cases)["comparisons"]
    context = fake_context()
    # Like the other side, from JSON: no two operands are the same object.
    ours = [run_component(kind, case, context) for case in json.loads(json.dumps(cases))]
    assert [case for case, a, b in zip(cases, ours, theirs, strict=True) if a is not b] == []


def test_numbers_print_alike(node: str, node_modules: Path) -> None:
    mantissas = [1, -1, 1.5, 9.99, 123.25]
    numbers = [mantissa * 10.0**exponent for mantissa in mantissas for exponent in range(-12, 24)]
    theirs = javascript(node, node_modules, numbers=numbers)["numbers"]
    assert [number_text(number) for number in numbers] == theirs
    assert [to_number(text) for text in theirs] == numbers
