"""The process that ``test_killed_worker`` starts and kills.

It runs its arguments in turn, ``prepare:ACTION`` and ``work``, and then prints the outcomes of the events.
"""

from __future__ import annotations

import json
import os
import sys

import django

django.setup()

from django.core.management import call_command  # noqa: E402
from django.utils import timezone  # noqa: E402

from properties.catalog import registry  # noqa: E402
from properties.resources.creation import create_property  # noqa: E402
from properties.secrets.credentials import store  # noqa: E402
from rules.delivery.work import deliver_due  # noqa: E402
from rules.models import Delivery, DeliveryAttempt, InboundEvent, LedgerCount  # noqa: E402
from tests.event_ids import next_event_id  # noqa: E402
from tests.small_vendor import with_small  # noqa: E402

from .conftest import make_build  # noqa: E402
from .minute_sums import counted, ledger  # noqa: E402


def prepare(action: str) -> None:
    """Store two events that one action sends."""
    call_command("migrate", verbosity=0)
    prop, now = create_property("Shop"), timezone.now()
    store(prop, "Key", "canary-key")
    secret = {"$secret": "Key"}
    build = make_build(prop, f"small::actions::{action}", url=os.environ["SMALL_URL"], secret=secret)
    LedgerCount.objects.create(day=now.date(), name="accepted", count=2)
    for number in (1, 2):
        InboundEvent.objects.create(
            id=next_event_id(),
            property_id=prop.pk,
            environment_id=build.environment_id,
            datastream_id=1,
            build_id=build.pk,
            received_at=now,
            body=json.dumps({"xdm": {}, "data": {"id": number}}),
            request=json.dumps({"header": {}}),
        )


def work() -> None:
    """Make waiting rows due, end the leases of killed processes, and deliver."""
    now = timezone.now()
    for model in (InboundEvent, Delivery):
        model.objects.filter(lease_until__isnull=False).update(lease_until=now)
    Delivery.objects.filter(state=Delivery.State.PENDING).update(next_at=now)
    deliver_due()


def look() -> None:
    """Print the outcomes."""
    rows = Delivery.objects.order_by("id")
    outcomes = {
        "deliveries": list(rows.values_list("state", flat=True)),
        "codes": sorted({*rows.values_list("code", flat=True)}),
        "events": list(InboundEvent.objects.order_by("id").values_list("state", flat=True)),
        "attempts": list(
            DeliveryAttempt.objects.order_by("delivery_id", "id").values_list("outcome", flat=True)
        ),
        "balanced": counted(is_event=True) == ledger(),
    }
    print(json.dumps(outcomes))


if __name__ == "__main__":
    found = with_small()
    registry.packages = lambda: found  # type: ignore[assignment]
    for argument in sys.argv[1:]:
        what, _, action = argument.partition(":")
        prepare(action) if what == "prepare" else work()
    look()
