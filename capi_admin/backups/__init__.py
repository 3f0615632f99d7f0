"""Backups: a folder with the database and what a restore must know. Keys are never in it."""

from . import postgres, sqlite
from .folder import BackupFolder, BackupProblem, Manifest

__all__ = ["BackupFolder", "BackupProblem", "Manifest", "postgres", "sqlite"]
