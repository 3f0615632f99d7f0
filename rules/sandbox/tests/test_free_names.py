from __future__ import annotations

import pytest

from properties.catalog.free_names import GIVEN, GLOBALS, PARTLY, missing_names
from tests.work import calls_of

from .conftest import Run


def names(source: str) -> list[str]:
    return [each.name for each in missing_names(source)]


@pytest.mark.parametrize(
    ("source", "missing"),
    [
        ("return fetch('https://x.example');", ["fetch"]),
        ("return Buffer.from('x').toString('base64');", ["Buffer"]),
        ("const crypto2 = require('crypto'); return crypto2;", ["require"]),
        ("return window.location.href + document.title;", ["window", "document"]),
        ("return {Buffer};", ["Buffer"]),
        ("return `${process.env.KEY}`;", ["process"]),
        ("return [1].map((x) => y + x);", ["y"]),
        ("const {a = b} = arc; return a;", ["b"]),
        ("return new Intl.DateTimeFormat('en').format(0);", ["Intl.DateTimeFormat"]),
        ("return crypto.subtle.sign('HMAC', k, d);", ["crypto.subtle.sign", "k", "d"]),
        ("try { return 1; } finally { fetch(); }", ["fetch"]),
        ("try { return 1; } catch (e) { return jQuery; }", ["jQuery"]),
    ],
)
def test_a_name_that_nothing_defines_is_missing(source: str, missing: list[str]) -> None:
    assert names(source) == missing


@pytest.mark.parametrize(
    "source",
    [
        "return arc.event.data.fetch + utils.getSettings().Buffer + arguments.length;",
        "const {a, b: c, ...d} = arc; let [e, [f]] = [1, [2]]; var g; return [a, c, d, e, f, g];",
        "function h(i, {j}, [k] = [], ...l) { return [i, j, k, l]; } return h(1, {});",
        "class A extends Map { get x() { return new.target; } } return new A();",
        "const m = function n() { return n; }; for (const o of [1]) o; for (const p in {}) p; return m;",
        "label: for (;;) { break label; }",
        "try { x1(); } catch (error) { return error.message; }",
        "made = 1; return made;",
        "return typeof fetch === 'function' ? fetch('x') : null;",
        "return ((q, r = q) => r)(1) + (s => s)(2);",
        "const u = new URL('https://a.example'); return u.searchParams.get('window');",
        "return await crypto.subtle.digest('SHA-256', new TextEncoder().encode('x'));",
        "return {window: 1, document() { return this.window; }}.document();",
        "import('x'); return this;",
        "(((",
        "",
    ],
)
def test_what_is_defined_or_asked_for_first_is_not_missing(source: str) -> None:
    assert names(source) == []


def test_it_says_the_line_and_what_to_use_instead() -> None:
    (found,) = missing_names("const a = 1;\n\nreturn fetch(a);")
    assert str(found) == "Line 3: fetch is not available here. Send requests with the action Make Fetch Call."


def test_the_list_of_globals_is_what_the_sandbox_has(run: Run) -> None:
    assert set(run("return Object.getOwnPropertyNames(globalThis);").value) == GLOBALS


@pytest.mark.parametrize(("whole", "members"), PARTLY.items())
def test_the_parts_are_what_the_sandbox_has(run: Run, whole: str, members: set[str]) -> None:
    assert set(run(f"return Object.getOwnPropertyNames({whole});").value) == members


def test_what_is_given_is_there(run: Run) -> None:
    shown = " + ".join(f"typeof {name}" for name in sorted(GIVEN))
    assert "undefined" not in run(f"return {shown};").value


def calls_for(lines: int) -> int:
    # Long enough to miss the cache, so that the count does not depend on earlier tests.
    return calls_of(lambda: missing_names.__wrapped__("a.b(c[0]);\n" * lines))


def test_long_and_deep_code_is_looked_through_in_linear_time() -> None:
    assert names("return " + "(" * 20_000 + "nothing" + ")" * 20_000) == ["nothing"]
    assert calls_for(8_000) < 4.1 * calls_for(2_000)  # Four times the code; sixteen times would be quadratic.
