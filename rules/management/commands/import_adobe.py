"""``import_adobe FILE``: create a property from an export of Adobe's Reactor API."""

from __future__ import annotations

from typing import Any

from django.core.management.base import CommandParser

from rules.documents.adobe import MOST_BYTES, Imported, carry_out, plan_import
from rules.management.document_commands import DocumentCommand, content_of


class Command(DocumentCommand):
    """Imports a property for tags or event forwarding as a whole or not at all."""

    help = "Create a property from an export of a tags or event forwarding property from Adobe's Reactor API."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", help="JSON with extensions, data elements, rules and rule components.")
        parser.add_argument("--name", default="", help="Name of the new property, instead of Adobe's.")
        parser.add_argument(
            "--forwarding-property",
            default="",
            help="For tags: name of the event forwarding property that the Web SDK sends its events to.",
        )

    def handle(self, *args: Any, file: str, name: str, forwarding_property: str, **options: Any) -> None:
        def work() -> Imported:
            # One byte above the limit shows that a file is too large.
            content = content_of(file, MOST_BYTES + 1)
            return carry_out(plan_import(content, name, forwarding_property))

        self.print_result(work)
