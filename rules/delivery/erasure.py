"""Deletes the received events of a property together with the property."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.db.models.signals import post_delete
from django.dispatch import receiver

from properties.models import Property
from rules.models import (
    CustomerDataCount,
    CustomerPrint,
    Delivery,
    DestinationGate,
    InboundEvent,
    InboundRequest,
    Replay,
    ReplayedEvent,
)

from .clock import database_now
from .ledger_counters import count

REASON = "property_deleted"
WAITING = (Delivery.State.PENDING, Delivery.State.PARKED)


@receiver(post_delete, sender=Property, dispatch_uid="rules.delivery.erase_waiting")
def erase_waiting(sender: type[Property], *, instance: Property, **_: Any) -> None:
    """End waiting rows: nothing more is sent for the property. Rows that have ended are removed soon after.

    A worker that holds some of the rows finds its lease gone and writes nothing.
    """
    with transaction.atomic():
        now = database_now()
        ended = {"lease_token": "", "lease_until": None, "done_at": now}
        events = InboundEvent.objects.filter(property_id=instance.pk).exclude(state__in=InboundEvent.FINAL)
        number = events.update(
            state=InboundEvent.State.ERASED, reason=REASON, body="", request="", trace="", **ended
        )
        InboundRequest.objects.filter(property_id=instance.pk).delete()
        Delivery.objects.filter(property_id=instance.pk, state__in=WAITING).update(
            state=Delivery.State.ERASED,
            envelope="",
            payload="",
            rule_state="",
            receipt=None,
            next_at=None,
            **ended,
        )
        DestinationGate.objects.filter(property_id=instance.pk).delete()
        CustomerDataCount.objects.filter(property_id=instance.pk).delete()
        CustomerPrint.objects.filter(property_id=instance.pk).delete()
        _end_replays(instance.pk, now)
        count({InboundEvent.State.ERASED.value: number}, now)


def _end_replays(property_id: int, now: Any) -> None:
    replays = Replay.objects.filter(property_id=property_id)
    rows = ReplayedEvent.objects.filter(replay_id__in=replays.values("pk"))
    rows.filter(state=ReplayedEvent.State.WAITING).update(state=ReplayedEvent.State.CANCELLED)
    rows.update(earlier_trace="")
    replays.filter(state=Replay.State.RUNNING).update(state=Replay.State.CANCELLED, done_at=now)
