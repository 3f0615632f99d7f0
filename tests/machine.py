"""Fixtures for servers and programs that a machine may lack.

Each fixture skips the test, with the reason, if the machine lacks the thing. With ``CAPI_REQUIRE_ALL=1``,
as on the build server, it fails instead.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from pathlib import Path
from typing import Any, NoReturn
from urllib.parse import urlsplit, urlunsplit
from zlib import crc32

import pytest
from filelock import FileLock

ROOT = Path(__file__).parent.parent
CHROMIUM_NAMES = ["chromium", "chromium-browser", "google-chrome"]


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Files that start processes come first: they take long, and the other worker would wait for the last."""
    items.sort(key=lambda item: item.get_closest_marker("processes") is None)


def _missing(reason: str) -> NoReturn:
    if os.environ.get("CAPI_REQUIRE_ALL") == "1":
        pytest.fail(f"{reason} (CAPI_REQUIRE_ALL=1)", pytrace=False)
    pytest.skip(reason)


def _alone_at(server: str) -> FileLock:
    """A lock that the test holds while it uses a server: others would empty it or take its names."""
    return FileLock(
        Path(tempfile.gettempdir()) / f"capi-admin-test-{crc32(server.encode()):08x}.lock", timeout=900
    )


@pytest.fixture
def postgres_url() -> Iterator[str]:
    """A new, empty PostgreSQL database, dropped after the test. ``TEST_POSTGRES_URL`` names the server."""
    import psycopg

    from .databases import new_database

    with ExitStack() as stack:
        try:
            url = stack.enter_context(new_database())
        except psycopg.OperationalError as error:
            _missing(f"no PostgreSQL: {error}")
        yield url


@pytest.fixture
def postgres_admin(postgres_url: str) -> Iterator[Any]:
    """A connection to a new PostgreSQL database, as a role that may make databases and roles."""
    import psycopg

    with closing(psycopg.connect(postgres_url, autocommit=True)) as connection:
        may = "SELECT rolsuper OR (rolcreaterole AND rolcreatedb) FROM pg_roles WHERE rolname = current_user"
        if connection.execute(may).fetchone() != (True,):
            _missing("the role of TEST_POSTGRES_URL may not make roles")
        yield connection


@pytest.fixture
def postgres_programs() -> None:
    """``pg_dump`` and ``pg_restore`` are here."""
    if not (shutil.which("pg_dump") and shutil.which("pg_restore")):
        _missing("no pg_dump and pg_restore")


@pytest.fixture
def on_postgres(postgres_url: str) -> Callable[[str], dict[str, Any]]:
    """Run a module as a program on a new PostgreSQL database; return its output, read as JSON.

    It runs in a separate process, because a test has only the database of its own run.
    """
    environment = {"DATABASE_URL": postgres_url, "DJANGO_SETTINGS_MODULE": "capi_admin.settings"}

    def run(module: str) -> dict[str, Any]:
        ran = subprocess.run(
            [sys.executable, "-m", module],
            cwd=ROOT,
            env={**os.environ, **environment},
            capture_output=True,
            text=True,
            timeout=120,
        )
        assert ran.returncode == 0, ran.stderr
        printed: dict[str, Any] = json.loads(ran.stdout)
        return printed

    return run


@pytest.fixture
def redis_url() -> Iterator[str]:
    """An empty Redis database, emptied after the test. ``TEST_REDIS_URL`` names the server."""
    import redis

    server = os.environ.get("TEST_REDIS_URL", "redis://127.0.0.1:6379").rstrip("/")
    with _alone_at(server):
        for number in range(15, 0, -1):
            url = urlunsplit(urlsplit(server)._replace(path=f"/{number}"))
            with closing(redis.Redis.from_url(url, socket_connect_timeout=2)) as client:
                try:
                    empty = client.dbsize() == 0
                except redis.RedisError as error:
                    _missing(f"no Redis: {error}")
                if empty:
                    yield url
                    client.flushdb()
                    return
        _missing("no Redis: databases 1 to 15 are all in use")


@pytest.fixture
def amqp_url() -> Iterator[str]:
    """RabbitMQ without our queue, which is deleted after the test. ``TEST_AMQP_URL`` names the server."""
    import kombu
    from django.conf import settings

    url = os.environ.get("TEST_AMQP_URL", "amqp://guest:guest@127.0.0.1:5672//")
    with _alone_at(url), kombu.Connection(url, connect_timeout=2) as connection:
        try:
            connection.ensure_connection(max_retries=1, timeout=5)
        except (kombu.exceptions.OperationalError, *connection.connection_errors) as error:
            _missing(f"no RabbitMQ: {error}")
        connection.default_channel.queue_delete(settings.CELERY_TASK_DEFAULT_QUEUE)
        yield url
        connection.default_channel.queue_delete(settings.CELERY_TASK_DEFAULT_QUEUE)


@pytest.fixture(scope="session")
def chromium() -> str:
    """Path of a Chromium, from ``CHROMIUM`` or the search path. Start it with ``--no-sandbox`` when root."""
    named = os.environ.get("CHROMIUM")
    found = named or next(filter(None, map(shutil.which, CHROMIUM_NAMES)), None)
    if not found or not os.access(found, os.X_OK):
        _missing(f"no browser: {found or 'none of ' + ', '.join(CHROMIUM_NAMES)} is here")
    return found


@pytest.fixture(scope="session")
def curl() -> str:
    """Path of curl, for commands of the documentation."""
    found = shutil.which("curl")
    if not found:
        _missing("no curl: curl is not on the search path")
    return found


@pytest.fixture(scope="session")
def node() -> str:
    """Path of Node, for tests that run published JavaScript."""
    found = shutil.which("node")
    if not found:
        _missing("no Node: node is not on the search path")
    return found


@pytest.fixture(scope="session")
def node_modules() -> Path:
    """Folder of the packages in ``package.json``: pages under test load ``@adobe/alloy`` and ``axe-core``."""
    folder = ROOT / "node_modules"
    if not (folder / "axe-core" / "axe.min.js").exists():
        _missing("no npm packages: node_modules is not filled, run `npm ci --ignore-scripts`")
    return folder


@pytest.fixture(scope="session")
def web_runtime_packages() -> Path:
    """Folder of the published packages that the prebuilt files of the browser side are made from."""
    folder = ROOT / "properties/web_runtime/making/node_modules"
    if not (folder / "esbuild").exists():
        _missing(
            f"no npm packages: {folder.relative_to(ROOT)} is not filled, run `npm ci --ignore-scripts` there"
        )
    return folder
