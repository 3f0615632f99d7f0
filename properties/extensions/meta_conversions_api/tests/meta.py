"""Helpers for the package's tests: the action, the minimal settings that Meta accepts, and one event."""

from __future__ import annotations

from typing import Any

from properties.catalog.context import EventContext
from properties.catalog.outbound import BatchItem
from properties.catalog.testing import fake_context

from ..actions import send_conversions_api_event

RECEIVED_AT = 1_700_000_000
DAY_SECONDS = 86_400
CONFIGURATION = {"pixelId": "1234567890", "accessToken": "[[secret]]"}

# Source: Meta, Using the API; a website event with only the required parameters.
LEAST = {
    "eventName": "PageView",
    "actionSource": "website",
    "eventSourceUrl": "https://shop.example/",
    "eventId": "e-1",
    "clientIpAddress": "192.0.2.7",
    "clientUserAgent": "Mozilla/5.0",
}


def context(**overrides: Any) -> EventContext:
    """Return an event that was received on 14 November 2023 at 22:13:20 UTC."""
    given = {"received_at": float(RECEIVED_AT), "extension_settings": CONFIGURATION}
    return fake_context(**(given | overrides))


def item(settings: dict[str, Any] | None = None, /, **more: Any) -> BatchItem:
    """Return the item for the minimal settings with these changes."""
    result = send_conversions_api_event(LEAST | (settings or {}) | more, context())
    assert isinstance(result, BatchItem)
    return result


def codes(result: BatchItem) -> list[str]:
    """Return the codes of the warnings."""
    return [warning.code for warning in result.warnings]


def sent(settings: dict[str, Any] | None = None, /, **more: Any) -> dict[str, Any]:
    """Return the server event for the minimal settings with these changes."""
    return dict(item(settings, **more).payload)
