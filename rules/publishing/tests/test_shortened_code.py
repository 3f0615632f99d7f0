"""Modules do the same in fewer letters."""

from __future__ import annotations

import json
from pathlib import Path

import _quickjs
import pytest

from rules.publishing.shortened_code import shortened

ROOT = Path(__file__).parents[3]
MODULES = sorted(
    [*ROOT.glob("properties/extensions/*/client/**/*.js"), *ROOT.glob("tests/differential/web_probe/**/*.js")]
)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "/** Adds.\n * Two. */\nfunction add(a) {\n  // one\n\n  return a + '// 1' /* 2 */;\n}\n",
            "function b(a){return a+'// 1';}",
        ),
        (
            "const settings = 1;\nexports.settings = { settings, other: settings };",
            "const a=1;exports.settings={settings:a,other:a};",
        ),
        (
            "const { first, second = first, ...rest } = require('x');",
            "const{first:a,second:c=a,...b}=require('x');",
        ),
        ("const text = `  // ${ text.length }\n  ${`${text}`}`", "const a=`  // ${ a.length }\n  ${`${a}`}`"),
        ("let value = 1\nvalue++\n++value", "let a=1\na++\n++a"),
        (
            "const number = 1; use(number - -number, number + +number, 1 .toFixed())",
            "const a=1;use(a- -a,a+ +a,1 .toFixed())",
        ),
        (
            "module.exports = (event) => typeof event in window;",
            "module.exports=(event)=>typeof event in window;",
        ),
        (
            "function outer() {\n  return 1;\n}\n(function inner() {})();",
            "function b(){return 1;}\n(function a(){})();",
        ),
        ("label: for (const item of list) { break label; }", "label:for(const a of list){break label;}"),
        ("const pattern = /a b\\/ /g;", "const a=/a b\\/ /g;"),
        ("class Point { size() { return this.size; } }", "class a{size(){return this.size;}}"),
        ("a = 1 +;", "a = 1 +;"),
    ],
)
def test_a_module_is_shortened(text: str, expected: str) -> None:
    assert shortened(text) == expected


def test_short_names_avoid_the_names_that_are_there() -> None:
    text = "const first = a + b, second = first;"
    assert shortened(text) == "const c=a+b,d=c;"


def test_many_names_stay_different() -> None:
    names = [f"name{number}" for number in range(1000)]
    text = f"const {','.join(f'{name}={n}' for n, name in enumerate(names))};[{','.join(names)}].join()"
    context = _quickjs.Context()
    assert context.eval(shortened(text)) == ",".join(map(str, range(1000)))


RUN = """
'use strict';
const words = { one: 'eins', two: 'zwei' };
function tell({ one, two = 'none' }, ...more) {
  // A comment
  const seen = [];
  for (const [key, value] of Object.entries({ one, two })) {
    seen.push(`${key} = ${value}; ${more.map((it) => it + 1)}`);
  }
  let count = 0
  do {
    count++
  } while (count < 3)
  try {
    throw new Error('x');
  } catch ({ message }) {
    seen.push(message);
  }
  const closes = ((count) => () => count + 1)(count);
  return [...seen, closes(), count - -1, count / 2 / 3, /\\/ b/.test('/ b') ? 'yes' : 'no'];
}
module.exports = JSON.stringify([tell(words, 1, 2), tell({}), tell.length, words]);
"""


def test_a_shortened_module_does_the_same() -> None:
    results = []
    for text in (RUN, shortened(RUN)):
        context = _quickjs.Context()
        context.eval("var module = {}")
        context.eval(text)
        results.append(json.loads(context.eval("module.exports")))
    assert results[0] == results[1]
    assert len(shortened(RUN)) < len(RUN) * 0.7


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_each_module_of_a_package_is_shorter_and_parses(path: Path) -> None:
    text = path.read_text("utf-8")
    short = shortened(text)
    _quickjs.Context().eval(f"(function(module,exports,require,turbine){{{short}\n}})")
    assert len(short) < len(text)
