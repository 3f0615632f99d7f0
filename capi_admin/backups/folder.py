"""The folder of a backup: one file with the database, and a manifest, which is written last."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path

FORMAT = "capi-admin/backup/v1"
MANIFEST = "manifest.json"


class BackupProblem(Exception):
    """A backup cannot be made or restored. The message names the reason and the remedy."""


@dataclass(frozen=True, slots=True)
class Manifest:
    """The facts that a restore needs.

    Args:
        engine: ``sqlite`` or ``postgresql``.
        file: Name of the database's file in the folder.
        sha256: Checksum of that file, in hex.
        made_at: ISO 8601.
        migrations: The latest migration of each app.
        keys: Fingerprints of the encryption keys, in their order; see :func:`fingerprint`.
    """

    engine: str
    file: str
    sha256: str
    made_at: str
    migrations: dict[str, str]
    keys: list[str]
    format: str = FORMAT


class BackupFolder:
    """The folder of one backup, readable only by its owner."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def make(self) -> None:
        """Create the folder.

        Raises:
            BackupProblem: The folder is not empty, or cannot be created.
        """
        try:
            self.path.mkdir(mode=0o700, parents=True, exist_ok=True)
            if any(self.path.iterdir()):
                raise BackupProblem(f"The folder {self.path} is not empty. Name a new one for each backup.")
            self.path.chmod(0o700)
        except OSError as error:
            raise BackupProblem(f"The folder {self.path} cannot be used: {error.strerror}.") from None

    def finish(self, manifest: Manifest) -> None:
        """Write the manifest, which marks the backup as complete."""
        (self.path / manifest.file).chmod(0o600)
        descriptor = os.open(self.path / MANIFEST, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as stream:
            json.dump(asdict(manifest), stream, indent=2, sort_keys=True)
            stream.flush()
            os.fsync(stream.fileno())

    def manifest(self) -> Manifest:
        """Read and check the manifest and the file that it names.

        Raises:
            BackupProblem: The backup is incomplete, or its file has changed.
        """
        manifest = self._read()
        file = self.path / Path(manifest.file).name
        if not file.is_file():
            raise BackupProblem(f"{file} is missing: the backup is incomplete.")
        if sha256(file) != manifest.sha256:
            raise BackupProblem(f"{file} has changed since the backup: its checksum differs.")
        return manifest

    def _read(self) -> Manifest:
        try:
            read = json.loads((self.path / MANIFEST).read_text(encoding="utf-8"))
            manifest = Manifest(**read)
        except FileNotFoundError:
            raise BackupProblem(f"{self.path} is not a backup, or was not finished.") from None
        except (OSError, ValueError, TypeError):
            raise BackupProblem(f"{self.path / MANIFEST} cannot be read.") from None
        if manifest.format != FORMAT:
            raise BackupProblem(f"This release cannot read the format {manifest.format}.")
        return manifest


def sha256(file: Path) -> str:
    """Checksum of a file, in hex."""
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def fingerprints(keys: Iterable[str]) -> list[str]:
    """Return hashes that distinguish keys without revealing them: random keys cannot be guessed."""
    return [hashlib.sha256(f"capi-admin encryption key {key}".encode()).hexdigest()[:16] for key in keys]
