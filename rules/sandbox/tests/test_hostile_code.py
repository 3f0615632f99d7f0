from __future__ import annotations

import contextlib
import copy
import os
from pathlib import Path

import pytest

from rules.sandbox import Limits, Sandbox, ScriptError, ScriptTimedOut, ScriptTooBig
from rules.sandbox.process import ChildProcess
from tests.work import hang_limit

from .conftest import EVENT, REQUEST, Run
from .hostile import HOSTILE

# Each piece ends within 500 ms (docs/custom_code.md). Measured in processor time, which a busy machine
# does not change.
LONGEST_SECONDS = 0.5
CHILD_MEMORY_KIB = 128 * 1024

CANARY = """
const names = Object.getOwnPropertyNames(globalThis).sort().join();
return [
  typeof counter, typeof leak, ({}).polluted, ({}).toJSON, [1, 2].map((x) => x + 1), " x ".trim(),
  JSON.stringify({a: [1]}), JSON.parse("[1]"), new Date().toISOString(), typeof Promise,
  Object.isFrozen(Object.prototype),
  arc.event.xdm.productListItems[0].SKU, getDataElementValue("Known"), names,
];
"""


class Watch:
    """Processor seconds of the child, and of the thread that waits for it, until the block ends.

    Linux counts them (``schedstat``); a child that is killed is asked just before.
    """

    def __init__(self, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
        self.pid, self.seconds = _pid(sandbox), 0.0
        kill = ChildProcess.kill

        def note_and_kill(child: ChildProcess) -> None:
            if child.alive and child.pid == self.pid:
                self._note(self.pid)
            kill(child)

        monkeypatch.setattr(ChildProcess, "kill", note_and_kill)

    def __enter__(self) -> Watch:
        self._before = {pid: _ran(pid) for pid in (self.pid, "self")}
        return self

    def __exit__(self, *error: object) -> None:
        if Path(f"/proc/{self.pid}").exists():
            self._note(self.pid)
        self._note("self")

    def _note(self, pid: int | str) -> None:
        self.seconds = max(self.seconds, _ran(pid) - self._before[pid])


def _ran(pid: int | str) -> float:
    return int(Path(f"/proc/{pid}/schedstat").read_text().split()[0]) / 1e9


def canary(sandbox: Sandbox) -> object:
    """Return the result of the next event, and of a pattern."""
    call = {"event": EVENT, "request": REQUEST}
    with sandbox.session(call, seed="1", clock=1_700_000_000.5) as session:
        given = {"arc": {**call, "ruleStash": {}}, "resolve": {"Known": "known"}.__getitem__}
        result = session.run(CANARY, kind="action", **given)
    return result.value, result.arc_after, result.logs, sandbox.run_pattern("exec", "(?<=a)b(.)", "", "xabc")


@pytest.fixture(scope="module")
def fresh() -> object:
    """Return the result of a process that has run nothing else."""
    with Sandbox(spares=0) as sandbox:
        return canary(sandbox)


def test_the_corpus_is_as_large_as_promised() -> None:
    assert len(HOSTILE) >= 60


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_code_ends_in_time_and_in_its_own_way_and_touches_nothing_else(
    run: Run, sandbox: Sandbox, fresh: object, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    source, expected = HOSTILE[name]
    assert canary(sandbox) == fresh
    event, descriptors, files = copy.deepcopy(EVENT), len(_descriptors("self")), _files()
    with hang_limit(), Watch(sandbox, monkeypatch) as watch:
        try:
            run(source, elements={"Known": "known"})
            ended = "ok"
        except (ScriptError, KeyError) as error:
            ended = type(error).__name__
    assert ended in expected.split("|")
    assert watch.seconds <= LONGEST_SECONDS
    assert _peak_kib(sandbox) <= CHILD_MEMORY_KIB
    assert event == EVENT
    assert canary(sandbox) == fresh
    _is_alone(sandbox)
    # Only their number: a child that replaces a killed one may get other descriptors, and those of earlier
    # tests may close meanwhile.
    assert len(_descriptors("self")) <= descriptors
    assert _files() == files


def test_no_piece_is_waited_for_longer_than_promised() -> None:
    """Unless it has not had its processor time yet; test_processes.py sees one killed at this limit."""
    assert Limits().wall_seconds <= LONGEST_SECONDS


def test_a_run_that_takes_longer_than_promised_would_be_noticed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    limits = Limits(cpu_seconds=0.8, wall_seconds=2.0)
    with Sandbox(spares=0, limits=limits) as sandbox:
        canary(sandbox)
        session = sandbox.session({}, seed="1", clock=1.0)
        with Watch(sandbox, monkeypatch) as watch, session, pytest.raises(ScriptTimedOut):
            session.run("for (;;);", kind="action", arc={}, resolve=str)
        assert watch.seconds > LONGEST_SECONDS


def test_checking_hostile_code_takes_no_longer(sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    for source, _ in HOSTILE.values():
        canary(sandbox)
        with Watch(sandbox, monkeypatch) as watch, contextlib.suppress(ScriptTimedOut, ScriptTooBig):
            sandbox.check_syntax(source)
        assert watch.seconds <= LONGEST_SECONDS


def _is_alone(sandbox: Sandbox) -> None:
    """Check that the child has only its pipes: no file, no socket, no thread, no process."""
    pid = _pid(sandbox)
    assert sorted(_descriptors(pid)) == ["0", "1", "2"]
    assert len(os.listdir(f"/proc/{pid}/task")) == 1
    assert Path(f"/proc/{pid}/task/{pid}/children").read_text() == ""
    assert os.getpgid(pid) == pid


def _descriptors(pid: int | str) -> list[str]:
    """Return open descriptors of a process; for our own process, the one that lists them is always among
    them.
    """
    return os.listdir(f"/proc/{pid}/fd")


def _files() -> list[list[str]]:
    """Return the files in the places where a process without rights could leave one."""
    return [
        sorted(os.listdir(folder)) for folder in ("/", "/dev/shm", "/dev/mqueue") if Path(folder).is_dir()
    ]


def test_the_child_can_open_neither_files_nor_sockets(run: Run, sandbox: Sandbox) -> None:
    run("return 1")
    limits = Path(f"/proc/{_pid(sandbox)}/limits").read_text()
    rows = {line[:26].strip(): line[26:].split()[:2] for line in limits.splitlines()}
    assert rows["Max open files"] == ["3", "3"]
    assert rows["Max file size"] == ["0", "0"]
    assert rows["Max core file size"] == ["0", "0"]
    assert rows["Max processes"] == ["0", "0"]
    assert rows["Max address space"][0] == str(256 * 1024 * 1024)
    assert sorted(os.listdir(f"/proc/{_pid(sandbox)}/fd")) == ["0", "1", "2"]


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become nobody")
def test_a_child_of_root_is_nobody_without_environment(run: Run, sandbox: Sandbox) -> None:
    run("return 1")
    process = Path(f"/proc/{_pid(sandbox)}")
    assert "\nUid:\t65534\t65534\t65534\t65534\n" in (process / "status").read_text()
    assert (process / "environ").read_bytes() == b"TZ=UTC\0"


def _pid(sandbox: Sandbox) -> int:
    return sandbox._idle[-1].pid


def _peak_kib(sandbox: Sandbox) -> int:
    if not sandbox._idle:
        return 0
    status = Path(f"/proc/{_pid(sandbox)}/status").read_text()
    return int(status.partition("VmHWM:")[2].split()[0])
