from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from rules.sandbox import Limits, Sandbox, ScriptCrashed, ScriptTimedOut
from tests.work import HANG_SECONDS

from .conftest import EVENT, REQUEST, arc

pytestmark = pytest.mark.processes
CALL = {"event": EVENT, "request": REQUEST}


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(spares=0, limits=Limits(cpu_seconds=20.0, wall_seconds=20.0)) as opened:
        yield opened


def run(sandbox: Sandbox, source: str, seed: str = "1") -> Any:
    with sandbox.session(CALL, seed=seed, clock=1.0) as session:
        return session.run(source, kind="action", arc=arc(), resolve=str).value


def only_child(sandbox: Sandbox) -> int:
    return sandbox._idle[-1].pid


def test_a_child_killed_during_a_run_ends_that_run_and_the_next_one_works(sandbox: Sandbox) -> None:
    run(sandbox, "return 1;")
    child = only_child(sandbox)
    threading.Timer(0.3, os.kill, (child, signal.SIGKILL)).start()
    with pytest.raises(ScriptCrashed, match="ended unexpectedly"):
        run(sandbox, "for (;;);")
    assert run(sandbox, "return 2;") == 2
    assert only_child(sandbox) != child


def test_a_child_killed_while_idle_is_not_noticed(sandbox: Sandbox) -> None:
    run(sandbox, "return 1;")
    os.kill(only_child(sandbox), signal.SIGKILL)
    time.sleep(0.2)
    assert run(sandbox, "return 2;") == 2


def test_a_child_that_does_not_answer_is_killed(sandbox: Sandbox) -> None:
    with Sandbox(spares=0, limits=Limits(starved_seconds=1.0)) as stopped:
        run(stopped, "return 1;")
        child = only_child(stopped)
        os.kill(child, signal.SIGSTOP)
        with pytest.raises(ScriptTimedOut):
            run(stopped, "return 1;")
        assert not Path(f"/proc/{child}").exists()
        assert run(stopped, "return 2;") == 2


def test_code_that_outlasts_its_wall_time_is_killed() -> None:
    with Sandbox(spares=0, limits=Limits(cpu_seconds=30.0)) as patient:
        run(patient, "return 1;")
        child = only_child(patient)
        limits = Limits(cpu_seconds=0.001, wall_seconds=0.3)
        patient._idle[-1].limits = limits
        with pytest.raises(ScriptTimedOut, match="did not end in time"):
            run(patient, "for (;;);")
        assert not Path(f"/proc/{child}").exists()


def test_threads_wait_for_a_free_child_and_get_their_own_answers(sandbox: Sandbox) -> None:
    with ThreadPoolExecutor(8) as threads:
        answers = list(threads.map(lambda n: run(sandbox, f"return {n};", str(n)), range(40)))
    assert answers == list(range(40))
    assert len(sandbox._idle) == 1


def test_a_thread_never_waits_for_itself(sandbox: Sandbox) -> None:
    with sandbox.session(CALL, seed="1", clock=1.0) as outer:
        assert outer.run("return 1;", kind="action", arc=arc(), resolve=str).value == 1
        assert sandbox.run_pattern("test", "(?<=a)b", "", "ab")
        assert sandbox.check_syntax("return 1;") is None
        assert run(sandbox, "return 2;") == 2
        assert (
            outer.run("return arc.event.data.user ? 3 : 0;", kind="action", arc=arc(), resolve=str).value == 3
        )


def test_a_process_that_was_forked_gets_children_of_its_own(sandbox: Sandbox) -> None:
    run(sandbox, "return 1;")
    mine = only_child(sandbox)
    forked = os.fork()
    if forked == 0:
        os._exit(0 if run(sandbox, "return 1;") == 1 and only_child(sandbox) != mine else 1)
    assert os.waitstatus_to_exitcode(os.waitpid(forked, 0)[1]) == 0
    assert run(sandbox, "return 2;") == 2
    assert only_child(sandbox) == mine


def test_children_die_with_their_parent() -> None:
    program = """
import os, signal, sys
from rules.sandbox import Sandbox
sandbox = Sandbox(spares=0)
assert sandbox.check_syntax("return 1;") is None
print(sandbox._idle[-1].pid, flush=True)
os.kill(os.getpid(), signal.SIGKILL)
"""
    done = subprocess.run([sys.executable, "-c", program], stdout=subprocess.PIPE, check=False, timeout=30)
    child = Path("/proc") / done.stdout.decode().strip()
    deadline = time.monotonic() + HANG_SECONDS
    while child.exists() and "State:\tZ" not in (child / "status").read_text():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_closing_ends_the_children() -> None:
    with Sandbox(spares=0) as sandbox:
        run(sandbox, "return 1;")
        child = only_child(sandbox)
    assert not Path(f"/proc/{child}").exists()


def test_a_spare_child_gets_ready_while_the_other_works() -> None:
    with Sandbox() as sandbox:
        run(sandbox, "return 1;")
        deadline = time.monotonic() + HANG_SECONDS
        while len(sandbox._idle) < 2:
            assert time.monotonic() < deadline
            time.sleep(0.01)
        children = [child.pid for child in sandbox._idle]
        served = []
        for number in range(4):
            assert run(sandbox, f"return {number};") == number
            served.append(only_child(sandbox))
    assert served == children * 2
    assert not any(Path(f"/proc/{child}").exists() for child in children)


def test_the_spare_of_one_that_died_is_started_again() -> None:
    with Sandbox() as sandbox:
        for _ in range(3):
            run(sandbox, "return 1;")
            os.kill(only_child(sandbox), signal.SIGKILL)
            time.sleep(0.2)
        deadline = time.monotonic() + HANG_SECONDS
        while run(sandbox, "return 2;") == 2 and len(sandbox._idle) < 2:
            assert time.monotonic() < deadline
            time.sleep(0.05)


def test_a_sandbox_that_is_closed_starts_no_spare() -> None:
    sandbox = Sandbox()
    with sandbox.session(CALL, seed="1", clock=1.0) as session:
        assert session.run("return 1;", kind="action", arc=arc(), resolve=str).value == 1
        sandbox.close()
    assert not sandbox._idle
