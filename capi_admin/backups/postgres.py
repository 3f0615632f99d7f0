"""Backs up and restores PostgreSQL with PostgreSQL's own programs."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from django.db import connection, transaction

from .folder import BackupProblem

FILE = "database.dump"
LONGEST_REASON = 500
_OURS = {"cursor_factory", "context", "prepare_threshold", "password", "client_encoding"}


def copy(folder: Path) -> Path:
    """Dump the database as of one moment, while events are accepted and sent.

    Raises:
        BackupProblem: ``pg_dump`` is missing or fails.
    """
    target = folder / FILE
    os.close(os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
    _run("pg_dump", "--format=custom", "--no-owner", "--no-privileges", f"--file={target}")
    return target


def put_back(file: Path, *, replace: bool) -> None:
    """Load a dump into the database.

    Raises:
        BackupProblem: The database is in use, is not empty and ``replace`` is not set, or ``pg_restore``
            is missing or fails.
    """
    _refuse_while_in_use()
    _program("pg_restore")
    if tables := connection.introspection.table_names():
        if not replace:
            raise BackupProblem("The database is not empty. Add --replace to delete its content.")
        _drop(tables)
    connection.close()
    options = ["--clean", "--if-exists", "--no-owner", "--no-privileges"]
    _run("pg_restore", *options, "--single-transaction", "--exit-on-error", str(file))


def _refuse_while_in_use() -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
            " AND pid <> pg_backend_pid() AND backend_type = 'client backend'"
        )
        (others,) = cursor.fetchone()
    if others:
        raise BackupProblem(
            f"The database has {others} other connections. Stop every web process and worker first."
        )


def _drop(tables: list[str]) -> None:
    names = ", ".join(map(connection.ops.quote_name, tables))
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"DROP TABLE {names} CASCADE")


def _program(name: str) -> str:
    found = shutil.which(name)
    if found is None:
        raise BackupProblem(
            f"{name} is not installed here. Install PostgreSQL's client, on Debian: postgresql-client."
        )
    return found


def _run(name: str, *arguments: str) -> None:
    """Run a program. The password is passed in the environment: everybody can read command lines."""
    params: Mapping[str, Any] = connection.get_connection_params()
    password = {"PGPASSWORD": str(params["password"])} if params.get("password") else {}
    command = [_program(name), *arguments, f"--dbname={_address(params)}", "--no-password"]
    ended = subprocess.run(  # noqa: S603 - our own command, without a shell
        command, env={**os.environ, **password}, capture_output=True, text=True
    )
    if ended.returncode:
        reason = ended.stderr.strip().splitlines()
        raise BackupProblem(f"{name} failed: {(reason or ['no reason given'])[0][:LONGEST_REASON]}")


def _address(params: Mapping[str, Any]) -> str:
    from psycopg.conninfo import make_conninfo

    return make_conninfo("", **{key: value for key, value in params.items() if key not in _OURS})
