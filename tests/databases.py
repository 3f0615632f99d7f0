"""New PostgreSQL databases, for tests and benchmarks."""

from __future__ import annotations

import getpass
import os
import secrets
from collections.abc import Iterator
from contextlib import closing, contextmanager
from urllib.parse import urlsplit, urlunsplit

import psycopg


@contextmanager
def new_database() -> Iterator[str]:
    """Yield the address of a new, empty database, dropped at the end. ``TEST_POSTGRES_URL`` names the server.

    Raises:
        psycopg.OperationalError: There is no server.
    """
    default = f"postgres://{os.environ.get('USER') or getpass.getuser()}@127.0.0.1:5432/postgres"
    server = os.environ.get("TEST_POSTGRES_URL", default)
    name = f"capi_admin_test_{secrets.token_hex(6)}"
    with closing(psycopg.connect(server, connect_timeout=2, autocommit=True)) as connection:
        connection.execute(f'CREATE DATABASE "{name}"')
        try:
            yield urlunsplit(urlsplit(server)._replace(path=f"/{name}"))
        finally:
            connection.execute(f'DROP DATABASE "{name}" WITH (FORCE)')
