"""The rights of code that has taken over its process: almost none."""

from __future__ import annotations

import ctypes
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from rules.sandbox.process import PROGRAM

# Does everything that the child does, then tries what no JavaScript can, and reports the system's answers.
PROGRAM_OF_AN_INTRUDER = """
import ctypes, errno, importlib.util, json, os, socket, sys, threading
spec = importlib.util.spec_from_file_location("child", sys.argv[1])
child = importlib.util.module_from_spec(spec)
spec.loader.exec_module(child)
folder, victim = sys.argv[2], int(sys.argv[3])
child.confine(os.getppid(), 256 * 1024 * 1024)
libc = ctypes.CDLL(None, use_errno=True)

def attach():
    if libc.ptrace(16, victim, 0, 0):
        raise OSError(ctypes.get_errno(), "ptrace")

attempts = {
    "open a file": lambda: open("/etc/passwd"),
    "write a file": lambda: open(folder + "/new", "w"),
    "remove a file": lambda: os.unlink(folder + "/file"),
    "empty a file": lambda: os.truncate(folder + "/file", 0),
    "rename a file": lambda: os.rename(folder + "/file", folder + "/other"),
    "link a file": lambda: os.link(folder + "/file", folder + "/link"),
    "make a folder": lambda: os.mkdir(folder + "/made"),
    "open a socket": lambda: socket.socket(),
    "start a process": lambda: os.fork(),
    "start a thread": lambda: threading.Thread(target=int).start(),
    "signal a process": lambda: os.kill(victim, 0),
    "trace a process": attach,
    "run a program": lambda: os.execv("/bin/true", ["true"]),
}
results = {}
for name, attempt in attempts.items():
    try:
        attempt()
        results[name] = ""
    except (OSError, RuntimeError) as error:
        results[name] = type(error).__name__
print(json.dumps(results))
"""


def _has_landlock() -> bool:
    return int(ctypes.CDLL(None).syscall(444, None, 0, 1)) >= 6


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """Yield a folder with one file, where everybody may do anything."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "file").write_text("kept")
        for path in (folder, folder / "file"):
            path.chmod(0o777)
        yield folder


@pytest.mark.skipif(not _has_landlock(), reason="this Linux has no Landlock that knows signals")
def test_an_intruder_can_neither_touch_files_nor_other_processes(open_folder: Path) -> None:
    file = open_folder / "file"
    # Of the same user as the intruder, who is "nobody" if the tests run as root.
    other = {"user": 65534} if os.geteuid() == 0 else {}
    with subprocess.Popen(["sleep", "60"], cwd="/", **other) as victim:  # type: ignore[call-overload]
        try:
            command = [sys.executable, "-I", "-c", PROGRAM_OF_AN_INTRUDER, str(PROGRAM), str(open_folder)]
            done = subprocess.run(
                [*command, str(victim.pid)], capture_output=True, text=True, timeout=30, check=True
            )
        finally:
            victim.kill()
    results = json.loads(done.stdout)
    assert [name for name, error in results.items() if not error] == []
    assert (file.read_text(), os.listdir(open_folder)) == ("kept", ["file"])
