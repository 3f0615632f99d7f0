"""What the event log learns from a server event."""

from __future__ import annotations

from typing import Any

import pytest

from properties.catalog.outbound import ServerEventFacts

from ..facts import facts, unsent

# Meta, Customer Information Parameters, sample hash of "em".
HASH = "62a14e44f765419d10fea99367361a727c12365e2520f32218d505ed9aa0f62f"


@pytest.mark.parametrize(
    ("payload", "expected"),
    [
        ({}, ServerEventFacts()),
        (
            {
                "custom_data": {"value": 12.5, "currency": "USD", "order_id": "1001"},
                "user_data": {"em": HASH},
            },
            ServerEventFacts(12.5, "USD", "1001", (HASH,)),
        ),
        ({"user_data": {"em": [HASH, HASH]}}, ServerEventFacts(emails=(HASH, HASH))),
        ({"custom_data": {"value": True}}, ServerEventFacts()),
        ({"custom_data": {"value": "12"}}, ServerEventFacts()),
    ],
)
def test_value_currency_order_and_addresses(payload: dict[str, Any], expected: ServerEventFacts) -> None:
    assert facts(payload) == expected


def test_an_event_that_meta_would_refuse_keeps_its_name_and_id() -> None:
    item = unsent({"event_name": "Purchase", "event_id": "order-1", "custom_data": {"value": 9}})
    assert (item.name, item.server_event_id, facts(item.payload).value) == ("Purchase", "order-1", 9)
