"""The abilities of custom code.

Source: docs/reference/adobe.md, "What a module receives" and "Edge Core".
"""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

import pytest

from rules.sandbox import Sandbox, ScriptError, ScriptFailed, ScriptTimedOut, ScriptTooBig
from rules.sandbox.replies import FIRST_LINE
from rules.sandbox.script_limits import Limits

from .conftest import EVENT, REQUEST, Run, arc

REALM = Path(__file__).parent.parent / "realm"


@pytest.mark.parametrize(
    ("source", "value"),
    [
        ("return arc.event.data.user.email.trim().toLowerCase();", "ada@example.org"),
        ("return arc.event.xdm.productListItems.map((item) => item.SKU);", ["A1"]),
        ("return arc.request.header.httpHeaders['user-agent'][0];", "Test"),
        ("return Promise.resolve(2).then((n) => n * 21);", 42),
        ("return (async () => { await null; return 'later'; })();", "later"),
        ("const n = await Promise.resolve(1); return n + 1;", 2),
        ("const {event: {xdm}} = arc; return xdm.eventType;", "commerce.purchases"),
        ("var sum = 0; for (var i of arc.event.xdm.productListItems) sum += i.priceTotal; return sum;", 12.5),
        ("return [0, '', false, null];", [0, "", False, None]),
        ("return undefined;", None),
        ("", None),
        ("return NaN;", None),
        ("return new Date(0);", "1970-01-01T00:00:00.000Z"),
        ("return typeof Buffer + typeof fetch + typeof process + typeof performance;", "undefined" * 4),
        ("return arguments.length;", 2),
    ],
)  # fmt: skip
def test_a_piece_is_the_body_of_a_function_of_arc_and_utils(run: Run, source: str, value: Any) -> None:
    assert run(source, kind="dataElement").value == value


def test_utils_gives_what_adobes_engine_gives_but_no_secrets(run: Run) -> None:
    source = """return [utils.getSettings(), utils.getExtensionSettings(), utils.getRule(),
        utils.getComponent(), utils.getBuildInfo(), utils.getEnv()];"""
    given: dict[str, Any] = {
        "settings": {"a": 1},
        "extension_settings": {"b": 2},
        "rule": {"id": "RL1", "name": "Purchase"},
        "component": {"id": "RC1", "name": "Code"},
    }
    assert run(source, **given).value == [*given.values(), {}, {}]


def test_the_logger_keeps_level_and_text(run: Run) -> None:
    result = run("utils.logger.log('a', 1, {b: [2]}); utils.logger.error(new Error('no')); return 1;")
    assert result.logs == [("log", 'a 1 {"b":[2]}'), ("error", "{}")]


def test_logs_are_cut(run: Run) -> None:
    result = run("for (let i = 0; i < 60; i++) utils.logger.info('x'.repeat(600));")
    assert len(result.logs) == 50
    assert result.logs[0] == ("info", "x" * 500 + "…")


@pytest.mark.parametrize(
    "source",
    [
        "return getDataElementValue('Email');",
        'return getDataElementValue( "Email" );',
        "return getDataElementValue(`Email`);",
        "return getDataElementValue('E' + 'mail');",
        "const get = getDataElementValue; return get('Email');",
        "return Promise.resolve('Email').then(getDataElementValue);",
        "try { return getDataElementValue('E' + 'mail'); } catch { return 'caught'; }",
    ],
)
def test_a_data_element_is_read_by_any_expression(run: Run, source: str) -> None:
    assert run(source, elements={"Email": {"a": [1]}}).value == {"a": [1]}


def test_each_reading_of_a_data_element_gives_a_value_of_its_own(run: Run) -> None:
    source = "const a = getDataElementValue('List'); a.push(1); return getDataElementValue('List');"
    assert run(source, elements={"List": []}).value == []


def test_a_piece_that_asks_by_made_up_names_has_the_effects_of_one_run(run: Run) -> None:
    source = """
        n = (globalThis.n || 0) + 1; arc.event.data.n = (arc.event.data.n || 0) + 1; utils.logger.log(n);
        return ['a', 'b', 'c'].map((name) => getDataElementValue(name)).concat(n, Math.random());"""
    result = run(source, elements={"a": 1, "b": 2, "c": 3})
    assert result.value[:4] == [1, 2, 3, 1]
    assert result.logs == [("log", "1")]
    assert result.arc_after["event"]["data"]["n"] == 1  # type: ignore[index]


def test_what_a_data_element_raises_ends_the_piece(run: Run) -> None:
    with pytest.raises(KeyError, match="Nope"):
        run("return getDataElementValue('Nope');")
    with pytest.raises(KeyError, match="Nope"):
        run("return getDataElementValue('No' + 'pe');")


def test_code_may_catch_that_a_data_element_failed(run: Run) -> None:
    source = "try { return getDataElementValue('Nope'); } catch (error) { return error.message; }"
    assert run(source).value == 'The data element "Nope" has no value: it failed.'


def test_a_data_element_that_is_named_but_not_asked_for_may_fail(run: Run) -> None:
    assert run("return arc ? 1 : getDataElementValue('Nope');").value == 1


def test_data_elements_in_custom_code_may_ask_for_each_other(sandbox: Sandbox) -> None:
    sources = {
        "a": "return getDataElementValue('b') + 1;",
        "b": "for (let i = 0; i < 1e4; i++); return getDataElementValue('c' + '') + 1;",
        "c": "return arc.event.xdm.productListItems.length;",
    }
    with sandbox.session({"event": EVENT, "request": REQUEST}, seed="1", clock=1.0) as session:

        def resolve(name: str) -> Any:
            return session.run(sources[name], kind="dataElement", arc=arc(), resolve=resolve).value

        assert resolve("a") == 3


def test_data_elements_that_ask_for_themselves_end(sandbox: Sandbox) -> None:
    with sandbox.session({"event": EVENT, "request": REQUEST}, seed="1", clock=1.0) as session:

        def resolve(name: str) -> Any:
            source = "return getDataElementValue('again');"
            return session.run(source, kind="dataElement", arc=arc(), resolve=resolve).value

        with pytest.raises(ScriptFailed, match="over 8 deep"):
            resolve("again")


def test_a_change_of_the_event_is_given_back_and_the_given_one_stays(run: Run) -> None:
    given, before = arc(), copy.deepcopy(EVENT)
    result = run("arc.event.data.user.email = 'x'; return 1;", arc=given)
    assert result.arc_after is not None
    assert result.arc_after["event"]["data"] == {"user": {"email": "x"}}
    assert result.arc_after["request"] is given["request"]
    assert before == EVENT


def test_reading_is_no_change(run: Run) -> None:
    assert run("return JSON.stringify(arc).length > 10;", kind="condition").arc_after is None


def test_a_data_element_changes_nothing(run: Run) -> None:
    assert run("arc.event.data = {}; return 1;", kind="dataElement").arc_after is None


def test_a_change_of_the_rule_stash_is_given_back(run: Run) -> None:
    result = run("arc.ruleStash.core = {n: 1};", arc=arc(ruleStash={"x": {}}))
    assert result.arc_after is not None
    assert result.arc_after["ruleStash"] == {"x": {}, "core": {"n": 1}}


@pytest.mark.parametrize("source", ["return 1;", "return 'true';", "return new Boolean(true);", ""])
def test_a_condition_must_return_a_real_boolean(run: Run, source: str) -> None:
    with pytest.raises(ScriptFailed, match="must return true or false"):
        run(source, kind="condition")


def test_an_error_shows_its_line_and_column(run: Run) -> None:
    with pytest.raises(ScriptFailed) as caught:
        run("const a = 1;\n  arc.event.nothing.b;")
    assert caught.value.line == 2
    assert str(caught.value).startswith("TypeError: cannot read property 'b' of undefined (line 2, column ")


def test_an_error_in_utils_shows_the_line_that_called_it(run: Run) -> None:
    with pytest.raises(ScriptFailed, match="cannot send requests") as caught:
        run("\n\nutils.fetch('https://example.org/');")
    assert caught.value.line == 3


def test_an_error_in_a_long_file_of_the_realm_shows_the_line_of_the_code(run: Run) -> None:
    with pytest.raises(ScriptFailed) as caught:
        run("\n\nnew URL('nope');")
    assert caught.value.line == 3


def test_user_code_starts_below_the_longest_file_of_the_realm() -> None:
    files = sorted(REALM.glob("*.js"))
    assert files
    assert max(len(file.read_text().splitlines()) for file in files) < FIRST_LINE


def test_a_thrown_nothing_has_adobes_text(run: Run) -> None:
    with pytest.raises(ScriptFailed, match="no error information was provided"):
        run("throw undefined;")


@pytest.mark.parametrize(
    ("source", "line", "column"),
    [
        ("return 1 +;", 1, 11),  # The semicolon; test_as_node.py has more.
        ("let a;\nlet a;", 2, None),
        ("}); (function () {", 1, None),  # Our brackets around it decide in which column it breaks.
        ("if (true) {", 2, None),
    ],
)
def test_a_syntax_error_shows_its_place(sandbox: Sandbox, source: str, line: int, column: int | None) -> None:
    problem = sandbox.check_syntax(source)
    assert problem is not None
    assert problem.line == line
    assert column in (None, problem.column)
    assert problem.message.startswith("SyntaxError: ")


@pytest.mark.parametrize(
    "source", ["", "return 1", "await 1;", "// x", "return {a: '}'};", "if (arc) { return `}` }"]
)
def test_good_code_has_no_syntax_problem(sandbox: Sandbox, source: str) -> None:
    assert sandbox.check_syntax(source) is None


@pytest.mark.parametrize(
    ("pattern", "text", "flags", "found"),
    [
        ("(?<=€)\\d+", "€12", "", True),
        ("(\\w)\\1", "hello", "", True),
        ("^b$", "a\nb", "", False),
        ("^b$", "a\nb", "m", True),
        ("a$", "a\n", "", False),
        ("É", "é", "i", True),
        ("\\d", "٣", "", False),
    ],
)
def test_patterns_are_javascripts(sandbox: Sandbox, pattern: str, text: str, flags: str, found: bool) -> None:
    assert sandbox.run_pattern("test", pattern, flags, text) is found


# Source: ECMA-262, RegExp.prototype.exec and Assertion (the worked examples), GetSubstitution,
# String.prototype.split.
@pytest.mark.parametrize(
    ("question", "answer"),
    [
        (("exec", "(z)((a+)?(b+)?(c))*", "", "zaacbbbcac"), ["zaacbbbcac", "z", "ac", "a", None, "c"]),
        (("exec", r"(?=(a+))a*b\1", "", "baaabac"), ["aba", "a"]),
        (("exec", "x", "", "abc"), None),
        (("replace", r"(?<=\d)(?<unit>k)", "g", "1k 2k", "[$<unit>$&$$]"), "1[kk$] 2[kk$]"),
        (("replace", "(?=b)", "", "abc", "[$`|$']"), "a[a|bc]bc"),
        (("replace", ".", "", "😀", ""), "\ufffd"),
        (("split", "<(/)?([^<>]+)>", "", "A<B>b</B>c"), ["A", None, "B", "b", "/", "B", "c"]),
        (("split", "(?:)", "", ""), []),
    ],
)
def test_patterns_give_what_javascript_gives(sandbox: Sandbox, question: Any, answer: Any) -> None:
    assert sandbox.run_pattern(*question) == answer


def test_a_wrong_pattern_says_so(sandbox: Sandbox) -> None:
    with pytest.raises(ScriptFailed, match="SyntaxError"):
        sandbox.run_pattern("test", "(?P<x>a)", "", "a")


def test_a_pattern_that_takes_too_long_is_ended(sandbox: Sandbox) -> None:
    with pytest.raises(ScriptTimedOut, match="The pattern takes too long"):
        sandbox.run_pattern("replace", "(a+)+$", "g", "a" * 50 + "b", "")
    assert sandbox.run_pattern("test", "b", "", "ab") is True


def test_a_pattern_that_makes_too_much_is_ended() -> None:
    # On a busy machine, 16 MiB can cost more than the usual 50 ms.
    with Sandbox(spares=0, limits=Limits(cpu_seconds=20.0, wall_seconds=20.0)) as sandbox:
        with pytest.raises(ScriptTooBig, match="The pattern needs too much memory"):
            sandbox.run_pattern("replace", "(?=a)", "g", "a" * 50_000, "$'$'")
        assert sandbox.run_pattern("test", "b", "", "ab") is True


def test_time_and_chance_come_from_the_event(run: Run) -> None:
    source = """return [Date.now(), new Date().toISOString(), Date(), new Date() - 0, Math.random(),
        Math.random(), new (class extends Date {})().getTime(), new Date(2020, 0).getFullYear(),
        new Date() instanceof Date];"""
    first = run(source, seed="1").value
    assert first[:4] == [
        1_700_000_000_500,
        "2023-11-14T22:13:20.500Z",
        "Tue Nov 14 2023 22:13:20 GMT+0000",
        1_700_000_000_500,
    ]
    assert first[6:] == [1_700_000_000_500, 2020, True]
    assert run(source, seed="1").value == first
    assert first[4] != first[5]
    assert run(source, seed="2").value[4:6] != first[4:6]


def test_chance_is_the_same_whatever_ran_before(sandbox: Sandbox, run: Run) -> None:
    source = "return Math.random();"
    alone = run(source, seed="7", component={"id": "RC2"}).value
    with sandbox.session({"event": EVENT, "request": REQUEST}, seed="7", clock=1.0) as session:
        values = [
            session.run(source, kind="action", arc=arc(), resolve=str, component={"id": f"RC{i}"}).value
            for i in range(4)
        ]
    assert values[2] == alone
    assert len(set(values)) == 4
    assert all(0 <= value < 1 for value in values)


def test_pieces_of_one_event_leave_each_other_nothing(sandbox: Sandbox) -> None:
    with sandbox.session({"event": EVENT, "request": REQUEST}, seed="1", clock=1.0) as session:

        def piece(source: str) -> Any:
            return session.run(source, kind="action", arc=arc(), resolve=str).value

        piece("counter = 1; Array.prototype.first = () => 1; JSON.stringify = () => 'x';")
        assert piece("return [typeof counter, typeof [].first, JSON.stringify([1])];") == [
            "undefined",
            "undefined",
            "[1]",
        ]


def test_events_leave_each_other_nothing(run: Run) -> None:
    source = "counter = (globalThis.counter || 0) + 1; Array.prototype.map = () => counter; return counter;"
    assert [run(source).value for _ in range(3)] == [1, 1, 1]
    assert run("return [1].map((x) => x + 1);").value == [2]


def test_the_next_piece_runs_after_one_was_ended(sandbox: Sandbox) -> None:
    with sandbox.session({"event": EVENT, "request": REQUEST}, seed="1", clock=1.0) as session:
        for source, error in [("for (;;);", ScriptTimedOut), ("return 'x'.repeat(1e5);", ScriptFailed)]:
            with pytest.raises(error):
                session.run(source, kind="action", arc=arc(), resolve=str)
            assert session.run("return 1;", kind="action", arc=arc(), resolve=str).value == 1


def test_text_that_databases_refuse_is_repaired(run: Run) -> None:
    assert run(r"return {a: 'x\u0000y\ud800z', b: 'ü😀\\ud800'};").value == {"a": "xy�z", "b": "ü😀\\ud800"}


def test_every_error_is_a_script_error(run: Run) -> None:
    for source in ["x", "throw 1", "for(;;);", "return 'x'.repeat(1e6)", "("]:
        with pytest.raises(ScriptError):
            run(source)


def test_a_piece_may_be_given_less_time(run: Run) -> None:
    with pytest.raises(ScriptTimedOut):
        run("for (let i = 0; i < 1e9; i++); return 1;", seconds=0.002)
    with pytest.raises(ScriptTimedOut):
        run("for (;;);", seconds=60.0)
