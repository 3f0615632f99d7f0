"""``manage.py backup``: copies the installation while it runs."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import connection
from django.db.migrations.recorder import MigrationRecorder
from django.utils import timezone

from capi_admin.backups import BackupFolder, BackupProblem, Manifest, postgres, sqlite
from capi_admin.backups.folder import fingerprints, sha256
from properties.saving import record


class Command(BaseCommand):
    help = "Copy the database into a new folder, even while events arrive. Keys are not copied."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("folder", type=Path, help="a new or empty folder")

    def handle(self, *args: Any, **options: Any) -> None:
        folder = BackupFolder(options["folder"])
        try:
            folder.make()
            file = _copy(folder.path)
            folder.finish(_manifest(file))
        except BackupProblem as problem:
            raise CommandError(str(problem)) from None
        record(None, "installation.backed_up", "The database", "backup")
        self.stdout.write(f"{file.stat().st_size / 1e6:,.1f} MB written to {file}.")
        self.stdout.write(_about_keys())


def _copy(folder: Path) -> Path:
    if connection.vendor == "postgresql":
        return postgres.copy(folder)
    return sqlite.copy(Path(settings.DATABASES["default"]["NAME"]), folder)


def _manifest(file: Path) -> Manifest:
    return Manifest(
        engine=connection.vendor,
        file=file.name,
        sha256=sha256(file),
        made_at=timezone.now().isoformat(timespec="seconds"),
        migrations=latest_migrations(),
        keys=fingerprints(settings.ENCRYPTION_KEYS),
    )


def latest_migrations() -> dict[str, str]:
    """Return app → its latest migration in this database."""
    return dict(sorted(MigrationRecorder(connection).applied_migrations()))


def _about_keys() -> str:
    if settings.EMBEDDED:
        where = f"{settings.DATA_DIR}/encryption_keys and {settings.DATA_DIR}/secret_key"
    else:
        where = "ENCRYPTION_KEYS and SECRET_KEY"
    return (
        f"The backup contains no keys. Keep {where} elsewhere: without them,"
        " all credentials must be entered again."
    )
