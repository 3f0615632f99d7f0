"""When two server events are the same one, and what becomes of the later.

Source: Meta, Handling Duplicate Pixel and Conversions API Events: same event ID and same event name within 48
hours of the first; later ones are dropped.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from properties.catalog.descriptor import Field, Settings

PAGE = (
    "https://developers.facebook.com/docs/marketing-api/conversions-api/deduplicate-pixel-and-server-events"
)

FIELD = Field(
    key="duplicates",
    label="Duplicates",
    type="choice",
    options=(("forward", "Send them; Meta drops them"), ("hold", "Hold them back")),
    default="forward",
    tokens=False,
    help="The same event ID and event name for the same pixel within 48 hours. The later one is marked as a "
    "duplicate in the event log either way.",
    url=PAGE,
)


def dedup_key(event: Mapping[str, Any], *, is_test: bool) -> str:
    """What tells Meta that two events of a pixel are the same; "" for test events, which are sent at will."""
    return "" if is_test else f"{event['event_id']}\n{event['event_name']}"


def on_duplicate(configuration: Settings) -> Literal["forward", "hold"]:
    """What the configuration of the extension says."""
    return "hold" if configuration.get("duplicates") == "hold" else "forward"
