"""The shop of the event log, whose purchases our checks or Meta refuse, and the page *Issues*."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.urls import reverse

from properties.models import Property
from rules.delivery.work import deliver_due
from rules.event_log.tests.conftest import PURCHASE, Accept, FakeMeta, accept, meta, prop
from rules.models import InboundEvent

__all__ = ["accept", "meta", "prop"]

Fail = Callable[..., InboundEvent]
# Source: Meta, Pixel Reference, standard events: Purchase needs currency and value.
KRONOR = {**PURCHASE, "currency": "kronor"}


@pytest.fixture
def fail(accept: Accept, meta: FakeMeta) -> Fail:
    """Receive a purchase in kronor, which is not sent."""

    def fail(**changed: Any) -> InboundEvent:
        event = accept({**KRONOR, **changed})
        while deliver_due():
            pass
        return event

    return fail


@pytest.fixture
def page(prop: Property) -> str:
    return reverse("rules:issues", args=[prop.uid])
