"""The tags property: a rule for each event sends it by the server and by the Pixel, with one event ID."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from .events import EVENTS, FOR_THE_SERVER, KEYS

NAME = "MetaConversion_{}"
LAYER = NAME.format("DataLayer")
EVENT_ID = NAME.format("EventID")
_CODE = "core-web::dataElements::custom-code"
_EXAMPLE = """\
// The data of a conversion. Fill it before the event; a new object replaces the one before.
//
// {path} = {{
//   value: 129.9, currency: 'EUR',
//   content_ids: ['A-1'], contents: [{{id: 'A-1', quantity: 1, item_price: 129.9}}], content_type: 'product',
//   content_name: 'Trail shoe', content_category: 'Shoes', num_items: 1,
//   search_string: '', status: '', predicted_ltv: 0, order_id: '10001',
//   user: {{email: '', phone: '', first_name: '', last_name: '', city: '', state: '', zip: '', country: '',
//     external_id: ''}}  // For the server alone.
// }};
//
// Leave out what you do not know. Generate New Event ID writes conversionData.eventId.
"""
_FIRST = (
    {"delegate": "core-web::events::dom-ready", "settings": {}},
    {"delegate": "core-web::events::history-change", "settings": {}},
)


def tags(answers: Mapping[str, str], forwarding_name: str) -> dict[str, Any]:
    """Return extensions, data elements and rules of the property, as in a property document.

    Args:
        forwarding_name: Name of the property that gets the events.
    """
    path = answers["dataLayerPath"]
    return {
        "extensions": [
            {"package": "core-web"},
            {"package": "adobe-alloy", "settings": {"forwardingProperty": forwarding_name}},
            {
                "package": "facebook-pixel",
                "settings": {"pixelId": answers["pixelId"], "dataLayerPath": path},
            },
        ],
        "data_elements": list(_elements(path)),
        "rules": [_rule(name) for name in EVENTS],
    }


def _elements(path: str) -> Iterator[dict[str, Any]]:
    yield _element(LAYER, f"{_EXAMPLE.format(path=path)}return {_read(path)};")
    yield {"name": EVENT_ID, "delegate": "facebook-pixel::dataElements::event-id", "settings": {}}
    for key in (*KEYS, "user"):
        yield _element(NAME.format(key), f"return (_satellite.getVar('{LAYER}') || {{}}).{key};")


def _element(name: str, source: str) -> dict[str, Any]:
    return {"name": name, "delegate": _CODE, "settings": {"source": source}}


def _read(path: str) -> str:
    """Return ``window.a && window.a.b`` for ``window.a.b``."""
    names = path.split(".")
    return " && ".join(".".join(names[:end]) for end in range(2, len(names) + 1))


def _rule(event: str) -> dict[str, Any]:
    parameters = _tokens(EVENTS[event])
    identified = f"%{EVENT_ID}%"
    data = {
        "event": event,
        "event_id": identified,
        **parameters,
        **_tokens(FOR_THE_SERVER.get(event, ())),
        **_tokens(("user",)),
    }
    return {
        "name": NAME.format(event),
        "events": [dict(it) for it in _FIRST] if event == "PageView" else [],
        "actions": [
            {"delegate": "facebook-pixel::actions::generate-event-id", "settings": {}},
            # Nothing waits for the answer: it may come late, or never while consent is pending.
            {
                "delegate": "adobe-alloy::actions::send-event",
                "settings": {"type": f"metaConversion.{event}", "data": data},
                "delay_next": False,
            },
            {
                "delegate": "facebook-pixel::actions::send-pixel-event",
                "settings": {"eventName": event, "eventId": identified, "parameters": parameters},
                "delay_next": False,
            },
        ],
    }


def _tokens(keys: Any) -> dict[str, str]:
    return {key: f"%{NAME.format(key)}%" for key in keys}
