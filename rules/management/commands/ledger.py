"""``manage.py ledger``: count where every accepted event went."""

from __future__ import annotations

import json
from typing import Any

from django.core.management.base import CommandParser

from properties.management.json_commands import JsonCommand
from rules.delivery.ledger import balance
from rules.explain.outcome_words import DELIVERIES, LEDGER


class Command(JsonCommand):
    help = "Count every accepted event once, by where it went; exit 1 if the sum is wrong."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--json", action="store_true", help="one JSON object instead of text")

    def speaks_json(self, options: dict[str, Any]) -> bool:
        return bool(options.get("json"))

    def handle(self, *args: Any, **options: Any) -> None:
        counted = balance()
        self.stdout.write(json.dumps(counted) if options["json"] else _as_text(counted))
        if not counted["balanced"]:
            raise SystemExit(1)


def _as_text(counted: dict[str, Any]) -> str:
    events = {name: number for name, number in counted.items() if name not in ("balanced", "deliveries")}
    verdict = "Every event is accounted for." if counted["balanced"] else "The sum is wrong."
    return "\n".join(
        ["Events", *_lines(events, LEDGER), "Deliveries", *_lines(counted["deliveries"], DELIVERIES), verdict]
    )


def _lines(numbers: dict[str, int], words: dict[str, str]) -> list[str]:
    return [f"  {words[name]:<28}{number:>12,}" for name, number in numbers.items()]
