"""The build document of a shop's tags: the eighteen rules that Quick Start makes, each with an event."""

from __future__ import annotations

from hashlib import sha256
from typing import Any

Document = dict[str, Any]
PRODUCT = ("content_category", "content_ids", "contents", "currency", "value")
# Source: Meta, Pixel Reference, the parameters of each standard event.
PARAMETERS: dict[str, tuple[str, ...]] = {
    "PageView": (),
    "AddPaymentInfo": PRODUCT,
    "AddToCart": ("content_ids", "content_name", "content_type", "contents", "currency", "value"),
    "AddToWishlist": ("content_name", *PRODUCT),
    "CompleteRegistration": ("content_name", "currency", "status", "value"),
    "Contact": (),
    "CustomizeProduct": (),
    "Donate": (),
    "FindLocation": (),
    "InitiateCheckout": (*PRODUCT, "num_items"),
    "Lead": ("content_name", "content_category", "currency", "value"),
    "Purchase": (
        *("content_ids", "content_name", "content_type", "contents", "currency", "num_items", "value"),
        "order_id",
    ),
    "Schedule": (),
    "Search": (*PRODUCT, "search_string"),
    "StartTrial": ("currency", "predicted_ltv", "value"),
    "SubmitApplication": (),
    "Subscribe": ("currency", "predicted_ltv", "value"),
    "ViewContent": ("content_name", "content_type", *PRODUCT),
}
KEYS = sorted({key for keys in PARAMETERS.values() for key in keys} | {"user"})
LAYER = "dataLayer.meta"


def shop_document(rules: int = len(PARAMETERS)) -> Document:
    """Return the document with this many rules: the eighteen, again and again, each under its own name."""
    events = list(PARAMETERS)
    return {
        "platform": "web",
        "buildInfo": {
            "environment": "production",
            "buildDate": "2026-12-01T00:00:00+00:00",
            "buildId": "BL1",
        },
        "company": {},
        "property": {
            "id": "PR" + "1" * 32,
            "name": "shop.example tags",
            "settings": {
                "domains": ["shop.example"],
                "ruleComponentSequencingEnabled": True,
                "undefinedVarsReturnEmpty": False,
            },
        },
        "environment": {"id": "EN" + "1" * 32, "stage": "production"},
        "extensions": {
            "core-web": {"displayName": "Core", "settings": {}},
            "adobe-alloy": {
                "displayName": "Adobe Experience Platform Web SDK",
                "settings": {"instances": [_instance()]},
            },
            "facebook-pixel": {"displayName": "Meta Pixel", "settings": {"pixelId": "1234567890"}},
        },
        "dataElements": _elements(),
        "rules": [_rule(events[number % len(events)], number) for number in range(rules)],
    }


def _instance() -> Document:
    return {
        "name": "alloy",
        "edgeConfigId": "0f6c2a5e-3a1b-4c62-9a0e-7a1c5b9d0e11",
        "orgId": "5BFE274A5F6980A50A495C08@AdobeOrg",
        "edgeDomain": "data.shop.example",
        "edgeBasePath": "ee",
        "defaultConsent": "in",
        "idMigrationEnabled": False,
        "thirdPartyCookiesEnabled": False,
    }


def _elements() -> Document:
    paths = {f"MetaConversion_{key}": f"{LAYER}.{key}" for key in KEYS}
    paths |= {"MetaConversion_DataLayer": LAYER, "MetaConversion_eventId": f"{LAYER}.conversionData.eventId"}
    return {
        name: {
            "id": f"DE{number:032}",
            "name": name,
            "modulePath": "core-web::dataElements::javascript-variable",
            "settings": {"path": path},
            "defaultValue": None,
            "cleanText": False,
            "forceLowerCase": False,
            "storageDuration": None,
        }
        for number, (name, path) in enumerate(paths.items())
    }


def _rule(event: str, number: int) -> Document:
    parameters = {key: f"%MetaConversion_{key}%" for key in PARAMETERS[event]}
    event_id = "%MetaConversion_eventId%"
    data = {"event": event, "event_id": event_id, **parameters, "user": "%MetaConversion_user%"}
    shown = {key: value for key, value in parameters.items() if key != "order_id"}
    return {
        "id": f"RL{sha256(f'rule {number}'.encode()).hexdigest()[:32]}",
        "name": f"MetaConversion_{event}" + (f" {number}" if number >= len(PARAMETERS) else ""),
        "events": [_event(event, number)],
        "conditions": [],
        "actions": [
            _action("facebook-pixel::actions::generate-event-id", {"dataLayerPath": LAYER}, waits=True),
            _action("adobe-alloy::actions::send-event", {"type": f"metaConversion.{event}", "data": data}),
            _action(
                "facebook-pixel::actions::send-pixel-event",
                {"eventName": event, "eventId": event_id, "parameters": shown},
            ),
        ],
    }


def _event(event: str, number: int) -> Document:
    if event == "PageView":
        delegate, settings = "dom-ready", {}
    elif event == "AddToCart":
        delegate, settings = "click", {"elementSelector": ".add-to-cart-button", "afterPage": True}
    else:
        delegate, settings = "custom-event", {"type": f"shop:{event}"}
    described = {"id": f"RC{number:032}", "name": "", "settings": settings, "ruleOrder": 50}
    return {**described, "modulePath": f"core-web::events::{delegate}"}


def _action(delegate: str, settings: Document, *, waits: bool = False) -> Document:
    return {
        "id": "RC" + "2" * 32,
        "name": "",
        "modulePath": delegate,
        "settings": settings,
        "timeout": 2000,
        "delayNext": waits,
    }
