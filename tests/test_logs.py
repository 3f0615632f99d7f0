"""Log lines are dated, masked and short, and cannot block the process that writes them."""

from __future__ import annotations

import importlib
import logging
import pkgutil
import re
import socket
import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest
import requests
from django.contrib.auth import get_user_model
from django.core.exceptions import PermissionDenied
from django.test import Client

from capi_admin import logs
from tests.hostile_texts import hostile_texts
from tests.work import HANG_SECONDS, hang_limit

MEGABYTE = 1_000_000
DATED = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z \[[a-z]+ *\] ")


def line_of(
    message: str, *arguments: Any, name: str = "rules", error: BaseException | None = None, **extra: Any
) -> str:
    exc_info = (type(error), error, error.__traceback__) if error else None
    record = logging.LogRecord(name, logging.WARNING, "file", 1, message, arguments, exc_info)
    record.__dict__ |= extra
    return logs.Formatter().format(record)


def raised(text: str) -> Exception:
    try:
        raise ValueError(text)
    except ValueError as error:
        return error


SHORT, LONG = 20_000, 400_000
# A pattern that takes one pass over a short text needs less.
SUSPICIOUS_SECONDS = 0.05


def slowest_text(pattern: re.Pattern[Any], long: int = LONG, seconds: float = HANG_SECONDS) -> str:
    """A hostile text over which the pattern takes more than one pass, shortened; empty when there is none.

    The time for a short text only selects the patterns to check again. One pass over the long text takes
    a second at most, many passes take minutes.
    """
    for text, longer in zip(hostile_texts(pattern, SHORT), hostile_texts(pattern, long), strict=True):
        if cpu_seconds(pattern, text) > SUSPICIOUS_SECONDS:
            try:
                with hang_limit(seconds):
                    cpu_seconds(pattern, longer)
            except pytest.fail.Exception:
                return text[:30]
    return ""


def cpu_seconds(pattern: re.Pattern[Any], text: str) -> float:
    given = text.encode() if isinstance(pattern.pattern, bytes) else text
    began = time.process_time()
    sum(1 for _ in pattern.finditer(given))
    return time.process_time() - began


@pytest.mark.parametrize("slow", ["[^@ ]+@", r"\w+;", "(?:a|b)+@"])
def test_a_pattern_that_takes_many_passes_would_be_noticed(slow: str) -> None:
    assert slowest_text(re.compile(slow), long=SHORT, seconds=0.05)


PATTERN_IDS = [pattern.pattern[:24] for pattern, _ in logs.PATTERNS]


@pytest.mark.parametrize("pattern", [pattern for pattern, _ in logs.PATTERNS], ids=PATTERN_IDS)
def test_each_pattern_of_the_masking_takes_one_pass_over_a_hostile_text(pattern: re.Pattern[str]) -> None:
    assert not slowest_text(pattern)


def test_of_a_hostile_megabyte_only_the_beginning_is_searched(monkeypatch: pytest.MonkeyPatch) -> None:
    searched: list[int] = []
    masked = logs.masked
    monkeypatch.setattr(logs, "masked", lambda text: searched.append(len(text)) or masked(text))
    for pattern, _ in logs.PATTERNS:
        for text in hostile_texts(pattern, MEGABYTE):
            assert line_of("%s", text)
    assert len(searched) > len(logs.PATTERNS)
    assert max(searched) < logs.TEXT_LETTERS + len("… (2000000 letters)")


def patterns_of_the_product() -> Iterator[tuple[str, re.Pattern[Any]]]:
    for root in ("capi_admin", "properties", "rules"):
        for found in pkgutil.walk_packages(importlib.import_module(root).__path__, f"{root}."):
            if not re.search(r"\.tests|\.migrations|conftest|capi_admin\.asgi|simulator", found.name):
                for name, value in vars(importlib.import_module(found.name)).items():
                    yield from ((f"{found.name}.{name}", each) for each in _patterns_in(value))


def _patterns_in(value: Any) -> Iterator[re.Pattern[Any]]:
    if isinstance(value, re.Pattern):
        yield value
    elif isinstance(value, list | tuple):
        for item in value:
            yield from _patterns_in(item)
    elif isinstance(value, dict):
        yield from _patterns_in(list(value.values()))


# Tried at one place of a text, never at every place.
ANCHORED = {
    "properties.extensions.core.consent._WITH_ANSWER",
    "properties.extensions.core.numbers._SIGN_BEFORE",
    "properties.catalog.javascript_patterns.pattern_translation._NAMED",
    "properties.catalog.javascript_patterns.pattern_translation._REFERENCE",
    "properties.catalog.customer_data.ip_addresses._PORT",
    "properties.catalog.contract._VARIABLE",
    "properties.catalog.contract._VERSION",
    "properties.catalog.customer_data.emails._ADDRESS",
    "properties.catalog.customer_data.emails._USUAL_ADDRESS",
    "properties.catalog.customer_data.phones._INTERNATIONAL",
    "rules.explain.shown_requests._SHOWN_CREDENTIAL",
    "rules.forwarding.routes._MEDIA",
    "rules.tags.serving._PATH",
}


def test_no_pattern_of_the_product_takes_many_passes_over_a_text() -> None:
    """A thread that matches holds Python's lock: until it is done, no event is accepted."""
    found = {(pattern.pattern, pattern.flags): (name, pattern) for name, pattern in patterns_of_the_product()}
    assert len(found) > 80
    slow = {
        name: text
        for name, pattern in found.values()
        if name not in ANCHORED and (text := slowest_text(pattern))
    }
    assert not slow
    assert not ANCHORED - {name for name, _ in found.values()}


def test_a_line_begins_with_date_and_time_and_further_lines_are_indented() -> None:
    first, *rest = line_of("Event %s ended", 7, error=raised("first\nsecond")).splitlines()
    assert DATED.match(first)
    assert any("ValueError: first" in line for line in rest)
    assert all(line.startswith("    ") for line in rest)


def test_a_long_text_is_cut_between_words_before_it_is_masked() -> None:
    address = "jane.doe@shop.example"
    for begin in range(logs.TEXT_LETTERS - len(address), logs.TEXT_LETTERS + 1):
        line = line_of("a " * (begin // 2) + " " * (begin % 2) + address + " b" * 5_000)
        assert "jane" not in line
        assert len(line) < logs.TEXT_LETTERS + 200


def test_a_long_traceback_keeps_its_end() -> None:
    line = line_of(
        "failed", error=raised("what it was about " + "\n".join(["x" * 500] * 100) + "\nthe very end")
    )
    assert "the very end" in line
    assert "Traceback" in line
    assert len(line) < logs.TRACEBACK_LETTERS + 1_000


@pytest.mark.parametrize(
    ("message", "arguments"),
    [("Not Found: %s", ["/" + "a" * 5_000]), (f"Invalid HTTP_HOST header: '{'a' * 5_000}'.", [])],
)
def test_paths_and_headers_are_short_in_the_lines_of_django(message: str, arguments: list[str]) -> None:
    line = line_of(message, *arguments, name="django.request")
    assert len(line) < 600
    assert "letters" in line


@pytest.fixture
def lines(caplog: pytest.LogCaptureFixture) -> Iterator[list[str]]:
    """Lines as they are written."""
    written: list[str] = []

    class Kept(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            written.append(self.format(record))

    handler = Kept()
    handler.setFormatter(logs.Formatter())
    logging.getLogger("django").addHandler(handler)
    yield written
    logging.getLogger("django").removeHandler(handler)


@pytest.mark.django_db
def test_a_forbidden_page_is_logged_with_person_and_address_and_no_traceback(
    client: Client, lines: list[str], settings: Any
) -> None:
    settings.TRUSTED_PROXY_COUNT = 1
    anna = get_user_model().objects.create_user("anna")
    client.force_login(anna)
    answer = client.get("/import/adobe/", headers={"X-Forwarded-For": "203.0.113.9"})
    assert answer.status_code == 403
    (line,) = lines
    assert "Forbidden (Permission denied): /import/adobe/" in line
    assert f"{anna.pk} (anna)" in line
    assert "203.0.113.9" in line
    assert "Traceback" not in line


@pytest.mark.django_db
def test_a_form_without_its_token_is_logged_with_person_and_address(lines: list[str]) -> None:
    client = Client(enforce_csrf_checks=True)
    anna = get_user_model().objects.create_user("anna")
    client.force_login(anna)
    assert client.post("/import/adobe/").status_code == 403
    assert client.post("/login/").status_code == 403
    assert f"{anna.pk} (anna)" in lines[0]
    assert "127.0.0.1" in lines[0]
    client.logout()
    assert client.post("/login/").status_code == 403
    assert "nobody" in lines[-1]


def test_a_person_who_cannot_be_found_out_costs_no_line(rf: Any) -> None:
    class Away:
        @property
        def is_authenticated(self) -> bool:
            raise PermissionDenied("the database is away")

    request = rf.get("/")
    request.user = Away()
    line = line_of("Forbidden", name="django.request", status_code=403, request=request)
    assert "unknown" in line


def test_an_answer_with_broken_headers_is_not_repeated_in_the_log(caplog: pytest.LogCaptureFixture) -> None:
    said = b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nX-Echo canary-token-4455\r\n\r\n"

    def ask() -> str:
        with socket.create_server(("127.0.0.1", 0)) as listener:
            server = threading.Thread(target=_answer_once, args=(listener, said))
            server.start()
            requests.get(f"http://127.0.0.1:{listener.getsockname()[1]}/", timeout=10)
            server.join()
        return caplog.text

    assert ask() == ""
    # The library would have logged it.
    caplog.set_level(logging.WARNING, "urllib3")
    assert "canary-token-4455" in ask()


def _answer_once(listener: socket.socket, said: bytes) -> None:
    connection, _ = listener.accept()
    with connection:
        connection.recv(65536)
        connection.sendall(said)
