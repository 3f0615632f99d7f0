"""A plugin of pytest: no test leaves a thread or a child process behind, and no module of tests does.

What fixtures of the module have started is there before the test that is judged. Nothing outlives its module:
a thread that reads the database would read it, or be kept from it, in tests that know nothing of it.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

# A process has each of these once and keeps it: the first test that needs it is not at fault.
KEPT_THREADS = {"doorbell", "sender", "sandbox-starter"}
KEPT_PROGRAMS = ("rules/sandbox/child.py", "tests.commands")
PATIENCE_SECONDS = 10.0

Running = dict[tuple[str, int | None], str]
"""What runs: by kind and number, with a name to show."""

_kept: set[tuple[str, int | None]] = set()


@pytest.fixture(scope="session")
def running_at_first() -> Running:
    return running()


@pytest.fixture(autouse=True, scope="module")
def _module_leaves_nothing(running_at_first: Running) -> Iterator[None]:
    with leaving_only(running_at_first):
        yield


@pytest.fixture(autouse=True)
def _test_leaves_nothing() -> Iterator[None]:
    with leaving_only(running()):
        yield


@contextmanager
def leaving_only(before: Running, seconds: float = PATIENCE_SECONDS) -> Iterator[None]:
    """Fail if something new still runs ``seconds`` after the block."""
    yield
    end = time.monotonic() + seconds
    while (left := _others(before)) and time.monotonic() < end:
        time.sleep(0.01)
    if left:
        pytest.fail(f"This was started and has not ended: {', '.join(left)}", pytrace=False)


def _others(before: Running) -> list[str]:
    return [name for key, name in running().items() if key not in before and key not in _kept]


@contextmanager
def keeping() -> Iterator[None]:
    """Things that the block starts may keep running: a fixture of the session ends them."""
    before = running()
    yield
    _kept.update(running().keys() - before.keys())


def running() -> Running:
    """The threads and child processes of this process, without those that are kept."""
    threads = [it for it in threading.enumerate() if it.name.partition("_")[0] not in KEPT_THREADS]
    named: Running = {("thread", it.ident): f"thread {it.name}" for it in threads}
    return named | {("process", pid): f"process {pid} {_command(pid)}" for pid in _children()}


def _children() -> Iterator[int]:
    """Return the child processes, also ended ones that were not waited for. Only Linux lists them."""
    for file in Path("/proc/self/task").glob("*/children"):
        for pid in map(int, _words(file).split()):
            if not any(program in _command(pid) for program in KEPT_PROGRAMS):
                yield pid


def _command(pid: int) -> str:
    """Return the command of a process. For a moment after its start it is still the parent's."""
    return _words(Path(f"/proc/{pid}/cmdline"))


def _words(file: Path) -> str:
    """Return the words of a system file; empty if its process has just ended."""
    try:
        return " ".join(file.read_text(errors="replace").replace("\0", " ").split())
    except OSError:
        return ""
