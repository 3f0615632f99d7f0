"""Runs the steps of docs/operating.md for several machines, line by line, on PostgreSQL and RabbitMQ.

The commands, the SQL and the settings come from the page itself.
"""

from __future__ import annotations

import importlib
import json
import os
import pty
import re
import secrets
import shlex
import signal
import subprocess
import sys
import threading
import tomllib
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager, suppress
from itertools import count
from pathlib import Path
from typing import Any

import psycopg
import pytest
import requests
from django.conf import settings
from uvicorn import Config

from benchmarks import shop
from capi_admin.gate import gate_limits, wsgi_bridge
from properties.models import AuditEvent
from rules.forwarding.event_ids import NODES
from tests.product import OWN_PASSWORD, PATIENCE_SECONDS, answers, free_port, wait_for

ROOT = Path(__file__).parent.parent
PAGE = (ROOT / "docs/operating.md").read_text()
PROGRAMS = Path(sys.executable).parent
KEYS = "3. Write the settings"
FIRST_PASSWORD = "what the operator typed first"


# The page


def blocks(heading: str, language: str) -> list[str]:
    """The code of a section, in the order of the page."""
    section = re.split(r"^##+ ", PAGE.partition(f"## {heading}\n")[2], maxsplit=1, flags=re.MULTILINE)[0]
    found = re.findall(rf"^```{language}\n(.*?)^```$", section, re.MULTILINE | re.DOTALL)
    assert found, f"“{heading}” has no {language} any more"
    return found


def commands(heading: str) -> list[str]:
    """The lines of a section's first shell block, without comments."""
    lines = blocks(heading, "sh")[0].replace("\\\n", " ").splitlines()
    return [shlex.join(words) for line in lines if (words := shlex.split(line, comments=True))]


def command(heading: str, word: str) -> str:
    [found] = [line for line in commands(heading) if word in line.split()]
    return found


def statements(heading: str) -> list[str]:
    """The SQL of a section."""
    text = re.sub(r"--.*", "", "".join(blocks(heading, "sql")))
    return [part.strip() for part in text.split(";") if part.strip()]


def settings_file() -> dict[str, str]:
    """The variables of the settings file, as a shell reads it."""
    words = shlex.split(blocks(KEYS, "ini")[0], comments=True)
    return {name: value for name, _, value in (word.partition("=") for word in words)}


def unit_lines(block: int, name: str) -> str:
    text = blocks("As services", "ini")[block].replace("\\\n", " ")
    return " ".join(re.search(rf"^{name}=(.*)$", text, re.MULTILINE)[1].split())  # type: ignore[index]


# An installation


class Installation:
    """Processes that are started as the page says, on one machine.

    Args:
        folder: For the settings and the logs.
        variables: Those of the settings file.
    """

    def __init__(self, folder: Path, variables: Mapping[str, str]) -> None:
        self.folder = folder
        self._running: list[subprocess.Popen[bytes]] = []
        self._numbers = count(1)
        self._kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
        self._settings = folder / "capi-admin.env"
        self._settings.write_text("".join(f"{name}='{value}'\n" for name, value in variables.items()))

    def _arguments(self, line: str) -> dict[str, Any]:
        line = line.replace(".venv/bin/", f"{PROGRAMS}/")
        with_settings = f"set -a; . {self._settings}; set +a; exec {line}"
        return {"args": ["sh", "-c", with_settings], "cwd": ROOT, "env": self._kept}

    def run(self, line: str, *, check: bool = True) -> str:
        """Run a command of the page; return its output."""
        ended = subprocess.run(
            **self._arguments(line), capture_output=True, text=True, timeout=PATIENCE_SECONDS
        )
        assert not check or ended.returncode == 0, f"{line}\n{ended.stdout}{ended.stderr}"
        return ended.stdout + ended.stderr

    def manage(self, line: str) -> Any:
        return json.loads(self.run(f".venv/bin/python manage.py {line}"))

    def type(self, line: str, answers: Mapping[str, str]) -> None:
        """Run a command of the page that asks, with an answer to each question."""
        own, its = pty.openpty()
        process = subprocess.Popen(
            **self._arguments(line), stdin=its, stdout=its, stderr=its, start_new_session=True
        )
        os.close(its)
        printed = ""
        try:
            for question, answer in answers.items():
                while question not in printed:
                    printed += os.read(own, 1024).decode()
                printed = ""
                os.write(own, f"{answer}\n".encode())
            assert process.wait(PATIENCE_SECONDS) == 0, printed
        finally:
            process.kill()
            process.wait()
            os.close(own)

    def start(self, line: str) -> subprocess.Popen[bytes]:
        with (self.folder / f"process-{next(self._numbers)}.log").open("wb") as log:
            process = subprocess.Popen(
                **self._arguments(line), stdout=log, stderr=log, start_new_session=True
            )
        self._running.append(process)
        return process

    def logs(self) -> str:
        """The end of each process's output, for the message of a test that fails."""
        found = sorted(self.folder.glob("process-*.log"))
        return "\n".join(f"{log.name}: …{log.read_text(errors='replace')[-1500:]}" for log in found)

    def start_edge(self, port: int) -> subprocess.Popen[bytes]:
        """Start a web process on this port; return once it accepts events."""
        process = self.start(command("4. Start", "capi_admin.asgi:application").replace("8000", str(port)))
        wait_for(lambda: answers(f"http://127.0.0.1:{port}/readyz"), f"the web process of port {port}")
        return process

    def stop(self) -> None:
        for process in self._running:
            if process.poll() is None:
                process.send_signal(signal.SIGTERM)
        for process in self._running:
            try:
                process.wait(PATIENCE_SECONDS)
            finally:
                kill(process)


def kill(process: subprocess.Popen[bytes]) -> None:
    """With all its children and without warning, as a machine that loses power does."""
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


@contextmanager
def installed(folder: Path, **changed: str) -> Iterator[Installation]:
    """An installation with the settings of the page; ``changed`` are those that differ on each machine."""
    settings = settings_file()
    assert set(settings) >= set(changed) - {"META_GRAPH_URL"}, "a setting is missing on the page"
    keys = [made(line) for line in commands(KEYS)]
    installation = Installation(
        folder, {**settings, "SECRET_KEY": keys[0], "ENCRYPTION_KEYS": keys[1], **changed}
    )
    try:
        yield installation
    finally:
        installation.stop()


def made(line: str) -> str:
    """The key that a command of the page prints."""
    arguments = shlex.split(line.replace(".venv/bin/", f"{PROGRAMS}/"))
    return subprocess.run(arguments, capture_output=True, text=True, check=True).stdout.strip()


Named = Mapping[str, str]


@pytest.fixture
def named() -> Named:
    """What the names of the page are called here: roles and databases belong to the whole server."""
    mark, password = secrets.token_hex(4), secrets.token_hex(16)
    roles = {"capi": f"capi_{mark}", "capi_app": f"capi_app_{mark}"}
    return {**roles, "a-password": password, "another-password": password}


def as_here(statement: str, named: Named) -> str:
    return re.sub("[a-z][a-z_-]*", lambda found: named.get(found[0], found[0]), statement)


@pytest.fixture
def database(postgres_admin: Any, named: Named) -> Iterator[str]:
    """Create the database and the role of the page; return the address for that role."""
    try:
        for statement in statements("2. Make the database and the queue"):
            postgres_admin.execute(as_here(statement, named))
        yield address_of("capi", postgres_admin, named)
    finally:
        postgres_admin.execute(f"DROP DATABASE IF EXISTS {named['capi']} WITH (FORCE)")
        for role in ("capi_app", "capi"):
            postgres_admin.execute(f"DROP ROLE IF EXISTS {named[role]}")


def address_of(role: str, admin: Any, named: Named) -> str:
    server = f"{admin.info.host}:{admin.info.port}"
    return f"postgres://{named[role]}:{named['a-password']}@{server}/{named['capi']}"


@pytest.fixture
def graph() -> Iterator[Any]:
    """A Graph simulator whose every third answer takes a second."""
    simulator: Any = importlib.import_module("properties.extensions.meta_conversions_api.simulator")
    with simulator.Simulator() as running:
        running.inject("slow", share=0.3, seconds=1.0)
        yield running


# People and sites


class Visitor:
    """A browser behind the proxy of the page."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.session = requests.Session()
        self.session.headers["X-Forwarded-For"] = "203.0.113.7"

    def __enter__(self) -> Visitor:
        return self

    def __exit__(self, *_: object) -> None:
        self.session.close()

    def look(self, path: str, url: str = "") -> str:
        answer = self.session.get((url or self.url) + path, timeout=PATIENCE_SECONDS)
        assert answer.status_code == 200, answer.text[:500]
        return answer.text

    def fill_in(self, path: str, **fields: str) -> str:
        """Open a form and send it; return the next page."""
        self.look(path)
        fields["csrfmiddlewaretoken"] = self.session.cookies["csrftoken"]
        answer = self.session.post(self.url + path, fields, timeout=PATIENCE_SECONDS)
        assert answer.status_code == 200, answer.text[:500]
        return answer.text


class Site:
    """Sends events until it is stopped, each to one web process, and to the next if that refuses."""

    PAUSE_SECONDS = 0.02

    def __init__(self, ports: list[int], datastream: str) -> None:
        self.accepted: list[str] = []
        self.given_up: list[str] = []
        self._urls = [f"http://127.0.0.1:{port}/ee/v2/interact?datastreamId={datastream}" for port in ports]
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._send_all)

    def __enter__(self) -> Site:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stopped.set()
        self._thread.join(PATIENCE_SECONDS)

    def _send_all(self) -> None:
        with requests.Session() as session:
            for number in count():
                if self._stopped.wait(self.PAUSE_SECONDS):
                    return
                event_id = f"order-{number}"
                urls = self._urls[number % 2 :] + self._urls[: number % 2]
                is_accepted = any(self._send(session, url, event_id) for url in urls)
                (self.accepted if is_accepted else self.given_up).append(event_id)

    def _send(self, session: requests.Session, url: str, event_id: str) -> bool:
        try:
            return session.post(url, json=shop.event(event_id), timeout=30).ok
        except requests.RequestException:
            return False


def sent_to(graph: Any) -> set[str]:
    """Return the ids of the events that Meta has accepted."""
    taken = [request for request in list(graph.requests) if request["status"] == 200]
    return {event["event_id"] for request in taken for event in request["body"]["data"]}


# The promises of the page


@pytest.mark.processes
@pytest.mark.postgres
@pytest.mark.broker
@pytest.mark.usefixtures("postgres_programs")
def test_following_the_page_leads_to_sign_in_and_loses_no_event(
    tmp_path: Path, database: str, amqp_url: str, graph: Any
) -> None:
    ports = [free_port(), free_port()]
    second = f"http://127.0.0.1:{ports[1]}"
    changed = {"DATABASE_URL": database, "CELERY_BROKER_URL": amqp_url, "PUBLIC_URL": second}
    with installed(tmp_path, META_GRAPH_URL=graph.url, **changed) as installation:
        installation.run(command("4. Start", "migrate"))
        make_the_first_user(installation)
        edges = [installation.start_edge(port) for port in ports]
        workers = start_workers(installation, 4)
        installation.start(command("4. Start", "beat"))
        datastream = publish(installation)
        sign_in(ports)
        wait_for(lambda: "4 nodes online" in installation.run(PING, check=False), "four workers")
        with Site(ports, datastream) as site:
            wait_for(lambda: len(sent_to(graph)) >= 50, "the first events")
            assert workers[0].poll() is None, installation.logs()
            kill(workers[0])
            for edge, port in zip(edges, ports, strict=True):
                edge.send_signal(signal.SIGTERM)
                assert edge.wait(PATIENCE_SECONDS) in (0, -signal.SIGTERM)
                installation.start_edge(port)
            back_up(installation, tmp_path / "backup")
        ledger = wait_for(lambda: all_ended(installation), "everything to be delivered")
        assert site.given_up == []
        assert sent_to(graph) == set(site.accepted)
        assert ledger["accepted"] == ledger["delivered"] == len(site.accepted)
        assert ledger["balanced"]
        # The killed one is missing, the others kept running.
        assert [worker.poll() for worker in workers] == [-signal.SIGKILL, None, None, None]


PING = ".venv/bin/celery -A capi_admin inspect ping"


def make_the_first_user(installation: Installation) -> None:
    answers = {"Username": "olivia", "Email": "", "Password:": FIRST_PASSWORD, "(again)": FIRST_PASSWORD}
    installation.type(command("4. Start", "createsuperuser"), answers)


def start_workers(installation: Installation, number: int) -> list[subprocess.Popen[bytes]]:
    """Start the first as on the page, the others with their own names."""
    line = command("4. Start", "worker")
    named = re.search(r"`(--hostname second@%h)`", PAGE)
    assert named, "how a second worker gets its name"
    names = ["", *(named[1].replace("second", f"worker-{it}") for it in range(1, number))]
    return [installation.start(f"{line} --concurrency 2 {name}") for name in names]


def publish(installation: Installation) -> str:
    """A shop that sends to Meta; the id of its datastream."""
    (installation.folder / "shop.json").write_text(json.dumps(shop.document()))
    applied = installation.manage(f"apply {installation.folder}/shop.json --publish production")
    return str(applied["environments"]["production"]["datastream_id"])


def sign_in(ports: list[int]) -> None:
    """As the first user, on the second web process; the first one knows who it is."""
    first, second = (f"http://127.0.0.1:{port}" for port in ports)
    with Visitor(second) as olivia:
        asked = olivia.fill_in("/login/", username="olivia", password=FIRST_PASSWORD)
        assert 'name="new_password1"' in asked
        new = {"new_password1": OWN_PASSWORD, "new_password2": OWN_PASSWORD}
        olivia.fill_in("/password/", old_password=FIRST_PASSWORD, **new)
        for url in (first, second):
            assert "Busy Shop" in olivia.look("/", url)
        assert "Add user" in olivia.look("/backoffice/auth/user/")


def back_up(installation: Installation, folder: Path) -> None:
    line = command("Backup and restore", "backup").replace("/backups/monday", str(folder))
    installation.run(f".venv/bin/{line}")
    assert {file.name for file in folder.iterdir()} == {"database.dump", "manifest.json"}


def all_ended(installation: Installation) -> dict[str, Any] | None:
    ledger: dict[str, Any] = installation.manage("ledger --json")
    return None if ledger["open"] else ledger


@pytest.mark.processes
@pytest.mark.postgres
@pytest.mark.usefixtures("postgres_programs")
def test_the_product_needs_no_right_but_to_read_and_write_rows(
    tmp_path: Path, database: str, postgres_admin: Any, named: Named, graph: Any
) -> None:
    make_the_lesser_role(postgres_admin, database, named)
    lesser = address_of("capi_app", postgres_admin, named)
    (tmp_path / "owner").mkdir()
    port = free_port()
    changed = {"CELERY_BROKER_URL": "", "PUBLIC_URL": f"http://127.0.0.1:{port}"}
    keys = {"SECRET_KEY": secrets.token_urlsafe(64), "ENCRYPTION_KEYS": made(commands(KEYS)[1])}
    with (
        installed(tmp_path / "owner", DATABASE_URL=database, **keys, **changed) as owner,
        installed(tmp_path, DATABASE_URL=lesser, META_GRAPH_URL=graph.url, **keys, **changed) as product,
    ):
        owner.run(command("4. Start", "migrate"))
        make_the_first_user(product)
        product.start_edge(port)
        datastream = publish(product)
        with Site([port, port], datastream) as site:
            wait_for(lambda: len(site.accepted) >= 20, "a few events")
        product.run(".venv/bin/python manage.py deliver")
        assert all_ended(product) == all_ended(owner)
        assert sent_to(graph) == set(site.accepted)
        refuse_to_forget(lesser, REFUSED_TO_ALL | REFUSED_TO_LESSER)
        product.stop()
        back_up(owner, tmp_path / "backup")
        owner.run(f".venv/bin/python manage.py restore {tmp_path / 'backup'} --replace")
        assert (all_ended(product) or {})["delivered"] == len(site.accepted)
        refuse_to_forget(database, REFUSED_TO_ALL)


def make_the_lesser_role(admin: Any, database: str, named: Named) -> None:
    role, rights = statements("PostgreSQL")
    admin.execute(as_here(role, named))
    with closing(psycopg.connect(database, autocommit=True)) as owner:
        is_super = (
            "SELECT rolsuper OR rolcreaterole OR rolcreatedb FROM pg_roles WHERE rolname = current_user"
        )
        assert owner.execute(is_super).fetchone() == (False,)
        owner.execute(as_here(rights, named))


TABLE = AuditEvent._meta.db_table
REFUSED_TO_ALL = {
    f"DELETE FROM {TABLE}": "never changed or deleted",  # noqa: S608 - a name of ours
    f"UPDATE {TABLE} SET id = id": "never changed or deleted",  # noqa: S608
    f"TRUNCATE {TABLE}": "never changed or deleted|permission denied",
}
REFUSED_TO_LESSER = {
    f"ALTER TABLE {TABLE} DISABLE TRIGGER USER": "must be owner",
    f"DROP TABLE {TABLE}": "must be owner",
}


def refuse_to_forget(database: str, refused: Mapping[str, str]) -> None:
    """The audit log has entries, and they stay as they are."""
    with closing(psycopg.connect(database, autocommit=True)) as connection:
        for statement, reason in refused.items():
            with pytest.raises(psycopg.Error, match=reason):
                connection.execute(statement)


# Values that the page copies from the code


def test_services_run_the_commands_of_the_page() -> None:
    words = {"capi_admin.asgi:application": 0, "worker": 1, "beat": 2}
    by_hand = {" ".join(command("4. Start", word).split()) for word in words}
    assert {unit_lines(n, "ExecStart").removeprefix("/opt/capi-admin/") for n in words.values()} == by_hand


def test_a_service_that_stops_signals_only_its_first_process() -> None:
    """Celery's children end at once when they get the signal, too, in the middle of their work."""
    assert unit_lines(0, "KillMode") == "mixed"
    seconds = int(re.search(r"--timeout-graceful-shutdown (\d+)", unit_lines(0, "ExecStart"))[1])  # type: ignore[index]
    assert int(unit_lines(0, "TimeoutStopSec")) > seconds
    assert int(unit_lines(1, "TimeoutStopSec")) > settings.CELERY_TASK_TIME_LIMIT


def test_the_extras_that_the_page_installs_exist() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    named = re.findall(r"'\.\[([a-z,]+)\]'", "".join(blocks("1. Install", "sh")))
    assert named == ["postgres,rabbitmq", "postgres,redis"]
    assert {extra for each in named for extra in each.split(",")} <= set(project["optional-dependencies"])


def test_the_proxy_of_the_page_is_no_narrower_than_the_server_and_waits_no_longer() -> None:
    [nginx] = blocks("The proxy in front", "nginx")

    def number(directive: str) -> int:
        return int(re.search(rf"{directive} (?:4 )?(\d+)[skm]?;", nginx)[1])  # type: ignore[index]

    assert number("client_max_body_size") * 1024**2 == gate_limits.IMPORT_BYTES
    assert number("large_client_header_buffers") * 1024 == gate_limits.HEAD_BYTES
    assert number("client_header_timeout") == gate_limits.HEAD_SECONDS
    assert number("client_body_timeout") == gate_limits.PAUSE_SECONDS
    assert number("keepalive_timeout") < Config("capi_admin.asgi:application").timeout_keep_alive


def test_numbers_of_processes_and_connections_are_those_of_the_code() -> None:
    assert f"any number, up to {NODES}" in PAGE
    assert f"up to {wsgi_bridge.THREADS} for pages" in PAGE
