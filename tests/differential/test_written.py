"""Containers written by hand: Adobe's engine and ours say the same.

Deliberate differences are in test_quirks.py.
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from typing import Any

import pytest

from .documents import EVENT, action, call, code, compare, condition, document, path, rule, value
from .engines import Adobe, Document, Ours
from .generating import OPERATORS
from .shops import EVENTS, SHOPS

pytestmark = pytest.mark.node

ELEMENTS = {
    "Type": path("arc.event.xdm.eventType"),
    "Id": path("arc.event.data.user.id"),
    "Total": path("arc.event.xdm.commerce.order.priceTotal"),
    "User": path("arc.event.data.user"),
    "Tags": path("arc.event.data.user.tags"),
    "Known": path("arc.event.data.user.isKnown"),
    "Nothing": path("arc.event.data.nothing"),
    "Missing": path("arc.event.data.nope.deeper"),
    "Address": {"modulePath": "core::dataElements::ip", "settings": {}},
    "Name with: punctuation, (1) & more.": value("ok"),
}

TOKENS = [
    *("plain", "", "{{Type}}", "a {{Type}} b", "{{Type}} and {{Id}}", "#{{Id}}{{Total}}", "{{Id}}!"),
    *("{{Total}}%", "{{Nothing}}", "none: {{Nothing}}", "yes: {{Known}}", "{{User}}", "{{Tags}}"),
    *("{{Missing}}", "{{Address}}", "{{Name with: punctuation, (1) & more.}}", "{{}}", "{ {Type} }"),
    *('quo"te {{Type}}', "back\\slash {{Type}}", "tab\t{{Type}}", "ünï {{Type}} 🚀", 7, 0.5, True, False),
    *(None, [], {}, ["{{Id}}", ["{{User}}"]], {"a": {"b": [{"c": "{{Tags}}"}]}}),
    *({"a": "{{Id}}", "b": "{{Id}}"}, [1, "x {{Id}}", {"y": None}]),
]

VALUES = [
    None,
    "",
    " ",
    "Text",
    0,
    1,
    -1.5,
    True,
    False,
    [],
    [1],
    {},
    {"a": "B"},
    " \u00a0A \ufeff\t b\u2028c ",
]
OPTIONS: list[Mapping[str, Any]] = [
    {},
    {"defaultValue": "Else Where "},
    {"defaultValue": 0},
    {"cleanText": True},
    {"forceLowerCase": True},
    {"cleanText": True, "forceLowerCase": True, "defaultValue": "  Some  DEFAULT "},
]

PATHS = [
    *("arc.event.xdm.eventType", "arc.event.data.items[0].sku", "arc.event.data.items[1].price"),
    *("arc.event.data.items", "arc.event.data.items[7].sku", "arc.event.data.user.tags[1]"),
    *("arc.event.nope", "arc.event.nope.deeper", "arc.request.header.requestId", "arc.event", "arc", "nope"),
    *("arc.request.header.httpHeaders.user-agent[0]", "arc.ruleStash", "arc.ruleStash.probe"),
    *("arc.ruleStash.nope.deeper", "arc.event.data.nothing.deeper", ""),
    *("event.data.user.id", "arc..event", "arc.user.", "arc.event.data.user.", "arc.event.data..id"),
    *(
        "arc.event.data.form[email]",
        "arc.event.data.open[0",
        "arc.event.data.open]",
        "arc.event.data.form[email].x",
    ),
    *("arc.event.data.x-y", "arc.event.data.[", "arc.event.data..inside", 'arc.event.data.quoted["x-y"]'),
]


def rules() -> dict[str, Document]:
    """Documents for rules, conditions, actions and the stash, by name."""
    boom, left = action("boom"), {"Left": path("arc.ruleStash.probe"), "Other": path("arc.ruleStash.other")}
    both = action(value="{{Left}}", other="{{Other}}")
    yes, no = condition(), condition(result=False)
    nested = {"A": value("{{B}}-{{C}}"), "B": value("b{{C}}"), "C": path("arc.event.data.user.id")}
    return {
        "no components": document(rule()),
        "no rules": document(),
        "conditions in order": document(rule(yes, no, yes, action(value=1))),
        "every condition met": document(rule(yes, yes, action(value=1))),
        "exception met": document(rule(condition(result=False, negate=True), action(value=1))),
        "exception not met": document(rule(condition(negate=True), action(value=1))),
        "failing exception": document(rule(condition(kind="boom", negate=True), action(value=1))),
        "failing condition": document(rule(condition(kind="boom"), yes, action(value=1))),
        "actions stop": document(
            rule(action(value=1), boom, action(value=2)), rule(action(value=3), name="S")
        ),
        "stash is overwritten": document(rule(action(value=1), action(value=2), both), elements=left),
        "stash by extension": document(
            rule(action(value=1), action(value=2, of="other"), both), elements=left
        ),
        "stash of null": document(rule(action(value=1), action(), both), elements=left),
        "stash of one rule": document(
            rule(action(value=1), both),
            rule(both, name="S"),
            rule(action(value=5), both, name="T"),
            elements=left,
        ),
        "stash in the whole of arc": document(
            rule(action(value=1), action(value="{{Arc}}", of="other")), elements={"Arc": path("arc")}
        ),
        "stash in a condition": document(
            rule(compare("{{Left}}", "isFalsy"), action(value=1)), elements=left
        ),
        "unknown element": document(rule(action(value="{{Nobody}}")), rule(action(value=1), name="S")),
        "unknown element in a condition": document(rule(compare("{{Nobody}}", "isFalsy"), action())),
        "unknown element in text": document(rule(action(value="x {{Nobody}} y"))),
        "unknown element behind an element": document(
            rule(action(value="{{A}}")), elements={"A": value("{{Z}}")}
        ),
        "failing element": document(rule(action(value="{{A}}")), elements={"A": value(1, kind="boom")}),
        "extension settings": document(
            rule(yes, action(value=1), action(value=2, of="other")),
            settings={"key": "{{Id}}", "deep": ["x {{Type}}"]},
            elements=ELEMENTS,
        ),
        "unknown element in extension settings": document(
            rule(yes, action(value=1)),
            rule(action(value=1, of="other"), name="S"),
            settings={"key": "{{Nobody}}"},
        ),
        "elements use elements": document(rule(action(value="{{A}}")), elements=nested),
        "an element inside a path": document(
            rule(action(value="{{Item}}")),
            elements={"N": value(1), "Item": path("arc.event.data.items[{{N}}].sku")},
        ),
        "a null inside a path": document(
            rule(action(value="{{Item}}")),
            elements={"N": value(None), "Item": path("arc.event.data.{{N}}.sku")},
        ),
        "a path that is null": document(
            rule(action(value="{{Item}}")), elements={"N": value(None), "Item": path("{{N}}")}
        ),
        "a path that is a number": document(
            rule(action(value="{{Item}}")), elements={"N": value(7), "Item": path("{{N}}")}
        ),
    }


def scripts() -> dict[str, Document]:
    """Documents with custom code, by name."""
    elements = {
        **ELEMENTS,
        "Sum": code("dataElements", "return arc.event.data.items.reduce((s, it) => s + it.price, 0);"),
        "Later": code("dataElements", "return Promise.resolve(getDataElementValue('Id') + 1);"),
        "Rule": code("dataElements", "return utils.getRule().name;"),
        "Left": path("arc.ruleStash.core.customCode"),
        "Default": {**code("dataElements", "return;"), "defaultValue": "None"},
        "Bad": code("dataElements", "throw new Error('no value');"),
    }
    look = action(value="{{Left}}")

    def step(source: str, key: str = "a") -> dict[str, Any]:
        return code("actions", source, keyName=key)

    def made(*components: Mapping[str, Any]) -> Document:
        return document(rule(*components), rule(look, action(value="{{Id}}"), name="S"), elements=elements)

    return {
        "a data element": made(action(value="{{Sum}}"), action(value="x {{Sum}} {{Later}} {{Default}}")),
        "a promise": made(step("return Promise.resolve({total: 1});"), look),
        "results are kept side by side": made(step("return 1;", "a"), step("return [2];", "b"), look),
        "a result replaces the one of its key": made(step("return 1;"), step("return 2;"), look),
        "nothing is returned": made(step(""), look),
        "a condition": made(code("conditions", "return arc.event.data.user.id === 42;"), look),
        "a condition that is not a boolean": made(code("conditions", "return arc.event.data.user.id;"), look),
        "a condition that is a promise": made(code("conditions", "return Promise.resolve(false);"), look),
        "an action that throws": made(step("throw new Error('no');"), look),
        "an action that rejects": made(step("return Promise.reject(new Error('no'));"), look),
        "an action that throws text": made(step("throw 'no';"), look),
        "an element that throws": made(action(value="{{Bad}}")),
        "an event that an action changes": made(
            step("arc.event.data.user.id = 7; return getDataElementValue('Id');"),
            action(value="{{Id}} {{Later}}"),
        ),
        "an event that a condition changes": made(
            code("conditions", "delete arc.event.data.user; return true;"),
            action(value="{{Id}}", user="{{User}}"),
        ),
        "an element that fails only in a changed event": document(
            rule(step("arc.event.data = null;"), action(value="{{Sum}}")),
            rule(action(value="{{Sum}}"), name="S"),
            elements=elements,
        ),
        "an element that fails but not in a changed event": document(
            rule(action(value="{{Bought}}"), name="Q"),
            rule(step("arc.event.data.bought = [1];"), action(value="{{Bought}}")),
            rule(action(value="{{Bought}}"), name="S"),
            elements={"Bought": code("dataElements", "return arc.event.data.bought.length;")},
        ),
        "a stash that an action changes": made(
            step("arc.ruleStash.probe = 5; return 1;"),
            action(other="{{Left}}", value=6),
            step("return arc.ruleStash.probe;"),
            look,
        ),
        "an element that asks for its rule": document(
            rule(action(value="{{Rule}}")), rule(action(value="{{Rule}}"), name="S"), elements=elements
        ),
        "the facts in utils": made(
            step(
                "const {getRule, getComponent, getBuildInfo, getSettings} = utils;"
                "return [getRule(), getComponent().id, getBuildInfo(), getSettings().keyName];"
            ),
            look,
        ),
        "an element with a name in quotes": made(step('return getDataElementValue("Type");'), look),
        "keys that are not text": document(
            *(
                rule(step("return 1;", f"{{{{{name}}}}}"), look, name=name)
                for name in ("Id", "Total", "Known", "Nothing", "Type")
            ),
            elements=elements,
        ),
        "what JSON cannot say": made(step("return {b: NaN, c: [undefined, Infinity], d: -0};"), look),
    }


SIDES = {
    "text": "Abc",
    "digits": " 0x10 ",
    "empty": "",
    "number": 16,
    "zero": 0,
    "half": -0.5,
    "true": True,
    "false": False,
    "null": None,
    "list": ["Abc"],
    "object": {"a": 1},
}


def every_pair(operator: str) -> Document:
    """A rule for each type of value on the left with each on the right."""
    pairs = itertools.product(SIDES, SIDES)
    return document(
        *(
            rule(compare(f"{{{{{left}}}}}", operator, f"{{{{of {right}}}}}", caseInsensitive=ignores),
                 name=f"{left} {right} {ignores}")
            for left, right in pairs
            for ignores in (False, True)
        ),
        elements={name: value(it) for name, it in SIDES.items()}
        | {f"of {name}": value(it) for name, it in SIDES.items()},
    )  # fmt: skip


CONTAINERS: dict[str, Document] = {
    **{f"operator {operator}": every_pair(operator) for operator in OPERATORS},
    **{
        f"token {index}: {written!r:.40}": document(rule(action(value=written)), elements=ELEMENTS)
        for index, written in enumerate(TOKENS)
    },
    **{
        f"element {given!r:.20} with {' and '.join(options) or 'nothing'}": document(
            rule(condition(), action(value="{{It}}")), elements={"It": value(given, **options)}
        )
        for given, options in itertools.product(VALUES, OPTIONS)
        if given is not None or options
    },
    **{f"path {it!r}": document(rule(action(value="{{P}}")), elements={"P": path(it)}) for it in PATHS},
    **{f"condition gives {it!r}": document(rule(condition(it), action(value=1))) for it in VALUES},
    **{f"rules: {name}": it for name, it in rules().items()},
    **{f"code: {name}": it for name, it in scripts().items()},
}


@pytest.mark.parametrize("name", CONTAINERS)
def test_both_engines_say_the_same(name: str, adobe: Adobe, ours: Ours) -> None:
    theirs, mine = (engine.run(CONTAINERS[name], call(EVENT)) for engine in (adobe, ours))
    assert mine.compared == theirs.compared


@pytest.mark.parametrize(
    "name",
    [
        "rules: unknown element",
        "rules: unknown element in a condition",
        "rules: unknown element behind an element",
        "rules: unknown element in extension settings",
        "condition gives 'Text'",
    ],
)
def test_both_engines_use_the_same_words(name: str, adobe: Adobe, ours: Ours) -> None:
    theirs, mine = (engine.run(CONTAINERS[name], call(EVENT)) for engine in (adobe, ours))
    assert mine.errors == theirs.errors


THROWN = [
    *("throw new Error('no ü');", "throw new TypeError('no');", "throw 'text';", "throw 7;", "throw true;"),
    *("throw {a: 1};", "throw [1, 2];", "throw undefined;", "throw '';", "return Promise.reject('x');"),
    *("return Promise.reject(new Error('later'));", "return Promise.reject();"),
]


@pytest.mark.parametrize("source", THROWN)
def test_both_engines_report_the_error_of_code(source: str, adobe: Adobe, ours: Ours) -> None:
    # Ours adds the class of the error, and its place.
    made, blamed = document(rule(code("actions", source, keyName="k"))), 'Failed to execute "Custom Code". '
    theirs, mine = (engine.run(made, call(EVENT)).errors["RLR"] for engine in (adobe, ours))
    assert mine.startswith(blamed)
    assert theirs.removeprefix(blamed) in mine


def test_a_token_in_a_key_is_a_build_error_for_both(adobe: Adobe, ours: Ours) -> None:
    made = document(rule(action(value={"{{Id}}": 1})), elements=ELEMENTS)
    assert adobe.run(made, call()).problem
    assert "The name of a key takes no data element." in ours.run(made, call()).problem


def test_there_are_enough_of_them() -> None:
    assert len(CONTAINERS) + len(SHOPS) * len(EVENTS) >= 200
