"""Exchanging secrets: the first time, again before they expire, and after a failure.

Adobe refreshes at ``expires_in`` minus an offset, then makes three more attempts, the last one before the
token expires. Adobe refuses tokens that live less than eight hours. This module accepts them, waits for at
least half of a token's lifetime, and retries for as long as the secret exists.

Source: docs/reference/adobe.md, "Secrets".
"""

from __future__ import annotations

import logging
import time
from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone

from properties.http import transport
from properties.models import Secret

from .exchange import Exchanged, ExchangeFailed, end_of, exchange
from .kinds import DEFAULT_REFRESH_OFFSET, KINDS

logger = logging.getLogger(__name__)
TRIES_BEFORE_THE_END = 3
LONGEST_MARGIN_SECONDS = 7_200
SHORTEST_WAIT_SECONDS = 60
LATER_SECONDS = 3_600
FIRST_TRIES_SECONDS = (60, 300, 1_800)
LEASE_SECONDS = 120
AT_ONCE = 50
# Together with the last exchange, this stays below the soft time limit of a task.
SECONDS_AT_ONCE = 8.0


def try_exchange(secret: Secret) -> Exchanged:
    """Exchange the stored credentials without storing the result.

    Raises:
        ExchangeFailed: The message gives the reason, without credentials.
    """
    if not secret.credentials:
        raise ExchangeFailed("The credentials are not stored. Enter them again.")
    asked = exchange(secret.type_of, secret.read_credentials(), timezone.now())
    return transport.run_inquiry(asked)


def exchange_now(secret: Secret) -> bool:
    """Exchange a secret and store the result, unless a person changed the secret meanwhile.

    Returns:
        Whether the new value was stored. ``secret`` is brought up to date.
    """
    try:
        exchanged = try_exchange(secret)
    except ExchangeFailed as failed:
        _write(secret, str(failed), None)
        return False
    except Exception as error:
        logger.exception("Exchanging secret %s failed with %s", secret.uid, type(error).__name__)
        _write(secret, f"An unexpected {type(error).__name__} was raised. Please report it.", None)
        return False
    return _write(secret, "", exchanged)


def exchange_due() -> int:
    """Exchange secrets that are due, for a few seconds. Several processes share the work.

    Returns:
        How many exchanges were attempted.
    """
    ends_at, tried = time.monotonic() + SECONDS_AT_ONCE, 0
    for secret in Secret.objects.filter(refresh_at__lte=timezone.now()).order_by("refresh_at")[:AT_ONCE]:
        if time.monotonic() < ends_at and _claim(secret):
            exchange_now(secret)
            tried += 1
    return tried


def _claim(secret: Secret) -> bool:
    seen, until = secret.refresh_at, timezone.now() + timedelta(seconds=LEASE_SECONDS)
    return bool(Secret.objects.filter(pk=secret.pk, refresh_at=seen).update(refresh_at=until))


@transaction.atomic
def _write(secret: Secret, reason: str, exchanged: Exchanged | None) -> bool:
    """Store the result. Return False if the secret changed meanwhile."""
    row = Secret.objects.select_for_update().filter(pk=secret.pk, updated_at=secret.updated_at).first()
    if row is None:
        return False
    if exchanged is None:
        _fail(row, reason)
    else:
        _succeed(row, exchanged)
    secret.refresh_from_db()
    return True


def _succeed(row: Secret, exchanged: Exchanged) -> None:
    was_refreshed = row.activated_at is not None and row.status == Secret.Status.SUCCEEDED
    row.set_value(exchanged.value, expires_at=end_of(exchanged))
    row.refresh_status = Secret.Status.SUCCEEDED if was_refreshed else ""
    row.refresh_status_details, row.tries = "", 0
    row.refresh_at = _refresh_at(row)
    row.save()


def _fail(row: Secret, reason: str) -> None:
    """Store the failure without sending the signal of a saved secret, because no value changed."""
    now = timezone.now()
    tries = row.tries + 1
    is_refresh = row.status == Secret.Status.SUCCEEDED and row.is_usable(now)
    if is_refresh:
        words = {"refresh_status": Secret.Status.FAILED, "refresh_status_details": reason}
    else:
        words = {"status": Secret.Status.FAILED, "status_details": reason}
    next_at = now + timedelta(seconds=_retry_seconds(row, tries, now)) if _is_worth_trying(row) else None
    Secret.objects.filter(pk=row.pk).update(**words, tries=tries, refresh_at=next_at)


def _is_worth_trying(row: Secret) -> bool:
    """Return whether another attempt can help: without a token server, the result is always the same."""
    return KINDS[row.type_of].is_exchanged


def _refresh_at(row: Secret) -> datetime | None:
    if row.expires_at is None or row.activated_at is None or not _is_worth_trying(row):
        return None
    lifetime = (row.expires_at - row.activated_at).total_seconds()
    offset = row.read_credentials().get("refresh_offset", DEFAULT_REFRESH_OFFSET)
    return row.activated_at + timedelta(seconds=refresh_seconds(lifetime, float(offset)))


def refresh_seconds(lifetime: float, offset: float) -> float:
    """Return how many seconds after the start of a token the next one is fetched."""
    return max(lifetime - offset, lifetime / 2)


def _retry_seconds(row: Secret, tries: int, now: datetime) -> float:
    if row.expires_at is None or row.activated_at is None or row.expires_at <= now:
        return FIRST_TRIES_SECONDS[tries - 1] if tries <= len(FIRST_TRIES_SECONDS) else LATER_SECONDS
    lifetime = (row.expires_at - row.activated_at).total_seconds()
    return retry_seconds(tries, (row.expires_at - now).total_seconds(), lifetime)


def retry_seconds(tries: int, left: float, lifetime: float) -> float:
    """Return how many seconds after a failed refresh the next attempt follows.

    Three more attempts are spread over the time that is left. The last one is two hours before the token
    expires, or an eighth of its lifetime if that is shorter. Later attempts follow every hour.

    Args:
        tries: Number of failed attempts, from 1.
        left: Seconds until the token expires.
        lifetime: Seconds from the start of the token until it expires.
    """
    margin = min(LONGEST_MARGIN_SECONDS, lifetime / 8)
    if tries > TRIES_BEFORE_THE_END:
        return min(LATER_SECONDS, max(left, SHORTEST_WAIT_SECONDS))
    spread = (left - margin) / (TRIES_BEFORE_THE_END + 1 - tries)
    return max(spread, SHORTEST_WAIT_SECONDS)
