"""The product with two more routes, so that all are measured in one process.

``/bare`` parses and answers. ``/orm`` calls ``baseline_views`` directly, under Django's WSGI handler in one
thread: one thread is the fastest way to write into SQLite, and a general WSGI bridge would cost more.
"""

from __future__ import annotations

import asyncio
import io
import os
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import msgspec

os.environ["DJANGO_SETTINGS_MODULE"] = "benchmarks.settings"

from django.core.wsgi import get_wsgi_application

from capi_admin import asgi

_thread = ThreadPoolExecutor(1)
_handler = get_wsgi_application()
_HEADERS = [(b"content-type", b"application/json")]


async def application(scope: Any, receive: Any, send: Any) -> None:
    if scope["type"] != "http" or scope["path"] not in {"/bare", "/orm"}:
        await asgi.application(scope, receive, send)
        return
    body = (await receive())["body"]
    if scope["path"] == "/bare":
        msgspec.json.decode(body)
        status, content = 202, b'{"requestId":"1"}'
    else:
        status, content = await asyncio.get_running_loop().run_in_executor(_thread, _orm, scope, body)
    headers = [*_HEADERS, (b"content-length", b"%d" % len(content))]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": content})


def _orm(scope: Any, body: bytes) -> tuple[int, bytes]:
    environ = {
        "REQUEST_METHOD": "POST",
        "PATH_INFO": scope["path"],
        "SERVER_NAME": "127.0.0.1",
        "SERVER_PORT": "80",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "CONTENT_TYPE": "application/json",
        "CONTENT_LENGTH": str(len(body)),
        "HTTP_USER_AGENT": "load",
        "wsgi.input": io.BytesIO(body),
        "wsgi.url_scheme": "http",
    }
    statuses: list[str] = []
    response = _handler(environ, lambda status, headers, *_: statuses.append(status))
    content = b"".join(response)
    response.close()
    return int(statuses[0][:3]), content
