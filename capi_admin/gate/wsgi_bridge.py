"""The bridge from ASGI to the pages, which are a WSGI application.

A page gets a thread when its request is complete, and returns it before the answer is sent. Slow senders and
slow readers therefore block nobody. Answers are held whole; no page has an endless one.
"""

from __future__ import annotations

import asyncio
import contextvars
import sys
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from io import BytesIO
from typing import Any

from asgiref.typing import ASGIReceiveCallable, ASGISendCallable, HTTPScope

from .bodies import Bodies, RequestRefused

THREADS = 8
PART_BYTES = 64 * 1024
_IN_ENVIRON = {b"content-type": "CONTENT_TYPE", b"content-length": "CONTENT_LENGTH"}
_NEVER = {b"transfer-encoding", b"proxy"}


@dataclass
class PageResponse:
    """The answer of a WSGI application."""

    status: int = 500
    headers: list[tuple[bytes, bytes]] = field(default_factory=list)
    parts: list[bytes] = field(default_factory=list)

    def start(self, status: str, headers: list[tuple[str, str]], _: Any = None) -> Callable[[bytes], None]:
        """WSGI's ``start_response``."""
        self.status = int(status.split(" ", 1)[0])
        self.headers = [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in headers]
        return self.parts.append


class Pages:
    """An ASGI application that runs a WSGI application.

    Args:
        application: The WSGI application.
        larger: Paths that accept larger bodies, each with its number of bytes.
    """

    def __init__(self, application: Any, larger: Mapping[str, int] | None = None) -> None:
        self._application = application
        self._bodies = Bodies(larger)
        self._threads = ThreadPoolExecutor(THREADS, thread_name_prefix="pages")

    async def __call__(self, scope: HTTPScope, receive: ASGIReceiveCallable, send: ASGISendCallable) -> None:
        with self._bodies.hold() as body:
            try:
                await self._bodies.read(body, scope, receive)
                environ = environ_of(scope, bytes(body))
                run = contextvars.copy_context().run
                loop = asyncio.get_running_loop()
                answer = await loop.run_in_executor(self._threads, run, self._ask, environ)
            except RequestRefused as refused:
                answer = _refusal(refused)
        await _send(answer, send)

    def _ask(self, environ: dict[str, Any]) -> PageResponse:
        answer = PageResponse()
        parts: Iterable[bytes] = self._application(environ, answer.start)
        try:
            answer.parts.extend(parts)
        finally:
            # Django finishes the request here and closes its database connections.
            getattr(parts, "close", lambda: None)()
        return answer


def environ_of(scope: HTTPScope, body: bytes) -> dict[str, Any]:
    """Return the request as WSGI (PEP 3333) describes it.

    Headers with ``_`` in their name are left out. As variables they look like those with ``-``, so a client's
    ``X_Forwarded_For`` would be joined to the ``X-Forwarded-For`` of our own proxy.
    """
    root = scope.get("root_path", "")
    server, client = scope.get("server") or ("localhost", 80), scope.get("client") or ("", 0)
    environ = {
        "REQUEST_METHOD": scope["method"],
        "SCRIPT_NAME": _as_wsgi(root),
        "PATH_INFO": _as_wsgi(scope["path"].removeprefix(root)),
        "QUERY_STRING": scope["query_string"].decode("latin-1"),
        "SERVER_PROTOCOL": f"HTTP/{scope['http_version']}",
        "SERVER_NAME": server[0],
        "SERVER_PORT": str(server[1] or 0),
        "REMOTE_ADDR": client[0],
        "REMOTE_PORT": str(client[1]),
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": scope.get("scheme", "http"),
        "wsgi.input": BytesIO(body),
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": True,
        "wsgi.multiprocess": True,
        "wsgi.run_once": False,
    }
    _add_headers(environ, scope["headers"])
    environ["CONTENT_LENGTH"] = str(len(body))
    return environ


def _add_headers(environ: dict[str, Any], headers: Iterable[tuple[bytes, bytes]]) -> None:
    for name, value in headers:
        if b"_" in name or name in _NEVER:
            continue
        key = _IN_ENVIRON.get(name) or "HTTP_" + name.decode("latin-1").upper().replace("-", "_")
        text = value.decode("latin-1")
        between = "; " if name == b"cookie" else ","
        environ[key] = f"{environ[key]}{between}{text}" if key in environ else text


def _as_wsgi(text: str) -> str:
    """Decode bytes as Latin-1."""
    return text.encode("utf-8", "surrogateescape").decode("latin-1")


def _refusal(refused: RequestRefused) -> PageResponse:
    text = refused.text.encode() + b"\n"
    headers = [
        (b"content-type", b"text/plain; charset=utf-8"),
        (b"content-length", b"%d" % len(text)),
        (b"cache-control", b"no-store"),
        (b"x-content-type-options", b"nosniff"),
    ]
    if refused.status == 503:
        headers.append((b"retry-after", b"5"))
    return PageResponse(refused.status, headers, [text])


async def _send(answer: PageResponse, send: ASGISendCallable) -> None:
    """Send an answer in parts: after each part, a server waits until the client has read most of it."""
    await send(
        {"type": "http.response.start", "status": answer.status, "headers": answer.headers, "trailers": False}
    )
    body = b"".join(answer.parts)
    for begin in range(0, len(body), PART_BYTES):
        part = body[begin : begin + PART_BYTES]
        await send({"type": "http.response.body", "body": part, "more_body": True})
    await send({"type": "http.response.body", "body": b"", "more_body": False})
