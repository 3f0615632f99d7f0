from __future__ import annotations

import contextlib
import copy
import os
import time
from pathlib import Path

import pytest

from rules.sandbox import Sandbox, ScriptError, ScriptTimedOut, ScriptTooBig

from .conftest import EVENT, Run
from .hostile import HOSTILE

# Reliability, I6: each ends within 500 ms. The ceiling here leaves room for a busy machine.
CEILING_SECONDS = 5.0
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


def canary(run: Run) -> object:
    return run(CANARY, elements={"Known": "known"}).value


def test_the_corpus_is_as_large_as_promised() -> None:
    assert len(HOSTILE) >= 60


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_code_ends_in_its_own_way_and_touches_nothing_else(
    run: Run, sandbox: Sandbox, name: str
) -> None:
    source, expected = HOSTILE[name]
    before, event = canary(run), copy.deepcopy(EVENT)
    started = time.monotonic()
    try:
        run(source, elements={"Known": "known"})
        ended = "ok"
    except (ScriptError, KeyError) as error:
        ended = type(error).__name__
    assert time.monotonic() - started < CEILING_SECONDS
    assert ended in expected.split("|")
    assert _peak_kib(sandbox) <= CHILD_MEMORY_KIB
    assert event == EVENT
    assert canary(run) == before
    assert before[:4] == ["undefined", "undefined", None, None]  # type: ignore[index]


def test_checking_hostile_code_takes_no_longer(sandbox: Sandbox) -> None:
    for source, _ in HOSTILE.values():
        started = time.monotonic()
        with contextlib.suppress(ScriptTimedOut, ScriptTooBig):
            sandbox.check_syntax(source)
        assert time.monotonic() - started < CEILING_SECONDS


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
