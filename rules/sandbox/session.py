"""The custom code of one event: its pieces run one after the other, in a realm that no other event shares."""

from __future__ import annotations

import json
import struct
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import blake2b
from time import perf_counter
from types import TracebackType
from typing import Any, Literal, Protocol

import msgspec

from properties.catalog.errors import Misconfigured, Retry
from properties.catalog.tokens import names_in_code

from .process import ChildProcess
from .replies import ChildReply, error_of, read_answer
from .script_credentials import Credentials, Known, sealed, sealed_error, sealed_line
from .script_errors import ScriptDegraded, ScriptError, ScriptFailed
from .script_limits import Limits

Kind = Literal["dataElement", "condition", "action"]
Resolve = Callable[[str], Any]
_THREE_NUMBERS = struct.Struct("<3I")
_PARTS = ("event", "request", "ruleStash")


class Lender(Protocol):
    """Lends child processes; see :class:`Sandbox`."""

    limits: Limits

    def lend(self) -> ChildProcess: ...
    def give_back(self, child: ChildProcess, farewell: Sequence[object] | None = None) -> None: ...


@dataclass(frozen=True, slots=True)
class ScriptResult:
    """The result of a piece of custom code.

    Args:
        value: Its result, of JSON types; a bool for a condition. ``undefined`` and NaN are None.
        arc_after: ``arc`` as the code left it, or None if it changed nothing. Unchanged parts are the objects
            that were passed in. Always None for a data element: its changes stay its own.
        logs: ``(level, text)`` of each log line. May hold data of the event: mask it before people see it.
        microseconds: From request to answer.
        saw_credentials: Whether the code knew values of credentials or their secret markers: with others its
            result may differ.
    """

    value: Any
    arc_after: dict[str, Any] | None = None
    logs: list[tuple[str, str]] = field(default_factory=list)
    microseconds: int = 0
    saw_credentials: bool = False


class Session:
    """Runs the pieces of one event. For one thread; close it, or use it with ``with``.

    Args:
        sandbox: Lends a child process from the first piece until the session is closed.
        call_data: ``{"event", "request"}``; parts passed to a piece are compared with it by identity.
        seed: Seeds the random numbers: the id of the inbound event.
        clock: Unix seconds that ``Date`` shows: when the event was received.
        build_info: The result of ``utils.getBuildInfo()``.
        credentials: Puts values in place of secret markers; without it code sees the markers.
    """

    def __init__(
        self,
        sandbox: Lender,
        call_data: Mapping[str, Any],
        *,
        seed: str,
        clock: float,
        build_info: Mapping[str, Any] | None = None,
        credentials: Credentials | None = None,
    ) -> None:
        self._sandbox = sandbox
        self._call_data = call_data
        self._seed = seed
        self._clock = clock
        self._build_info = build_info or {}
        self._credentials = credentials
        self._known = Known()
        self._begun: ChildProcess | None = None
        self._depth = 0
        self._number = 0

    def __enter__(self) -> Session:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def run(
        self,
        source: str,
        *,
        kind: Kind,
        arc: Mapping[str, Any],
        resolve: Resolve,
        settings: Mapping[str, Any] | None = None,
        extension_settings: Mapping[str, Any] | None = None,
        rule: Mapping[str, Any] | None = None,
        component: Mapping[str, Any] | None = None,
        seconds: float | None = None,
    ) -> ScriptResult:
        """Run ``source`` as the body of ``function(arc, utils)``, as Adobe's Core extension does.

        Args:
            source: JavaScript; may return a promise, may use ``await``.
            kind: The kind of piece: a condition must return a boolean, a data element cannot change ``arc``.
            arc: ``{"event", "request", "ruleStash"}`` of the rule; not changed.
            resolve: Returns the value of a data element by name, for ``getDataElementValue``. It may run
                pieces in this session. Its exception ends the piece, unless the code catches it.
            settings, extension_settings, rule, component: The values that ``utils`` returns.
            seconds: Processor time of this piece, if less than the limit.

        Raises:
            ScriptError: The piece failed; the class says how.
            SecretMissing: It gets a credential, or asks for a data element with one, that has no value.
            Retry: Another piece that it asks for is skipped for a while.
            Exception: The exception of ``resolve`` that ended the piece.
        """
        started = perf_counter()
        facts = {
            "clock": int(self._clock * 1000),
            "seeds": self._seeds(source, component),
            "buildInfo": self._build_info,
            "settings": settings or {},
            "extensionSettings": extension_settings or {},
            "rule": rule or {},
            "component": component or {},
        }
        parts = [
            self._part(arc, "event"),
            self._part(arc, "request"),
            self._given(arc.get("ruleStash") or {}),
        ]
        most = self._sandbox.limits.cpu_seconds
        piece: list[str | float] = [
            source,
            kind,
            most if seconds is None else min(seconds, most),
            self._given(facts),
        ]
        try:
            answer = self._answer(piece, parts, names_in_code(source), _Elements(resolve, self._given))
        except ScriptDegraded:
            raise  # It quotes nothing that code wrote.
        except ScriptError as error:
            raise sealed_error(_with_reason(error, self._withheld()), self._known) from None
        answer = _sealed(answer, self._known)
        if withheld := self._withheld():
            answer.logs.append(("warn", withheld))
        microseconds = round((perf_counter() - started) * 1_000_000)
        return ScriptResult(
            answer.value, _arc_after(arc, answer), answer.logs, microseconds, bool(self._known or withheld)
        )

    def close(self) -> None:
        """Forget the event and give the child process back."""
        child, self._begun = self._begun, None
        if child is not None:
            self._sandbox.give_back(child, ["end"])

    def _answer(
        self, piece: list[str | float], parts: list[str | None], names: Iterable[str], elements: _Elements
    ) -> ChildReply:
        """Run the piece, and again for each data element whose name only the running code knows.

        This is safe because a piece has no effect except its answer, and its time and random numbers do not
        change.
        """
        limits, seconds = self._sandbox.limits, self._sandbox.limits.wall_seconds
        self._number += 1
        number = self._number
        self._look_up(elements, names, is_asked=False)
        for _ in range(limits.questions + 1):
            request = ["run", number, *piece, to_json(elements.known), *parts]
            started = perf_counter()
            answer = read_answer(*self._exchange(request, seconds), limits)
            seconds = max(seconds - (perf_counter() - started), 0.0)
            if answer.missing is None:
                return elements.checked(answer)
            self._look_up(elements, [answer.missing], is_asked=True)
        raise ScriptFailed(
            f"The code asks for more than {limits.questions} data elements by names that it computes."
        )

    def _look_up(self, elements: _Elements, names: Iterable[str], *, is_asked: bool) -> None:
        nesting = self._sandbox.limits.nesting
        self._depth += 1
        try:
            for name in names:
                if self._depth > nesting:
                    raise ScriptFailed(
                        f"Data elements with custom code ask for each other over {nesting} deep."
                    )
                elements.look_up(name, is_asked=is_asked)
        finally:
            self._depth -= 1

    def _exchange(self, request: list[Any], seconds: float) -> tuple[str, str]:
        """Ask the child of this session. If it has died, start a new one and send it the event first."""
        if self._begun is not None and self._begun.alive:
            return self._begun.exchange(request, seconds)
        if self._begun is not None:
            self._sandbox.give_back(self._begun, None)
            self._begun = None
        self._begun = self._sandbox.lend()
        parts = (to_json(self._call_data.get(part) or {}) for part in _PARTS[:2])
        return self._begun.exchange(request, seconds, after=["begin", *parts])

    def _part(self, arc: Mapping[str, Any], name: str) -> str | None:
        part = arc.get(name)
        return None if part is self._call_data.get(name) else self._given(part or {})

    def _given(self, value: Any) -> str:
        """Return JSON of a value for a piece, with the values of credentials."""
        text = to_json(value)
        return self._credentials.revealed(text, self._known) if self._credentials else text

    def _withheld(self) -> str:
        return self._credentials.withheld() if self._credentials else ""

    def _seeds(self, source: str, component: Mapping[str, Any] | None) -> tuple[int, ...]:
        """Return numbers that are equal for the same piece and event, in whatever order pieces run."""
        text = f"{self._seed}\0{(component or {}).get('id', '')}\0{source}"
        digest = blake2b(text.encode("utf-8", "replace"), digest_size=12).digest()
        return _THREE_NUMBERS.unpack(digest)


class _Elements:
    """Values of the data elements that a piece may ask for. Keeps exceptions, which would lose information as
    text.
    """

    def __init__(self, resolve: Resolve, given: Callable[[Any], str]) -> None:
        self._resolve, self._given = resolve, given
        self._failures: dict[str, Exception] = {}
        self.known: dict[str, str] = {}

    def look_up(self, name: str, *, is_asked: bool) -> None:
        """Find out the value.

        Code may never ask for a name that is only in its text. Then a missing value does not matter; code
        that does ask cannot continue without it.
        """
        if name in self.known:
            return
        try:
            self.known[name] = "+" + self._given(self._resolve(name))
        except (Retry, Misconfigured):
            if is_asked:
                raise
        except Exception as error:
            self.known[name] = "-"
            self._failures[name] = error

    def checked(self, answer: ChildReply) -> ChildReply:
        """Return the answer, or raise its error; a data element that failed raises its own."""
        note = answer.error
        if note is None:
            return answer
        if note.kind == "element" and note.text in self._failures:
            raise self._failures[note.text]
        raise error_of(note)


def to_json(value: Any) -> str:
    """Return compact JSON text; NaN and the infinities, which JSON lacks, become null."""
    try:
        return msgspec.json.encode(value).decode()
    except UnicodeEncodeError:
        return json.dumps(value)  # Half a surrogate pair, escaped.


def _with_reason(error: ScriptError, reason: str) -> ScriptError:
    """Return an error with the reason why code got no value, because that may have caused it."""
    return type(error)(f"{error.message} {reason}", error.line, error.column) if reason else error


def _sealed(answer: ChildReply, known: Known) -> ChildReply:
    """Return the answer without values of credentials."""
    if known:
        answer.value = sealed(answer.value, known)
        answer.logs = [(level, sealed_line(text, known)) for level, text in answer.logs]
        for name in _PARTS:
            setattr(answer, name, sealed(getattr(answer, name), known))
    return answer


def _arc_after(arc: Mapping[str, Any], answer: ChildReply) -> dict[str, Any] | None:
    changed = {name: part for name in _PARTS if (part := getattr(answer, name)) is not None}
    return {**arc, **changed} if changed else None
