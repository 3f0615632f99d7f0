"""The pool of child processes that run custom code."""

from __future__ import annotations

import contextlib
import os
import threading
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from types import TracebackType
from typing import Any

from properties.catalog.context import PatternOperation

from .process import ChildProcess
from .replies import read_pattern_answer, read_text
from .script_credentials import Credentials
from .script_errors import ScriptError, ScriptFailed, ScriptTimedOut, ScriptTooBig, SyntaxProblem
from .script_limits import Limits
from .session import Session, to_json


class Sandbox:
    """Runs custom code in child processes that can be killed. Threads may share it.

    A child is started when it is first needed, and again after it has died. After a fork the pool starts
    empty.

    Args:
        size: How many events run custom code at the same time; others wait for a child.
        limits: The limits of a piece.
        spares: How many more children there are. Making a fresh realm takes longer than running a piece:
            while one child makes its next realm, the next event gets another child whose realm is ready.
    """

    _idle: deque[ChildProcess]
    _state: threading.Lock
    _starter: ThreadPoolExecutor

    def __init__(self, size: int = 1, limits: Limits | None = None, *, spares: int = 1) -> None:
        self.size, self.spares = size, spares
        self.limits = limits or Limits()
        self._idle = deque()
        self._start_anew()

    def __enter__(self) -> Sandbox:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def session(
        self,
        call_data: Mapping[str, Any],
        *,
        seed: str,
        clock: float,
        build_info: Mapping[str, Any] | None = None,
        credentials: Credentials | None = None,
    ) -> Session:
        """Return the session of one event; see :class:`Session`. Costs nothing until a piece runs."""
        return Session(
            self, call_data, seed=seed, clock=clock, build_info=build_info, credentials=credentials
        )

    def check_syntax(self, source: str) -> SyntaxProblem | None:
        """Return why ``source`` does not parse as custom code, or None if it does. It is not run."""
        return self._problem(["check", source])

    def check_function(self, source: str, parameters: Sequence[str]) -> SyntaxProblem | None:
        """Return why ``source`` is not the body of a plain function, or None if it is. It is not run.

        Code that closes the function and opens another one is refused.

        Args:
            parameters: Names of the arguments.
        """
        return self._problem(["check_function", source, ", ".join(parameters)])

    def check_program(self, source: str) -> SyntaxProblem | None:
        """Return why a whole script does not parse, or None if it does. It is not run."""
        return self._problem(["check_program", source])

    def run_pattern(
        self, operation: PatternOperation, pattern: str, flags: str, text: str, *replacement: str
    ) -> Any:
        """Return the result of JavaScript's ``new RegExp(pattern, flags)`` for ``text``.

        Returns:
            ``test``: whether the pattern matches; ``exec``: the match and its groups, or None; ``replace``:
            the text with ``replacement``, in which ``$1`` and similar are filled in; ``split``: the parts. A
            group that did not match is None. Half a surrogate pair becomes U+FFFD.

        Raises:
            ScriptFailed: The pattern or its flags are not valid.
            ScriptTimedOut: It takes too long on this text.
            ScriptTooBig: It needs too much memory, or its result is too large.
        """
        try:
            answer = self._ask(["pattern", to_json([operation, pattern, flags, text, *replacement])])
        except ScriptTimedOut:
            raise ScriptTimedOut("The pattern takes too long on this text.") from None
        except ScriptTooBig:
            raise ScriptTooBig("The pattern needs too much memory on this text.") from None
        return read_pattern_answer(operation, answer)

    def close(self) -> None:
        """End every child that is not in use; the others end when they are given back."""
        with self._state:
            self._closed = True
            idle, self._idle = self._idle, deque()
        for child in idle:
            child.kill()
        self._starter.shutdown(wait=False)

    def lend(self) -> ChildProcess:
        """Return a child for this thread alone, until it is given back.

        Waits for a free one, except in a thread that already holds one: that thread would wait for itself.
        """
        if os.getpid() != self._owner:
            self._start_anew()
        held = self._held()
        if not held:
            self._seats.acquire()
        try:
            child = self._idle_child() or self._starter.submit(ChildProcess, self.limits).result()
        except BaseException:
            if not held:
                self._seats.release()
            raise
        held.append(child)
        with self._state:
            self._lent += 1
        return child

    def give_back(self, child: ChildProcess, farewell: Sequence[object] | None = None) -> None:
        """Take back a child, after sending it ``farewell``."""
        held = self._held()
        held.remove(child)
        if farewell is not None and child.alive:
            with contextlib.suppress(ScriptError):
                child.send(farewell)
        with self._state:
            self._lent -= 1
        self._take_in(child)
        if not held:
            self._seats.release()
        if farewell is not None and self._has_room():
            self._starter.submit(self._start_spare)

    def _start_anew(self) -> None:
        for child in self._idle:
            child.abandon()
        self._owner = os.getpid()
        self._closed = False
        self._state = threading.Lock()
        self._seats = threading.Semaphore(self.size)
        self._lent = 0
        self._idle = deque()
        self._local = threading.local()
        # A child dies with the thread that started it, so one long-lived thread starts them all.
        self._starter = ThreadPoolExecutor(1, thread_name_prefix="sandbox-starter")

    def _idle_child(self) -> ChildProcess | None:
        """Return the child that has had the longest time to get ready."""
        with self._state:
            while self._idle:
                child = self._idle.popleft()
                if child.is_running():
                    return child
        return None

    def _take_in(self, child: ChildProcess) -> None:
        with self._state:
            keep = child.alive and self._has_room()
            if keep:
                self._idle.append(child)
        if not keep:
            child.kill()

    def _has_room(self) -> bool:
        return not self._closed and self._lent + len(self._idle) < self.size + self.spares

    def _start_spare(self) -> None:
        if self._has_room():
            # The next thread that needs a child tries again, and gets the error.
            with contextlib.suppress(ScriptError):
                self._take_in(ChildProcess(self.limits))

    def _held(self) -> list[ChildProcess]:
        """Return the children that this thread holds."""
        held: list[ChildProcess] = self._local.__dict__.setdefault("children", [])
        return held

    def _problem(self, request: Sequence[object]) -> SyntaxProblem | None:
        try:
            self._ask(request)
        except ScriptFailed as error:
            return SyntaxProblem(error.message, error.line, error.column)
        return None

    def _ask(self, request: Sequence[object]) -> str:
        with self._any_child() as child:
            return read_text(*child.exchange(request))

    @contextlib.contextmanager
    def _any_child(self) -> Iterator[ChildProcess]:
        """Yield a child that this thread holds, or any child: a single question touches no event."""
        held = self._held()
        if held and held[-1].alive:
            yield held[-1]
            return
        child = self.lend()
        try:
            yield child
        finally:
            self.give_back(child)
