"""Lets one process accept events into one SQLite file: two would wait for each other at every commit."""

from __future__ import annotations

from pathlib import Path

from filelock import AsyncFileLock, Timeout


class IngestLockTaken(Exception):
    """Another process of this installation already accepts events."""


class IngestLock:
    """A lock on a file. The system releases it when the process ends, for whatever reason."""

    PATIENCE_SECONDS = 5.0

    def __init__(self, file: Path) -> None:
        # The library's fallback is a file that a killed process would leave behind.
        self._lock = AsyncFileLock(file, mode=0o600, poll_interval=0.2, fallback_to_soft=False)

    async def take(self) -> None:
        """Take the lock. Wait a little: after a restart, the old process may still store its last events.

        Raises:
            IngestLockTaken: The other process does not end.
        """
        try:
            await self._lock.acquire(timeout=self.PATIENCE_SECONDS)
        except Timeout:
            raise IngestLockTaken(
                f"Another process accepts events into this SQLite database: {self._lock.lock_file} is locked."
                " Start one process, without --workers, or use PostgreSQL for several."
            ) from None

    async def release(self) -> None:
        await self._lock.release()
