"""Skips a script for a while if it has to be ended repeatedly, so that it does not slow down all events."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

from .script_errors import ScriptDegraded

MOST_SCRIPTS = 10_000


@dataclass(frozen=True, slots=True)
class Degraded:
    """A script that is skipped.

    Args:
        reason: Its latest failure.
        failures: How many failures within the window led here.
        until: When it may run again, on the watcher's clock.
    """

    reason: str
    failures: int
    until: float


class Watcher:
    """Counts failures of scripts. Threads may share it.

    Args:
        clock: Seconds; any clock that never goes back.
        failures: This many failures within ``window_seconds`` degrade a script.
        window_seconds: How long a failure counts.
        pause_seconds: How long a degraded script is skipped. Then it may run again, with no failures counted.
    """

    def __init__(
        self,
        clock: Callable[[], float] = time.monotonic,
        *,
        failures: int = 3,
        window_seconds: float = 60.0,
        pause_seconds: float = 60.0,
    ) -> None:
        self._clock = clock
        self._failures = failures
        self._window_seconds = window_seconds
        self._pause_seconds = pause_seconds
        self._failed_at: dict[str, list[float]] = {}
        self._degraded: dict[str, Degraded] = {}
        self._lock = threading.Lock()

    def failed(self, script: str, reason: str) -> Degraded | None:
        """Note a failure of ``script``; return its state if that degrades it now, else None."""
        now = self._clock()
        with self._lock:
            times = [at for at in self._failed_at.pop(script, []) if now - at < self._window_seconds]
            times.append(now)
            if len(times) < self._failures:
                self._remember(script, times)
                return None
            found = Degraded(reason, len(times), now + self._pause_seconds)
            # A pattern may come from an event, so the number of scripts to skip has no limit.
            self._degraded = {it: state for it, state in self._degraded.items() if now < state.until}
            self._degraded[script] = found
            return found

    def degraded(self, script: str) -> Degraded | None:
        """Return the state of ``script`` while it is skipped, else None."""
        with self._lock:
            state = self._degraded.get(script)
            return state if state is not None and self._clock() < state.until else None

    def refuse_degraded(self, script: str) -> None:
        """Raise ScriptDegraded while ``script`` is skipped."""
        if state := self.degraded(script):
            raise ScriptDegraded(
                f"Not run: it was ended {state.failures} times within {self._window_seconds:.0f} seconds "
                f"and is skipped for {self._pause_seconds:.0f} seconds. The last time: {state.reason}",
                after_seconds=state.until - self._clock(),
            )

    def _remember(self, script: str, times: list[float]) -> None:
        """Keep the failures of the scripts that failed last, so that memory stays bounded."""
        self._failed_at[script] = times
        if len(self._failed_at) > MOST_SCRIPTS:
            del self._failed_at[next(iter(self._failed_at))]
