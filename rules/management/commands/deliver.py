"""``manage.py deliver``: run and deliver due events without a broker."""

from __future__ import annotations

import signal
import threading
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from rules.delivery.work import work_off, work_until
from rules.publishing.pending import take_up_forever


class Command(BaseCommand):
    help = "Run and deliver events that are due, until nothing is due or, with --forever, until stopped."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--forever", action="store_true", help="wait for more; stop with SIGTERM or Ctrl-C"
        )

    def handle(self, *args: Any, forever: bool, **options: Any) -> None:
        # Waiting rows are encrypted. Report a missing key once instead of failing at each row.
        self.check(databases=["default"])
        if not forever:
            work_off(float("inf"))
            return
        stopped = threading.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: stopped.set())
        take_up_forever()
        work_until(stopped.is_set)
