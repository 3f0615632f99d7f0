"""``export PROPERTY``: print a property as its document."""

from __future__ import annotations

import json
from typing import Any

from django.core.management.base import CommandError, CommandParser

from properties.management.json_commands import JsonCommand
from properties.models import Property
from properties.saving import record
from rules.documents.exporting import export_document


class Command(JsonCommand):
    """Prints the document that ``apply`` accepts, with sorted keys and without credentials."""

    help = "Print a property as its document."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("property", help="Id or name of the property.")

    def handle(self, *args: Any, **options: Any) -> None:
        wanted = options["property"]
        named = Property.objects.filter(name=wanted)
        prop = Property.objects.filter(uid=wanted).first() or named.first()
        if prop is None:
            raise CommandError(f"There is no property with the id or name “{wanted}”.")
        document = export_document(prop)
        self.stdout.write(json.dumps(document, indent=2, sort_keys=True, ensure_ascii=False))
        record(prop, "property.exported", prop, "export")
