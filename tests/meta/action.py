"""Meta's action as the product runs it: from the form or a document through the engine to a request."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from typing import Any

from properties.catalog.forms import check_settings, form_for
from properties.catalog.outbound import BatchItem
from properties.catalog.registry import find_type, packages
from rules.engine import RunResult, compile_build, run_build

PACKAGE = "meta-conversions-api"
DELEGATE = f"{PACKAGE}::actions::send-conversions-api-event"
RECEIVED_AT = 1_700_000_000
CONFIGURATION = {"pixelId": "1234567890", "accessToken": "EAAB"}
ACTION = find_type(DELEGATE)
WEBSITE = {
    "eventName": "ViewContent",
    "actionSource": "website",
    "eventSourceUrl": "https://shop.example/",
    "clientUserAgent": "Mozilla/5.0",
    "eventId": "e-1",
    "email": "john_smith@gmail.com",
}
# By path: nothing imports an extension package by name.
simulator = import_module("properties.extensions.meta_conversions_api.simulator")
reported = import_module("properties.extensions.meta_conversions_api.tests.reported")
parameters = import_module("properties.extensions.meta_conversions_api.parameters")


def stored_by_form(typed: Mapping[str, str], elements: Mapping[str, Any]) -> dict[str, Any]:
    """Return the settings that a page stores for typed texts; a credential stays a reference."""
    form = form_for(ACTION, data={"deriveFbc": "on", **typed}, elements=list(elements))
    assert form.is_valid(), form.errors
    return form.to_settings()


def stored_by_document(settings: Mapping[str, Any], elements: Mapping[str, Any]) -> dict[str, Any]:
    """Return the settings that a property document stores."""
    assert check_settings(ACTION, settings, elements=list(elements)) == []
    return dict(settings)


def run(settings: Mapping[str, Any], elements: Mapping[str, Any] | None = None) -> RunResult:
    """Run one event through a build with one rule; data elements read the event's data."""
    values = dict(elements or {})
    document = {
        "buildInfo": {"environment": "production"},
        "extensions": {"core": {"settings": {}}, PACKAGE: {"settings": CONFIGURATION}},
        "dataElements": {name: _path(name, position) for position, name in enumerate(values)},
        "rules": [
            {
                "id": "RL1",
                "name": "Rule",
                "actions": [{"id": "RC1", "name": "Send", "modulePath": DELEGATE, "settings": settings}],
            }
        ],
    }
    return run_build(
        compile_build(document, packages()),
        {"event": {"xdm": {}, "data": _numbered(values)}, "request": {"header": {}}},
        inbound_event_id="7",
        received_at=float(RECEIVED_AT),
        installation={},
        secret_marker=lambda name: f"[[{name}]]",
    )


def _path(name: str, position: int) -> dict[str, Any]:
    settings = {"path": f"arc.event.data.value{position}"}
    return {"id": name, "name": name, "modulePath": "core::dataElements::path", "settings": settings}


def _numbered(values: Mapping[str, Any]) -> dict[str, Any]:
    return {f"value{position}": value for position, value in enumerate(values.values())}


def request_body(result: RunResult) -> dict[str, Any]:
    """The body of the request that the only item would be sent in."""
    (outbound,) = result.items
    assert isinstance(outbound.item, BatchItem)
    body: dict[str, Any] = ACTION.batch_request(outbound.item.envelope, [outbound.item.payload]).body
    return body
