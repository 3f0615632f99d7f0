"""``manage.py up``: starts the whole product with one command."""

from __future__ import annotations

import json
import os
import signal
import threading
import time
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import connections
from filelock import FileLock

from capi_admin import demo
from capi_admin.demo import playground
from capi_admin.supervision import first_steps, programs
from capi_admin.supervision.supervisor import Supervisor
from properties.catalog.installation import SimulatorCommand
from properties.catalog.registry import packages
from properties.http.curl import NOW
from properties.models import Property
from properties.resources.shop_links import SHOP_URL
from rules.delivery.destinations.gates import SIMULATED
from rules.models import InboundEvent

SIMULATOR_HOST = "127.0.0.1"
READY_SECONDS = 60.0
# Addresses that mean every interface → one that can be called.
EVERYWHERE = {"": "127.0.0.1", "0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104


class Command(BaseCommand):
    help = "Start web, worker and schedule; with --demo, also an example property and a simulator."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--demo", action="store_true", help="example property, sample events, simulator")
        parser.add_argument("--host", default="127.0.0.1", help="address to listen on (127.0.0.1)")
        parser.add_argument("--port", type=int, default=8000, help="port to listen on (8000)")

    def handle(self, *args: Any, **options: Any) -> None:
        self._host, self._port = options["host"], options["port"]
        self._with_demo: bool = options["demo"]
        self._local = EVERYWHERE.get(self._host, self._host)
        self._stopped = threading.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: self._stopped.set())
        lock = self._prepare()
        supervisor = Supervisor()
        try:
            self._start(supervisor)
            supervisor.watch(self._stopped)
        finally:
            self._say("Stopping …")
            supervisor.stop()
            lock.release()

    # Preparation

    def _prepare(self) -> FileLock:
        folder = Path(settings.DATA_DIR)
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        lock = first_steps.keep_alone(folder)
        first_steps.wait_for_free_port(self._host, self._port)
        self._say("Preparing the database …")
        call_command("migrate", verbosity=0, interactive=False)
        self.check(databases=["default"])
        self._tags_url = self._find_tags_url()
        self._shop_port = first_steps.free_port(SIMULATOR_HOST, playground.PORT)
        self._datastream = self._seed() if self._with_demo else None
        for name in (demo.DEMO_PROPERTY, playground.FORWARDING_PROPERTY):
            first_steps.hold_demo(name)
        return lock

    def _find_tags_url(self) -> str:
        """Return where sites find libraries and the event endpoint: for the demo, below its shop's domain."""
        if any(os.environ.get(name, "").strip() for name in ("TAGS_URL", "PUBLIC_URL")):
            return str(settings.TAGS_URL)
        return f"http://{playground.EDGE_HOST}:{self._port}" if self._with_demo else self._local_url()

    def _seed(self) -> str:
        self._say("Publishing the example properties …")
        settings.TAGS_URL = self._tags_url  # A library is built with the address of the event endpoint in it.
        playground.seed()
        return demo.seed()

    # Processes

    def _start(self, supervisor: Supervisor) -> None:
        self._say("Starting …")
        environment = {"PUBLIC_URL": self._public_url(), "TAGS_URL": self._tags_url}
        connections.close_all()
        if self._with_demo:
            environment |= {SHOP_URL: self._shop_url(), **self._start_simulators(supervisor)}
            supervisor.add(programs.shop(self._shop_port, environment))
        for program in programs.workers(settings.CELERY_BROKER_URL, environment):
            supervisor.add(program)
        supervisor.add(programs.web(self._host, self._port, environment))
        if self._wait_until_ready(supervisor, self._local, self._port, "/healthz"):
            self._welcome()

    def _start_simulators(self, supervisor: Supervisor) -> dict[str, str]:
        """Start one for each vendor whose address is not set; return their settings."""
        simulators = [package.simulator for package in packages().values() if package.simulator]
        addresses = {
            simulator.setting: self._start_simulator(supervisor, simulator)
            for simulator in simulators
            if not os.environ.get(simulator.setting)
        }
        further = {
            name: value.replace("{url}", addresses[simulator.setting])
            for simulator in simulators
            if simulator.setting in addresses
            for name, value in simulator.also.items()
            if not os.environ.get(name)
        }
        return {**addresses, **further, SIMULATED: json.dumps(addresses)}

    def _start_simulator(self, supervisor: Supervisor, simulator: SimulatorCommand) -> str:
        port = first_steps.free_port(SIMULATOR_HOST, simulator.port)
        record = Path(settings.DATA_DIR) / "simulator.jsonl"
        supervisor.add(programs.simulator(simulator.command, SIMULATOR_HOST, port, record))
        self._wait_until_ready(supervisor, SIMULATOR_HOST, port, simulator.health)
        return f"http://{SIMULATOR_HOST}:{port}"

    def _wait_until_ready(self, supervisor: Supervisor, host: str, port: int, path: str) -> bool:
        deadline = time.monotonic() + READY_SECONDS
        while not self._stopped.wait(0.1):
            if first_steps.answers(host, port, path):
                return True
            if time.monotonic() > deadline:
                raise CommandError(f"Nothing answers on {host} port {port}. The lines above show why.")
            supervisor.look()
        return False

    # Output

    def _public_url(self) -> str:
        return os.environ.get("PUBLIC_URL", "").strip().rstrip("/") or self._local_url()

    def _local_url(self) -> str:
        host = f"[{self._local}]" if ":" in self._local else self._local
        return f"http://{host}:{self._port}"

    def _shop_url(self) -> str:
        return f"http://{playground.DOMAIN}:{self._shop_port}/"

    def _welcome(self) -> None:
        if self._datastream is not None:
            self._send_samples(self._datastream)
        url, password = self._public_url(), first_steps.one_time_password()
        self._say(f"\nCAPI Admin is ready.\n\n  Open       {url}/\n  User       {first_steps.ADMIN}")
        self._say(f"  Password   {password}" if password else "  Sign in with your own password.")
        if self._with_demo:
            self._say(f"  Shop       {self._shop_url()}")
        event = demo.purchase(NOW) if self._with_demo else first_steps.EXAMPLE_EVENT
        curl = first_steps.curl_line(url, event, self._datastream)
        self._say(
            f"\nSend an event:\n\n  {curl}\n"
            if curl
            else "\nCreate a property. Its page shows how to send events.\n"
        )
        self._say("Stop with Ctrl-C.")
        connections.close_all()

    def _send_samples(self, datastream: str) -> None:
        is_first_time = not InboundEvent.objects.filter(property_id=self._demo_property_id()).exists()
        if is_first_time:
            self._say("Sending a few sample events …")
            demo.send_samples(self._local_url(), datastream)

    def _demo_property_id(self) -> int:
        return int(Property.objects.get(name=demo.DEMO_PROPERTY).pk)

    def _say(self, text: str) -> None:
        self.stdout.write(text)
        self.stdout.flush()
