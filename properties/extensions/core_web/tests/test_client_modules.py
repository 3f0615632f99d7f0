"""The browser modules that need no page, in QuickJS. Those that do are in tests/browser."""

from __future__ import annotations

from typing import Any

import pytest

from tests.client_module import ClientModules, client_files

# Adobe's own tests: adobe/reactor-extension-core, valueComparison.test.js.
COMPARISONS = [
    ("equals", "test", "test", False, True),
    ("equals", "Test", "tEsT", False, False),
    ("equals", "Test", "tEsT", True, True),
    ("equals", 5, "5", False, True),
    ("equals", None, None, False, True),
    ("equals", None, "", False, False),
    ("doesNotEqual", "a", "b", False, True),
    ("doesNotEqual", 5, "5", False, False),
    ("contains", "abcd", "bc", False, True),
    ("contains", "abcd", "BC", False, False),
    ("contains", "abcd", "BC", True, True),
    ("contains", 123, "23", False, True),
    ("contains", None, "a", False, False),
    ("contains", ["a"], "a", False, False),
    ("doesNotContain", None, "a", False, True),
    ("doesNotContain", "abcd", "e", False, True),
    ("startsWith", "ABCDE", "abc", True, True),
    ("startsWith", "ABCDE", "abc", False, False),
    ("doesNotStartWith", "ABCDE", "abc", False, True),
    ("endsWith", "ABCDE", "cde", True, True),
    ("endsWith", 456, 56, False, True),
    ("doesNotEndWith", True, "e", False, True),
    ("matchesRegex", "ABCDE", "ABC.E", False, True),
    ("matchesRegex", "ABCDE", "abc.e", False, False),
    ("matchesRegex", "ABCDE", "abc.e", True, True),
    ("matchesRegex", 456, "4\\d6", False, True),
    ("matchesRegex", "a", "(", False, False),
    ("doesNotMatchRegex", "ABCDE", "abc.e", False, True),
    ("doesNotMatchRegex", None, "a", False, True),
    ("lessThan", 5, 6, False, True),
    ("lessThan", "5", "10", False, True),
    ("lessThan", "", 6, False, False),
    ("lessThan", True, 6, False, False),
    ("lessThanOrEqual", "5", 5, False, True),
    ("greaterThan", "129.90", "100", False, True),
    ("greaterThan", "1,5", 1, False, False),
    ("greaterThanOrEqual", 5, 6, False, False),
    ("isTrue", True, None, False, True),
    ("isTrue", "true", None, False, False),
    ("isTruthy", "false", None, False, True),
    ("isTruthy", 0, None, False, False),
    ("isFalse", False, None, False, True),
    ("isFalse", None, None, False, False),
    ("isFalsy", None, None, False, True),
    ("isFalsy", "0", None, False, False),
]


@pytest.mark.parametrize(("operator", "left", "right", "ignores_case", "is_met"), COMPARISONS)
def test_values_are_compared(operator: str, left: Any, right: Any, ignores_case: bool, is_met: bool) -> None:
    comparison = {"operator": operator, "caseInsensitive": ignores_case}
    settings = {"leftOperand": left, "comparison": comparison, "rightOperand": right}
    assert ClientModules("core_web").call("comparison.js", settings) is is_met


@pytest.mark.parametrize("operator", ["__proto__", "toString", None, "likes"])
def test_an_unknown_operator_is_not_met(operator: Any) -> None:
    modules = ClientModules("core_web")
    assert modules.call("comparison.js", {"leftOperand": 1, "comparison": {"operator": operator}}) is False


@pytest.mark.parametrize(
    ("value", "row", "fits"),
    [
        ("checkout", {"value": "checkout"}, True),
        ("Checkout", {"value": "checkout"}, False),
        ("Checkout", {"value": "^check", "valueIsRegex": True}, True),
        (True, {"value": "true"}, True),
        (3, {"value": "3"}, True),
        (None, {"value": "", "valueIsRegex": True}, False),
        ("", {"value": ""}, True),
        ("a", {"value": "("}, False),
    ],
)
def test_a_text_fits_a_row(value: Any, row: dict[str, Any], fits: bool) -> None:
    assert (
        ClientModules("core_web").run("return load('text_match.js')(value, row)", value=value, row=row)
        is fits
    )


def test_a_broken_pattern_matches_nothing_and_is_named() -> None:
    modules = ClientModules("core_web")
    row = {"value": "(", "valueIsRegex": True}
    assert modules.run("return load('text_match.js')('a', row)", row=row) is False
    assert modules.logged == ["“(” is not a regular expression. It matches nothing."]


def test_merged_objects_are_copies_and_keep_their_prototype() -> None:
    found = ClientModules("core_web").run(
        """
        const first = {list: [1], inner: {a: 1, b: 2}, gone: 1};
        const second = JSON.parse('{"list": [{"x": 1}], "inner": {"b": 3}, "__proto__": {"evil": 1}}');
        const merged = load('merged_objects.js')({objects: [first, null, 'text', second, {gone: undefined}]});
        second.list[0].x = 'CHANGED';
        return [merged, first, merged.evil === undefined];
        """
    )
    assert found == [
        {"list": [1, {"x": 1}], "inner": {"a": 1, "b": 3}, "gone": 1},
        {"list": [1], "inner": {"a": 1, "b": 2}, "gone": 1},
        True,
    ]


def test_random_numbers_stay_between_both_ends() -> None:
    modules = ClientModules("core_web")
    code = "return Array.from({length: 400}, () => load('random_number.js')({min: 3, max: '5'}))"
    assert set(modules.run(code)) == {3, 4, 5}
    assert modules.call("random_number.js", {"min": 5, "max": 3}) is None


STORAGE = """
const kept = {};
globalThis.localStorage = {getItem: (key) => key in kept ? kept[key] : null,
                           setItem: (key, value) => { kept[key] = value; }};
"""


def test_a_visitor_stays_in_the_sample_until_the_rate_changes() -> None:
    found = ClientModules("core_web", STORAGE).run(
        """
        const sampling = load('sampling.js'), event = {$rule: {id: 'RL1'}}, other = {$rule: {id: 'RL2'}};
        const draw = (value) => { Math.random = () => value; };
        draw(0.05); const first = sampling({rate: 0.1, persistCohort: true}, event);
        draw(0.5);
        const kept = (rate, given) => sampling({rate, persistCohort: true}, given);
        return [first, kept(0.1, event), kept(0.2, event), kept(0.1, other), sampling({rate: 0.1}, event)];
        """
    )
    assert found == [True, True, False, False, False]


def test_a_browser_without_storage_draws_anew() -> None:
    modules = ClientModules(
        "core_web", "Object.defineProperty(globalThis, 'localStorage', {get() { throw Error('no'); }})"
    )
    assert modules.call("sampling.js", {"rate": 1, "persistCohort": True}, {"$rule": {"id": "RL1"}}) is True
    assert modules.call("local_storage.js", {"name": "cart"}) is None


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("dataLayer.cart.contents[0].id", "A-1"),
        ("window.dataLayer.cart.contents.0.id", "A-1"),
        ("dataLayer.cart.value", 0),
        ("dataLayer.none.value", None),
        ("nothing[3].id", None),
    ],
)
def test_a_variable_is_read_by_its_path(path: str, value: Any) -> None:
    page = "globalThis.dataLayer = {cart: {value: 0, contents: [{id: 'A-1'}], none: null}};"
    assert ClientModules("core_web", page).call("javascript_variable.js", {"path": path}) == value


@pytest.mark.parametrize(
    ("host", "domain", "fits"),
    [
        ("shop.example", "shop.example", True),
        ("www.shop.example", "Shop.Example", True),
        ("workshop.example", "shop.example", False),
        ("shop.example.org", "shop.example", False),
        ("shopxexample", "shop.example", False),
    ],
)
def test_a_domain_includes_those_below_it(host: str, domain: str, fits: bool) -> None:
    page = f"globalThis.location = {{hostname: '{host}'}};"
    assert ClientModules("core_web", page).call("domain_condition.js", {"domains": [domain]}) is fits


def test_code_that_throws_is_logged_and_the_rule_goes_on() -> None:
    modules = ClientModules("core_web")
    found = modules.run(
        """
        const act = load('code_action.js'), event = {$rule: {name: 'Cart'}, element: {id: 'x'}, target: 't'};
        const look = function (given, target, P) {
          return [this.id, given === event, target, P === Promise];
        };
        const seen = act({source: look}, event);
        return [seen, act({source() { throw new Error('no cart'); }}, event)];
        """
    )
    assert found == [["x", True, "t", True], None]
    assert modules.logged == ["The custom code of the rule “Cart” failed. Error: no cart"]


def test_a_promise_of_code_is_handed_on_and_its_failure_is_heard() -> None:
    modules = ClientModules("core_web")
    modules.run(
        """
        const settings = {source: () => Promise.reject(new Error('late'))};
        const late = load('code_action.js')(settings, {$rule: {name: 'Cart'}});
        globalThis.isPromise = typeof late.then === 'function';
        late.then(undefined, (error) => { globalThis.reason = error.message; });
        """
    )
    modules.finish()
    assert modules.run("return [isPromise, reason]") == [True, "late"]
    assert modules.logged == ["The custom code of the rule “Cart” failed. Error: late"]


@pytest.mark.parametrize("path", client_files("core_web"), ids=lambda path: path.name)
def test_a_module_exports_one_thing_in_strict_mode(path: Any) -> None:
    text = path.read_text("utf-8")
    assert text.startswith("'use strict';\n\n")
    assert text.count("module.exports =") == 1
    assert "eval(" not in text
    assert "new Function" not in text
