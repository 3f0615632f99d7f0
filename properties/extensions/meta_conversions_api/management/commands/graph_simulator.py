"""`manage.py graph_simulator`: Meta's Graph API stand-in as a process of its own."""

import signal
from argparse import ArgumentTypeError
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM)


class Command(BaseCommand):
    help = "Run a stand-in for Meta's Graph API that applies Meta's documented rules and injects faults."
    # It touches neither database nor settings; what is wrong with them does not concern it.
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--host", default="127.0.0.1", help="address to listen on (default: 127.0.0.1)")
        parser.add_argument("--port", type=_port, default=8089, help="port to listen on (default: 8089)")
        parser.add_argument(
            "--record",
            type=Path,
            metavar="FILE",
            help="append each request and answer to FILE as JSON lines, readable by its owner alone",
        )

    def handle(self, *, host: str, port: int, record: Path | None, **options: Any) -> None:
        # The web server is loaded only by the one command that needs it.
        from ...simulator import Simulator

        # Blocked before the server's thread starts, so that no signal is lost and none interrupts it.
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
    raise ArgumentTypeError(f"{text!r} is no port: give a number from 0 (any free port) to 65535")
