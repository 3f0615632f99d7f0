"""Compares with Node what ECMAScript decides: where code is wrong, and which hostile code simply fails."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

from rules.sandbox import Sandbox, ScriptFailed

from .conftest import Run
from .hostile import HOSTILE

pytestmark = pytest.mark.node

# Code that does not parse: the first token that is not allowed, ECMA-262 "Static Semantics: Early Errors".
WRONG = [
    "return 1 +;",
    "if (true) {",
    "const x = 1;\n\n  x = ;",
    "return {a: 1, b};;\n)",
    "return 'open",
    "arc..event",
    "var 1a;",
]
# Code that is wrong only as a whole: the engine chooses the column.
WRONG_SOMEWHERE = ["let a;\nlet a;", "for (const of) {}", "\nlabel: { break other; }"]
# Code that throws: the line that threw.
THROWING = [
    "const a = 1;\n  arc.event.nothing.b;",
    "throw new Error('x');",
    "\n\nfunction f() {\n  return undeclared;\n}\nreturn f();",
    "return [1].map((it) => {\n  return it.x.y;\n});",
    "const o = {\n  get a() { return null.b; }\n};\nreturn o.a;",
]
# Where Node differs, because its host allows more or because ours checks the answer.
OTHERWISE = {
    "half of a surrogate pair in the source": "all that crosses to the process is UTF-8",
    "event made a number": "parts of arc must stay objects",
    **dict.fromkeys(
        ["huge text", "huge list", "huge change of the event", "deep list", "deep change of the event"],
        "a result has a largest size and depth",
    ),
    "timers": "Node's context has no timers",
    "timer without an end": "Node's context has no timers",
    "microtask that throws": "Node's context has no queueMicrotask",
    "globals frozen": "Node's global object is a proxy that cannot be frozen",
}


@pytest.fixture(scope="module")
def from_node(node: str) -> dict[str, Any]:
    """Return Node's results for all of it."""
    asked = {
        "places": [*WRONG, *WRONG_SOMEWHERE, *THROWING],
        "ends": {name: HOSTILE[name][0] for name in decided()},
    }
    program = Path(__file__).with_name("in_node.js")
    done = subprocess.run(
        [node, str(program)], input=json.dumps(asked), capture_output=True, text=True, timeout=60, check=True
    )
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer


def decided() -> list[str]:
    """Return the hostile code that must end in one way, and not by a limit."""
    return [name for name, (_, ends) in HOSTILE.items() if ends in ("ok", "ScriptFailed", "KeyError")]


@pytest.mark.parametrize("source", WRONG)
def test_code_that_does_not_parse_is_wrong_where_node_says(
    sandbox: Sandbox, from_node: dict[str, Any], source: str
) -> None:
    problem = sandbox.check_syntax(source)
    assert problem is not None
    line, column = from_node["places"][WRONG.index(source)]
    assert (problem.line, problem.column) == (line, column)


@pytest.mark.parametrize("source", WRONG_SOMEWHERE)
def test_code_that_is_wrong_as_a_whole_is_wrong_in_the_line_that_node_names(
    sandbox: Sandbox, from_node: dict[str, Any], source: str
) -> None:
    problem = sandbox.check_syntax(source)
    assert problem is not None
    line, _ = from_node["places"][len(WRONG) + WRONG_SOMEWHERE.index(source)]
    assert problem.line == line


@pytest.mark.parametrize("source", THROWING)
def test_an_error_names_the_line_that_node_names(run: Run, from_node: dict[str, Any], source: str) -> None:
    with pytest.raises(ScriptFailed) as caught:
        run(source)
    line, _ = from_node["places"][len(WRONG) + len(WRONG_SOMEWHERE) + THROWING.index(source)]
    assert caught.value.line == line


@pytest.mark.parametrize("name", decided())
def test_hostile_code_that_no_limit_ends_ends_as_in_node(from_node: dict[str, Any], name: str) -> None:
    expected = "ok" if HOSTILE[name][1] == "ok" else "fails"
    assert (from_node["ends"][name] == expected) is (name not in OTHERWISE)
