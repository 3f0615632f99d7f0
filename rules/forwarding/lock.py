"""One process accepts events into one SQLite file: two would wait for each other at every commit."""

from __future__ import annotations

import asyncio
import fcntl
import os
from pathlib import Path


class IngestLockTaken(Exception):
    """Another process of this installation accepts events already."""


class IngestLock:
    """A lock on a file; the system lifts it when the process ends, however it ends."""

    PATIENCE_SECONDS = 5.0

    def __init__(self, file: Path) -> None:
        self._file = file
        self._descriptor: int | None = None

    async def take(self) -> None:
        """Wait a little: after a restart the process before us may still be storing its last events.

        Raises:
            IngestLockTaken: It does not end.
        """
        descriptor = os.open(self._file, os.O_RDWR | os.O_CREAT, 0o600)
        patience = self.PATIENCE_SECONDS
        while not _locked(descriptor):
            if patience <= 0:
                os.close(descriptor)
                raise IngestLockTaken(
                    f"Another process accepts events into this SQLite database: {self._file} is locked."
                    " Start one process, without --workers, or use PostgreSQL for several."
                )
            await asyncio.sleep(0.2)
            patience -= 0.2
        self._descriptor = descriptor

    def release(self) -> None:
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None


def _locked(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
