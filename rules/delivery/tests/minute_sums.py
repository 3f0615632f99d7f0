"""Sums of the counts per minute, in the words of the ledger."""

from __future__ import annotations

from collections import Counter

from django.db.models import Sum

from rules.delivery.counted_outcomes import state_of
from rules.delivery.ledger import balance
from rules.models import InboundEvent, MinuteCount


def counted(*, is_event: bool) -> dict[str, int]:
    """Return the sum over all minutes by the state of the database."""
    rows = MinuteCount.objects.filter(is_event=is_event).values("outcome").annotate(total=Sum("count"))
    found: Counter[str] = Counter()
    for row in rows:
        found[state_of(row["outcome"])] += row["total"]
    return {state: number for state, number in found.items() if number}


def ledger() -> dict[str, int]:
    """Return the ledger without events whose rules have not run yet."""
    found = balance()
    assert found["balanced"]
    waiting = InboundEvent.objects.filter(state="received").count()
    numbers = {state: found[state] for state in ("delivered", "no_match", "dead", "expired", "erased")}
    numbers["open"] = found["open"] - waiting
    return {state: number for state, number in numbers.items() if number}
