"""Groups of the event log: what a row shares with many others, written once."""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime, timedelta
from hashlib import blake2b
from typing import NamedTuple

from django.db import connection, transaction

from rules.models import LoggedDelivery, LoggedEvent, LogGroup

# Names come from senders, who may send a new one each time. Beyond this number, rows share groups without.
MOST_OF_PROPERTY = 1_000
KNOWN_SECONDS = 3_600.0
UNUSED_DAYS = 8
MOST_KNOWN = 50_000


class GroupKey(NamedTuple):
    """The fields of a group, in the order of ``COLUMNS``; texts as long as the database takes them."""

    property_id: int
    environment_id: int
    outcome: str
    kind: str = ""
    event_type: str = ""
    name: str = ""
    rule_uid: str = ""
    rule_name: str = ""
    component_uid: str = ""
    delegate: str = ""
    destination: str = ""
    code: str = ""
    blamed_field: str = ""
    is_test: bool = False
    is_further: bool = False
    test_code: str = ""

    @property
    def id(self) -> int:
        """A positive number of 63 bits that only this group has."""
        # Without a test code, groups keep the ids that they had before there was this field.
        parts = self if self.test_code else self[:-1]
        digest = blake2b("\0".join(map(str, parts)).encode(errors="replace"), digest_size=8).digest()
        return int.from_bytes(digest, "big") >> 1

    def without_names(self) -> GroupKey:
        return self._replace(event_type="", name="", code="", blamed_field="", test_code="")


COLUMNS = (*GroupKey._fields, "seen_at")
TABLE = LogGroup._meta.db_table


class Groups:
    """The groups that this process has written lately."""

    def __init__(self) -> None:
        self._known: dict[GroupKey, tuple[int, float]] = {}

    def ids(self, keys: Iterable[GroupKey], now: datetime) -> dict[GroupKey, int]:
        """Return the id of each group; groups that are new here are written. Call it inside a transaction."""
        elapsed = time.monotonic()
        found, fresh = dict[GroupKey, int](), set[GroupKey]()
        for key in keys:
            known = self._known.get(key)
            if known is not None and known[1] > elapsed:
                found[key] = known[0]
            else:
                fresh.add(key)
        return found | self._written(fresh, elapsed + KNOWN_SECONDS, now) if fresh else found

    def _written(self, fresh: set[GroupKey], until: float, now: datetime) -> dict[GroupKey, int]:
        fitting = _fitting(fresh)
        ids = {key: key.id for key in set(fitting.values())}
        _write(ids, now)
        found = {key: ids[it] for key, it in fitting.items()}
        # Only after the commit: the transaction may fail.
        transaction.on_commit(lambda: self._remember(found, until))
        return found

    def _remember(self, found: dict[GroupKey, int], until: float) -> None:
        if len(self._known) > MOST_KNOWN:
            self._known.clear()
        self._known.update({key: (number, until) for key, number in found.items()})

    def forget(self) -> None:
        """Forget everything, for tests that empty the database."""
        self._known.clear()


groups = Groups()


def _fitting(fresh: Iterable[GroupKey]) -> dict[GroupKey, GroupKey]:
    """Return for each group itself, or the one without names if its property has too many."""
    by_property: dict[int, list[GroupKey]] = defaultdict(list)
    for key in fresh:
        by_property[key.property_id].append(key)
    found: dict[GroupKey, GroupKey] = {}
    for property_id, keys in by_property.items():
        there = set(LogGroup.objects.filter(property_id=property_id).values_list("id", flat=True))
        for key in keys:
            there |= {key.id} if len(there) < MOST_OF_PROPERTY else set()
            found[key] = key if key.id in there else key.without_names()
    return found


def _write(written: dict[GroupKey, int], now: datetime) -> None:
    """Write groups in the order of their ids, so that two processes never wait for each other."""
    stored = connection.ops.adapt_datetimefield_value(now)
    rows = sorted((number, *key, stored) for key, number in written.items())
    statement = (
        f"INSERT INTO {TABLE} (id, {', '.join(COLUMNS)})"  # noqa: S608
        f" VALUES ({', '.join(['%s'] * (len(COLUMNS) + 1))})"
        " ON CONFLICT (id) DO UPDATE SET seen_at = excluded.seen_at"
    )
    with connection.cursor() as cursor:
        cursor.executemany(statement, rows)


def forget_groups(now: datetime) -> int:
    """Remove groups that no worker has used for a week and no row names; return how many."""
    old = LogGroup.objects.filter(seen_at__lt=now - timedelta(days=UNUSED_DAYS))
    unused = [pk for pk in old.values_list("id", flat=True)[:MOST_OF_PROPERTY] if not _is_used(pk)]
    return LogGroup.objects.filter(pk__in=unused).delete()[0]


def _is_used(group_id: int) -> bool:
    return any(it.objects.filter(group_id=group_id).exists() for it in (LoggedEvent, LoggedDelivery))
