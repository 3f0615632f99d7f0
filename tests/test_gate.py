"""Attacks of strangers on a real server: requests that are too long, too slow, or incomplete.

Source: docs/operating.md, "Limits of a connection".
"""

from __future__ import annotations

import os
import re
import select
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, suppress
from pathlib import Path
from urllib.parse import urlencode

import pytest
import requests

from capi_admin.gate.gate_limits import UNREAD_SECONDS
from tests import commands
from tests.product import PATIENCE_SECONDS as PATIENCE
from tests.product import ROOT, answers, free_port, wait_for
from tests.work import hang_limit

pytestmark = pytest.mark.processes

OWNER = "owner", "A long passphrase 7"
SHOP = (
    "from django.contrib.auth import get_user_model; from properties.models import *;"
    f"owner = get_user_model().objects.create_superuser('{OWNER[0]}', password='{OWNER[1]}');"
    "owner.password_to_change.delete();"
    "get_user_model().objects.create_user('anna', password='unused');"
    "p = Property.objects.create(name='Shop');"
    "e = Environment.objects.create(prop=p, name='Production', stage='production');"
    "print(Datastream.objects.create(environment=e).uid)"
)
EVENT = {"event": {"data": {"a": 1}}}
COMMAND = [sys.executable, "-m", "uvicorn", "capi_admin.asgi:application", "--no-proxy-headers"]


class Server:
    """The application under uvicorn as an operator starts it, without a flag for its limits."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.env = os.environ | {"DATA_DIR": str(folder), "DATABASE_URL": "", "TRUSTED_PROXY_COUNT": "1"}
        folder.chmod(0o755)
        self.manage("migrate", "--verbosity", "0")
        self.datastream = self.shell(SHOP)
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.log = folder / "web.log"
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(
                [*COMMAND, "--port", str(self.port)],
                cwd=ROOT,
                env=self.env,
                stdout=log,
                stderr=log,
            )
        wait_for(lambda: self.process.poll() is not None or answers(f"{self.url}/healthz"), "the server")
        assert self.process.poll() is None, self.log.read_text()

    def manage(self, *arguments: str) -> str:
        return commands.manage(self.env, *arguments).stdout.strip()

    def shell(self, code: str) -> str:
        return self.manage("shell", "--no-imports", "-c", code)

    def connect(self) -> socket.socket:
        return socket.create_connection(("127.0.0.1", self.port), timeout=PATIENCE)

    def memory_kib(self) -> int:
        status = Path(f"/proc/{self.process.pid}/status").read_text()
        return int(re.findall(r"VmRSS:\s+(\d+)", status)[0])

    def send_event(self) -> None:
        """Send an event; a server that an attack holds up does not answer in time."""
        url = f"{self.url}/ee/v2/interact?datastreamId={self.datastream}"
        with hang_limit():
            answer = requests.post(url, json=EVENT, timeout=PATIENCE)
        assert answer.status_code == 200, answer.text

    def signed_in(self) -> requests.Session:
        session = requests.Session()
        session.get(f"{self.url}/login/", timeout=PATIENCE)
        form = {
            "username": OWNER[0],
            "password": OWNER[1],
            "csrfmiddlewaretoken": session.cookies["csrftoken"],
        }
        answer = session.post(f"{self.url}/login/", data=form, timeout=PATIENCE, allow_redirects=False)
        assert answer.status_code == 302, answer.text
        return session


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    running = Server(tmp_path_factory.mktemp("gate"))
    yield running
    running.process.kill()
    running.process.wait(PATIENCE)


def answer_on(connection: socket.socket) -> bytes:
    """Return everything until the server closes, or cuts, the connection."""
    received = b""
    with suppress(ConnectionError):
        while part := connection.recv(65536):
            received += part
    return received


def status_of(answer: bytes) -> int:
    return int(answer.split(b" ", 2)[1])


def keep_sending(connection: socket.socket, part: bytes, seconds: float) -> int:
    """Send the same bytes until the server closes the connection; return how many it accepted."""
    sent, end = 0, time.monotonic() + seconds
    with suppress(ConnectionError):
        while time.monotonic() < end:
            sent += connection.send(part)
    return sent


def head(server: Server, line: str, *headers: str) -> bytes:
    return "\r\n".join([line, f"Host: 127.0.0.1:{server.port}", *headers, "", ""]).encode("latin-1")


LONG = {
    "path": lambda server: head(server, f"GET /{'a' * 30_000} HTTP/1.1", "Connection: close"),
    "host": lambda server: (
        f"GET /login/ HTTP/1.1\r\nHost: {'a' * 30_000}\r\nConnection: close\r\n\r\n".encode()
    ),
    "origin": lambda server: head(
        server,
        "POST /login/ HTTP/1.1",
        f"Origin: https://{'a' * 30_000}",
        "Content-Length: 0",
        "Connection: close",
    ),
}


@pytest.mark.parametrize("name", LONG)
def test_an_event_is_answered_while_a_stranger_sends_a_long(name: str, server: Server) -> None:
    with ExitStack() as stack:
        # Each held the server up for seconds.
        connections = [stack.enter_context(server.connect()) for _ in range(40)]
        for connection in connections:
            connection.sendall(LONG[name](server))
        server.send_event()
        for connection in connections:
            assert status_of(answer_on(connection)) in {400, 403, 404}


def test_the_log_line_of_a_request_is_short(server: Server) -> None:
    for long in LONG.values():
        with server.connect() as connection:
            connection.sendall(long(server))
            answer_on(connection)
    lines = server.log.read_text().splitlines()
    assert any("Not Found" in line for line in lines)
    assert max(map(len, lines)) < 1_000


def test_sixty_thousand_letters_are_refused_as_a_url(server: Server) -> None:
    with server.connect() as connection:
        connection.sendall(head(server, f"GET /{'a' * 60_000} HTTP/1.1"))
        assert status_of(answer_on(connection)) == 414


def test_headers_of_more_than_32_kib_together_are_refused(server: Server) -> None:
    headers = [f"X-Padding-{number}: {'a' * 1_000}" for number in range(33)]
    with server.connect() as connection:
        connection.sendall(head(server, "GET /healthz HTTP/1.1", *headers))
        assert status_of(answer_on(connection)) == 431
    with server.connect() as connection:
        connection.sendall(head(server, "GET /healthz HTTP/1.1", *headers[:30], "Connection: close"))
        assert status_of(answer_on(connection)) == 200


def test_the_end_of_a_long_body_does_not_count_as_headers_of_the_next_request(server: Server) -> None:
    body = b"a" * 60_000
    first = head(server, "POST /login/ HTTP/1.1", f"Content-Length: {len(body)}") + body
    second = head(server, "GET /healthz HTTP/1.1", "Connection: close")
    with server.connect() as connection:
        connection.sendall(first + second[:20])
        time.sleep(0.2)
        connection.sendall(second[20:])
        assert b"alive" in answer_on(connection)


@pytest.mark.parametrize("begin", ["GET /", "GET / HTTP/1.1\r\nX-Endless: ", "GET / HTTP/1.1\r\n"])
def test_an_endless_head_is_neither_held_nor_in_the_way(begin: str, server: Server) -> None:
    part = (b"X-A: b\r\n" if begin.endswith("\r\n") else b"aaaaaaaa") * 8_192
    before = server.memory_kib()
    with ExitStack() as stack:
        connections = [stack.enter_context(server.connect()) for _ in range(8)]
        with ThreadPoolExecutor(len(connections)) as threads:
            for connection in connections:
                connection.sendall(begin.encode())
            sending = [threads.submit(keep_sending, connection, part, 20) for connection in connections]
            server.send_event()
            taken = [each.result() for each in sending]
    # Buffers of the kernel on both sides take some, too.
    assert max(taken) < 16_000_000
    assert server.memory_kib() - before < 32_000


def test_half_open_connections_are_closed(server: Server) -> None:
    with ExitStack() as stack:
        connections = [stack.enter_context(server.connect()) for _ in range(300)]
        for number, connection in enumerate(connections):
            # Some send nothing, some start and stop, some only send line ends.
            connection.sendall([b"", b"GET /login/ HTTP/1.1\r\nHost: a", b"\r\n"][number % 3])
        with hang_limit():
            said = [answer_on(connection) for connection in connections]
    assert {status_of(answer) for answer in said if answer} == {408}
    server.send_event()


def test_a_head_that_drips_is_ended_as_well(server: Server) -> None:
    with server.connect() as connection:
        connection.sendall(b"GET / HTTP/1.1\r\nX")
        with hang_limit(), suppress(ConnectionError):
            while True:
                time.sleep(0.5)
                connection.sendall(b"X")


def test_a_kept_connection_that_says_nothing_more_is_closed(server: Server) -> None:
    with server.connect() as connection:
        connection.sendall(head(server, "GET /healthz HTTP/1.1"))
        for _ in range(6):
            connection.sendall(b"\r\n")
            time.sleep(0.5)
        with hang_limit():
            assert b"alive" in answer_on(connection)


def test_an_event_whose_body_never_comes_is_given_up(server: Server) -> None:
    path = f"/ee/v2/interact?datastreamId={server.datastream}"
    with server.connect() as connection, hang_limit():
        connection.sendall(head(server, f"POST {path} HTTP/1.1", "Content-Length: 10", "Connection: close"))
        assert status_of(answer_on(connection)) == 408


def test_slow_posts_do_not_block_pages(server: Server) -> None:
    request = head(server, "POST /login/ HTTP/1.1", "Content-Length: 1000")
    with ExitStack() as stack:
        connections = [stack.enter_context(server.connect()) for _ in range(16)]
        for connection in connections:
            connection.sendall(request + b"username=")
        time.sleep(0.5)
        assert requests.get(f"{server.url}/login/", timeout=PATIENCE).status_code == 200
        # They are still waited for, so the page did not wait for them.
        assert select.select(connections, [], [], 0)[0] == []


def test_unread_answers_do_not_block_pages(server: Server) -> None:
    page = requests.get(f"{server.url}/login/", timeout=PATIENCE).text
    file = max(
        re.findall(r'"(/static/[^"]+)"', page),
        key=lambda path: len(requests.get(server.url + path, timeout=PATIENCE).content),
    )
    with ExitStack() as stack:
        for _ in range(16):
            connection = stack.enter_context(socket.socket())
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2_048)
            connection.connect(("127.0.0.1", server.port))
            connection.sendall(head(server, f"GET {file} HTTP/1.1") * 40)
        time.sleep(0.5)
        # Before these connections are closed.
        with hang_limit(UNREAD_SECONDS / 2):
            assert requests.get(f"{server.url}/login/", timeout=PATIENCE).status_code == 200


@pytest.mark.parametrize("path", ["/login/", "/import/adobe/"])
def test_a_large_upload_of_a_stranger_is_refused_before_it_comes(path: str, server: Server) -> None:
    request = head(
        server,
        f"POST {path} HTTP/1.1",
        "Content-Type: multipart/form-data; boundary=b",
        f"Content-Length: {250_000_000}",
        "Connection: close",
    )
    with server.connect() as connection:
        connection.sendall(request)
        assert status_of(answer_on(connection)) == 413


@pytest.mark.parametrize(("path", "size"), [("/login/", 2_000_000), ("/import/adobe/", 7_000_000)])
def test_an_upload_of_unknown_length_is_refused_when_it_is_too_large(
    path: str, size: int, server: Server
) -> None:
    def parts() -> Iterator[bytes]:
        for _ in range(size // 50_000):
            yield b"a" * 50_000

    type_ = {"Content-Type": "multipart/form-data; boundary=b"}
    answer = requests.post(server.url + path, data=parts(), headers=type_, timeout=PATIENCE)
    assert answer.status_code == 413
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert "MiB" in answer.text


def test_a_file_of_the_size_that_the_import_accepts_reaches_it(server: Server) -> None:
    session = server.signed_in()
    form = {"csrfmiddlewaretoken": session.cookies["csrftoken"], "step": "preview", "name": ""}
    file = {"file": ("export.json", b"[" + b" " * 4_900_000 + b"]", "application/json")}
    answer = session.post(f"{server.url}/import/adobe/", data=form, files=file, timeout=PATIENCE)
    assert answer.status_code == 200
    assert "larger than" not in answer.text


@pytest.mark.parametrize("how", [socket.SHUT_WR, socket.SHUT_RDWR])
def test_a_form_that_breaks_off_half_way_changes_nothing(how: int, server: Server) -> None:
    session = server.signed_in()
    form = {
        "csrfmiddlewaretoken": session.cookies["csrftoken"],
        "name": f"Renamed {how}",
        "enabled": "on",
    }
    uid = server.shell("from properties.models import *; print(Property.objects.get().uid)")
    path = f"/p/{uid}/settings/"
    names = "from properties.models import *; print(Property.objects.get().name)"
    body, before = urlencode(form), server.shell(names)
    request = head(
        server,
        f"POST {path} HTTP/1.1",
        "Cookie: " + "; ".join(f"{cookie.name}={cookie.value}" for cookie in session.cookies),
        "Content-Type: application/x-www-form-urlencoded",
        f"Content-Length: {len(body) + 50}",
    )
    with server.connect() as connection:
        connection.sendall(request + body.encode())
        connection.shutdown(how)
        if how == socket.SHUT_WR:
            assert status_of(answer_on(connection)) == 400
    time.sleep(0.5)
    assert server.shell(names) == before
    # The part that arrived, as a complete request.
    assert (
        session.post(server.url + path, data=form, timeout=PATIENCE, allow_redirects=False).status_code == 302
    )
    assert server.shell(names) == form["name"]


def test_a_lockout_is_not_avoided_by_a_header_with_an_underline(server: Server) -> None:
    session = requests.Session()
    session.get(f"{server.url}/login/", timeout=PATIENCE)
    form = {"username": "anna", "password": "wrong", "csrfmiddlewaretoken": session.cookies["csrftoken"]}

    def attempt(number: int) -> int:
        headers = {"X_Forwarded_For": f"198.51.100.{number}", "X-Forwarded-For": "203.0.113.9"}
        if number % 2:
            headers = dict(reversed(headers.items()))
        return session.post(f"{server.url}/login/", data=form, headers=headers, timeout=PATIENCE).status_code

    assert {attempt(number) for number in range(8)} & {403, 429}


@pytest.mark.parametrize("name", ["Host", "Content-Length", "Content-Type"])
def test_a_page_is_not_given_a_request_with_two_of_one_header(name: str, server: Server) -> None:
    value = {"Host": "127.0.0.1", "Content-Length": "0", "Content-Type": "text/plain"}[name]
    request = head(server, "POST /login/ HTTP/1.1", *[f"{name}: {value}"] * 2, "Connection: close")
    with server.connect() as connection:
        connection.sendall(request)
        assert status_of(answer_on(connection)) == 400


def test_answers_of_the_edge_and_of_health_are_neither_kept_nor_guessed_at(server: Server) -> None:
    edge = f"{server.url}/ee/v2/interact"
    found = [
        *(
            requests.get(f"{server.url}/{name}", timeout=PATIENCE)
            for name in ("healthz", "readyz", "metrics")
        ),
        requests.get(f"{server.url}/metrics", headers={"Via": "x"}, timeout=PATIENCE),
        requests.post(f"{edge}?datastreamId={server.datastream}", json=EVENT, timeout=PATIENCE),
        requests.post(f"{edge}?datastreamId=unknown", json=EVENT, timeout=PATIENCE),
        requests.get(edge, timeout=PATIENCE),
        requests.options(f"{edge}?datastreamId={server.datastream}", timeout=PATIENCE),
    ]
    for answer in found:
        assert answer.headers["X-Content-Type-Options"] == "nosniff", answer.url
        assert answer.headers["Cache-Control"] == "no-store", answer.url


def test_every_line_of_the_server_begins_with_date_and_time(server: Server) -> None:
    requests.get(f"{server.url}/nothing-is-here/", timeout=PATIENCE)
    lines = [line for line in server.log.read_text().splitlines() if not line.startswith("    ")]
    assert any("/nothing-is-here/" in line for line in lines)
    assert [line for line in lines if not re.match(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z \[", line)] == []


def test_the_database_is_for_its_owner_alone(server: Server) -> None:
    server.send_event()
    found = sorted(server.folder.glob("db.sqlite3*"))
    assert len(found) == 3
    assert {oct(file.stat().st_mode & 0o777) for file in found} == {"0o600"}
