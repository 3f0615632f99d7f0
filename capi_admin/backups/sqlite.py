"""Backs up and restores SQLite, even while it is in use."""

from __future__ import annotations

import contextlib
import os
import sqlite3
import time
from collections.abc import Iterator
from pathlib import Path

from .folder import BackupProblem

FILE = "database.sqlite3"
SIDE_FILES = ("-wal", "-shm")


def copy(database: Path, folder: Path) -> Path:
    """Copy the database as of one moment.

    In a single step: a copy in several steps would start again after each write of another process, possibly
    for ever. Writers are not blocked, because they write to the log next to the file.

    Raises:
        BackupProblem: The database cannot be read, or the copy is damaged.
    """
    target = folder / FILE
    os.close(os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
    try:
        with _connected(database) as source, _connected(target) as copied:
            source.backup(copied)
            (verdict,) = copied.execute("PRAGMA quick_check(1)").fetchone()
    except sqlite3.Error as error:
        raise BackupProblem(f"{database} cannot be copied: {error}.") from None
    if verdict != "ok":
        raise BackupProblem(f"{database} is damaged: {verdict}.")
    return target


def put_back(file: Path, database: Path, *, replace: bool) -> str:
    """Replace the database with a copy.

    Returns:
        The path of the previous database, which is kept; empty if there was none.

    Raises:
        BackupProblem: A database exists, and ``replace`` is not set.
    """
    # Loading the settings creates an empty file that only the owner can read.
    is_there = database.exists() and database.stat().st_size > 0
    if is_there and not replace:
        raise BackupProblem(f"The database {database} already exists. Add --replace to move it aside.")
    kept = _put_aside(database) if is_there else ""
    arriving = database.with_name(f".{database.name}.arriving")
    with _connected(file) as source, _connected(arriving) as copied:
        arriving.chmod(0o600)
        source.backup(copied)
    os.replace(arriving, database)
    return kept


def _put_aside(database: Path) -> str:
    kept = database.with_name(f"{database.name}.before-restore-{time.strftime('%Y%m%dT%H%M%S')}")
    for suffix in ("", *SIDE_FILES):
        companion = Path(f"{database}{suffix}")
        if companion.exists():
            companion.rename(f"{kept}{suffix}")
    return str(kept)


@contextlib.contextmanager
def _connected(file: Path) -> Iterator[sqlite3.Connection]:
    with contextlib.closing(sqlite3.connect(file, timeout=30)) as connection:
        yield connection
