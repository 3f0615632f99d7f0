"""Bounds for tests that ask whether something costs too much: speed is never judged by a clock.

Work is counted where it can be. Where only an endless run is meant, ``hang_limit`` ends it.
"""

from __future__ import annotations

import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any

import pytest

# Many times longer than a busy machine needs.
HANG_SECONDS = 60.0


@contextmanager
def hang_limit(seconds: float = HANG_SECONDS) -> Iterator[None]:
    """Fail if the block does not end in time. Only for the main thread, which runs the tests."""

    def give_up(number: int, frame: FrameType | None) -> None:
        pytest.fail(f"This still ran after {seconds} seconds")

    before = signal.signal(signal.SIGALRM, give_up)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def calls_of(run: Callable[[], Any]) -> int:
    """Return how many functions ``run`` calls in this thread, in Python and in C."""
    count = 0

    def note(frame: FrameType, event: str, argument: Any) -> None:
        nonlocal count
        count += event in ("call", "c_call")

    before = sys.getprofile()
    sys.setprofile(note)
    try:
        run()
    finally:
        sys.setprofile(before)
    return count
