"""The example property of an extension package, and sample events for it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from urllib.request import Request, urlopen

from properties.catalog.registry import packages

DEMO_PROPERTY = "Demo Shop"
COLLECT = "/ee/v2/collect?datastreamId={datastream}"


def _folder() -> Path:
    """Return the demo of the first package that has one."""
    return next(package.demo for package in packages().values() if package.demo)


def document() -> dict[str, Any]:
    """Return the example property as a property document."""
    found: dict[str, Any] = json.loads((_folder() / "property.json").read_text())
    return found


def sample_events() -> list[dict[str, Any]]:
    """Return six visits to the example shop: delivered, refused and unmatched ones."""
    found: list[dict[str, Any]] = json.loads((_folder() / "events.json").read_text())["events"]
    return found


def purchase(order: str) -> dict[str, Any]:
    """Return a purchase in the example shop with the order number ``order``."""
    event = next(event for event in sample_events() if event["data"]["event"] == "Purchase")
    event["data"] |= {"order_id": order, "event_id": f"order-{order}"}
    return event


def seed() -> str:
    """Create and publish the example property unless it exists.

    Returns:
        The id of its production datastream.
    """
    from properties.models import Datastream
    from rules.documents import apply_document

    found = Datastream.objects.filter(
        environment__prop__name=DEMO_PROPERTY, environment__stage="production"
    ).first()
    if found is None:
        result = apply_document(document(), publish="production", actor="demo")
        return str(result.environments["production"]["datastream_id"])
    return str(found.uid)


def send_samples(base_url: str, datastream: str) -> None:
    """Send the sample events to the running edge, as a shop's server would."""
    request = Request(  # noqa: S310 - the address is our own
        base_url + COLLECT.format(datastream=datastream),
        data=json.dumps({"events": sample_events()}).encode(),
        headers={"Content-Type": "application/json"},
        method="POST",
    )
    with urlopen(request, timeout=10):  # noqa: S310
        pass
