"""One child process, seen from its parent: start it, talk to it, end it if it does not answer in time."""

from __future__ import annotations

import contextlib
import marshal
import os
import select
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from .script_errors import ScriptCrashed, ScriptError, ScriptTimedOut, ScriptTooBig
from .script_limits import Limits

PROGRAM = Path(__file__).with_name("child.py")
HEADER = 4


@dataclass(slots=True)
class _Clock:
    """When a child must have answered, and how far that may be postponed."""

    deadline: float
    latest: float
    cpu_before: float = 0.0

    @classmethod
    def lasting(cls, seconds: float, latest_seconds: float = 0.0, cpu: float = 0.0) -> _Clock:
        now = time.monotonic()
        return cls(now + seconds, now + max(seconds, latest_seconds), cpu)

    def extend(self, seconds: float) -> bool:
        self.deadline = min(time.monotonic() + seconds, self.latest)
        return time.monotonic() < self.latest


class ChildProcess:
    """A running child. After any error that this class raises, it is dead.

    The code that it ran may have taken it over, so its answers are not trusted: lengths and waiting times are
    bounded, and answers are only ever parsed as text.
    """

    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        given = (limits.heap_bytes, limits.stack_bytes, limits.cpu_seconds, limits.address_space_bytes)
        self._popen = subprocess.Popen(  # noqa: S603 - our own program, our own numbers
            [sys.executable, "-I", str(PROGRAM), str(os.getpid()), *map(str, given)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={"TZ": "UTC"},
            start_new_session=True,
        )
        self.pid = self._popen.pid
        self._input, self._can_write = self._end(self._popen.stdin, select.POLLOUT)
        self._output, self._can_read = self._end(self._popen.stdout, select.POLLIN)
        self.alive = True
        self._got = b""
        self._clock = _Clock.lasting(limits.start_seconds)
        with contextlib.suppress(ScriptError):
            if self._receive() == ("R", "ready"):
                return
        self.kill()
        code = self._popen.returncode
        raise ScriptCrashed(
            f"No process for custom code could be started (exit {code}). Is quickjs-ng installed?"
        )

    def exchange(
        self, request: Sequence[object], seconds: float | None = None, *, after: Sequence[object] = ()
    ) -> tuple[str, str]:
        """Send ``request`` and return the letter and the text of the answer; see ``replies.py``.

        Args:
            request: The work, of types that marshal knows.
            after: Messages to send first, which have no answer of their own.
            seconds: How long to wait, instead of the limit of a whole piece.

        Raises:
            ScriptTimedOut: No answer in time; the child was killed.
            ScriptTooBig: The answer is larger than allowed; the child was killed.
            ScriptCrashed: The child has ended.
        """
        seconds = self.limits.wall_seconds if seconds is None else seconds
        self._clock = _Clock.lasting(seconds, self.limits.starved_seconds, self._cpu())
        self.send(after, request) if after else self.send(request)
        return self._receive()

    def send(self, *requests: Sequence[object]) -> None:
        """Send messages that have no answer of their own."""
        if not self.alive:
            raise self._ended()
        bodies = [marshal.dumps(list(request)) for request in requests]
        rest = memoryview(b"".join(len(body).to_bytes(HEADER, "little") + body for body in bodies))
        while rest:
            try:
                rest = rest[os.write(self._input, rest) :]
            except BlockingIOError:
                self._wait(self._can_write)
            except OSError:
                raise self._ended() from None

    def kill(self) -> None:
        """End the process, whatever it is doing."""
        if not self.alive:
            return
        self.alive = False
        with contextlib.suppress(OSError):
            self._popen.kill()
        for stream in (self._popen.stdin, self._popen.stdout):
            with contextlib.suppress(OSError):
                if stream is not None:
                    stream.close()
        self._popen.wait()

    def abandon(self) -> None:
        """Forget a child that belongs to the process we were forked from."""
        self.alive = False
        self._popen.returncode = 0

    def is_running(self) -> bool:
        """Return whether the process still runs, as far as this can be known."""
        return self.alive and self._popen.poll() is None

    def _receive(self) -> tuple[str, str]:
        size = int.from_bytes(self._exactly(HEADER), "little")
        if not 0 < size <= self.limits.frame_bytes:
            self.kill()
            raise ScriptTooBig("The result of the code is too large.")
        body = self._exactly(size)
        if self._got:
            raise self._ended()  # It sent more than was asked for.
        return chr(body[0]), body[1:].decode("utf-8", "replace")

    def _exactly(self, size: int) -> bytes:
        while len(self._got) < size:
            self._wait(self._can_read)
            try:
                piece = os.read(self._output, 65536)
            except OSError:
                piece = b""
            if not piece:
                raise self._ended()
            self._got += piece
        taken, self._got = self._got[:size], self._got[size:]
        return taken

    def _wait(self, poll: select.poll) -> None:
        while not poll.poll(max(0.0, self._clock.deadline - time.monotonic()) * 1000):
            if not self._starved():
                self.kill()
                raise ScriptTimedOut("The code did not end in time.")

    def _starved(self) -> bool:
        """Return whether the child still lacks processor time, as on a busy machine: then it gets more real
        time.
        """
        if self._cpu() - self._clock.cpu_before >= self.limits.cpu_seconds:
            return False
        return self._clock.extend(self.limits.wall_seconds)

    def _cpu(self) -> float:
        """Return processor seconds of the child; more than any limit if the system does not report them."""
        try:
            return time.clock_gettime((~self.pid << 3) | 2)  # Linux: the clock of another process.
        except OSError:
            return float("inf")

    def _ended(self) -> ScriptCrashed:
        self.kill()
        return ScriptCrashed(
            f"The process that ran the code ended unexpectedly (exit {self._popen.returncode})."
        )

    @staticmethod
    def _end(stream: object, event: int) -> tuple[int, select.poll]:
        """Return an end of a pipe, and the poll object that waits for it."""
        descriptor: int = stream.fileno()  # type: ignore[attr-defined]
        os.set_blocking(descriptor, False)
        poll = select.poll()
        poll.register(descriptor, event)
        return descriptor, poll
