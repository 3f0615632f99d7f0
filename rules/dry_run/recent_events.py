"""The newest received events of a property, for counts over many of them."""

from __future__ import annotations

from collections.abc import Iterable

from properties.catalog.shown_times import in_rows
from properties.models import Environment, Property
from rules.engine import mask_lookalikes
from rules.models import InboundEvent, InboundRequest

from .samples import STORED, SampleEvent

MOST = 100


def recent_events(
    prop: Property, most: int = MOST, environment: Environment | None = None
) -> list[SampleEvent]:
    """Return those of the newest events that still have their body, newest first.

    Two statements, however many events there are: retention may have removed every body.

    Args:
        environment: Only its events; None for those of every environment.
    """
    found = InboundEvent.objects.filter(property_id=prop.pk)
    found = found.filter(environment_id=environment.pk) if environment else found
    rows = found.order_by("-id").defer("trace")[:most]
    kept = [event for event in rows if event.body]
    _take_requests(kept)
    return [_sample(event) for event in kept]


def newest_id(prop: Property) -> int:
    """Return the id of the newest event, or 0."""
    ids = InboundEvent.objects.filter(property_id=prop.pk).order_by("-id").values_list("id", flat=True)
    return ids.first() or 0


def _take_requests(events: Iterable[InboundEvent]) -> None:
    """Give each event its own copy of the request that it shares with others."""
    shared = {event.shared_request for event in events if event.shared_request is not None}
    found = dict(InboundRequest.objects.filter(id__in=shared).values_list("id", "content"))
    for event in events:
        if event.shared_request is not None:
            event.request, event.shared_request = found.get(event.shared_request) or "{}", None


def _sample(event: InboundEvent) -> SampleEvent:
    name = mask_lookalikes(event.name) or "Event without a name"
    return SampleEvent(
        key=f"{STORED}{event.pk}",
        label=f"{name} {in_rows(event.received_at)}",
        call=event.call(),
        inbound_event_id=str(event.pk),
        received_at=event.received_at.timestamp(),
        event=event,
    )
