"""A very large property document: 500 rules and 1,000 data elements."""

from __future__ import annotations

from typing import Any

RULES, ELEMENTS = 500, 1_000
META = "meta-conversions-api"
CODE = """
const {event: {xdm}} = arc;
return xdm.eventType === "commerce.purchases" && getDataElementValue("Element 1") > %d;
"""


def large_document(rules: int = RULES, elements: int = ELEMENTS) -> dict[str, Any]:
    """Return rules with two conditions and an action of fifteen fields; every fiftieth has custom code."""
    return {
        "format": "capi-admin/property/v1",
        "property": {"name": f"{rules} rules", "platform": "edge", "domains": ["shop.example"]},
        "extensions": [
            {"package": "core"},
            {"package": META, "settings": {"pixelId": "1234567890", "accessToken": "EAABbenchmark"}},
        ],
        "data_elements": [_element(number) for number in range(elements)],
        "rules": [_rule(number, elements) for number in range(rules)],
    }


def _element(number: int) -> dict[str, Any]:
    return {
        "name": f"Element {number}",
        "delegate": "core::dataElements::path",
        "settings": {"path": f"arc.event.xdm.shop.group{number % 40}.field{number}"},
        "clean_text": number % 5 == 0,
    }


def _rule(number: int, elements: int) -> dict[str, Any]:
    return {
        "name": f"Rule {number}",
        "conditions": [
            _comparison(f"{{{{Element {number % elements}}}}}", f"event-{number}"),
            _comparison(f"{{{{Element {(number + 7) % elements}}}}}", "web"),
            *([_custom_code(number)] if number % 50 == 0 else []),
        ],
        "actions": [_action(number, elements)],
    }


def _comparison(left: str, right: str) -> dict[str, Any]:
    settings = {"leftOperand": left, "comparison": {"operator": "equals"}, "rightOperand": right}
    return {"delegate": "core::conditions::value-comparison", "settings": settings}


def _custom_code(number: int) -> dict[str, Any]:
    return {"delegate": "core::conditions::custom-code", "settings": {"source": CODE % number}}


def _action(number: int, elements: int) -> dict[str, Any]:
    names = iter(range(number * 2, number * 2 + 20))

    def token() -> str:
        return f"{{{{Element {next(names) % elements}}}}}"

    fields = ("eventId", "fbp", "fbc", "email", "phone", "firstName", "lastName", "city", "zip", "externalId")
    settings = {
        "eventName": "Purchase",
        "actionSource": "website",
        "eventTime": token(),
        "eventSourceUrl": token(),
        "clientUserAgent": token(),
        **{field: token() for field in fields},
        "customData": {"value": token(), "currency": "EUR", "content_ids": token(), "order_id": token()},
    }
    return {"delegate": f"{META}::actions::send-conversions-api-event", "settings": settings}
