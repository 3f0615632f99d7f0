"""``manage.py restore``: restores the installation from a backup."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import connection, connections
from django.db.migrations.loader import MigrationLoader

from capi_admin.backups import BackupFolder, BackupProblem, Manifest, postgres, sqlite
from capi_admin.backups.folder import fingerprints
from capi_admin.supervision import first_steps
from properties.saving import record


class Command(BaseCommand):
    help = "Restore the database from a backup, and migrate it. Stop all other processes first."
    requires_system_checks = ()  # They query the database, which may not exist.

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("folder", type=Path, help="a folder that `backup` created")
        parser.add_argument(
            "--replace", action="store_true", help="replace an existing database; SQLite's is moved aside"
        )
        parser.add_argument(
            "--other-keys", action="store_true", help="continue without the encryption keys of the backup"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        folder = BackupFolder(options["folder"])
        try:
            manifest = folder.manifest()
            _refuse_unfit(manifest, other_keys=options["other_keys"])
            with _alone():
                kept = _put_back(folder.path / manifest.file, replace=options["replace"])
        except BackupProblem as problem:
            raise CommandError(str(problem)) from None
        connections.close_all()
        call_command("migrate", verbosity=0, interactive=False)
        record(None, "installation.restored", "The database", "restore", made_at=manifest.made_at)
        self.stdout.write(f"The database is restored as of {manifest.made_at}.")
        if kept:
            self.stdout.write(f"The previous database is in {kept}.")


def _refuse_unfit(manifest: Manifest, *, other_keys: bool) -> None:
    if manifest.engine != connection.vendor:
        raise BackupProblem(
            f"The backup is for {manifest.engine}, but DATABASE_URL names {connection.vendor}."
        )
    known = dict(sorted(MigrationLoader(None).disk_migrations))
    newer = [app for app, name in manifest.migrations.items() if app in known and name > known[app]]
    if newer:
        raise BackupProblem(
            f"The backup is from a newer release (see {newer[0]}). Install that release first."
        )
    if not set(manifest.keys) & set(fingerprints(settings.ENCRYPTION_KEYS)) and not other_keys:
        raise BackupProblem(
            "The encryption keys differ from those of the backup, so stored credentials could not be read. "
            f"{_where_keys_go()} Add --other-keys to continue without them and enter the credentials again."
        )


def _where_keys_go() -> str:
    if settings.EMBEDDED:
        return f"Copy them to {settings.DATA_DIR}/encryption_keys first."
    return "Set ENCRYPTION_KEYS first."


@contextmanager
def _alone() -> Iterator[None]:
    """Keep the product from starting on this data folder during the restore."""
    if not settings.EMBEDDED:
        yield
        return
    lock = first_steps.keep_alone(Path(settings.DATA_DIR))
    try:
        yield
    finally:
        lock.release()


def _put_back(file: Path, *, replace: bool) -> str:
    if connection.vendor == "postgresql":
        postgres.put_back(file, replace=replace)
        return ""
    connections.close_all()
    return sqlite.put_back(file, Path(settings.DATABASES["default"]["NAME"]), replace=replace)
