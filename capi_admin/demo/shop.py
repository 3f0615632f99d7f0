"""The ASGI application of the demo's shop: a site of its own, with a tag library in its pages.

Its host name is not that of the product's pages, so they share no cookie: a library acts here with nobody's
rights. The content security policy allows the pages to ask only the shop and the event endpoint.
"""

from __future__ import annotations

import asyncio
import html
import json
import re
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from asgiref.typing import ASGIReceiveCallable, ASGISendCallable, HTTPScope, Scope

from .shop_log import ShopLog, disconnect

PAGES = {"/": "index", "/checkout": "checkout", "/club": "club", "/thank-you": "thank-you"}
TYPES = {".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}
LONGEST_CALL = 16 * 1024
JSON = "application/json"
Answer = tuple[int, str, bytes]


@dataclass(frozen=True, slots=True)
class ShopSite:
    """Where the shop is, and what its pages lead to.

    Args:
        folder: Its files: a frame, the main part of each page, scripts, styles and pictures.
        hosts: The names under which it answers.
        embed_code: The line with the library.
        tags_url: Where the library and the event endpoint are.
        rules_url: The page with the rules of the library.
    """

    folder: Path
    hosts: frozenset[str]
    embed_code: str
    tags_url: str
    rules_url: str


class Shop:
    """Serves the shop."""

    def __init__(self, site: ShopSite, log: ShopLog) -> None:
        self._site, self._log = site, log
        self._reader = ThreadPoolExecutor(1, thread_name_prefix="shop")
        self._headers = [(b"content-security-policy", policy(site.tags_url).encode()), *_HEADERS]

    async def __call__(self, scope: Scope, receive: ASGIReceiveCallable, send: ASGISendCallable) -> None:
        if scope["type"] != "http":
            return
        status, kind, body = await self._answer(scope, receive)
        length = (b"content-length", b"%d" % len(body))
        headers = [*self._headers, (b"content-type", f"{kind}; charset=utf-8".encode()), length]
        await send({"type": "http.response.start", "status": status, "headers": headers, "trailers": False})
        sent = b"" if scope["method"] == "HEAD" else body
        await send({"type": "http.response.body", "body": sent, "more_body": False})

    async def _answer(self, scope: HTTPScope, receive: ASGIReceiveCallable) -> Answer:
        given = {name.decode(): value.decode("latin-1") for name, value in scope["headers"]}
        if urlsplit(f"//{given.get('host', '')}").hostname not in self._site.hosts:
            return _text(421, "The shop does not answer under this name.")
        path, method = scope["path"], scope["method"]
        if path == "/calls":
            return await self._take(method, given, receive)
        if method not in ("GET", "HEAD"):
            return _text(405, "Ask for this page with GET.")
        if path == "/log":
            return 200, JSON, json.dumps({"events": await self._read(self._entries)}).encode()
        return self._file(path)

    async def _take(self, method: str, given: Mapping[str, str], receive: ASGIReceiveCallable) -> Answer:
        """Note a call of the shop's own pages, or forget all of them."""
        if given.get("sec-fetch-site", "same-origin") != "same-origin":
            return _text(403, "Only pages of the shop write here.")
        if method == "DELETE":
            self._log.clear()
            return 204, JSON, b""
        call = _object(await _body(receive)) if method == "POST" else None
        if call is None:
            return _text(400, "Send one call as JSON.")
        self._log.note(call)
        return 204, JSON, b""

    def _entries(self) -> Any:
        try:
            return self._log.entries()
        finally:
            # It is asked once a second; a kept connection would outlive a restart of the database.
            disconnect()

    async def _read(self, read: Callable[[], Any]) -> Any:
        return await asyncio.get_running_loop().run_in_executor(self._reader, read)

    def _file(self, path: str) -> Answer:
        if path == "/healthz":
            return _text(200, "ok")
        if path in PAGES:
            return 200, "text/html", self._page(path).encode()
        file = self._site.folder / path.removeprefix("/")
        if not re.fullmatch(r"/[a-z_]+\.(css|js|svg)", path) or not file.is_file():
            return _text(404, "The shop has no such page.")
        return 200, TYPES[file.suffix], file.read_bytes()

    def _page(self, path: str) -> str:
        frame, main = (self._text(f"{name}.html") for name in ("frame", PAGES[path]))
        title = re.search("<h1>(.*?)</h1>", main)
        parts = {
            "title": title[1] if title else "",
            "embed code": self._site.embed_code,
            "rules": html.escape(self._site.rules_url),
            "main": main,
        }
        text = frame.replace(f'href="{path}">', f'href="{path}" aria-current="page">')
        return re.sub("<!-- ([a-z ]+) -->", lambda mark: parts[mark[1]], text)

    def _text(self, name: str) -> str:
        return (self._site.folder / name).read_text("utf-8")


def policy(tags_url: str) -> str:
    """Return a policy under which no page of the shop can ask anybody but the shop and the event endpoint."""
    parts = urlsplit(tags_url)
    endpoint = f"{parts.scheme}://{parts.netloc}"
    directives = {
        "default-src": "'none'",
        "script-src": f"'self' {endpoint}",
        "connect-src": f"'self' {endpoint}",
        "style-src": "'self'",
        "img-src": "'self' data:",
        "form-action": "'self'",
        "base-uri": "'none'",
        "frame-ancestors": "'none'",
    }
    return "; ".join(f"{name} {value}" for name, value in directives.items())


_HEADERS = [
    (b"cache-control", b"no-store"),
    (b"referrer-policy", b"same-origin"),
    (b"x-content-type-options", b"nosniff"),
]


def _text(status: int, text: str) -> Answer:
    return status, "text/plain", f"{text}\n".encode()


async def _body(receive: ASGIReceiveCallable) -> bytes:
    """Return the body of a request; empty if it is too long."""
    body, goes_on = b"", True
    while goes_on and len(body) <= LONGEST_CALL:
        message = await receive()
        if message["type"] != "http.request":
            return b""
        body, goes_on = body + message["body"], bool(message.get("more_body"))
    return body if len(body) <= LONGEST_CALL else b""


def _object(body: bytes) -> dict[str, Any] | None:
    try:
        found = json.loads(body)
    except ValueError:
        return None
    is_call = isinstance(found, dict) and isinstance(found.get("parameters"), dict)
    return found if is_call else None
