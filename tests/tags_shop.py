"""A tags property as a document: a click starts a rule, which reads a data element."""

from __future__ import annotations

import copy
from typing import Any

_SHOP: dict[str, Any] = {
    "format": "capi-admin/property/v1",
    "property": {"name": "Shop tags", "platform": "web", "domains": ["shop.example"]},
    "extensions": [{"package": "core-web", "settings": {}}],
    "data_elements": [
        {
            "name": "Word",
            "delegate": "core-web::dataElements::constant",
            "settings": {"value": "hello"},
            "storage_duration": "session",
        }
    ],
    "rules": [
        {
            "name": "Greet",
            "events": [
                {
                    "delegate": "core-web::events::click",
                    "settings": {"elementSelector": ".greet"},
                    "rule_order": -7,
                },
                {"delegate": "core-web::events::dom-ready", "settings": {}},
            ],
            "conditions": [
                {
                    "delegate": "core-web::conditions::value-comparison",
                    "settings": {
                        "leftOperand": "%Word%",
                        "comparison": {"operator": "equals"},
                        "rightOperand": "hello",
                    },
                }
            ],
            "actions": [
                {
                    "delegate": "core-web::actions::custom-code",
                    "settings": {"source": "document.title = _satellite.getVar('Word');"},
                }
            ],
        }
    ],
}


def tags_shop() -> dict[str, Any]:
    """Return a new copy, for a test to change."""
    return copy.deepcopy(_SHOP)
