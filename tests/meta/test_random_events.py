"""Random events through form, engine and Graph simulator: Meta refuses only announced events.

300 events by default, 10,000 with HYPOTHESIS_PROFILE=thorough.
"""

from __future__ import annotations

import os
from functools import reduce
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, example, given, settings
from hypothesis import strategies as st

from properties.catalog.forms import form_for
from rules.engine import RunResult

from . import action

# Looking for the smallest failure takes longer than reading a large one.
PHASES = (Phase.explicit, Phase.reuse, Phase.generate)
EVENTS = 10_000 if os.environ.get("HYPOTHESIS_PROFILE") == "thorough" else 300

KNOWN = (
    *("john_smith@gmail.com", " John_Smith@gmail.com ", "+1 650 555 1212", "0650 555 12", "1997-02-16"),
    *(
        "3/4/1990",
        "US",
        "United States",
        "f",
        "EUR",
        "usd",
        "9.99",
        "1.299,50",
        "-3",
        "0",
        "7",
        "NaN",
        "1e400",
    ),
    *("fb.1.1696403881668.1116446470", "fb.1.1699999990000.AbCd.AQ", "fb.1.1500000000000.Old", "192.0.2.7"),
    *("10.0.0.1", "2001:db8::1", "true", "1000", "a2", "60" * 32, "https://shop.example/?fbclid=IwAR0-_x"),
    *("https://shop.example/?fbclid=%20&x=a@b.c", "1699999000", "1600000000", "2023-11-14T22:00:00Z"),
    *(
        '[{"id": "A", "quantity": 1}]',
        '[{"id": "A"}]',
        "123456789012345",
        "whatsapp",
        "{{",
        "}}",
        "\x00",
        "\ud800",
    ),
)
SCALAR = st.one_of(
    st.sampled_from((*KNOWN, *action.reported.TEXTS)),
    st.text(max_size=20),
    st.integers(),
    st.floats(),
    st.booleans(),
    st.none(),
)
VALUE = st.one_of(
    SCALAR,
    st.lists(SCALAR, max_size=3),
    st.dictionaries(st.sampled_from(["id", "quantity", "value", "currency", "x"]), SCALAR, max_size=3),
    # Reported values, and similar ones.
    st.sampled_from([value for _, value in action.reported.VALUES]),
)
ELEMENTS = [f"Element {number}" for number in range(6)]
TYPED = st.one_of(
    st.sampled_from([text for text in (*KNOWN, *action.reported.TEXTS) if text.isprintable()]),
    st.sampled_from([f"{{{{{name}}}}}" for name in ELEMENTS]),
    st.sampled_from(ELEMENTS).map(lambda name: f"a {{{{{name}}}}}"),
    st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=12),
)


def _inputs() -> dict[str, st.SearchStrategy[str]]:
    """Name of each input of the form → possible input."""
    form = form_for(action.ACTION)
    return {path: _typed(leaf.spec) for path, leaf in form.leaves.items() if leaf.spec.type != "secret"}


def _typed(spec: Any) -> st.SearchStrategy[str]:
    if spec.type == "boolean":
        return st.just("on")
    offered = [str(value) for value, _ in spec.options]
    return st.one_of(st.sampled_from(offered), TYPED) if offered else TYPED


INPUTS = _inputs()
LIKELY = ["website", "website", "email", "phone_call", "chat", "physical_store", "system_generated", "other"]
START = {
    "eventName": [
        "PageView",
        "own",
        "Lead",
        "purchase",
        "Purchase",
        "AppendValue",
        "OrderShipped",
        "{{Element 0}}",
    ],
    "actionSource": [*LIKELY, *LIKELY, "app", "business_messaging", "{{Element 1}}"],
    "email": ["john_smith@gmail.com", "john_smith@gmail.com", "{{Element 2}}", ""],
    "customData.currency": ["EUR", "usd", "{{Element 3}}", ""],
    "customData.value": ["9.5", "0", "{{Element 4}}", ""],
}
FORMS = st.fixed_dictionaries(
    {path: st.sampled_from(texts) for path, texts in START.items()},
    optional={path: typed for path, typed in INPUTS.items() if path not in START},
)
# Some of the inputs are filled in.
KEPT = st.sets(st.sampled_from(sorted(INPUTS)), max_size=20)


def _seed(key: str, value: Any) -> dict[str, Any]:
    """A Purchase with one setting from a data element; arguments of the random test."""
    path = key if key in INPUTS else f"{key}.="
    typed = {
        **{"eventName": "Purchase", "actionSource": "website", "email": "john_smith@gmail.com"},
        **{"customData.currency": "EUR", "customData.value": "9.5"},
    }
    # An object has a field for each member, or one field.
    typed = {name: text for name, text in typed.items() if not name.startswith(f"{key}.")}
    values = [value, *[None] * (len(ELEMENTS) - 1)]
    return {"typed": typed | {path: f"{{{{{ELEMENTS[0]}}}}}"}, "kept": {path}, "values": values}


SEEDS = [_seed(key, value) for key, value in action.reported.VALUES]


def _seeded(test: Any) -> Any:
    """The test with each reported input as an example."""
    return reduce(lambda seeded, seed: example(**seed)(seeded), SEEDS, test)


@pytest.mark.parametrize("seed", SEEDS, ids=[f"{key} {value!s:.40}" for key, value in action.reported.VALUES])
def test_each_reported_input_passes_the_form_and_is_sent_or_refused_with_a_reason(
    seed: dict[str, Any],
) -> None:
    form = form_for(action.ACTION, data=seed["typed"], elements=ELEMENTS)
    assert form.is_valid(), form.errors
    assert f"{{{{{ELEMENTS[0]}}}}}" in str(form.to_settings())
    _is_let_through(action.run(form.to_settings(), dict(zip(ELEMENTS, seed["values"], strict=True))))


def test_events_that_are_let_through_are_accepted() -> None:
    sent = 0

    @_seeded
    @settings(max_examples=EVENTS, deadline=None, phases=PHASES, suppress_health_check=list(HealthCheck))
    @given(typed=FORMS, kept=KEPT, values=st.lists(VALUE, min_size=len(ELEMENTS), max_size=len(ELEMENTS)))
    def try_one(typed: dict[str, str], kept: set[str], values: list[Any]) -> None:
        nonlocal sent
        data = {path: text for path, text in typed.items() if path in kept or path in START}
        form = form_for(action.ACTION, data=data, elements=ELEMENTS)
        if form.is_valid():
            sent += _is_let_through(action.run(form.to_settings(), dict(zip(ELEMENTS, values, strict=True))))

    try_one()
    # The events differ from run to run; a test that sends almost nothing would prove nothing.
    assert sent > EVENTS / 20


def _is_let_through(result: RunResult) -> bool:
    """Check for a refusal with its reason, or for one item that the Graph simulator accepts."""
    assert len(result.items) + len(result.refusals) == 1, [rule.error for rule in result.rules]
    if result.refusals:
        return False
    assert action.simulator.check_request(action.request_body(result), action.RECEIVED_AT) is None
    return True
