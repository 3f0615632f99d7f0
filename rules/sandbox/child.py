"""The program of a child process: it runs JavaScript and can reach nothing else.

The parent starts it by path, isolated, with an empty environment. It imports only the standard library and
QuickJS. Requests arrive as marshal on standard input. Each answer is a letter and UTF-8 text on standard
output. Both follow their length. The parent trusts no answer: see ``process.py``.
"""

from __future__ import annotations

import contextlib
import json
import marshal
import os
import signal
import struct
import sys
from collections.abc import Callable
from pathlib import Path
from time import process_time
from typing import Any, NoReturn

# The extension module itself: the package `quickjs` around it starts a thread on import.
import _quickjs

HEADER = 4
# User code starts at this line: a line number in a stack shows whether it is user code or a file in
# realm/.
FIRST_LINE = 1000
HEAD = "\n" * (FIRST_LINE - 2) + "({keyword}function({parameters}) {{{open}\n"
TAIL = "\n{close}}})"
NOBODY = 65534
PATTERN = """(given) => {
  const [operation, pattern, flags, text, ...more] = JSON.parse(given), regexp = new RegExp(pattern, flags);
  return JSON.stringify({
    test: () => regexp.test(text),
    exec: () => regexp.exec(text),
    replace: () => text.replace(regexp, ...more),
    split: () => text.split(regexp),
  }[operation]());
}"""


def confine(parent: int, address_space: int) -> None:
    """Give up rights that JavaScript does not need. After this, no file or socket can be opened."""
    import ctypes
    import resource

    libc = ctypes.CDLL(None, use_errno=True)
    set_death_signal, no_new_privileges, new_network, new_user = 1, 38, 0x40000000, 0x10000000
    os.chdir("/")
    # If the machine does not permit it, the limit on open files still prevents sockets.
    if libc.unshare(new_network) != 0:
        libc.unshare(new_user | new_network)
    if os.geteuid() == 0:
        _become_nobody()
    libc.prctl(set_death_signal, signal.SIGKILL, 0, 0, 0)
    libc.prctl(no_new_privileges, 1, 0, 0, 0)
    _give_up_paths_and_signals(libc.syscall)
    for limit, value in {"AS": address_space, "NOFILE": 3, "FSIZE": 0, "CORE": 0, "NPROC": 0}.items():
        resource.setrlimit(getattr(resource, f"RLIMIT_{limit}"), (value, value))
    if os.getppid() != parent:
        os._exit(0)


def _give_up_paths_and_signals(syscall: Callable[..., int]) -> None:
    """Give up the rights that limits on descriptors leave: removing, renaming and emptying files, signals,
    and tracing other processes.

    A worker that is not root shares its user with the child. Without Landlock in Linux these rights remain.
    Source: Linux, Landlock.
    """
    create_ruleset, restrict_self, ask_version = 444, 446, 1
    version = syscall(create_ruleset, None, 0, ask_version)
    if version < 1:
        return
    rights_on_files = (1 << (13 if version < 2 else 14 if version < 3 else 15 if version < 5 else 16)) - 1
    tcp, abstract_sockets_and_signals = 0b11, 0b11
    handled = struct.pack("QQQ", rights_on_files, tcp, abstract_sockets_and_signals)
    ruleset = syscall(create_ruleset, handled, 8 if version < 4 else 16 if version < 6 else 24, 0)
    if ruleset >= 0:
        syscall(restrict_self, ruleset, 0)
        os.close(ruleset)


def _become_nobody() -> None:
    try:
        os.setgroups([])
        os.setgid(NOBODY)
        os.setuid(NOBODY)
    except OSError:
        pass  # A container without that capability; the other limits hold.


def as_function(source: str, parameters: str, *, keyword: str = "", open: str = "", close: str = "") -> str:
    """Return a text that gives a function whose body is ``source``."""
    head = HEAD.format(parameters=parameters, keyword=keyword, open=open)
    return head + source + TAIL.format(close=close)


class Pipe:
    """The two pipe ends to the parent. When the parent ends, so does this process."""

    def __init__(self) -> None:
        self._got = b""

    def read(self) -> list[Any]:
        size = int.from_bytes(self._exactly(HEADER), "little")
        request: list[Any] = marshal.loads(self._exactly(size))  # noqa: S302 - the parent is trusted, it started us
        return request

    def write(self, letter: str, text: str) -> None:
        body = letter.encode() + text.encode("utf-8", "replace")
        rest = memoryview(len(body).to_bytes(HEADER, "little") + body)
        while rest:
            rest = rest[os.write(1, rest) :]

    def _exactly(self, size: int) -> bytes:
        while len(self._got) < size:
            piece = os.read(0, 65536)
            if not piece:
                os._exit(0)
            self._got += piece
        taken, self._got = self._got[:size], self._got[size:]
        return taken


def realm_texts() -> dict[str, str]:
    """Return the text that starts a realm, and JSON of the parts that it loads on first use."""
    parts = {
        path.stem: without_comments(path) for path in sorted(Path(__file__).with_name("realm").glob("*.js"))
    }
    return {"core": parts.pop("core"), "parts": json.dumps(parts)}


def without_comments(path: Path) -> str:
    """Return the text without comments and indentation, with line numbers unchanged: parsing is the cost of a
    realm.
    """
    lines = (line.strip() for line in path.read_text(encoding="utf-8").splitlines())
    return "\n".join("" if line.startswith("//") else line for line in lines)


class OutOfTime(Exception):
    """A piece has used up its processor time."""


class Realm:
    """One JavaScript context, and the piece that runs in it."""

    def __init__(self, texts: dict[str, str], limits: dict[str, Any]) -> None:
        self.limits = limits
        self.context = _quickjs.Context()
        self.context.set_memory_limit(limits["heap"])
        self.context.set_max_stack_size(limits["stack"])
        self.call = self.context.eval(texts["core"])
        self.call("learn", texts["parts"])
        self.used = self.broken = False
        self.end = 0.0

    def piece(self, source: str, kind: str, seconds: float, *given: str) -> str:
        """Run ``source`` to its end, including everything that it queues; return JSON of the result."""
        self.used = True
        self.end = process_time() + seconds
        try:
            self._limited(self.call, "run", self.compile(source), *given)
            text = ""
            while not text:
                while self._job():
                    pass
                text = self._limited(self.call, "take", kind)
            return text
        except BaseException:
            self.broken = True
            raise

    def compile(self, source: str, open: str = "", close: str = "") -> Any:
        """Return the function whose body is ``source``; an async one if it contains ``await``."""
        try:
            return self._compile(source, "", open, close)
        except _quickjs.JSException:
            if "await" not in source:
                raise
        return self._compile(source, "async ", open, close)

    def fingerprint(self) -> str:
        self.end = process_time() + self.limits["cpu"]
        text: str = self._limited(self.call, "fingerprint")
        return text

    def pattern(self, given: str) -> str:
        self.end = process_time() + self.limits["cpu"]
        text: str = self._limited(self.context.eval(PATTERN), given)
        return text

    def _compile(self, source: str, keyword: str, open: str, close: str) -> Any:
        text = as_function(source, "arc, utils", keyword=keyword, open=open, close=close)
        try:
            return self._limited(self.context.eval, text)
        except TypeError:
            return None  # Code that closes our function may leave a value that Python cannot hold.

    def _limited(self, call: Callable[..., Any], *given: Any) -> Any:
        left = self.end - process_time()
        if left <= 0:
            raise OutOfTime
        self.context.set_time_limit(left)
        return call(*given)

    def _job(self) -> bool:
        try:
            more: bool = self._limited(self.context.execute_pending_job)
            return more
        except _quickjs.JSException as error:
            # An error in a microtask belongs to no result; a limit does.
            if str(error).startswith("InternalError: out of memory"):
                raise
            return True


class Child:
    """Answers one request after the other."""

    def __init__(self, pipe: Pipe, limits: dict[str, Any]) -> None:
        self.pipe = pipe
        self.limits = limits
        self.texts = realm_texts()
        self.pristine = self.new_realm().fingerprint()
        self.spare: Realm | None = self.new_realm()
        self.patterns: Realm | None = None
        self.start_event("{}", "{}")

    def serve(self) -> NoReturn:
        while True:
            name, *given = self.pipe.read()
            if name == "begin":
                self.start_event(*given)
            elif name == "end":
                self.start_event("{}", "{}")
                # Made while nobody waits for it.
                self.spare = self.spare or self.new_realm()
            else:
                self.pipe.write(*self.answer(getattr(self, f"do_{name}"), given))

    def start_event(self, event: str, request: str) -> None:
        self.event, self.request = event, request
        self.realm: Realm | None = None
        self.seconds_left: dict[int, float] = {}

    def answer(self, work: Callable[..., str], given: list[Any]) -> tuple[str, str]:
        """Return a letter that names the kind of answer (see ``replies.py``), and its text."""
        try:
            return "R", work(*given)
        except OutOfTime:
            return "T", ""
        except _quickjs.JSException as error:
            return "E", str(error)[:4000]
        except (ValueError, MemoryError) as error:
            return "V", type(error).__name__

    def do_run(
        self,
        number: int,
        source: str,
        kind: str,
        seconds: float,
        facts: str,
        elements: str,
        event: str | None,
        request: str | None,
        stash: str,
    ) -> str:
        """Run a piece. A part that is None is unchanged since the event began.

        A piece that runs again with one more data element has the rest of its time, and a realm that its
        first run has not touched.
        """
        again = number in self.seconds_left
        left = self.seconds_left.get(number, seconds)
        realm = self.realm_of_event(fresh=again)
        started = process_time()
        try:
            return realm.piece(
                source, kind, left, facts, elements, event or self.event, request or self.request, stash
            )
        finally:
            self.seconds_left[number] = left - (process_time() - started)

    def do_check(self, source: str) -> str:
        realm = self.new_realm()
        realm.end = process_time() + self.limits["cpu"]
        realm.compile(source)
        # Inside two more blocks, code that closes one of our braces does not parse.
        realm.compile(source, "{{", "}}")
        return ""

    def do_check_function(self, source: str, parameters: str) -> str:
        for open, close in (("", ""), ("{{", "}}")):
            self.parse(as_function(source, parameters, open=open, close=close))
        return ""

    def do_check_program(self, source: str) -> str:
        self.parse(as_function(source, ""))
        return ""

    def parse(self, text: str) -> None:
        """Parse the text of a function without calling it."""
        context = _quickjs.Context()
        context.set_memory_limit(self.limits["heap"])
        context.set_max_stack_size(self.limits["stack"])
        context.set_time_limit(self.limits["cpu"])
        with contextlib.suppress(TypeError):  # As in Realm: the value may be one that Python cannot hold.
            context.eval(text)

    def do_pattern(self, given: str) -> str:
        realm, self.patterns = self.patterns or self.new_realm(), None
        text = realm.pattern(given)
        self.patterns = realm
        return text

    def new_realm(self) -> Realm:
        return Realm(self.texts, self.limits)

    def realm_of_event(self, *, fresh: bool) -> Realm:
        """Return the realm of this event: a new one if a piece has left something behind."""
        realm = self.realm
        if fresh or realm is None or realm.broken or (realm.used and realm.fingerprint() != self.pristine):
            realm, self.spare = self.spare or self.new_realm(), None
            self.realm = realm
        return realm


def main(parent: str, heap: str, stack: str, cpu: str, address_space: str) -> None:
    child = Child(Pipe(), {"heap": int(heap), "stack": int(stack), "cpu": float(cpu)})
    confine(int(parent), int(address_space))
    child.pipe.write("R", "ready")
    child.serve()


if __name__ == "__main__":
    main(*sys.argv[1:])
