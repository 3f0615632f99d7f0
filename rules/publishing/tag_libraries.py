"""The files of builds of tags: kept beside the build, made again from its document if they are lost."""

from __future__ import annotations

import gzip
import hashlib
import json

from properties.catalog.registry import packages
from rules.models import Build, TagLibrary

from .web_library import library


def keep_library(made: Build, text: str) -> TagLibrary:
    """Store the file of a saved build."""
    kept = {"checksum": _checksum(text), "body": gzip.compress(text.encode(), mtime=0)}
    return TagLibrary.objects.update_or_create(build=made, defaults=kept)[0]


def has_library(made: Build, text: str) -> bool:
    """Return whether a build has this file."""
    return TagLibrary.objects.filter(build=made, checksum=_checksum(text)).exists()


def library_of(made: Build) -> TagLibrary:
    """Return the file of a build of tags that succeeded.

    Raises:
        LibraryProblems: It was lost, and its packages are gone.
    """
    found = TagLibrary.objects.filter(build=made).first()
    return found or keep_library(made, library(json.loads(made.document), packages()))


def _checksum(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
