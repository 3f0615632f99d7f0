"""The tag libraries that environments run, kept in memory and compared with the database once a second."""

from __future__ import annotations

import asyncio
import gzip
import logging
from collections import OrderedDict
from collections.abc import Callable, Hashable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from importlib import import_module
from importlib.util import find_spec
from typing import Any, TypeVar

from django.db import connection
from django.db.models import OuterRef, Subquery

from properties.models import Environment, Property
from rules.models import Activation, Build, TagLibrary
from rules.publishing.tag_libraries import library_of

from .sightings import Sightings

logger = logging.getLogger(__name__)

REFRESH_SECONDS = 0.8
MOST_BYTES = 64 * 1024 * 1024
MOST_ABSENT = 10_000
Result = TypeVar("Result")


@dataclass(frozen=True, slots=True)
class LiveLibrary:
    """What an environment runs.

    Args:
        build_id: None without a build.
        checksum: SHA-256 of the file as hexadecimal digits; empty if it has to be made again.
        seconds: How long browsers may keep the file without asking; None for the usual time of the stage.
    """

    stage: str
    seconds: int | None
    build_id: int | None
    checksum: str


@dataclass(frozen=True, slots=True)
class LibraryFile:
    """A file, compressed for those who can read that.

    Args:
        brotli: Empty if the module brotli is not installed.
    """

    checksum: str
    gzip: bytes
    brotli: bytes

    @property
    def plain(self) -> bytes:
        return gzip.decompress(self.gzip)

    @property
    def size(self) -> int:
        return len(self.gzip) + len(self.brotli)


class LiveLibraries:
    """What each token of an environment stands for. One thread reads for all requests."""

    def __init__(self) -> None:
        self._live: Mapping[str, LiveLibrary] = {}
        self._files: OrderedDict[Hashable, LibraryFile] = OrderedDict()
        self._absent: set[Hashable] = set()
        self._reader: ThreadPoolExecutor | None = None
        self._refreshing: asyncio.Task[None] | None = None
        self.sightings = Sightings()
        self.is_loaded = False

    async def start(self) -> None:
        """Read once, then keep reading. A database that is not there yet is tried again and again."""
        self._reader = ThreadPoolExecutor(1, thread_name_prefix="tags")
        await self._refresh()
        self._refreshing = asyncio.create_task(self._keep_refreshing())

    async def stop(self) -> None:
        if self._refreshing:
            self._refreshing.cancel()
            with suppress(asyncio.CancelledError):
                await self._refreshing
        if self._reader:
            await self._write_sightings()
            await self._read(_disconnect)
            self._reader.shutdown()
        self._refreshing = self._reader = None

    def find(self, token: str) -> LiveLibrary | None:
        """Return what the environment with this token runs; None if there is no such environment."""
        return self._live.get(token)

    async def file_of(self, live: LiveLibrary) -> LibraryFile | None:
        """Return the file of the build that an environment runs."""
        return await self._file(live.build_id, lambda: _of_build(live.build_id))

    async def pinned(self, token: str, checksum: str) -> LibraryFile | None:
        """Return the file with this checksum, if a build of the environment with this token made it."""
        return await self._file((token, checksum), lambda: _pinned(token, checksum))

    async def _file(self, key: Hashable, load: Callable[[], LibraryFile | None]) -> LibraryFile | None:
        if (found := self._files.get(key)) is not None:
            self._files.move_to_end(key)
            return found
        if key in self._absent:
            return None
        found = await self._read(load)
        if found is not None:
            self._keep(key, found)
        elif len(self._absent) < MOST_ABSENT:
            self._absent.add(key)
        return found

    def _keep(self, key: Hashable, file: LibraryFile) -> None:
        self._files[key] = file
        while len(self._files) > 1 and sum(it.size for it in self._files.values()) > MOST_BYTES:
            self._files.popitem(last=False)

    async def _keep_refreshing(self) -> None:
        while True:
            await asyncio.sleep(REFRESH_SECONDS)
            await self._refresh()
            if self.sightings.is_due:
                await self._write_sightings()

    async def _write_sightings(self) -> None:
        try:
            await self._read(self.sightings.write)
        except Exception as error:
            # They are forgotten: the next request tells the same.
            logger.warning("Sightings of tag libraries cannot be written: %s", type(error).__name__)
            await self._read(_disconnect)

    async def _refresh(self) -> None:
        try:
            live = await self._read(read_live_libraries)
        except Exception as error:
            # Whatever the error is, the last known libraries still serve.
            logger.warning("Tag libraries cannot be read: %s", type(error).__name__)
            await self._read(_disconnect)
            return
        if live != self._live:
            self._absent.clear()
        self._live, self.is_loaded = live, True

    async def _read(self, load: Callable[[], Result]) -> Result:
        return await asyncio.get_running_loop().run_in_executor(self._reader, load)


def _disconnect() -> None:
    """Close the connection of the thread that calls this: ``connection.close`` names the one that asks."""
    connection.close()


def read_live_libraries() -> dict[str, LiveLibrary]:
    """Return what every environment of a tags property runs, by its token."""
    newest = Activation.objects.filter(environment=OuterRef("pk")).order_by("-id")
    rows = Environment.objects.filter(prop__platform=Property.Platform.WEB, token__isnull=False).annotate(
        live_build=Subquery(newest.values("build_id")[:1]),
        checksum=Subquery(newest.values("build__tag_library__checksum")[:1]),
    )
    listed = rows.values_list("token", "stage", "library_seconds", "live_build", "checksum")
    return {
        str(token): LiveLibrary(stage, seconds, build, checksum or "")
        for token, stage, seconds, build, checksum in listed
    }


def _of_build(build_id: int | None) -> LibraryFile | None:
    made = Build.objects.filter(pk=build_id).first() if build_id else None
    return _compressed(library_of(made)) if made else None


def _pinned(token: str, checksum: str) -> LibraryFile | None:
    found = TagLibrary.objects.filter(build__environment__token=token, checksum=checksum).first()
    return _compressed(found) if found else None


def _compressed(kept: TagLibrary) -> LibraryFile:
    body = bytes(kept.body)
    return LibraryFile(kept.checksum, body, _brotli(gzip.decompress(body)))


def _brotli(plain: bytes) -> bytes:
    """Compress by brotli, which is an optional module."""
    if find_spec("brotli") is None:
        return b""
    module: Any = import_module("brotli")
    return bytes(module.compress(plain, quality=11))
