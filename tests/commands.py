"""Management commands for another installation, without the start of Python and Django for each of them.

A process with the environment of the installation loads the product once and forks for each command. So each
command has its own process, as in a shell, and starts at once. The process ends with the tests.
"""

from __future__ import annotations

import json
import os
import select
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parent.parent
MOST_KEPT = 2
_kept: dict[tuple[tuple[str, str], ...], Server] = {}


def manage(
    environment: Mapping[str, str], *arguments: str, check: bool = True, seconds: float = 120.0
) -> subprocess.CompletedProcess[str]:
    """Run ``manage.py`` with these arguments in an environment; return its exit code and output.

    Raises:
        subprocess.CalledProcessError: It failed, unless ``check`` is False.
        TimeoutError: It did not end in time.
    """
    done = _server(environment).run(arguments, seconds)
    if check:
        done.check_returncode()
    return done


class Server:
    """The loaded process for one environment."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        with socket.create_server(("127.0.0.1", 0), backlog=64) as listener:
            self._address = listener.getsockname()
            self._process = subprocess.Popen(
                [sys.executable, "-m", "tests.commands", str(listener.fileno())],
                cwd=ROOT,
                env=dict(environment),
                stdin=subprocess.PIPE,
                pass_fds=[listener.fileno()],
                start_new_session=True,
            )

    @property
    def is_alive(self) -> bool:
        return self._process.poll() is None

    def run(self, arguments: Sequence[str], seconds: float) -> subprocess.CompletedProcess[str]:
        with socket.create_connection(self._address, timeout=seconds) as connection:
            connection.sendall(json.dumps(arguments).encode() + b"\n")
            with connection.makefile("r") as answer:
                result: dict[str, Any] = json.loads(answer.read())
        return subprocess.CompletedProcess(["manage.py", *arguments], **result)

    def close(self) -> None:
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait()


def _server(environment: Mapping[str, str]) -> Server:
    key = tuple(sorted(environment.items()))
    if key not in _kept or not _kept[key].is_alive:
        while len(_kept) >= MOST_KEPT:
            _kept.pop(next(iter(_kept))).close()
        _kept[key] = Server(environment)
    return _kept[key]


# In the process that is loaded


def serve(listener: socket.socket) -> None:
    """Fork for each command, until standard input ends."""
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    while sys.stdin not in select.select([listener, sys.stdin], [], [])[0]:
        connection, _ = listener.accept()
        if os.fork() == 0:
            listener.close()
            _answer(connection)
        connection.close()


def _answer(connection: socket.socket) -> None:
    """Fork once more, and send the exit code and the output when that process has ended."""
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    with connection.makefile("r") as asked:
        arguments = json.loads(asked.readline())
    with tempfile.TemporaryFile("w+") as output, tempfile.TemporaryFile("w+") as errors:
        if (pid := os.fork()) == 0:
            connection.close()
            _run(arguments, output.fileno(), errors.fileno())
        code = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
        result = {"returncode": code, "stdout": _text(output), "stderr": _text(errors)}
    connection.sendall(json.dumps(result).encode())
    connection.close()
    os._exit(0)


def _run(arguments: Sequence[str], output: int, errors: int) -> None:
    import manage as program

    with open(os.devnull) as nothing:
        os.dup2(nothing.fileno(), 0)
    os.dup2(output, 1)
    os.dup2(errors, 2)
    sys.argv = ["manage.py", *arguments]
    program.main()
    sys.exit()


def _text(file: Any) -> str:
    file.seek(0)
    return str(file.read())


def main() -> None:
    os.environ["DJANGO_SETTINGS_MODULE"] = "capi_admin.settings"
    import django
    from django.core.management import get_commands, load_command_class
    from django.urls import get_resolver

    django.setup()
    # The modules that a command imports first.
    for name, app in get_commands().items():
        load_command_class(app, name)
    assert get_resolver().url_patterns
    serve(socket.socket(fileno=int(sys.argv[1])))


if __name__ == "__main__":
    main()
