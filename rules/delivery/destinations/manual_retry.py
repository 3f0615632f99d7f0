"""Retries that a person asks for."""

from __future__ import annotations

from django.db import transaction

from rules.models import Delivery, DestinationGate

from ..clock import database_now
from ..doorbell import ring
from ..in_flight import GateKey

CLOSED = (DestinationGate.State.PARKED, DestinationGate.State.PAUSED)


@transaction.atomic
def retry_delivery(delivery: Delivery) -> bool:
    """Make a waiting delivery due now; return False if it no longer waits.

    If the destination is closed, one delivery is sent as a probe; the others follow once it is accepted.
    """
    waiting = Delivery.objects.filter(pk=delivery.pk, lease_token="")
    moved = waiting.filter(state=Delivery.State.PENDING).update(next_at=database_now())
    is_parked = waiting.filter(state=Delivery.State.PARKED).exists()
    package_name = delivery.delegate.partition("::")[0]
    retry_destination(GateKey(delivery.property_id, package_name, delivery.destination))
    return bool(moved) or is_parked


@transaction.atomic
def retry_destination(key: GateKey) -> bool:
    """Send one delivery to a closed destination now; return False if it is open, or held on purpose."""
    closed = DestinationGate.objects.filter(**key._asdict(), state__in=CLOSED, until__isnull=False)
    is_closed = bool(closed.update(until=database_now()))
    transaction.on_commit(ring)
    return is_closed
