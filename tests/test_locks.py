"""Locks of a data folder: one process holds one, and a killed process holds none."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.core.management.base import CommandError

from capi_admin.supervision.first_steps import keep_alone
from rules.forwarding.lock import IngestLock, IngestLockTaken

HOLDER = """
import sys, filelock
lock = filelock.FileLock(sys.argv[1])
lock.acquire()
print("held", flush=True)
input()
"""


@pytest.fixture
def held(tmp_path: Path) -> Iterator[subprocess.Popen[str]]:
    command = [sys.executable, "-c", HOLDER, str(tmp_path / "up.lock")]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"
        yield holder
        holder.kill()


@pytest.mark.processes
def test_a_killed_process_holds_no_lock(tmp_path: Path, held: subprocess.Popen[str]) -> None:
    with pytest.raises(CommandError, match="already runs"):
        keep_alone(tmp_path)
    held.kill()
    held.wait()
    keep_alone(tmp_path).release()


def test_a_second_process_waits_for_the_first_and_gives_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(IngestLock, "PATIENCE_SECONDS", 0.5)
    file = tmp_path / "ingest.lock"

    async def run() -> None:
        first, second = IngestLock(file), IngestLock(file)
        await first.take()
        with pytest.raises(IngestLockTaken, match=r"ingest\.lock is locked"):
            await second.take()
        waiting = asyncio.create_task(second.take())
        await first.release()
        await waiting
        await second.release()
        await second.release()

    asyncio.run(run())
    assert file.stat().st_mode & 0o777 == 0o600
