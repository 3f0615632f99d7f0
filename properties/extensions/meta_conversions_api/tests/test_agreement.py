"""The simulator reads Meta's rules independently: it must accept every event that the action lets through."""

from __future__ import annotations

from functools import reduce
from typing import Any

from hypothesis import example, given
from hypothesis import strategies as st

from properties.catalog.errors import Rejected

from ..actions import batch_request, send_conversions_api_event
from ..examples import EXAMPLES
from ..parameters import ACTION_SOURCES, PARAMETERS, STANDARD_EVENTS, Parameter
from ..simulator import check_request
from . import reported
from .meta import RECEIVED_AT, context

ODD = st.one_of(
    st.text(max_size=30),
    st.integers(),
    st.floats(),
    st.booleans(),
    st.none(),
    st.sampled_from(
        ["john_smith@gmail.com", "+1 650 555 1212", "1997-02-16", "US", "f", "EUR", "9.99", "7", "0"]
    ),
    st.sampled_from(reported.TEXTS),
    st.sampled_from(
        ["fb.1.1596403881668.1116446470", "192.0.2.7", "10.0.0.1", "true", "1000", "a2", "60" * 32]
    ),
)
ANY = st.one_of(
    ODD, st.lists(ODD, max_size=3), st.dictionaries(st.text(max_size=5) | st.just("id"), ODD, max_size=3)
)


def values(row: Parameter) -> st.SearchStrategy[Any]:
    """Return odd values, and for objects odd values under Meta's names."""
    offered = st.sampled_from([value for value, _ in row.options]) if row.options else st.nothing()
    inner = {each.key: values(each) for each in row.properties}
    return ANY | offered | (st.fixed_dictionaries({}, optional=inner) if inner else st.nothing())


SETTINGS = st.fixed_dictionaries(
    {
        "eventName": st.sampled_from((*STANDARD_EVENTS, "AppendValue", "OrderShipped", "own")),
        "actionSource": st.sampled_from([value for value, _ in ACTION_SOURCES]),
        "eventTime": st.integers(RECEIVED_AT - 70 * 86_400, RECEIVED_AT + 100) | ANY,
        "fbp": st.sampled_from(["fb.1.1596403881668.1116446470", ""]),
        "customData": st.fixed_dictionaries(
            {"value": ANY, "currency": st.sampled_from(["EUR", "usd", "x"])},
            optional={"contents": st.lists(st.fixed_dictionaries({"id": ODD, "quantity": ODD}), max_size=2)},
        )
        | values(next(row for row in PARAMETERS if row.key == "customData")),
    },
    optional={
        row.key: values(row)
        for row in PARAMETERS
        if row.key
        not in ("eventName", "actionSource", "eventTime", "fbp", "customData", "pixelId", "accessToken")
    },
)


def refusal(settings: dict[str, Any]) -> object:
    item = send_conversions_api_event(settings, context())
    body = batch_request(item.envelope, [item.payload]).body
    return check_request(body, RECEIVED_AT)


WEBSITE = {"eventName": "Purchase", "actionSource": "website", "fbp": "fb.1.1596403881668.1116446470"}
MONEY = {"customData": {"value": 1, "currency": "EUR"}}


def seeded(test: Any) -> Any:
    """Add the publicly reported values, each in its field, as examples of the test."""
    seeds = [WEBSITE | MONEY | {key: value} for key, value in reported.VALUES]
    return reduce(lambda made, seed: example(settings=seed)(made), seeds, test)


@seeded
@given(settings=SETTINGS)
def test_the_simulator_accepts_every_event_that_the_action_lets_through(settings: dict[str, Any]) -> None:
    try:
        found = refusal(settings)
    except Rejected:
        return
    assert found is None


def test_the_worked_examples_are_accepted() -> None:
    for worked in EXAMPLES:
        for payload in worked.result:
            body = {"data": [payload], "access_token": "EAAB", "partner_agent": "capi_admin_1_0"}
            assert check_request(body, worked.received_at) is None
