"""``import_adobe FILE``: make a property of what Adobe's Reactor API lists for one."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from rules.documents.adobe import MOST_BYTES, carry_out, plan_import
from rules.documents.reading import InvalidDocument
from rules.documents.shapes import DocumentProblem


class Command(BaseCommand):
    """Imports an event forwarding property whole or not at all, and prints one JSON object."""

    help = "Create a property from what Adobe's Reactor API lists for an event forwarding property."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", help="JSON with extensions, data elements, rules and rule components.")
        parser.add_argument("--name", default="", help="Name of the new property, instead of Adobe's.")

    def handle(self, *args: Any, file: str, name: str, **options: Any) -> None:
        try:
            result = carry_out(plan_import(_content(file), name))
        except InvalidDocument as error:
            self._print({"errors": [problem._asdict() for problem in error.problems]})
            sys.exit(1)
        self._print(result.to_json())

    def _print(self, value: Any) -> None:
        self.stdout.write(json.dumps(value, indent=2, ensure_ascii=False))


def _content(file: str) -> bytes:
    """Never more than one byte beyond what is read anyway."""
    try:
        with Path(file).open("rb") as opened:
            return opened.read(MOST_BYTES + 1)
    except OSError as error:
        message = f"The file “{file}” cannot be read: {error.strerror}."
        raise InvalidDocument([DocumentProblem("$", message)]) from None
