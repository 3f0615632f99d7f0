"""The property of event forwarding: one rule that sends every named event of the tags to Meta."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from .events import KEYS, USER

_PATH = "core::dataElements::path"
# Name → path. The names are those that the presets of the action look for.
_VISIT = {
    "Event Name": "arc.event.data.event",
    "Event ID": "arc.event.data.event_id",
    "Event Time": "arc.event.xdm.timestamp",
    "Page URL": "arc.event.xdm.web.webPageDetails.URL",
    "Referrer URL": "arc.event.xdm.web.webReferrer.URL",
    "User Agent": "arc.event.xdm.environment.browserDetails.userAgent",
    "Browser ID (fbp)": "arc.request.header.cookies._fbp",
    "Click ID (fbc)": "arc.request.header.cookies._fbc",
}
_ADDRESS = "Client IP Address"
_LABELS = {
    "content_ids": "Content IDs",
    "num_items": "Number of Items",
    "order_id": "Order ID",
    "status": "Registration Status",
    "predicted_ltv": "Predicted LTV",
    "external_id": "External ID",
}
_SETTINGS = {
    "eventName": "{{Event Name}}",
    "eventId": "{{Event ID}}",
    "eventTime": "{{Event Time}}",
    "actionSource": "website",
    "eventSourceUrl": "{{Page URL}}",
    "referrerUrl": "{{Referrer URL}}",
    "clientIpAddress": f"{{{{{_ADDRESS}}}}}",
    "clientUserAgent": "{{User Agent}}",
    "fbp": "{{Browser ID (fbp)}}",
    "fbc": "{{Click ID (fbc)}}",
}


def forwarding(answers: Mapping[str, str]) -> dict[str, Any]:
    """Return extensions, data elements and rules of the property, as in a property document."""
    return {
        "extensions": [
            {"package": "core"},
            {
                "package": "meta-conversions-api",
                "settings": {"pixelId": answers["pixelId"], "accessToken": answers["accessToken"]},
            },
        ],
        "data_elements": list(_elements()),
        "rules": [_rule()],
    }


def _elements() -> Iterator[dict[str, Any]]:
    for name, path in _VISIT.items():
        yield {"name": name, "delegate": _PATH, "settings": {"path": path}}
    yield {"name": _ADDRESS, "delegate": "core::dataElements::ip", "settings": {}}
    for folder, keys in (("", KEYS), ("user.", USER)):
        for key in keys:
            settings = {"path": f"arc.event.data.{folder}{key}"}
            yield {"name": _label(key), "delegate": _PATH, "settings": settings}


def _rule() -> dict[str, Any]:
    return {
        "name": "MetaConversion",
        "conditions": [
            {
                "delegate": "core::conditions::value-comparison",
                "settings": {"leftOperand": "{{Event Name}}", "comparison": {"operator": "isTruthy"}},
            }
        ],
        "actions": [
            {
                "delegate": "meta-conversions-api::actions::send-conversions-api-event",
                "settings": {
                    **_SETTINGS,
                    **{_in_camel_case(key): f"{{{{{_label(key)}}}}}" for key in USER},
                    "customData": {key: f"{{{{{_label(key)}}}}}" for key in KEYS},
                },
            }
        ],
    }


def _label(key: str) -> str:
    return _LABELS.get(key) or key.replace("_", " ").title()


def _in_camel_case(key: str) -> str:
    first, *others = key.split("_")
    return first + "".join(it.title() for it in others)
