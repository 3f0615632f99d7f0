"""`manage.py graph_simulator`: runs the simulator of Meta's Graph API as a separate process."""

import signal
from argparse import ArgumentTypeError
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM)


class Command(BaseCommand):
    help = "Run a simulator of Meta's Graph API that applies Meta's documented rules and injects faults."
    # The command uses neither the database nor the settings, so it runs even if they have errors.
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--host", default="127.0.0.1", help="address to listen on (default: 127.0.0.1)")
        parser.add_argument("--port", type=_port, default=8089, help="port to listen on (default: 8089)")
        parser.add_argument(
            "--record",
            type=Path,
            metavar="FILE",
            help="append each request and answer to FILE as JSON lines, readable only by its owner",
        )

    def handle(self, *, host: str, port: int, record: Path | None, **options: Any) -> None:
        # Only this command needs the web server, so only this command imports it.
        from ...simulator import Simulator

        # Block the signals before the thread starts, so that none is lost and none interrupts the thread.
        signal.pthread_sigmask(signal.SIG_BLOCK, STOP_SIGNALS)
        try:
            simulator = Simulator(host, port, record)
            simulator.start()
        except OSError as error:
            raise CommandError(f"The Graph simulator cannot start: {error}") from error
        self.stdout.write(f"Graph simulator listening on {simulator.url}")
        self.stdout.flush()
        _wait_for_stop(simulator)
        simulator.stop()


def _wait_for_stop(simulator: Any) -> None:
    while simulator.is_running and signal.sigtimedwait(STOP_SIGNALS, 1) is None:
        pass


def _port(text: str) -> int:
    if text.isascii() and text.isdigit() and int(text) <= 65535:
        return int(text)
    raise ArgumentTypeError(f"{text!r} is not a port: use a number from 0 (any free port) to 65535")
