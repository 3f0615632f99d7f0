"""Counting attempts to sign in, and deciding when the next one must wait.

An attempt is counted before the password is checked, in one transaction, so sixty attempts at the same moment
count as sixty. A correct password takes its own attempt back.

Source: docs/configuration.md, "Signing in".
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from ipaddress import IPv6Network, ip_address

from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.crypto import salted_hmac

from properties.models import SignInCount

QUIET = timedelta(days=1)
WINDOW = timedelta(minutes=15)


@dataclass(frozen=True, slots=True)
class Tiers:
    """After every ``step`` failures, the next attempt waits as long as the last tier reached."""

    step: int
    waits: Sequence[tuple[int, timedelta]]

    def wait_after(self, failures: int) -> timedelta | None:
        if failures % self.step:
            return None
        reached = [wait for least, wait in self.waits if failures >= least]
        return reached[-1] if reached else None


MINUTES_15, HOUR, DAY = timedelta(minutes=15), timedelta(hours=1), timedelta(days=1)
TIERS = {
    # One name from one address, or in one browser in which this name has signed in before.
    "pair": Tiers(5, ((5, MINUTES_15), (10, HOUR), (20, DAY))),
    # All names from one address.
    "address": Tiers(20, ((20, MINUTES_15), (40, HOUR), (100, DAY))),
    # One name from all addresses, in other browsers.
    "name": Tiers(50, ((50, MINUTES_15), (100, HOUR))),
    # All names from all addresses within 15 minutes: from then on, one attempt every two seconds.
    "all": Tiers(1, ((300, timedelta(seconds=2)),)),
}


@dataclass(frozen=True, slots=True)
class SignInAttempt:
    """One attempt. ``opens_at`` is set if this one must wait, ``locks_until`` if the next one must."""

    keys: tuple[str, ...]
    opens_at: datetime | None = None
    locks_until: datetime | None = None


def keys_of(name: str, address: str, browser: str | None) -> tuple[str, ...]:
    """Return the keys that one attempt counts for.

    Args:
        name: As typed.
        address: The visitor's address. IPv6 counts by its /64, because one customer has a whole /64.
        browser: Id of a browser in which this name has signed in before. The attempt then counts for that
            browser alone, so that nobody can lock a person out by guessing from elsewhere.
    """
    who = _hashed(unicodedata.normalize("NFKC", name).casefold())
    where = _hashed(bucket(address))
    if browser is not None:
        return (f"pair:{who}:{_hashed(f'browser {browser}')}",)
    slot = int(timezone.now().timestamp() // WINDOW.total_seconds())
    return (f"pair:{who}:{where}", f"address:{where}", f"name:{who}", f"all:{slot}")


def bucket(address: str) -> str:
    """Return an IPv4 address unchanged, and the /64 of an IPv6 address. All other texts share one bucket."""
    try:
        parsed = ip_address(address)
    except ValueError:
        return "unknown"
    return str(IPv6Network((int(parsed), 64), strict=False) if parsed.version == 6 else parsed)


def _hashed(text: str) -> str:
    """Hash a name, so that the table holds no names: a mistyped name may be a password."""
    return salted_hmac("properties.signing_in", text, algorithm="sha256").hexdigest()[:24]


def take(keys: Sequence[str]) -> SignInAttempt:
    """Count one attempt for each key. If one of them must wait, count nothing."""
    waits = SignInCount.objects.filter(key__in=keys, opens_at__gt=timezone.now())
    opens_at = waits.order_by("-opens_at").values_list("opens_at", flat=True).first()
    return SignInAttempt(tuple(keys), opens_at=opens_at) if opens_at else _count(keys)


@transaction.atomic
def _count(keys: Sequence[str]) -> SignInAttempt:
    now = timezone.now()
    rows = [_row(key, now) for key in sorted(keys)]
    waits = [row.opens_at for row in rows if row.opens_at and row.opens_at > now]
    if waits:
        return SignInAttempt(tuple(keys), opens_at=max(waits))
    for row in rows:
        row.failures, row.last_at = row.failures + 1, now
        wait = TIERS[_kind(row.key)].wait_after(row.failures)
        row.opens_at = now + wait if wait else None
        row.save()
    locks = [row.opens_at for row in rows if row.opens_at and _kind(row.key) != "all"]
    return SignInAttempt(tuple(keys), locks_until=max(locks, default=None))


def _row(key: str, now: datetime) -> SignInCount:
    SignInCount.objects.get_or_create(key=key, defaults={"last_at": now})
    row = SignInCount.objects.select_for_update().get(key=key)
    is_over = row.opens_at is None or row.opens_at <= now
    if row.last_at < now - QUIET and is_over:
        row.failures, row.opens_at = 0, None
    return row


def _kind(key: str) -> str:
    return key.partition(":")[0]


@transaction.atomic
def give_back(keys: Sequence[str]) -> None:
    """Take an attempt back after a correct password.

    The name at this address, or in this browser, starts from zero again. Other counts lose this attempt.
    """
    now = timezone.now()
    SignInCount.objects.filter(key__in=[key for key in keys if _kind(key) == "pair"]).delete()
    for key in sorted(key for key in keys if _kind(key) != "pair"):
        row = SignInCount.objects.select_for_update().filter(key=key).first()
        if row and row.failures:
            row.failures -= 1
            row.opens_at = None if row.opens_at and row.opens_at > now else row.opens_at
            row.save()
    SignInCount.objects.filter(last_at__lt=now - 2 * QUIET).delete()


def forget(name: str = "", address: str = "") -> int:
    """Remove the waits of everybody, of one name, of one address, or of one name at one address."""
    rows = SignInCount.objects.all()
    who, where = _hashed(unicodedata.normalize("NFKC", name).casefold()), _hashed(bucket(address))
    if name and address:
        rows = rows.filter(key=f"pair:{who}:{where}")
    elif name:
        rows = rows.filter(Q(key=f"name:{who}") | Q(key__startswith=f"pair:{who}:"))
    elif address:
        rows = rows.filter(Q(key=f"address:{where}") | Q(key__endswith=f":{where}"))
    return rows.delete()[0]
