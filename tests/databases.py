"""New PostgreSQL databases, for tests and benchmarks."""

from __future__ import annotations

import getpass
import os
import secrets
from collections.abc import Iterator
from contextlib import closing, contextmanager
from typing import LiteralString
from urllib.parse import urlsplit, urlunsplit

import psycopg


@contextmanager
def new_database() -> Iterator[str]:
    """Yield the address of a new, empty database, dropped at the end. ``TEST_POSTGRES_URL`` names the server.

    Raises:
        psycopg.OperationalError: There is no server.
    """
    url = create_database(f"capi_admin_test_{secrets.token_hex(6)}")
    try:
        yield url
    finally:
        _on_server(f'DROP DATABASE "{urlsplit(url).path[1:]}" WITH (FORCE)')


def create_database(name: str) -> str:
    """Create an empty database that stays, and return its address.

    Raises:
        psycopg.OperationalError: There is no server.
    """
    _on_server(f'CREATE DATABASE "{name}"')
    return urlunsplit(urlsplit(_server())._replace(path=f"/{name}"))


def _server() -> str:
    default = f"postgres://{os.environ.get('USER') or getpass.getuser()}@127.0.0.1:5432/postgres"
    return os.environ.get("TEST_POSTGRES_URL", default)


def _on_server(statement: LiteralString) -> None:
    with closing(psycopg.connect(_server(), connect_timeout=2, autocommit=True)) as connection:
        connection.execute(statement)
