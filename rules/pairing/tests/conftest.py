"""The shop of the event log, whose pages say what they gave to the Pixel, and the page *Deduplication*."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone

from properties.models import Property
from rules.delivery.work import deliver_due
from rules.event_log.tests.conftest import PIXEL, PURCHASE, Accept, FakeMeta, accept, meta, prop
from rules.models import InboundEvent
from tests.event_ids import next_event_id

__all__ = ["accept", "meta", "prop"]

FBP = "fb.1.1596403881668.1116446470"
Receive = Callable[..., InboundEvent]


@pytest.fixture
def receive(accept: Accept, meta: FakeMeta) -> Receive:
    """Receive and run a purchase, as a page or a server sends it."""

    def receive(
        event_id: Any = "order-1",
        *marks: tuple[str, str, Any],
        origin: str = "",
        at: datetime | None = None,
        cookies: bool = True,
        **data: Any,
    ) -> InboundEvent:
        headers = {"origin": [origin]} if origin else {}
        body = {"xdm": {}, "data": {**PURCHASE, "event_id": event_id, **data}}
        if marks:
            body["data"]["capiCopies"] = [list(it) for it in marks]
        request = {"header": {"httpHeaders": headers, "cookies": {"_fbp": FBP} if cookies else {}}}
        event = accept(
            id=next_event_id(at), body=json.dumps(body), request=json.dumps(request),
            received_at=at or timezone.now(),
        )  # fmt: skip
        while deliver_due():
            pass
        return event

    return receive


@pytest.fixture
def from_page(receive: Receive) -> Receive:
    """Receive a purchase whose page gave the Pixel an event, by default with the same name and ID."""

    def from_page(
        event_id: Any = "order-1", pixel_id: Any = None, name: str = "Purchase", **more: Any
    ) -> InboundEvent:
        mark = (PIXEL, name, event_id if pixel_id is None else pixel_id)
        return receive(event_id, mark, origin="https://shop.example", **more)

    return from_page


@pytest.fixture
def page(prop: Property) -> str:
    return reverse("rules:deduplication", args=[prop.uid])
