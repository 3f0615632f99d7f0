"""Facts about a server event that the event log shows and searches."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from properties.catalog.outbound import BatchItem, ServerEventFacts


def facts(payload: Mapping[str, Any]) -> ServerEventFacts:
    """Return value, currency, order id and hashed addresses of one entry of Meta's ``data`` list.

    Source: Meta, Custom Data Parameters, "value", "currency", "order_id"; Customer Information Parameters,
        "em".
    """
    data, person = payload.get("custom_data") or {}, payload.get("user_data") or {}
    value, hashes = data.get("value"), person.get("em") or ()
    return ServerEventFacts(
        value=value if type(value) in (int, float) else None,
        currency=str(data.get("currency") or ""),
        order_id=str(data.get("order_id") or ""),
        emails=(hashes,) if isinstance(hashes, str) else tuple(hashes),
    )


def unsent(event: Mapping[str, Any]) -> BatchItem:
    """Return a server event that Meta would refuse, as far as it was built."""
    return BatchItem("", {}, event, name=event["event_name"], server_event_id=event["event_id"])
