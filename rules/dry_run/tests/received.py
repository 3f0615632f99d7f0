"""Stored events for the tests of counts over many of them."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from django.utils import timezone

from properties.models import Property
from rules.models import InboundEvent
from tests.event_ids import next_event_id


def receive(prop: Property, events: Iterable[dict[str, Any]], **more: Any) -> list[InboundEvent]:
    """Store events as the edge keeps them, the newest last; each is the ``data`` of one event."""
    environment = prop.environments.get(stage="production")
    rows = [
        InboundEvent(
            id=next_event_id(),
            property_id=prop.pk,
            environment_id=environment.pk,
            datastream_id=environment.datastream.pk,
            name=str(data.get("name", "")),
            received_at=timezone.now(),
            body=json.dumps({"xdm": {}, "data": data}),
            request=json.dumps({"header": {}}),
            **more,
        )
        for data in events
    ]
    return InboundEvent.objects.bulk_create(rows)
