"""Ledger counters, updated in the same transaction as the events."""

from __future__ import annotations

import os
from collections.abc import Mapping
from datetime import datetime

from django.db.models import F

from rules.models import LedgerCount

# Each process adds to one of a few rows a day, so processes rarely wait for each other.
NODES = 16


def count(changes: Mapping[str, int], now: datetime) -> None:
    """Add to the counters of today.

    Args:
        changes: Number by name of the counter: a final state or ``forgotten:<state>``.
        now: Time of the database.
    """
    node = os.getpid() % NODES
    for name in sorted(name for name, number in changes.items() if number):
        LedgerCount.objects.get_or_create(day=now.date(), node=node, name=name)
        LedgerCount.objects.filter(day=now.date(), node=node, name=name).update(
            count=F("count") + changes[name]
        )
