"""Build documents and events made by hypothesis: Adobe's engine and ours say the same."""

from __future__ import annotations

import os
from typing import Any

import pytest
from hypothesis import HealthCheck, event, given, settings

from .documents import call
from .engines import Adobe, Document, Ours
from .generating import alike, runs

pytestmark = pytest.mark.node
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


@as_made
@given(made=runs())
def test_both_engines_say_the_same_of_whatever_is_made(made: Made, adobe: Adobe, ours: Ours) -> None:
    check(made, adobe, ours)


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
    for status in theirs.statuses.values():
        event(f"a rule ends with {status}")
    assert mine.compared == theirs.compared
