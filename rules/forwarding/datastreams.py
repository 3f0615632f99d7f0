"""All datastreams, kept in memory and read again at least once a second."""

from __future__ import annotations

import asyncio
import logging
import threading
import time
from collections import deque
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.db import connection
from django.db.models import OuterRef, Subquery

from properties.catalog.references import secret_name
from properties.models import Datastream, Property, Secret
from rules.models import Activation

from .visitor_consent import CLOSED, Policy

logger = logging.getLogger(__name__)

REFRESH_SECONDS = 0.8
SHORTEST_PAUSE_SECONDS = 0.2
UNKNOWN_SECONDS = 2.0
MOST_UNKNOWN = 8


@dataclass(frozen=True, slots=True)
class Destination:
    """The destination of one datastream's events, and who may send them.

    Args:
        build_id: The live build of the environment; None before the first one.
        key_digests: SHA-256 of each accepted key, as hexadecimal digits. If it is empty and ``needs_key`` is
            set, nobody may send.
        organization: The organization in the Web SDK's cookie names, if the request does not name one.
        writes_click_cookies: Answers to browsers may write click IDs and browser IDs as cookies.
        device_cookie: Cookie with the site's own device id; empty if it has none.
        consent: The consent that IAB Europe's consent strings must grant.
    """

    uid: str
    datastream_id: int
    property_id: int
    environment_id: int
    build_id: int | None
    is_enabled: bool
    needs_key: bool
    key_digests: tuple[str, ...]
    allowed_origins: frozenset[str]
    org_id: str
    organization: str
    writes_click_cookies: bool = False
    device_cookie: str = ""
    consent: Policy = CLOSED


class DatastreamCache:
    """Answers without the database; a separate thread reads the rows.

    A new activation, alias or key counts from the next reading on, so within a second. An unknown name causes
    a reading at once, but only a few names within two seconds: the others are answered from the latest
    reading. Requests with made-up names therefore cost no readings.
    """

    def __init__(self) -> None:
        self._destinations: dict[str, Destination] = {}
        self._wanted = threading.Event()
        self._stopped = threading.Event()
        # Never replaced: a thread takes from it while the loop adds.
        self._waiting: deque[asyncio.Future[None]] = deque()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread: threading.Thread | None = None
        self._unknown: dict[str, float] = {}
        self.is_loaded = False

    async def start(self) -> None:
        """Read once, then keep reading. A database that is not there yet is tried again and again."""
        self._loop = asyncio.get_running_loop()
        self._stopped.clear()
        self._thread = threading.Thread(target=self._keep_reading, name="datastreams", daemon=True)
        self._thread.start()
        await self.refreshed()

    async def stop(self) -> None:
        self._stopped.set()
        self._wanted.set()
        if self._thread:
            await asyncio.to_thread(self._thread.join)

    async def find(self, name: str) -> Destination | None:
        """Return the destination of a datastream id or alias. An unknown one may be new."""
        found = self._destinations.get(name)
        if found is None and name and self._is_worth_a_reading(name):
            await self.refreshed()
            found = self._destinations.get(name)
        return found

    def _is_worth_a_reading(self, name: str) -> bool:
        """Return whether to read for this name: not if it was just looked for, nor if many others were."""
        now = time.monotonic()
        self._unknown = {each: until for each, until in self._unknown.items() if until > now}
        if name in self._unknown or len(self._unknown) >= MOST_UNKNOWN:
            return False
        self._unknown[name] = now + UNKNOWN_SECONDS
        return True

    async def refreshed(self) -> None:
        """Wait for the next reading; all waiters share it."""
        waiting: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append(waiting)
        self._wanted.set()
        await waiting

    def _keep_reading(self) -> None:
        try:
            while not self._stopped.is_set():
                self._read_once()
                self._stopped.wait(SHORTEST_PAUSE_SECONDS)
                self._wanted.wait(REFRESH_SECONDS - SHORTEST_PAUSE_SECONDS)
        finally:
            connection.close()

    def _read_once(self) -> None:
        self._wanted.clear()
        waiting = [self._waiting.popleft() for _ in range(len(self._waiting))]
        try:
            self._destinations = read_destinations()
            self.is_loaded = True
        except Exception as error:
            # Whatever the error is, the last known datastreams still serve.
            logger.warning("Datastreams cannot be read: %s", type(error).__name__)
            connection.close()
            self.is_loaded = False
        self._release(waiting)

    def _release(self, waiting: list[asyncio.Future[None]]) -> None:
        if waiting and self._loop:
            self._loop.call_soon_threadsafe(_resolve, waiting)


def _resolve(waiting: list[asyncio.Future[None]]) -> None:
    for future in waiting:
        if not future.done():
            future.set_result(None)


def read_destinations() -> dict[str, Destination]:
    """Return every datastream by its id and its aliases."""
    live = (
        Activation.objects.filter(environment=OuterRef("environment_id"))
        .order_by("-id")
        .values("build_id")[:1]
    )
    rows = (
        Datastream.objects.exclude(environment__prop__platform=Property.Platform.WEB)
        .select_related("environment__prop")
        .prefetch_related("aliases")
        .annotate(live_build_id=Subquery(live.values("build_id")[:1]))
    )
    fingerprints = _fingerprints()
    destinations: dict[str, Destination] = {}
    for row in rows:
        destination = _destination(row, fingerprints)
        destinations |= {alias.alias: destination for alias in row.aliases.all()}
        destinations[row.uid] = destination
    return destinations


Fingerprints = Mapping[tuple[int, str, int | None], str]


def _fingerprints() -> Fingerprints:
    """Return the SHA-256 of all secrets, by property, name and environment. Keys are never decrypted here."""
    if not Datastream.objects.exclude(keys=[]).exists():
        return {}
    secrets = Secret.objects.values_list("prop_id", "name", "environment_id", "fingerprint")
    return {(prop_id, name, place): fingerprint for prop_id, name, place, fingerprint in secrets}


def _digests(row: Any, prop_id: int, fingerprints: Fingerprints) -> Iterator[str]:
    """Yield the digests of a datastream's keys: of its environment, else of every environment."""
    for name in filter(None, map(secret_name, row.keys)):
        found = (fingerprints.get((prop_id, name, place)) for place in (row.environment_id, None))
        yield from [digest for digest in found if digest][:1]


def _destination(row: Any, fingerprints: Fingerprints) -> Destination:
    prop = row.environment.prop
    return Destination(
        uid=row.uid,
        datastream_id=row.pk,
        property_id=prop.pk,
        environment_id=row.environment_id,
        build_id=row.live_build_id,
        is_enabled=prop.enabled,
        needs_key=row.access == Datastream.Access.KEY,
        key_digests=tuple(_digests(row, prop.pk, fingerprints)),
        allowed_origins=frozenset(str(origin).lower().rstrip("/") for origin in row.allowed_origins),
        org_id=row.web_sdk_org_id,
        organization=row.web_sdk_org_id.replace("@", "_"),
        writes_click_cookies=row.write_click_cookies,
        device_cookie=row.fpid_cookie,
        consent=Policy(tuple(row.tcf_purposes), row.tcf_vendor),
    )
