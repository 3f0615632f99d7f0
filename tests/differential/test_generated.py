"""Containers made by hypothesis: Adobe's engine and ours say the same.

What is made stays clear of the listed differences, which test_quirks.py shows one by one: no two tokens that
touch, no objects inside text, no zero, false or empty text at the end of a path.
"""

from __future__ import annotations

import os
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from .documents import action, call, compare, condition, document, path, rule, value
from .engines import Adobe, Document, Ours

pytestmark = pytest.mark.node
EXAMPLES = 1000 if os.environ.get("HYPOTHESIS_PROFILE") == "thorough" else 60
MOST_EXACT = 2**53 - 1

# No braces, no line breaks and no apostrophes in names: see test_quirks.py.
LETTERS = "abcXYZ019 .,:-_äß€🚀\t"
texts = st.text(LETTERS, max_size=8)
numbers = st.integers(-MOST_EXACT, MOST_EXACT) | st.floats(allow_nan=False, allow_infinity=False, width=32)
scalars = st.one_of(st.none(), st.booleans(), numbers, texts)
anything = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("abc"), inner, max_size=3),
    max_leaves=6,
)
NAMES = ["First", "Second name", "Third: é", "4"]
OPERATORS = [
    *("equals", "doesNotEqual", "contains", "doesNotContain", "startsWith", "doesNotStartWith"),
    *("endsWith", "doesNotEndWith", "lessThan", "lessThanOrEqual", "greaterThan", "greaterThanOrEqual"),
    *("isTrue", "isFalse", "isTruthy", "isFalsy", "matchesRegex", "doesNotMatchRegex"),
]
PLACES = st.lists(st.sampled_from(["a", "b", "c", "a[0]", "b[1]"]), min_size=1, max_size=3).map(".".join)
has_end = st.recursive(
    numbers.filter(bool) | texts.filter(bool) | st.just(value=True),
    lambda inner: st.dictionaries(st.sampled_from("abc"), inner, min_size=1, max_size=3),
    max_leaves=8,
)


@st.composite
def mixed(draw: st.DrawFn, names: list[str]) -> str:
    """Text with tokens: it starts with text, and text stands between them."""
    parts = [draw(texts.filter(bool))]
    for _ in range(draw(st.integers(1, 3))):
        parts += [f"{{{{{draw(st.sampled_from(names))}}}}}", draw(texts.filter(bool))]
    return "".join(parts)


def settings_with(whole: list[str], in_text: list[str]) -> st.SearchStrategy[Any]:
    """Any JSON whose texts may be tokens; ``in_text`` names what is no object or list."""
    tokens = st.sampled_from([f"{{{{{name}}}}}" for name in whole])
    leaves = scalars | tokens | mixed(in_text) if in_text else scalars | tokens
    return st.recursive(
        leaves,
        lambda inner: (
            st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("xyz"), inner, max_size=3)
        ),
        max_leaves=6,
    )


@st.composite
def options(draw: st.DrawFn) -> dict[str, Any]:
    return {
        "defaultValue": draw(scalars),
        "cleanText": draw(st.booleans()),
        "forceLowerCase": draw(st.booleans()),
    }


@st.composite
def documents(draw: st.DrawFn) -> Document:
    """Elements that use earlier ones, and one to three rules on them."""
    elements, plain = {}, []
    for index, name in enumerate(NAMES):
        if draw(st.booleans()):
            elements[name] = path(f"arc.event.data.{draw(PLACES)}", **draw(options()))
        elif index and draw(st.booleans()):
            elements[name] = value(draw(settings_with(NAMES[:index], plain)), **draw(options()))
        else:
            elements[name] = value(draw(scalars), **draw(options()))
            plain.append(name)
    inside = settings_with([*NAMES, "Nobody"], plain)
    components = st.one_of(
        st.builds(action, value=inside, other=inside),
        st.builds(action, value=inside, of=st.just("other")),
        st.builds(condition, st.booleans() | inside, negate=st.booleans()),
        st.builds(compare, st.sampled_from([f"{{{{{name}}}}}" for name in NAMES]), st.sampled_from(OPERATORS),
                  st.sampled_from(["a", "1", "^a?$", ".", "0x1", " "]) | scalars | st.just("{{4}}"),
                  caseInsensitive=st.booleans()),
        st.just(action("boom")),
    )  # fmt: skip
    rules = draw(st.lists(st.lists(components, max_size=5), min_size=1, max_size=3))
    return document(
        *(rule(*parts, name=str(n)) for n, parts in enumerate(rules)),
        elements=elements,
        settings={"key": draw(inside)} if draw(st.booleans()) else None,
    )


def is_clear(found: Document, data: Any) -> bool:
    """Whether no path of the document leads through a list, into text, or to what counts as false."""
    elements = found["dataElements"].values()
    return all(_leads_well(it["settings"]["path"], data) for it in elements if "path" in it["settings"])


def _leads_well(where: str, data: Any) -> bool:
    for step in where.removeprefix("arc.event.data.").split("."):
        key, _, index = step.partition("[")
        if not isinstance(data, dict):
            return False
        data = data.get(key)
        if data is None:
            return not index
        if index and not isinstance(data, list):
            return False
    return True


@settings(
    max_examples=EXAMPLES,
    derandomize=True,
    deadline=None,
    database=None,
    suppress_health_check=list(HealthCheck),
)
@given(found=documents(), data=has_end)
def test_both_engines_say_the_same_of_whatever_is_made(
    found: Document, data: Any, adobe: Adobe, ours: Ours
) -> None:
    if not is_clear(found, data):
        found = {**found, "dataElements": {name: _constant(it) for name, it in found["dataElements"].items()}}
    event = call({"xdm": {}, "data": data})
    theirs, mine = adobe.run(found, event), ours.run(found, event)
    assert mine.compared == theirs.compared


def _constant(element: dict[str, Any]) -> dict[str, Any]:
    """A data element that gives its path instead of what is there."""
    if "path" not in element["settings"]:
        return element
    plain = {key: it for key, it in element.items() if key not in ("modulePath", "settings")}
    return {**value(element["settings"]["path"]), **plain}
