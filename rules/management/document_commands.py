"""Code that the commands for documents share."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from properties.management.json_commands import JsonCommand
from rules.documents import ApplyResult, InvalidDocument
from rules.documents.adobe import Imported
from rules.documents.shapes import DocumentProblem


class DocumentCommand(JsonCommand):
    """Prints one JSON object: the result, or every problem of the file with exit status 1."""

    def print_result(self, work: Callable[[], ApplyResult | Imported]) -> None:
        """Do ``work`` and print its result."""
        try:
            self._print(work().to_json())
        except InvalidDocument as error:
            self._print({"errors": [problem._asdict() for problem in error.problems]})
            sys.exit(1)

    def _print(self, value: Any) -> None:
        self.stdout.write(json.dumps(value, indent=2, ensure_ascii=False))


def content_of(file: str, most_bytes: int = -1) -> bytes:
    """Return the content of a file, at most its first ``most_bytes`` bytes.

    Raises:
        InvalidDocument: The file cannot be read.
    """
    try:
        with Path(file).open("rb") as opened:
            return opened.read(most_bytes)
    except OSError as error:
        message = f"The file “{file}” cannot be read: {error.strerror}."
        raise InvalidDocument([DocumentProblem("$", message)]) from None
