"""Reads the project's file ``.env``, which has lines of ``NAME=value``."""

from __future__ import annotations

import io
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import environ

from .settings_reader import SettingProblem


def read_env_file(file: Path, number: int) -> list[SettingProblem]:
    """Add the variables of the file to those of the process, unless they are set already, even empty.

    Returns:
        A problem if the file cannot be read, and one for each invalid line. A missing file is not a problem.
    """
    if not file.is_file():
        return []
    try:
        lines = [line.strip() for line in file.read_text(encoding="utf-8").splitlines()]
    except (OSError, UnicodeDecodeError):
        message = f"The file {file} cannot be read."
        return [SettingProblem.numbered(number, message, "Check its owner and that its text is UTF-8.")]
    with _unread_lines() as unread:
        environ.Env.read_env(io.StringIO("\n".join(lines)))
    return [
        SettingProblem.numbered(
            number,
            f"Line {position} of {file} cannot be read.",
            "Write NAME=value, without spaces around =. A comment needs its own line, which starts with #.",
        )
        for position, line in enumerate(lines, 1)
        if line in unread
    ]


@contextmanager
def _unread_lines() -> Iterator[set[str]]:
    """Collect the lines that django-environ cannot read. It would log them, and one may hold a secret."""
    unread: set[str] = set()

    def keep(record: logging.LogRecord) -> bool:
        if record.levelno >= logging.WARNING and isinstance(record.args, tuple):
            unread.update(map(str, record.args))
        return False

    log = logging.getLogger("environ.environ")
    log.addFilter(keep)
    try:
        yield unread
    finally:
        log.removeFilter(keep)
