"""A property from Adobe, with all its odd parts: imported, built, and run with an event.

Source: docs/reference/adobe.md, "Extensions", "Data elements" and "Rules and components".

A timeout of 0, settings that
are not there and ``delay_next`` are what its attributes allow.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from properties.catalog.registry import packages
from rules.documents.adobe import carry_out, plan_import
from rules.engine import RunResult, compile_build, run_build
from rules.publishing.build import build
from rules.publishing.libraries import add_all_changed, working_library
from rules.sandbox import Sandbox, WatchedSandbox, Watcher

pytestmark = pytest.mark.django_db

LISTING = Path(__file__).parent.parent / "rules/documents/tests/adobe/shop.json"
PURCHASE = "RL14dc6a8c37b14b619ddb2b3ba489a1f5"
EVENT = {
    "xdm": {
        "eventType": "commerce.purchases",
        "timestamp": "2026-11-22T10:00:00.000Z",
        "commerce": {"order": {"purchaseID": "T-1", "priceTotal": 245.5}},
        "environment": {"ipV4": "203.0.113.7", "browserDetails": {"userAgent": "Test/1.0"}},
        "web": {"webPageDetails": {"URL": "https://shop.example/thanks"}},
    },
    "data": {"user": {"email": " Ada@Example.COM "}},
}
# sha256sum of ada@example.com: without blanks and in lower case, as Meta asks for.
EMAIL_HASH = "b5fc85e55755f9e0d030a10ab4429b6b2944855f9a0d60077fe832becbc41d72"
NAME, EMAIL = "🛒 Käufe & <b>", "E-Mail 📧 (1)"


@pytest.fixture(scope="module")
def scripts() -> Iterator[WatchedSandbox]:
    with Sandbox() as sandbox:
        yield WatchedSandbox(sandbox, Watcher())


@pytest.fixture
def listing() -> Any:
    """The shop with the leftovers of a long-lived property."""
    text = LISTING.read_text().replace("{{Email}}", f"{{{{{EMAIL}}}}}")
    listing = json.loads(text)
    for item in listing["data_elements"]["data"]:
        attributes = item["attributes"]
        if attributes["name"] == "Email":
            attributes["name"] = EMAIL
        if attributes["name"] == "Visitor IP":
            attributes["settings"] = None
    for rule in listing["rules"]["data"]:
        if rule["id"] == PURCHASE:
            rule["attributes"]["name"] = NAME
    for component in listing["rule_components"][PURCHASE]["data"]:
        component["attributes"] |= {
            "timeout": 0,
            "delay_next": False,
            "name": f"{component['attributes']['name']} ✅",
        }
    return listing


def run(listing: Any, scripts: WatchedSandbox, event: Any = EVENT) -> RunResult:
    """Import and build; return the result of the build for an event."""
    prop = carry_out(plan_import(json.dumps(listing).encode())).prop
    library = working_library(prop, None)
    add_all_changed(library)
    made = build(library, prop.environments.get(stage="development"), "test")
    assert (made.status, made.problems) == ("succeeded", [])
    return run_build(
        compile_build(json.loads(made.document), packages()),
        {"event": event, "request": {"header": {}, "body": event}},
        inbound_event_id="1",
        received_at=1_795_341_600.0,
        installation={},
        secret_marker=str,
        scripts=scripts,
    )


def test_a_property_with_odd_parts_runs_as_it_did(listing: Any, scripts: WatchedSandbox) -> None:
    result = run(listing, scripts)
    rules = {it.name: it for it in result.rules}
    assert {name: (it.status, it.error) for name, it in rules.items()} == {
        NAME: ("success", ""),
        "Page View": ("condition_not_met", ""),
    }
    first, second = rules[NAME].actions
    assert first.output == {"customCode": {"order": {"seen": True}}}
    (item,) = result.items
    payload = item.item.payload  # type: ignore[union-attr]
    assert (payload["event_name"], payload["event_id"]) == ("Purchase", "T-1")
    assert payload["custom_data"] == {"value": 245.5, "currency": "EUR", "order_id": "T-1"}
    assert payload["user_data"]["client_ip_address"] == "203.0.113.7"
    assert payload["user_data"]["em"] == EMAIL_HASH
    assert second.error == ""


@pytest.mark.parametrize(
    "event", [{"xdm": {}, "data": {}}, {"xdm": None, "data": None}, {"xdm": {"commerce": []}}]
)
def test_an_event_without_what_the_rules_read_meets_none(
    listing: Any, scripts: WatchedSandbox, event: Any
) -> None:
    assert {it.status for it in run(listing, scripts, event).rules} == {"condition_not_met"}
