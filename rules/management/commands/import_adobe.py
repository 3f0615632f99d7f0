"""``import_adobe FILE``: create a property from an export of Adobe's Reactor API."""

from __future__ import annotations

from typing import Any

from django.core.management.base import CommandParser

from rules.documents.adobe import MOST_BYTES, carry_out, plan_import
from rules.management.document_commands import DocumentCommand, content_of


class Command(DocumentCommand):
    """Imports an event forwarding property as a whole or not at all."""

    help = "Create a property from an export of an event forwarding property from Adobe's Reactor API."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", help="JSON with extensions, data elements, rules and rule components.")
        parser.add_argument("--name", default="", help="Name of the new property, instead of Adobe's.")

    def handle(self, *args: Any, file: str, name: str, **options: Any) -> None:
        # One byte above the limit shows that a file is too large.
        self.print_result(lambda: carry_out(plan_import(content_of(file, MOST_BYTES + 1), name)))
