"""Converts the settings of Adobe's Meta Pixel extension, which has an action for each event.

Source: adobe/reactor-extension-facebook-pixel, extension.json.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

from properties.catalog.descriptor import Adopt, Settings

from .standard_events import KEYS

PACKAGE = "facebook-pixel"
CONFIGURATION = f"{PACKAGE}::extensionConfiguration::config"
_OLD_EVENT_ID = "Its event ID was left out: it would mark different events as one. Give each action its own."
# Name of Adobe's action → the event that it sends.
ACTIONS: Mapping[str, str] = {
    "send-page-view": "PageView",
    "send-initiate-checkout-event": "InitiateCheckout",
    "send-add-payment-info-event": "AddPaymentInfo",
    "send-search-event": "Search",
    "send-view-content-event": "ViewContent",
    "send-add-to-cart-event": "AddToCart",
    "add-to-wishlist-event": "AddToWishlist",
    "send-purchase-event": "Purchase",
    "send-lead-event": "Lead",
    "send-complete-registration-event": "CompleteRegistration",
    "send-contact-event": "Contact",
    "send-customize-product-event": "CustomizeProduct",
    "send-donate-event": "Donate",
    "send-find-location-event": "FindLocation",
    "send-schedule-event": "Schedule",
    "send-start-trial-event": "StartTrial",
    "send-submit-application-event": "SubmitApplication",
    "send-subscribe-event": "Subscribe",
    "send-custom-event": "",
}


def adopt_configuration(settings: Settings) -> tuple[dict[str, Any], list[str]]:
    """Return the configuration without the event ID that Adobe has given up."""
    kept = {key: value for key, value in settings.items() if key != "eventId"}
    return kept, [_OLD_EVENT_ID] if settings.get("eventId") else []


def _adopt_event(name: str, settings: Settings) -> tuple[dict[str, Any], list[str]]:
    """Return the settings of one of Adobe's actions as ours."""
    parameters = {key: settings[key] for key in KEYS if settings.get(key) not in (None, "", [])}
    rows = settings.get("parameters")
    for row in rows if isinstance(rows, list) else ():
        if isinstance(row, Mapping) and row.get("key"):
            parameters[str(row["key"])] = row.get("value")
    given = {
        "eventName": name or settings.get("name"),
        "eventId": settings.get("event_id"),
        "parameters": parameters,
    }
    return {key: value for key, value in given.items() if value}, []


ADOPTED: Mapping[str, Adopt] = {
    f"{PACKAGE}::actions::{action}": partial(_adopt_event, name) for action, name in ACTIONS.items()
}
