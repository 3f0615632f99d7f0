"""Reads ``DATABASE_URL``."""

from __future__ import annotations

import os
from contextlib import suppress
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from .settings_reader import SettingsReader

POSTGRES_SCHEMES = {"postgres", "postgresql"}


def is_embedded(env: SettingsReader) -> bool:
    """Return whether the installation runs in embedded mode, with a local SQLite file as its database."""
    return not env.text("DATABASE_URL") or env.text("DATABASE_URL").lower().startswith("sqlite:")


def read_database(env: SettingsReader, data_dir: Path, number: int) -> dict[str, Any]:
    """Return ``DATABASE_URL`` as an entry of ``DATABASES``; by default a SQLite file in the data folder."""
    url = env.text("DATABASE_URL")
    scheme = url.partition(":")[0].lower()
    if not url:
        return _sqlite(data_dir / "db.sqlite3")
    if scheme == "sqlite":
        return _sqlite_from_url(env, url, number)
    if scheme in POSTGRES_SCHEMES:
        return _postgres(env, number)
    env.report(number, f"DATABASE_URL has the unknown scheme {scheme!r}.", "Use postgres://… or sqlite:///….")
    return _nowhere()


def _sqlite(file: Path | str) -> dict[str, Any]:
    """Return an entry for SQLite with durable commits: a 2xx of the edge must survive a loss of power."""
    return {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": str(file),
        "OPTIONS": {
            "transaction_mode": "IMMEDIATE",
            "timeout": 5,
            "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL",
        },
        "TEST": {"NAME": str(Path(file).with_suffix(".test.sqlite3"))},
    }


def keep_private(entry: dict[str, Any]) -> None:
    """Make a SQLite file readable only by its owner, whatever its folder and creator.

    The file is created here, because SQLite would make it readable for all. SQLite gives the same permissions
    to the files that it adds next to it.
    """
    file = Path(entry["NAME"])
    if entry["ENGINE"] != "django.db.backends.sqlite3" or not file.is_absolute():
        return
    with suppress(OSError):  # The folder is missing or the file is not ours: the first connection reports it.
        os.close(os.open(file, os.O_CREAT | os.O_RDWR, 0o600))
    for each in (file, *(file.with_name(file.name + suffix) for suffix in ("-wal", "-shm", "-journal"))):
        with suppress(OSError):
            each.chmod(0o600)


def _sqlite_from_url(env: SettingsReader, url: str, number: int) -> dict[str, Any]:
    file = url.removeprefix("sqlite:///") if url.startswith("sqlite:///") else ""
    if not file or file == ":memory:":
        env.report(
            number,
            "DATABASE_URL does not name a SQLite file.",
            "Use sqlite:///relative/to/the/project.sqlite3 or sqlite:////absolute.sqlite3; several processes"
            " share the file, so a database in memory does not work.",
        )
        return _nowhere()
    return _sqlite(env.base_dir / file)


def _postgres(env: SettingsReader, number: int) -> dict[str, Any]:
    try:
        config = dict(env.typed.db_url())
    except Exception:  # The parser raises many types, and their texts contain the password.
        env.report(number, "DATABASE_URL cannot be read.", "Use postgres://user:password@host:5432/database.")
        return _nowhere()
    if not config.get("NAME"):
        env.report(
            number,
            "DATABASE_URL does not name a database.",
            "Use postgres://user:password@host:5432/database.",
        )
    if not find_spec("psycopg"):
        env.report(number, "The client of PostgreSQL is not installed.", "pip install 'capi-admin[postgres]'")
        return _nowhere()
    config["OPTIONS"] = {"connect_timeout": 2, **config.get("OPTIONS", {})}
    return {**config, "CONN_MAX_AGE": 60, "CONN_HEALTH_CHECKS": True}


def _nowhere() -> dict[str, Any]:
    return {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}
