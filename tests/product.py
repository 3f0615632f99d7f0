"""The whole product as real processes, for tests that go through everything."""

from __future__ import annotations

import atexit
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

import requests

from tests.commands import manage

ROOT = Path(__file__).parent.parent
T = TypeVar("T")
# The variables of the shell, without those of the product.
INHERITED = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
# The password that replaces the printed one at the first sign-in.
OWN_PASSWORD = "a pass phrase of my own"
# Waiting ends when the condition holds. Busy machines may need this long.
PATIENCE_SECONDS = 120.0


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


def wait_for(look: Callable[[], T | None], what: str, seconds: float = PATIENCE_SECONDS) -> T:
    """Ask until there is a result; fail with ``what``, the name of the awaited thing."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if found := look():
            return found
        time.sleep(0.1)
    raise AssertionError(f"Waited {seconds} seconds in vain for {what}")


def answers(url: str) -> bool:
    """Whether a server says 200 there; one that is starting or busy does not yet."""
    try:
        return requests.get(url, timeout=5).ok
    except (requests.ConnectionError, requests.Timeout):
        return False


class Product:
    """``manage.py up`` with its own data folder.

    Args:
        folder: Becomes ``DATA_DIR``.
        environment: More variables, such as ``DATABASE_URL``.
    """

    def __init__(self, folder: Path, **environment: str) -> None:
        self.folder = folder
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.environment = {**INHERITED, "DATA_DIR": str(folder), "PYTHONUNBUFFERED": "1", **environment}
        self.log = folder / "up.log"

    def manage(self, *arguments: str, check: bool = True) -> subprocess.CompletedProcess[str]:
        """Run a management command while the product runs."""
        return manage(self.environment, *arguments, check=check, seconds=PATIENCE_SECONDS)

    def migrate(self) -> None:
        """Create the tables. On SQLite this copies a file that is made once for all tests."""
        if self.environment.get("DATABASE_URL"):
            self.manage("migrate", "--verbosity", "0")
        else:
            shutil.copy(_migrated_file(), self.folder / "db.sqlite3")

    def start(self, *options: str) -> None:
        """Start everything and wait until it accepts events."""
        with self.log.open("a") as log:
            self.process = subprocess.Popen(
                [sys.executable, "manage.py", "up", "--port", str(self.port), *options],
                cwd=ROOT,
                env=self.environment,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        try:
            wait_for(self.is_ready, "the product to be ready")
        except AssertionError as error:
            self.stop()
            raise AssertionError(f"{error}; its log says:\n{self.log.read_text()[-3000:]}") from None

    def is_ready(self) -> bool:
        if self.process.poll() is not None:
            raise AssertionError("up ended")
        return answers(f"{self.url}/readyz")

    def password(self) -> str:
        """The one-time password of ``admin`` that was printed."""
        printed = wait_for(lambda: re.findall(r"Password +(\S+)", self.log.read_text()), "the password")
        return str(printed[-1])

    def new_password(self) -> dict[str, str]:
        """The form in which ``admin`` chooses a password, filled in."""
        own = {"new_password1": OWN_PASSWORD, "new_password2": OWN_PASSWORD}
        return {"old_password": self.password(), **own}

    def apply(self, document: dict[str, Any], *options: str) -> dict[str, Any]:
        """Apply a property document; return the output of the command."""
        file = self.folder / "document.json"
        file.write_text(json.dumps(document))
        result = self.manage("apply", str(file), *options, check=False)
        assert result.returncode == 0, result.stdout + result.stderr
        printed: dict[str, Any] = json.loads(result.stdout)
        return printed

    def ledger(self) -> dict[str, Any]:
        printed: dict[str, Any] = json.loads(self.manage("ledger", "--json", check=False).stdout)
        return printed

    def stop(self) -> int:
        """Stop as Ctrl-C does; return the exit code."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)
        try:
            return self.process.wait(PATIENCE_SECONDS)
        except subprocess.TimeoutExpired:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()
            raise


@cache
def _migrated_file() -> Path:
    folder = Path(tempfile.mkdtemp(prefix="capi_admin_tables_"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    manage({**INHERITED, "DATA_DIR": str(folder)}, "migrate", "--verbosity", "0")
    return folder / "db.sqlite3"


@contextmanager
def running(folder: Path, *options: str, **environment: str) -> Iterator[Product]:
    """The product while the block runs, on a database that has its tables."""
    product = Product(folder, **environment)
    product.migrate()
    product.start(*options)
    try:
        yield product
    finally:
        product.stop()
