"""Duplicate server events: how they are recognised, and whether they are sent.

Meta drops an event with the same event ID and event name as one that it got less than 48 hours before.

Source: Meta, Handling Duplicate Pixel and Conversions API Events.
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
    help="Events with the same event ID and event name for the same pixel within 48 hours. In both cases "
    "the event log marks the later one as a duplicate.",
    url=PAGE,
)


def dedup_key(event: Mapping[str, Any], *, is_test: bool) -> str:
    """Return the key by which Meta recognises duplicates; "" for test events, which are never duplicates."""
    return "" if is_test else f"{event['event_id']}\n{event['event_name']}"


def on_duplicate(configuration: Settings) -> Literal["forward", "hold"]:
    """Return the choice in the configuration of the extension."""
    return "hold" if configuration.get("duplicates") == "hold" else "forward"
