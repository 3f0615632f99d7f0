"""Backups: folders with the database and the facts that a restore needs. They never contain keys."""

from . import postgres, sqlite
from .folder import BackupFolder, BackupProblem, Manifest

__all__ = ["BackupFolder", "BackupProblem", "Manifest", "postgres", "sqlite"]
