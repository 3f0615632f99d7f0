"""The ledger: where every accepted event went, and whether the sum is right."""

from __future__ import annotations

from typing import Any

from django.db import connection, transaction
from django.db.models import Count, Sum

from rules.models import Delivery, InboundEvent, LedgerCount

ACCEPTED = "accepted"
FORGOTTEN = "forgotten:"


def balance() -> dict[str, Any]:
    """Count every event once, from the counters, and compare them with the rows.

    Returns:
        ``accepted``, each final state, ``open`` (received, waiting and parked), ``balanced``, and under
        ``deliveries`` how many there are in each state.

    Source: docs/reference/contracts.md, "Figures".
    """
    with transaction.atomic():
        _freeze()
        counters = {
            row["name"]: row["total"]
            for row in LedgerCount.objects.values("name").annotate(total=Sum("count"))
        }
        rows = _by_state(InboundEvent)
        deliveries = _by_state(Delivery)
    final = {state: counters.get(state, 0) for state in InboundEvent.FINAL}
    still_open = sum(number for state, number in rows.items() if state not in InboundEvent.FINAL)
    result: dict[str, Any] = {ACCEPTED: counters.get(ACCEPTED, 0), **final, "open": still_open}
    result["balanced"] = _is_balanced(result, final, counters, rows)
    result["deliveries"] = {state: deliveries.get(state, 0) for state in Delivery.State.values}
    return result


def _is_balanced(
    result: dict[str, Any], final: dict[str, int], counters: dict[str, int], rows: dict[str, int]
) -> bool:
    kept = {state: number - counters.get(FORGOTTEN + state, 0) for state, number in final.items()}
    is_sum = result[ACCEPTED] == sum(final.values()) + result["open"]
    return is_sum and all(rows.get(state, 0) == number for state, number in kept.items())


def _freeze() -> None:
    """Take all counts at one moment, while new events arrive."""
    if connection.vendor == "postgresql" and not connection.savepoint_ids:
        with connection.cursor() as cursor:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")


def _by_state(model: type[InboundEvent] | type[Delivery]) -> dict[str, int]:
    counted = model._default_manager.order_by().values("state").annotate(number=Count("id"))
    return {row["state"]: row["number"] for row in counted}
