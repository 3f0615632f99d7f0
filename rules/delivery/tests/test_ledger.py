"""Every accepted event is in exactly one place, for ever."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from io import StringIO

import pytest
import time_machine
from django.core.management import call_command
from django.utils import timezone

from rules.delivery.ledger import balance
from rules.delivery.retention import forget
from rules.delivery.work import deliver_due
from rules.models import Delivery, DeliveryAttempt, InboundEvent, LedgerCount, ProcessedId

from .conftest import FakeVendor

Accept = Callable[..., InboundEvent]


def _some_of_everything(accept: Accept, vendor: FakeVendor) -> None:
    accept(), accept({"refuse": True}), accept({"quiet": True})
    accept({"expires_at": timezone.now().timestamp() - 1})
    deliver_due()
    vendor.answer(401)
    accept({"to": "2"})
    deliver_due()
    accept()


def test_the_ledger_has_every_event_once_and_balances(accept: Accept, vendor: FakeVendor) -> None:
    _some_of_everything(accept, vendor)
    counted = balance()
    # docs/reference/contracts.md, "Figures": these names; open includes parked.
    assert counted == {
        "accepted": 6,
        "delivered": 1,
        "no_match": 1,
        "dead": 1,
        "expired": 1,
        "erased": 0,
        "open": 2,
        "balanced": True,
        "deliveries": {"pending": 0, "delivered": 1, "parked": 1, "dead": 1, "expired": 1, "erased": 0},
    }


def test_the_sum_stays_right_after_old_events_were_forgotten(accept: Accept, vendor: FakeVendor) -> None:
    _some_of_everything(accept, vendor)
    with time_machine.travel(timezone.now() + timedelta(days=8), tick=True):
        assert forget() == 4
    assert InboundEvent.objects.count() == 2
    assert (Delivery.objects.count(), DeliveryAttempt.objects.count()) == (1, 1)
    counted = balance()
    assert (counted["accepted"], counted["delivered"], counted["balanced"]) == (6, 1, True)


def test_nothing_is_forgotten_within_a_week_of_its_end(accept: Accept, vendor: FakeVendor) -> None:
    accept()
    deliver_due()
    with time_machine.travel(timezone.now() + timedelta(days=6), tick=True):
        assert forget() == 0


def test_identities_are_forgotten_after_two_days(db: None) -> None:
    for hours, key in ((49, "old"), (47, "new")):
        seen_at = timezone.now() - timedelta(hours=hours)
        ProcessedId.objects.create(datastream_id=1, key=key, event_id=1, seen_at=seen_at)
    forget()
    assert [row.key for row in ProcessedId.objects.all()] == ["new"]


@pytest.mark.parametrize("loss", ["row", "counter"])
def test_a_lost_row_or_counter_makes_the_command_fail(accept: Accept, vendor: FakeVendor, loss: str) -> None:
    accept()
    deliver_due()
    if loss == "row":
        InboundEvent.objects.all().delete()
    else:
        LedgerCount.objects.filter(name="delivered").delete()
    printed = StringIO()
    with pytest.raises(SystemExit):
        call_command("ledger", "--json", stdout=printed)
    assert json.loads(printed.getvalue())["balanced"] is False


def test_the_ledger_reads_as_text(accept: Accept, vendor: FakeVendor) -> None:
    accept()
    printed = StringIO()
    call_command("deliver")
    call_command("ledger", stdout=printed)
    assert "Every event is accounted for." in printed.getvalue()
    assert "  No match" in printed.getvalue()
    assert "  Sending or retrying" in printed.getvalue()
    assert "dead" not in printed.getvalue()
