"""The only module that speaks HTTP: sends a request that is data, and gives the answer as data.

It never follows a redirect, never repeats a request, ignores proxy variables and cookies, reads at most
64 KiB of an answer, and ends every exchange within ten seconds, however slowly the other side drips.
"""

from __future__ import annotations

import json
import socket
import threading
import time
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager, suppress
from http.cookiejar import DefaultCookiePolicy
from typing import Any, TypeVar

import requests
import urllib3
from requests.adapters import HTTPAdapter

from properties.catalog.errors import Misconfigured
from properties.catalog.outbound import Answer, OutboundRequest
from properties.credentials import reveal

MAX_BODY_BYTES = 64 * 1024
WALL_SECONDS = 10.0
MASK = "[secret]"

Secrets = Callable[[int, str], str]
Result = TypeVar("Result")


def no_secrets(prop_id: int, name: str) -> str:
    """For requests that need no secret: meeting a marker is a mistake in configuration.

    Raises:
        Misconfigured: Always.
    """
    raise Misconfigured(f"Secret “{name}” is not stored.", code="secret_missing")


def send(request: OutboundRequest, *, secrets: Secrets = no_secrets) -> Answer:
    """Send one request and read its answer.

    Args:
        request: What a package asks for; markers of secrets in headers and body are replaced here.
        secrets: Value of a secret by property id and name.

    Returns:
        The answer, also when the vendor refuses or nothing can be read: then ``error`` says why
        (``timeout``, ``connection``, ``tls``, ``too_large``). Values of secrets never appear in it.

    Raises:
        Misconfigured: ``secrets`` does not know a secret that the request needs.
    """
    shown: set[str] = set()

    def value_of(prop_id: int, name: str) -> str:
        value = secrets(prop_id, name)
        shown.add(value)
        return value

    headers = {name: reveal(value, value_of) for name, value in request.headers.items()}
    content = _content(request.body, value_of)
    started = time.monotonic()
    answer = _exchange(request, headers, content, started)
    return _without(answer, shown)


def run_inquiry(
    inquiry: Generator[OutboundRequest, Answer, Result], *, secrets: Secrets = no_secrets
) -> Result:
    """Run a package's inquiry: send each request that it yields, hand back each answer.

    Returns:
        What the generator returns.

    Raises:
        Misconfigured: A secret is not known; whatever else the generator raises.
    """
    try:
        request = next(inquiry)
        while True:
            request = inquiry.send(send(request, secrets=secrets))
    except StopIteration as finished:
        result: Result = finished.value
        return result


def _content(body: Any, value_of: Secrets) -> bytes | None:
    if body is None or isinstance(body, bytes):
        return body
    if isinstance(body, str):
        return reveal(body, value_of).encode()
    return json.dumps(_revealed(body, value_of), separators=(",", ":")).encode()


def _revealed(value: Any, value_of: Secrets) -> Any:
    if isinstance(value, str):
        return reveal(value, value_of)
    if isinstance(value, list):
        return [_revealed(item, value_of) for item in value]
    if isinstance(value, dict):
        return {key: _revealed(item, value_of) for key, item in value.items()}
    return value


def _exchange(
    request: OutboundRequest, headers: dict[str, str], content: bytes | None, started: float
) -> Answer:
    wall = _Wall()
    try:
        with wall.around(WALL_SECONDS):
            answer = _read(_start(request, headers, content), started)
        error = ""
    except requests.exceptions.SSLError:
        error = "tls"
    except (requests.exceptions.Timeout, urllib3.exceptions.TimeoutError):
        error = "timeout"
    except (requests.exceptions.RequestException, urllib3.exceptions.HTTPError, OSError):
        error = "connection"
    if not error and not wall.has_struck:
        return answer
    _forget_session()
    error = "timeout" if wall.has_struck else error
    return Answer(status=None, error=error, duration_seconds=time.monotonic() - started)


def _start(request: OutboundRequest, headers: dict[str, str], content: bytes | None) -> requests.Response:
    return _session().request(
        request.method,
        request.url,
        data=content,
        headers={"Accept-Encoding": "identity", **headers},
        timeout=(request.connect_timeout_seconds, request.read_timeout_seconds),
        allow_redirects=False,
        stream=True,
    )


def _read(response: requests.Response, started: float) -> Answer:
    with response:
        body = _read_body(response)
    headers = {name.lower(): value for name, value in response.headers.items()}
    return Answer(
        status=response.status_code,
        headers=headers,
        body=body[:MAX_BODY_BYTES].decode("utf-8", "replace"),
        error="too_large" if len(body) > MAX_BODY_BYTES else "",
        duration_seconds=time.monotonic() - started,
    )


def _read_body(response: requests.Response) -> bytes:
    body = b""
    while len(body) <= MAX_BODY_BYTES:
        part = response.raw.read1(MAX_BODY_BYTES + 1 - len(body), decode_content=False)
        if not part:
            break
        body += part
    return body


def _without(answer: Answer, values: set[str]) -> Answer:
    """The answer without the values of secrets, should the other side have sent them back."""
    body = answer.body
    for value in values:
        body = body.replace(value, MASK) if len(value) > 3 else body
    return (
        answer
        if body == answer.body
        else Answer(answer.status, answer.headers, body, answer.error, answer.duration_seconds)
    )


# One session per thread, and the socket that the thread uses now

_of_thread = threading.local()


def _session() -> requests.Session:
    session = getattr(_of_thread, "session", None)
    if session is None:
        session = _of_thread.session = requests.Session()
        session.trust_env = False
        session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
        for scheme in ("http://", "https://"):
            session.mount(scheme, _Adapter(max_retries=0))
    return session


def _forget_session() -> None:
    """After trouble the next request starts on a new connection."""
    session = getattr(_of_thread, "session", None)
    if session is not None:
        session.close()


class _HTTPConnection(urllib3.connection.HTTPConnection):
    def request(self, *args: Any, **kwargs: Any) -> None:
        if self.sock is None:
            self.connect()
        _of_thread.socket = self.sock
        super().request(*args, **kwargs)


class _HTTPSConnection(urllib3.connection.HTTPSConnection):
    def request(self, *args: Any, **kwargs: Any) -> None:
        _of_thread.socket = self.sock
        super().request(*args, **kwargs)


class _HTTPPool(urllib3.HTTPConnectionPool):
    ConnectionCls = _HTTPConnection


class _HTTPSPool(urllib3.HTTPSConnectionPool):
    ConnectionCls = _HTTPSConnection


class _Adapter(HTTPAdapter):
    """Remembers which socket a thread uses, so that its time can be ended from outside."""

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        super().init_poolmanager(*args, **kwargs)
        self.poolmanager.pool_classes_by_scheme = {"http": _HTTPPool, "https": _HTTPSPool}


class _Wall:
    """Ends the exchange of one thread: limits between two bytes do not stop an answer that drips."""

    def __init__(self) -> None:
        self.has_struck = False
        self._of = _of_thread.__dict__

    @contextmanager
    def around(self, seconds: float) -> Iterator[None]:
        """The body of ``with`` gets an error from its socket once the time is over."""
        _of_thread.socket = None
        timer = threading.Timer(seconds, self._strike)
        timer.daemon = True
        timer.start()
        try:
            yield
        finally:
            timer.cancel()

    def _strike(self) -> None:
        self.has_struck = True
        used = self._of.get("socket")
        if used is not None:
            # The plain socket below TLS: the shutdown of TLS would wait for the other side.
            with suppress(OSError):
                socket.socket.shutdown(used, socket.SHUT_RDWR)
