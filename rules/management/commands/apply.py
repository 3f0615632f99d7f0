"""``apply FILE``: make a property what its document says."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from properties.models import Environment
from rules.documents.applying import apply_document
from rules.documents.reading import InvalidDocument, parse
from rules.documents.shapes import DocumentProblem


class Command(BaseCommand):
    """Reads a property document, applies it whole or not at all, and prints one JSON object."""

    help = "Create or update the property that a document describes, and optionally publish it."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", help="Property document (JSON).")
        parser.add_argument(
            "--publish", choices=Environment.Stage.values, help="Build it and let this environment run it."
        )

    def handle(self, *args: Any, file: str, publish: str | None, **options: Any) -> None:
        try:
            result = apply_document(parse(_content(file)), publish=publish, actor="apply")
        except InvalidDocument as error:
            self._print({"errors": [problem._asdict() for problem in error.problems]})
            sys.exit(1)
        self._print(result.to_json())

    def _print(self, value: Any) -> None:
        self.stdout.write(json.dumps(value, indent=2, ensure_ascii=False))


def _content(file: str) -> bytes:
    try:
        return Path(file).read_bytes()
    except OSError as error:
        message = f"The file “{file}” cannot be read: {error.strerror}."
        raise InvalidDocument([DocumentProblem("$", message)]) from None
