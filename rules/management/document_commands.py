"""What commands that read a document have in common."""

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
    """Prints one JSON object: what was done, or everything that is wrong with the file, and ends with 1."""

    def print_result(self, work: Callable[[], ApplyResult | Imported]) -> None:
        """Do ``work`` and print what came of it."""
        try:
            self._print(work().to_json())
        except InvalidDocument as error:
            self._print({"errors": [problem._asdict() for problem in error.problems]})
            sys.exit(1)

    def _print(self, value: Any) -> None:
        self.stdout.write(json.dumps(value, indent=2, ensure_ascii=False))


def content_of(file: str, most_bytes: int = -1) -> bytes:
    """What a file holds, of a larger one its beginning.

    Raises:
        InvalidDocument: It cannot be read.
    """
    try:
        with Path(file).open("rb") as opened:
            return opened.read(most_bytes)
    except OSError as error:
        message = f"The file “{file}” cannot be read: {error.strerror}."
        raise InvalidDocument([DocumentProblem("$", message)]) from None
