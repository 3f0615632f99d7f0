"""``manage.py restore``: an installation as a backup has it."""

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
    help = "Put the database of a backup in place, and bring it up to date. Nothing else may run meanwhile."
    requires_system_checks = ()  # They look into the database, which may not be there.

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("folder", type=Path, help="what `backup` has made")
        parser.add_argument(
            "--replace", action="store_true", help="there is a database already: SQLite's is kept aside"
        )
        parser.add_argument(
            "--other-keys", action="store_true", help="go on without the encryption keys of the backup"
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
        self.stdout.write(f"The database is as it was at {manifest.made_at}.")
        if kept:
            self.stdout.write(f"What was there before is in {kept}.")


def _refuse_unfit(manifest: Manifest, *, other_keys: bool) -> None:
    if manifest.engine != connection.vendor:
        raise BackupProblem(
            f"The backup is of {manifest.engine}, and DATABASE_URL names {connection.vendor}."
        )
    known = dict(sorted(MigrationLoader(None).disk_migrations))
    newer = [app for app, name in manifest.migrations.items() if app in known and name > known[app]]
    if newer:
        raise BackupProblem(f"The backup is of a newer release (see {newer[0]}). Install that one first.")
    if not set(manifest.keys) & set(fingerprints(settings.ENCRYPTION_KEYS)) and not other_keys:
        raise BackupProblem(
            "The encryption keys are not those of the backup, so no stored credential could be read. "
            f"{_where_keys_go()} Add --other-keys to go on without them and type the credentials again."
        )


def _where_keys_go() -> str:
    if settings.EMBEDDED:
        return f"Put them into {settings.DATA_DIR}/encryption_keys first."
    return "Set ENCRYPTION_KEYS first."


@contextmanager
def _alone() -> Iterator[None]:
    """Nobody starts the product on this data folder meanwhile."""
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
