"""Facts about a server event that the event log shows and searches."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from properties.catalog.outbound import BatchItem, ServerEventFacts


def facts(payload: Mapping[str, Any]) -> ServerEventFacts:
    """Return value, currency, ids and hashed addresses of one entry of Meta's ``data`` list.

    Source: Meta, Custom Data Parameters, "value", "currency", "order_id"; Customer Information Parameters,
        "em", "fbp", "external_id".
    """
    data, person = payload.get("custom_data") or {}, payload.get("user_data") or {}
    value, hashes = data.get("value"), person.get("em") or ()
    return ServerEventFacts(
        value=value if type(value) in (int, float) else None,
        currency=str(data.get("currency") or ""),
        order_id=str(data.get("order_id") or ""),
        emails=(hashes,) if isinstance(hashes, str) else tuple(hashes),
        browser_id=str(person.get("fbp") or ""),
        person_id=_first(person.get("external_id")),
    )


def _first(value: Any) -> str:
    return str((value[0] if value else "") if isinstance(value, list) else value or "")


def unsent(event: Mapping[str, Any]) -> BatchItem:
    """Return a server event that Meta would refuse, as far as it was built."""
    return BatchItem("", {}, event, name=event["event_name"], server_event_id=event["event_id"])
