"""Leases: which rows this process works on, and until when.

A claim is counted when it is made. A row whose claims vanished three times, because the process died, is
claimed alone from then on. After three more, the row counts as the cause of the crashes.

Source: docs/reference/failures.md, "Claims".
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db import connection, models

from rules.models import Delivery, InboundEvent

LEASE_SECONDS = 30
CLAIMS_TOGETHER = 3
CLAIMS_ALONE = 6
NEWEST_SHARE = 0.8

EVENTS = InboundEvent._meta.db_table
DELIVERIES = Delivery._meta.db_table


def claim_events(limit: int, now: datetime) -> list[InboundEvent]:
    """Lease up to ``limit`` received events; if more wait, most of them the newest, the rest the oldest.

    Args:
        now: Time of the database.
    """
    newest = max(1, round(limit * NEWEST_SHARE))
    ids = _claim_events(newest, now, "id DESC")
    if len(ids) == newest and limit > newest:
        ids += _claim_events(limit - newest, now, "id")
    return list(InboundEvent.objects.filter(id__in=ids).order_by("id"))


def _claim_events(
    limit: int, now: datetime, order: str, claims: tuple[int, int] = (0, CLAIMS_TOGETHER)
) -> list[int]:
    where = "state = 'received' AND claims >= %s AND claims < %s"
    return _lease(EVENTS, where, claims, order, limit, now)


def claim_deliveries(limit: int, now: datetime) -> list[Delivery]:
    """Lease up to ``limit`` waiting deliveries that are due, the longest due first."""
    where = "state = 'pending' AND next_at <= %s AND claims < %s"
    ids = _lease(DELIVERIES, where, (_stored(now), CLAIMS_TOGETHER), "next_at", limit, now)
    return list(Delivery.objects.filter(id__in=ids).order_by("next_at"))


def claim_parked(property_id: int, package_name: str, destination: str, now: datetime) -> list[Delivery]:
    """Lease one delivery of a parked destination, to find out whether it accepts events again."""
    where = "state = 'parked' AND property_id = %s AND destination = %s AND delegate LIKE %s"
    parameters = (property_id, destination, f"{package_name}::%")
    return list(Delivery.objects.filter(id__in=_lease(DELIVERIES, where, parameters, "id", 1, now)))


def claim_outdated(limit: int, now: datetime) -> list[Delivery]:
    """Lease parked deliveries that the vendor would now refuse as too old."""
    ids = _lease(DELIVERIES, "state = 'parked' AND next_at <= %s", (_stored(now),), "next_at", limit, now)
    return list(Delivery.objects.filter(id__in=ids))


def has_suspects(now: datetime) -> bool:
    """Return whether a row waits that must be claimed alone."""
    return _suspects(InboundEvent, "received", now).exists() or _suspects(Delivery, "pending", now).exists()


def claim_suspect(now: datetime) -> tuple[list[InboundEvent], list[Delivery]]:
    """Lease one row that crashed several processes. The caller must hold no other rows."""
    ids = _claim_events(1, now, "id", (CLAIMS_TOGETHER, CLAIMS_ALONE))
    if ids:
        return list(InboundEvent.objects.filter(id__in=ids)), []
    where = "state = 'pending' AND next_at <= %s AND claims >= %s AND claims < %s"
    parameters = (_stored(now), CLAIMS_TOGETHER, CLAIMS_ALONE)
    ids = _lease(DELIVERIES, where, parameters, "next_at", 1, now)
    return [], list(Delivery.objects.filter(id__in=ids))


def poisoned(now: datetime) -> tuple[list[InboundEvent], list[Delivery]]:
    """Return rows that crashed every process that claimed them, also alone. Locked until the transaction
    ends.
    """
    events = _suspects(InboundEvent, "received", now, CLAIMS_ALONE)
    deliveries = _suspects(Delivery, "pending", now, CLAIMS_ALONE)
    return list(events.select_for_update(skip_locked=_skips())), list(
        deliveries.select_for_update(skip_locked=_skips())
    )


def _skips() -> bool:
    return connection.features.has_select_for_update_skip_locked


def _suspects(
    model: type[InboundEvent] | type[Delivery], state: str, now: datetime, claims: int = CLAIMS_TOGETHER
) -> models.QuerySet[Any]:
    is_free = models.Q(lease_until__isnull=True) | models.Q(lease_until__lt=now)
    return model._default_manager.filter(is_free, state=state, claims__gte=claims)


def renew(model: type[models.Model], ids: Sequence[int], tokens: Iterable[str], now: datetime) -> None:
    """Extend the leases of rows that take long; leases that were lost meanwhile stay lost."""
    if ids:
        until = now + timedelta(seconds=LEASE_SECONDS)
        model._default_manager.filter(id__in=ids, lease_token__in=set(tokens)).update(lease_until=until)


def release(model: type[models.Model], ids: Sequence[int], tokens: Iterable[str]) -> None:
    """Give back rows that were not started; the claim does not count."""
    if ids:
        model._default_manager.filter(id__in=ids, lease_token__in=set(tokens)).update(
            lease_token="", lease_until=None, claims=models.F("claims") - 1
        )


def _lease(
    table: str, where: str, parameters: Sequence[Any], order: str, limit: int, now: datetime
) -> list[int]:
    """Mark free rows as ours in one statement and return their ids."""
    # ARRAY makes PostgreSQL run the inner query once; a plain IN (…) may run it for each row.
    shape = "= ANY(ARRAY({} FOR UPDATE SKIP LOCKED))" if connection.vendor == "postgresql" else "IN ({})"
    inner = (
        f"SELECT id FROM {table} WHERE {where} AND (lease_until IS NULL OR lease_until < %s)"  # noqa: S608
        f" ORDER BY {order} LIMIT %s"
    )
    statement = (
        f"UPDATE {table} SET lease_token = %s, lease_until = %s, claims = claims + 1"  # noqa: S608
        f" WHERE id {shape.format(inner)} RETURNING id"
    )
    until = _stored(now + timedelta(seconds=LEASE_SECONDS))
    with connection.cursor() as cursor:
        cursor.execute(statement, [uuid.uuid4().hex, until, *parameters, _stored(now), limit])
        return [row[0] for row in cursor.fetchall()]


def _stored(moment: datetime) -> Any:
    """Return a time in the form that the database stores."""
    return connection.ops.adapt_datetimefield_value(moment)
