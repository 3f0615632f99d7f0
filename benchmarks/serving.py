"""The product as a child process with its own database."""

from __future__ import annotations

import json
import os
import secrets
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parent.parent
START_SECONDS = 120


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


@contextmanager
def installation(kept: Path | None = None, **variables: str) -> Iterator[dict[str, str]]:
    """Yield the environment of an installation with an empty, migrated database, removed at the end.

    Args:
        kept: A folder that stays instead, with what an earlier run left in it.
    """
    with ExitStack() as stack:
        folder = str(kept) if kept else stack.enter_context(_temporary())
        Path(folder).mkdir(parents=True, exist_ok=True)
        inherited = {name: value for name, value in os.environ.items() if name != "DATABASE_URL"}
        env = inherited | {"DATA_DIR": folder, "DJANGO_SETTINGS_MODULE": "benchmarks.settings"} | variables
        manage(env, "migrate", "--verbosity", "0")
        yield env


def _temporary() -> tempfile.TemporaryDirectory[str]:
    return tempfile.TemporaryDirectory(prefix="capi_admin_bench_")


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


@contextmanager
def filled_installation(database: str, kept: Path | None = None) -> Iterator[dict[str, str] | None]:
    """Yield the environment of an installation on ``sqlite`` or ``postgresql``, or None without a server.

    Args:
        kept: A folder for the database, or for its address; a later run finds there what this one wrote.
    """
    variables = {"DJANGO_SETTINGS_MODULE": "capi_admin.settings"}
    with ExitStack() as stack:
        if database == "postgresql":
            url = "" if kept else stack.enter_context(postgres_database())
            if not (kept or url):
                yield None
                return
            variables |= _kept_variables(kept) if kept else postgres_variables(url)
        yield stack.enter_context(installation(kept, **variables))


def _kept_variables(folder: Path) -> dict[str, str]:
    from tests.databases import create_database

    noted = folder / "variables.json"
    if not noted.exists():
        folder.mkdir(parents=True, exist_ok=True)
        url = create_database(f"capi_admin_kept_{secrets.token_hex(6)}")
        noted.write_text(json.dumps(postgres_variables(url)))
    found: dict[str, str] = json.loads(noted.read_text())
    return found


def filled_once(fill: Callable[[], dict[str, Any]]) -> dict[str, Any]:
    """Return what ``fill`` told when it filled the installation of this process, now or in an earlier run."""
    noted = Path(os.environ["DATA_DIR"]) / "filled.json"
    if not noted.exists():
        noted.write_text(json.dumps(fill()))
    found: dict[str, Any] = json.loads(noted.read_text())
    return found


def postgres_variables(url: str) -> dict[str, str]:
    """Return the variables of an installation on this database, with keys of its own."""
    from cryptography.fernet import Fernet

    keys = {"SECRET_KEY": secrets.token_urlsafe(64), "ENCRYPTION_KEYS": Fernet.generate_key().decode()}
    return {"DATABASE_URL": url, **keys}


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
