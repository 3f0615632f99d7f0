"""``apply FILE``: apply a property document."""

from __future__ import annotations

from typing import Any

from django.core.management.base import CommandParser

from properties.models import Environment
from rules.documents import apply_document
from rules.documents.reading import parse
from rules.management.document_commands import DocumentCommand, content_of


class Command(DocumentCommand):
    """Applies a property document as a whole or not at all."""

    help = "Create or update the property that a document describes, and optionally publish it."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", help="Property document (JSON).")
        parser.add_argument(
            "--publish",
            choices=Environment.Stage.values,
            help="Build it and make it live in this environment.",
        )

    def handle(self, *args: Any, file: str, publish: str | None, **options: Any) -> None:
        self.print_result(lambda: apply_document(parse(content_of(file)), publish=publish))
