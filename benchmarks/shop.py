"""A shop that sends every event to Meta: a property and events for runs that need nothing else."""

from __future__ import annotations

from typing import Any

PIXEL_ID = "1234567890123456"


def _path(name: str, path: str) -> dict[str, Any]:
    return {"name": name, "delegate": "core::dataElements::path", "settings": {"path": path}}


def document(name: str = "Busy Shop") -> dict[str, Any]:
    """Return a property document with one rule that sends every event with an ``event_id``."""
    condition = {
        "delegate": "core::conditions::value-comparison",
        "settings": {"leftOperand": "{{Event ID}}", "comparison": {"operator": "isTruthy"}},
    }
    action = {
        "delegate": "meta-conversions-api::actions::send-conversions-api-event",
        "settings": {
            "eventName": "Lead",
            "eventId": "{{Event ID}}",
            "eventTime": "{{Event Time}}",
            "actionSource": "website",
            "eventSourceUrl": "https://shop.example/thanks",
            "clientUserAgent": "Mozilla/5.0",
            "email": "{{Email}}",
        },
    }
    return {
        "format": "capi-admin/property/v1",
        "property": {"name": name, "platform": "edge"},
        "extensions": [
            {"package": "core"},
            {
                "package": "meta-conversions-api",
                "settings": {"pixelId": PIXEL_ID, "accessToken": "EAABusyShopOfTheBenchmarks"},
            },
        ],
        "data_elements": [
            _path("Event ID", "arc.event.data.event_id"),
            _path("Event Time", "arc.event.xdm.timestamp"),
            _path("Email", "arc.event.data.email"),
        ],
        "rules": [{"name": "Everything", "conditions": [condition], "actions": [action]}],
    }


def event(event_id: str) -> dict[str, Any]:
    """Return one event as a server sends it. With the same id it is the same event, sent again."""
    data = {"event_id": event_id, "email": f"{event_id}@example.com", "event": "Lead"}
    return {"event": {"xdm": {"_id": event_id}, "data": data}}
