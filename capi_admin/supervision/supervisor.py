"""Starts child processes, restarts those that die, and stops all of them in order."""

from __future__ import annotations

import ctypes
import logging
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from capi_admin.logs import has_colours

from .relay import relay

logger = logging.getLogger(__name__)
LOOK_SECONDS = 0.2
STOP_SECONDS = 25.0
OUTPUT_SECONDS = 2.0
SHORTEST_BACKOFF_SECONDS = 0.5
LONGEST_BACKOFF_SECONDS = 10.0
# A process that lived this long did not die from its start, and is restarted at once.
SETTLED_SECONDS = 5.0
PR_SET_PDEATHSIG = 1


@dataclass(frozen=True)
class Program:
    """A program to run.

    Args:
        name: Its name in log lines.
        stops_last: Other programs need it until they have ended.
    """

    name: str
    arguments: Sequence[str]
    environment: Mapping[str, str] = field(default_factory=dict)
    stops_last: bool = False


class SupervisedProcess:
    """One program and its process."""

    def __init__(self, program: Program) -> None:
        self.program = program
        self._process: subprocess.Popen[bytes] | None = None
        self._output: threading.Thread | None = None
        self._started_at = 0.0
        self._start_at = 0.0
        self._backoff = 0.0

    @property
    def is_alive(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def look_after(self) -> None:
        """Start it if it does not run and its waiting time is over."""
        if self.is_alive:
            return
        if self._process is not None:
            self._note_death(self._process.returncode)
        if time.monotonic() >= self._start_at:
            self._start()

    def terminate(self) -> None:
        if self._process is not None and self.is_alive:
            self._process.terminate()

    def wait(self, deadline: float) -> None:
        """Wait until it has ended; kill it if that takes too long."""
        if self._process is None:
            return
        try:
            self._process.wait(max(deadline - time.monotonic(), 0.1))
        except subprocess.TimeoutExpired:
            logger.warning("%s does not stop and is killed", self.program.name)
            self._process.kill()
            self._process.wait()
        if self._output is not None:
            self._output.join(OUTPUT_SECONDS)

    def _start(self) -> None:
        self._started_at = time.monotonic()
        reader, writer = os.pipe()
        try:
            self._process = subprocess.Popen(  # noqa: S603 - our own programs
                self.program.arguments,
                env={**os.environ, **_colours(), **self.program.environment},
                stdin=subprocess.DEVNULL,
                stdout=writer,
                stderr=writer,
                # The child holds the reading end too, so that it can still write if we are killed.
                pass_fds=[reader],
                # Ctrl-C reaches the supervisor alone, which stops the others in order.
                start_new_session=True,
                preexec_fn=_end_with_parent(os.getpid()),
            )
        finally:
            os.close(writer)
        self._output = relay(os.fdopen(reader, "rb"), self.program.name)

    def _note_death(self, code: int) -> None:
        has_settled = time.monotonic() - self._started_at >= SETTLED_SECONDS
        longer = min(max(self._backoff * 2, SHORTEST_BACKOFF_SECONDS), LONGEST_BACKOFF_SECONDS)
        self._backoff = 0.0 if has_settled else longer
        self._start_at = time.monotonic() + self._backoff
        self._process = None
        logger.error("%s ended with %d; it starts again in %.1f s", self.program.name, code, self._backoff)


class Supervisor:
    """All programs of an installation on this machine, in the order in which they start."""

    def __init__(self) -> None:
        self._children: list[SupervisedProcess] = []

    def add(self, program: Program) -> None:
        """Start a program and watch it from now on."""
        child = SupervisedProcess(program)
        child.look_after()
        self._children.append(child)

    def watch(self, stopped: threading.Event) -> None:
        """Watch all programs until ``stopped`` is set."""
        while not stopped.wait(LOOK_SECONDS):
            self.look()

    def look(self) -> None:
        for child in self._children:
            child.look_after()

    def stop(self) -> None:
        """Stop all programs; those that others need come last."""
        deadline = time.monotonic() + STOP_SECONDS
        for is_last in (False, True):
            group = [child for child in self._children if child.program.stops_last is is_last]
            for child in group:
                child.terminate()
            for child in group:
                child.wait(deadline)


def _colours() -> dict[str, str]:
    """Pass on whether to use colours: a child sees a pipe, but its reader may use a terminal."""
    return {"FORCE_COLOR": "1"} if has_colours() else {}


def _end_with_parent(parent: int) -> Callable[[], None] | None:
    """Return a function for the child that makes the kernel end it when the supervisor dies in any way."""
    if not sys.platform.startswith("linux"):
        return None
    prctl = ctypes.CDLL(None, use_errno=True).prctl

    def ask_kernel() -> None:
        prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
        if os.getppid() != parent:
            os._exit(1)

    return ask_kernel
