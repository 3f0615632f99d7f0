"""What a person answers."""

from __future__ import annotations

from typing import Any

import pytest

from rules.quick_start.planning import Order

PACKAGE = "meta-conversions-api"
TOKEN = "EAAB" + "w1d2f3g4h5" * 4
ANSWERS = {"pixelId": "1234567890", "accessToken": TOKEN, "dataLayerPath": "window.dataLayer.meta"}


def order(domain: str = "shoes.example", forwarding_name: str = "", **answers: str) -> Order:
    return Order(PACKAGE, domain, ANSWERS | answers, forwarding_name)


@pytest.fixture
def forwarding_document() -> dict[str, Any]:
    """A property of event forwarding that a person has made: one element is called like one of ours."""
    return {
        "format": "capi-admin/property/v1",
        "property": {"name": "Old shop", "platform": "edge", "domains": ["shoes.example"]},
        "extensions": [
            {"package": "core"},
            {
                "package": "meta-conversions-api",
                "settings": {"pixelId": "1234567890", "accessToken": "EAABofTheOldShop"},
            },
        ],
        "data_elements": [
            {
                "name": "Event Name",
                "delegate": "core::dataElements::path",
                "settings": {"path": "arc.event.data.event"},
            },
            {
                "name": "Value",
                "delegate": "core::dataElements::path",
                "settings": {"path": "arc.event.data.order.total"},
            },
        ],
        "rules": [],
    }
