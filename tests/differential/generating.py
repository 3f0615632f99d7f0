"""Strategies of hypothesis: an event, and a build document whose data elements read that event.

It stays clear of the listed differences, which test_quirks.py shows one by one: the value of each data
element is computed while it is made, so that no object is inside text, no two numbers touch, and
no path ends at zero, false or empty text.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from hypothesis import event as count
from hypothesis import strategies as st

from properties.catalog.tokens import tokens_in

from .documents import action, code, compare, condition, document, path, rule, value
from .engines import Document

MOST_EXACT = 2**53 - 1
# Names and texts have no braces and no line breaks; see test_quirks.py. Some letters change their number when
# they are lower-cased, some are white space in one language but not in the other.
LETTERS = 'abcXYZ019 .,:-_/\\"<&$`äßÉ€🚀\tİΣσſK\u00a0\u200b\u0085\u2028\ufeff\u0301'
texts = st.text(LETTERS + "'", max_size=8) | st.sampled_from(
    [
        "0",
        "1",
        "-1",
        "1e3",
        "0x10",
        " 7 ",
        ".5",
        "5.",
        "+7",
        "1_000",
        "NaN",
        "Infinity",
        "true",
        "null",
        "[object Object]",
    ]
)
numbers = st.one_of(
    st.integers(-MOST_EXACT, MOST_EXACT),
    st.floats(allow_nan=False, allow_infinity=False),
    st.sampled_from([0, 1, -1, 0.1, 1e21, 1e-7, 123456789.5, 5e-324, 1.7976931348623157e308, 100, 0x10]),
)
scalars = st.one_of(st.none(), st.booleans(), numbers, texts)
anything = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("abc"), inner, max_size=3),
    max_leaves=8,
)
NAMES = ["First", "Second name", "Third: é", "4", "Ünï 🚀 (5)", "a.b[0]", "constructor"]
OPERATORS = [
    *("equals", "doesNotEqual", "contains", "doesNotContain", "startsWith", "doesNotStartWith"),
    *("endsWith", "doesNotEndWith", "lessThan", "lessThanOrEqual", "greaterThan", "greaterThanOrEqual"),
    *("isTrue", "isFalse", "isTruthy", "isFalsy", "matchesRegex", "doesNotMatchRegex"),
]
PATTERNS = ["^a?$", ".", "0x1", " ", "\\d+", "[^\\s]$", "(?=a)a", "(a)\\1", "a|b|", "(", "x{2,1}", "É", "^$"]
KEYS = ["a", "b", "c", "d e", "ü", "0", "length"]


# Nothing, which is not null: see test_quirks.py for where that makes a difference.
UNDEFINED = object()


def kind(it: Any) -> str:
    """The JSON type of a value."""
    if it is UNDEFINED:
        return "undefined"
    names = {bool: "boolean", int: "number", float: "number", str: "text", list: "list", dict: "object"}
    return names.get(type(it), "null")


# The event, and places in it


data = st.dictionaries(
    st.sampled_from(KEYS),
    st.just(value=True)
    | numbers.filter(bool)
    | texts.filter(bool)
    | st.recursive(
        scalars,
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(KEYS), inner, max_size=3),
        max_leaves=12,
    ),
    min_size=2,
    max_size=6,
)


def read(data: Any, where: list[str]) -> tuple[Any, bool]:
    """Return the value at these steps, and whether Adobe's Path reads the same."""
    it, is_same = data, True
    for step in where:
        key, bracket, rest = step.partition("[")
        is_same &= isinstance(it, dict) or it is None
        it = it.get(key) if isinstance(it, dict) else None
        if bracket:
            is_same &= isinstance(it, list)
            index = int(rest[:-1])
            it = it[index] if isinstance(it, list) and index < len(it) else None
    return it, is_same and (it is None or bool(it) or isinstance(it, list | dict))


def places(data: Any, depth: int = 4) -> st.SearchStrategy[list[str]]:
    """Steps that lead to something in ``data``, or nowhere."""
    nowhere = st.sampled_from([["nope"], ["nope", "deeper"]])
    found = _places(data, depth)
    return st.sampled_from(found) | st.sampled_from(found) | nowhere if found else nowhere


def _places(it: Any, depth: int) -> list[list[str]]:
    if not isinstance(it, dict) or not depth:
        return []
    found = []
    for key, inner in it.items():
        found += [[key], *([key, *rest] for rest in _places(inner, depth - 1))]
        for index, item in enumerate(inner if isinstance(inner, list) else []):
            step = f"{key}[{index}]"
            found += [[step], *([step, *rest] for rest in _places(item, depth - 1))]
    return found


# Data elements


@dataclass
class Made:
    """The data elements so far, with their values as far as known.

    Args:
        known: Name → value, for those whose value does not depend on the rule.
    """

    elements: dict[str, Any] = field(default_factory=dict)
    known: dict[str, Any] = field(default_factory=dict)

    @property
    def names(self) -> list[str]:
        return list(self.elements)

    @property
    def plain(self) -> list[str]:
        """The values that may be inside text: not lists or objects."""
        return [name for name in self.defined if kind(self.known[name]) not in ("list", "object")]

    @property
    def defined(self) -> list[str]:
        return [name for name, it in self.known.items() if it is not UNDEFINED]

    @property
    def texts(self) -> list[str]:
        return [name for name, it in self.known.items() if kind(it) == "text"]


@st.composite
def mixed(draw: st.DrawFn, made: Made) -> str:
    """Text with tokens. They touch only where the first is text."""
    parts = []
    if made.texts and draw(st.booleans()):
        parts.append(f"{{{{{draw(st.sampled_from(made.texts))}}}}}")
        parts += [
            f"{{{{{it}}}}}" for it in draw(st.lists(st.sampled_from(made.plain), min_size=1, max_size=2))
        ]
        count("tokens: some touch")
        return "".join([*parts, draw(texts)])
    parts.append(draw(texts.filter(bool)))
    for _ in range(draw(st.integers(1, 3))):
        parts += [f"{{{{{draw(st.sampled_from(made.plain))}}}}}", draw(texts.filter(bool))]
    return "".join(parts)


def settings_with(made: Made, *, unknown: bool = False) -> st.SearchStrategy[Any]:
    """Any JSON, some of it deep, whose texts may be tokens."""
    names = [*made.names, *(["Nobody"] if unknown else [])]
    leaves = scalars
    if names:
        tokens = st.sampled_from([f"{{{{{name}}}}}" for name in names])
        leaves = leaves | tokens | tokens | tokens  # As often as all plain values together.
    if made.plain:
        leaves = leaves | mixed(made) | mixed(made)
    wide = st.recursive(
        leaves,
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(KEYS), inner, max_size=3),
        max_leaves=6,
    )
    return wide | st.tuples(leaves, st.lists(st.booleans(), min_size=8, max_size=30)).map(_deep)


def _deep(parts: tuple[Any, list[bool]]) -> Any:
    it, levels = parts
    for is_list in levels:
        it = [it] if is_list else {"a": it}
    return it


@st.composite
def options(draw: st.DrawFn) -> dict[str, Any]:
    chosen = {"defaultValue": scalars, "cleanText": st.booleans(), "forceLowerCase": st.booleans()}
    return {key: draw(it) for key, it in chosen.items() if draw(st.booleans())}


def finished(it: Any, chosen: Mapping[str, Any]) -> Any:
    """Return ``it`` with the options applied: only the kind of its value matters."""
    default = chosen.get("defaultValue")
    return default if it in (None, UNDEFINED) and default is not None else it


@st.composite
def path_elements(draw: st.DrawFn, made: Made, data: Any, chosen: Mapping[str, Any]) -> tuple[Any, Any]:
    where = draw(places(data))
    found, is_same = read(data, where)
    whole = ".".join(["arc.event.data", *where])
    if not is_same or "length" in where:
        count("element: a place that is text now")
        return value(whole, **chosen), whole
    if draw(st.integers(0, 3)) == 0:
        count("element: path that has a token")
        step = f"Step {where[-1]}"
        made.elements[step] = value(where[-1])
        whole = ".".join(["arc.event.data", *where[:-1], f"{{{{{step}}}}}"])
    count(f"element: path to {kind(found)}")
    return path(whole, **chosen), finished(found, chosen)


# {x} is the value of a data element. Next to each code: the kind of its own value.
GIVES: dict[str, Callable[[Any], Any]] = {
    "return {x};": lambda it: it,
    "return Promise.resolve({x});": lambda it: it,
    "return (async () => (await null, {x}))();": lambda it: it,
    "const it = {x}; return it === null ? undefined : typeof it;": lambda it: (
        UNDEFINED if it is None else "t"
    ),
    "return [{x}, undefined, utils.getComponent().name, utils.getSettings().more];": lambda it: [],
    "return {of: {x}, b: utils.getBuildInfo(), no: utils.getExtensionSettings()};": lambda it: {},
    "return {x} === null ? arc.request.header.requestId : 1.50;": lambda it: "r-1" if it is None else 1.5,
}
# Values that depend on the rule: its actions' results, its code's changes, and its name.
OF_RULE = {
    "Left": code("dataElements", "return arc.ruleStash.probe;"),
    "Kept": code("dataElements", "return arc.ruleStash.core ? {...arc.ruleStash.core.customCode} : 'none';"),
    "Box": path("arc.ruleStash.core.customCode.box.n", defaultValue="empty"),
    "Added": path("arc.event.data.z.n", defaultValue="none"),
    "Rule": code("dataElements", "return utils.getRule().id + (arc.event.data.z ? 'changed' : '');"),
}
THROWS = [
    *(
        "throw new Error('no ü');",
        "throw 'text';",
        "throw null;",
        "throw undefined;",
        "throw {a: 1};",
        "throw 7;",
    ),
    *("null.x;", "return nobody;", "JSON.parse('{');", "return Promise.reject(new TypeError('no'));"),
    *("return Promise.reject();", "return Promise.reject('x');"),
    "return Promise.resolve().then(() => { throw new Error(); });",
]
TESTS = [
    *("return {x} === {y};", "return {x} !== null;", "return typeof {x} === 'string';", "return !{x};"),
    *(
        "return Promise.resolve({x} > {y});",
        "return {x};",
        "return new Boolean(true);",
        "return;",
        "return 'true';",
    ),
    "arc.event.data.z = {n: String({x})}; return true;",
    "arc.event.data = {...arc.event.data, z: {n: 2}}; return true;",
    "arc.ruleStash.marked = typeof {x}; return true;",
]
STEPS = [
    *(
        "return JSON.stringify({x});",
        "return {n: String({x}), list: [1, undefined]};",
        "return;",
        "return null;",
    ),
    *("return Promise.resolve([String({x}), 2]);", "return Object.keys(arc.ruleStash).sort();"),
    "const all = arc.ruleStash.core; return (all && all.customCode.sum || 0) + 1;",
    "arc.event.data.z = {n: 3}; return 'changed';",
    "delete arc.event.data.z; arc.request.body = {x: 1}; return arc.request.header.requestId;",
    "arc.ruleStash.own = {n: typeof {x}}; return Object.keys(arc.event).length;",
    "utils.logger.log('seen', {x}); return utils.getComponent().id + utils.getSettings().keyName;",
    "return arc.event.xdm.nope.deeper;",
]


@st.composite
def source(draw: st.DrawFn, sources: list[str], made: Made) -> str:
    """One of ``sources`` that reads data elements; objects are not compared, they may be one or two."""
    names = [name for name in made.plain if "'" not in name] or [""]
    text = draw(st.sampled_from(sources))
    for place in ("{x}", "{y}"):
        name = draw(st.sampled_from(names))
        text = text.replace(place, f"getDataElementValue('{name}')" if name else "null")
    return text


@st.composite
def code_elements(draw: st.DrawFn, made: Made, chosen: Mapping[str, Any]) -> tuple[Any, Any]:
    if draw(st.integers(0, 9)) == 0:
        count("element: code that throws")
        return {**code("dataElements", draw(st.sampled_from(THROWS))), **chosen}, finished("failed", chosen)
    text = draw(st.sampled_from(list(GIVES)))
    name = draw(st.sampled_from(made.defined)) if made.defined else ""
    more = {"more": f"{{{{{name}}}}}"} if name and draw(st.booleans()) else {}
    asked = f"getDataElementValue('{name}')" if name else "null"
    count("element: code")
    made_of = GIVES[text](made.known.get(name))
    return {**code("dataElements", text.replace("{x}", asked), **more), **chosen}, finished(made_of, chosen)


@st.composite
def constants(draw: st.DrawFn, made: Made, chosen: Mapping[str, Any]) -> tuple[Any, Any]:
    inside = settings_with(made) if made.elements and draw(st.integers(0, 3)) else anything
    it = draw(inside)
    token = it[2:-2] if isinstance(it, str) and it.startswith("{{") and it.count("{{") == 1 else ""
    count(f"element: {'reads others' if tokens_in(it) else 'constant'}")
    return value(it, **chosen), finished(
        made.known.get(token, it) if it == f"{{{{{token}}}}}" else it, chosen
    )


@st.composite
def data_elements(draw: st.DrawFn, found: Any) -> Made:
    """Elements of all kinds; each may read those before it."""
    made = Made()
    for name in draw(st.lists(st.sampled_from(NAMES), min_size=1, max_size=6, unique=True)):
        chosen = draw(options())
        makers = [path_elements(made, found, chosen), code_elements(made, chosen), constants(made, chosen)]
        made.elements[name], made.known[name] = draw(st.one_of(makers))
        for key in chosen:
            count(f"element: {key}")
    made.elements |= OF_RULE
    return made


# Rules


@st.composite
def comparisons(draw: st.DrawFn, made: Made) -> dict[str, Any]:
    operator = draw(st.sampled_from(OPERATORS))
    left = draw(st.sampled_from(list(made.known)))
    right: Any = draw(st.sampled_from(PATTERNS) if operator.endswith("Regex") else anything)
    # Whether two elements return one object or two equal ones depends on how often they are evaluated.
    if made.plain and draw(st.booleans()):
        name = draw(st.sampled_from(made.plain))
        right = f"{{{{{name}}}}}"
        count(f"{operator}: {kind(made.known[left])} with {kind(made.known[name])}")
    else:
        count(f"{operator}: {kind(made.known[left])} with {kind(right)}")
    more = {"caseInsensitive": draw(st.booleans())} if draw(st.booleans()) else {}
    found = compare(f"{{{{{left}}}}}", operator, right, **more)
    return {**found, "negate": draw(st.booleans())}


def conditions(made: Made) -> st.SearchStrategy[dict[str, Any]]:
    inside = settings_with(made, unknown=True)
    written = source(TESTS, made) | st.sampled_from(THROWS)
    return st.one_of(
        comparisons(made),
        comparisons(made),
        st.builds(condition, st.booleans() | inside, negate=st.booleans()),
        st.builds(lambda it, no: {**code("conditions", it), "negate": no}, written, st.booleans()),
        st.just(condition(kind="boom")),
    )


def actions(made: Made) -> st.SearchStrategy[dict[str, Any]]:
    inside = settings_with(made, unknown=True)
    of_rule = st.sampled_from([f"{{{{{name}}}}}" for name in OF_RULE])
    keys = st.sampled_from(["box", "sum", "k", "ünï 🚀"]) | mixed(made) if made.plain else st.just("box")
    written = source(STEPS, made) | source(STEPS, made) | st.sampled_from(THROWS)
    return st.one_of(
        st.builds(action, value=inside, other=inside),
        st.builds(action, value=inside, seen=of_rule, of=st.sampled_from(["probe", "other"])),
        st.builds(lambda it, key: code("actions", it, keyName=key), written, keys),
        st.builds(action, value=of_rule, of=st.sampled_from(["probe", "other"])),
        st.just(action("boom")) | st.just(action("silent")),
    )


@st.composite
def runs(draw: st.DrawFn) -> tuple[Document, dict[str, Any]]:
    """A build document and the data of an event."""
    found = draw(data)
    made = draw(data_elements(found))
    rules = [
        rule(
            *draw(st.lists(conditions(made), min_size=number % 2, max_size=3)),
            *draw(st.lists(actions(made), max_size=4)),
            name=f"{number} 🚀",
        )
        for number in range(draw(st.integers(1, 3)))
    ]
    # A rule of its own for more comparisons: nothing before them ends the rule.
    rules += [rule(draw(comparisons(made)), name=f"asks {number}") for number in range(4)]
    settings = {"key": draw(settings_with(made, unknown=True))} if draw(st.integers(0, 3)) == 0 else None
    count("settings of the extension" if settings else "no settings of the extension")
    return document(*rules, elements=made.elements, settings=settings), found


# Many rules that begin alike, as those of a property with a rule for each kind of event


ALIKE = st.sampled_from(["x", "y", "16", 16, ["x"], True, {"a": 1}, None, "X", "x "])


@st.composite
def alike(draw: st.DrawFn) -> tuple[Document, dict[str, Any]]:
    """Rules that first compare two data elements with a few texts, and an event that may have these."""
    operators = ["equals"] * 4 + OPERATORS[:4]
    comparison = st.builds(
        lambda left, operator, right, more, negate: {
            **compare(left, operator, right, **more),
            "negate": negate,
        },
        st.sampled_from(["{{A}}", "{{B}}", "{{C}}"]),
        st.sampled_from(operators),
        st.sampled_from(["x", "y", "16", "X", 16, "{{B}}", "{{C}}"]),
        st.sampled_from([{}, {}, {}, {"caseInsensitive": True}]),
        st.sampled_from([False, False, False, True]),
    )
    tidy = st.just(code("conditions", "arc.event.data.a = 'y'; return true;"))
    components = draw(
        st.lists(st.lists(comparison | comparison | comparison | tidy, max_size=3), min_size=3, max_size=12)
    )
    rules = [rule(*it, action(value="{{A}}", other="{{C}}"), name=str(n)) for n, it in enumerate(components)]
    elements = {
        "A": path("arc.event.data.a", defaultValue=draw(st.sampled_from([None, "x"]))),
        "B": path("arc.event.data.b", forceLowerCase=draw(st.booleans()), cleanText=draw(st.booleans())),
        "C": value("{{B}}" if draw(st.booleans()) else draw(st.sampled_from(["x", "y"]))),
    }
    given = {key: draw(ALIKE) for key in draw(st.sets(st.sampled_from("ab")))}
    return document(*rules, elements=elements), given
