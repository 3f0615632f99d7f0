"""Build documents and events made by hypothesis: Adobe's engine and ours say the same."""

from __future__ import annotations

import os
from collections import Counter
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings

from . import generating
from .documents import call
from .engines import Adobe, Document, Ours
from .generating import alike, runs

pytestmark = pytest.mark.node
KINDS = {"null", "boolean", "number", "text", "list", "object"}
# What a run must have met, or it has tried less than it seems.
REACHED = {
    *(f"element: path to {kind}" for kind in KINDS),
    *("element: path that has a token", "element: code", "element: code that throws", "element: constant"),
    *("element: reads others", "element: defaultValue", "element: cleanText", "element: forceLowerCase"),
    *("tokens: some touch", "settings of the extension"),
}
THOROUGH = os.environ.get("HYPOTHESIS_PROFILE") == "thorough"


as_made = settings(
    max_examples=1000 if THOROUGH else 100,
    derandomize=not THOROUGH,
    deadline=None,
    database=None,
    suppress_health_check=list(HealthCheck),
    print_blob=THOROUGH,
)
Made = tuple[Document, dict[str, Any]]


def test_both_engines_say_the_same_of_whatever_is_made(
    adobe: Adobe, ours: Ours, monkeypatch: pytest.MonkeyPatch
) -> None:
    made_of: Counter[str] = Counter()
    monkeypatch.setattr(generating, "count", lambda label: made_of.update([label]))

    @as_made
    @given(made=runs())
    def each(made: Made) -> None:
        check(made, adobe, ours)

    each()
    compared = [label.partition(": ") for label in made_of if " with " in label]
    lefts, rights = ({kinds.split(" with ")[side] for _, _, kinds in compared} for side in (0, 1))
    assert {operator for operator, _, _ in compared} == set(generating.OPERATORS)
    assert lefts >= KINDS
    assert rights == KINDS
    assert sorted(REACHED - made_of.keys()) == [], made_of


@as_made
@given(made=alike())
def test_both_engines_choose_the_same_of_many_rules_that_begin_alike(
    made: Made, adobe: Adobe, ours: Ours
) -> None:
    check(made, adobe, ours)


def check(made: Made, adobe: Adobe, ours: Ours) -> None:
    found, data = made
    given_event = call({"xdm": {}, "data": data})
    theirs, mine = adobe.run(found, given_event), ours.run(found, given_event)
    assert mine.compared == theirs.compared
