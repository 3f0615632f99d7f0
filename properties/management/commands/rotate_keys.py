"""``rotate_keys``: encrypt stored secrets with the first of ENCRYPTION_KEYS."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict
from typing import Any

from django.core.management.base import CommandParser

from properties.management.json_commands import JsonCommand
from properties.saving import record
from properties.secrets import rotation


class Command(JsonCommand):
    """Prints one JSON object. Exits with 1 if the first key cannot read all values."""

    help = "Encrypt every stored secret with the first of ENCRYPTION_KEYS."

    def add_arguments(self, parser: CommandParser) -> None:
        only = parser.add_mutually_exclusive_group()
        only.add_argument("--check", action="store_true", help="Count only. Change nothing.")
        only.add_argument(
            "--forget-unreadable",
            action="store_true",
            help="Also empty values that no key can read. Use this only if a key is lost for good.",
        )

    def handle(self, *args: Any, check: bool, forget_unreadable: bool, **options: Any) -> None:
        forgotten = rotation.forget_unreadable() if forget_unreadable else 0
        found, rotated = (rotation.survey(), 0) if check else rotation.rotate()
        if rotated or forgotten:
            record(
                None, "keys.rotated", "Stored secrets", "rotate_keys", rotated=rotated, forgotten=forgotten
            )
        self.stdout.write(json.dumps({**asdict(found), "rotated": rotated, "forgotten": forgotten}))
        if found.retired or found.unreadable:
            sys.exit(1)
