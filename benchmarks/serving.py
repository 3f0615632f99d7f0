"""The product as a child process with its own database."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path

ROOT = Path(__file__).parent.parent
START_SECONDS = 120


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


@contextmanager
def installation(**variables: str) -> Iterator[dict[str, str]]:
    """Yield the environment of an installation with an empty, migrated database, removed at the end."""
    with tempfile.TemporaryDirectory(prefix="capi_admin_bench_") as folder:
        inherited = {name: value for name, value in os.environ.items() if name != "DATABASE_URL"}
        env = inherited | {"DATA_DIR": folder, "DJANGO_SETTINGS_MODULE": "benchmarks.settings"} | variables
        manage(env, "migrate", "--verbosity", "0")
        yield env


@contextmanager
def postgres_database() -> Iterator[str]:
    """Yield the address of a new, empty database, dropped at the end; empty if there is no server.

    ``TEST_POSTGRES_URL`` names the server, as for the tests.
    """
    import psycopg

    from tests.databases import new_database

    with ExitStack() as stack:
        try:
            url = stack.enter_context(new_database())
        except psycopg.OperationalError as error:
            print(f"No PostgreSQL, so no figures for it: {error}", file=sys.stderr)
            url = ""
        yield url


def manage(env: Mapping[str, str], *arguments: str) -> str:
    """Run a command of ``manage.py`` and return its output."""
    command = [sys.executable, "manage.py", *arguments]
    return subprocess.run(command, cwd=ROOT, env=env, check=True, stdout=subprocess.PIPE, text=True).stdout


@contextmanager
def served(application: str, env: Mapping[str, str]) -> Iterator[str]:
    """Serve ``application`` under uvicorn, one process, uvloop and httptools; yield its address."""
    port = free_port()
    command = [sys.executable, "-m", "uvicorn", application, "--port", str(port)]
    command += ["--loop", "uvloop", "--http", "httptools", "--no-access-log", "--no-proxy-headers"]
    process = subprocess.Popen(command, cwd=ROOT, env=env, stderr=subprocess.DEVNULL)
    try:
        _wait(f"http://127.0.0.1:{port}/readyz", process)
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(timeout=START_SECONDS)


def _wait(url: str, process: subprocess.Popen[bytes]) -> None:
    end = time.monotonic() + START_SECONDS
    while time.monotonic() < end and process.poll() is None:
        try:
            with urllib.request.urlopen(url, timeout=5):  # noqa: S310  our own address
                return
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            time.sleep(0.1)
    raise RuntimeError("The server does not start.")
