"""A shop with a Purchase rule, and three people: an owner, a colleague with limited rights, a stranger."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from properties.models import Property
from rules.documents.applying import apply_document
from tests.person import Person
from tests.tags_shop import tags_shop

TOKEN = "EAABsbCS1234567890ZCZD"  # noqa: S105 - made up

SHOP: dict[str, Any] = {
    "format": "capi-admin/property/v1",
    "property": {"name": "Shop", "platform": "edge", "domains": ["shop.example"]},
    "extensions": [
        {"package": "core"},
        {"package": "meta-conversions-api", "settings": {"pixelId": "1234567890", "accessToken": TOKEN}},
    ],
    "data_elements": [
        {
            "name": "Event Name",
            "delegate": "core::dataElements::path",
            "settings": {"path": "arc.event.data.name"},
        },
        {
            "name": "Email",
            "delegate": "core::dataElements::path",
            "settings": {"path": "arc.event.data.user.email"},
            "force_lower_case": True,
        },
    ],
    "rules": [
        {
            "name": "Purchase",
            "conditions": [
                {
                    "delegate": "core::conditions::value-comparison",
                    "settings": {
                        "leftOperand": "{{Event Name}}",
                        "comparison": {"operator": "equals", "caseInsensitive": False},
                        "rightOperand": "Purchase",
                    },
                }
            ],
            "actions": [
                {
                    "delegate": "meta-conversions-api::actions::send-conversions-api-event",
                    "settings": {
                        "eventName": "Purchase",
                        "eventTime": "1700000000",
                        "actionSource": "email",
                        "email": "{{Email}}",
                        "customData": {"currency": "EUR", "value": 9.99},
                    },
                }
            ],
        }
    ],
}


@pytest.fixture
def client() -> Person:
    return Person()


@pytest.fixture
def shop() -> dict[str, Any]:
    """A property document that is right in every way."""
    return copy.deepcopy(SHOP)


@pytest.fixture
def tags_prop(db: None) -> Property:
    """A tags property, saved, not yet in a library: see ``tests.tags_shop``."""
    return apply_document(tags_shop()).prop


@pytest.fixture
def prop(db: None, shop: dict[str, Any]) -> Property:
    """The property of that document, saved, not yet in a library."""
    return apply_document(shop).prop
