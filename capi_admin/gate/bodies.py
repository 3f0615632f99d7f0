"""Reads the body of a page's request on the event loop, so that a slow client does not block a thread."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager

from asgiref.typing import ASGIReceiveCallable, HTTPScope

from . import gate_limits

# If one of these is repeated, it is unclear which value counts (RFC 9110, 5.3 and RFC 9112, 3.2).
SINGLE = (b"host", b"content-length", b"content-type")


class RequestRefused(Exception):
    """A request that is refused before it reaches a page."""

    def __init__(self, status: int, text: str) -> None:
        super().__init__(text)
        self.status = status
        self.text = text


class Bodies:
    """The request bodies in memory.

    Args:
        larger: Paths that accept more than ``limits.PAGE_BYTES``, each with its number of bytes.
    """

    def __init__(self, larger: Mapping[str, int] | None = None) -> None:
        self._larger = larger or {}
        self._held = 0

    @contextmanager
    def hold(self) -> Iterator[bytearray]:
        """Return an empty body to read into; it counts as held until the block ends."""
        body = bytearray()
        try:
            yield body
        finally:
            self._held -= len(body)

    async def read(self, body: bytearray, scope: HTTPScope, receive: ASGIReceiveCallable) -> None:
        """Read a whole body.

        Raises:
            RequestRefused: 400 if it is incomplete or its headers contradict each other, 408 if it is slow,
                413 if it is too long, 503 if too much is held already.
        """
        most = self._larger.get(scope["path"], gate_limits.PAGE_BYTES)
        announced = check_headers(scope["headers"])
        if announced is not None and announced > most:
            raise _too_long(most)
        try:
            async with asyncio.timeout(gate_limits.PAGE_SECONDS):
                await self._read_all(body, receive, most)
        except TimeoutError:
            raise RequestRefused(408, "The request took too long. Send it again.") from None
        if announced is not None and announced != len(body):
            raise RequestRefused(400, "The request ended early. Nothing was changed. Send it again.")

    async def _read_all(self, body: bytearray, receive: ASGIReceiveCallable, most: int) -> None:
        more = True
        while more:
            async with asyncio.timeout(gate_limits.PAUSE_SECONDS):
                message = await receive()
            if message["type"] != "http.request":
                raise RequestRefused(400, "The request ended early. Nothing was changed. Send it again.")
            self._add(body, message.get("body", b""))
            if len(body) > most:
                raise _too_long(most)
            more = message.get("more_body", False)

    def _add(self, body: bytearray, part: bytes) -> None:
        if part and self._held + len(part) > gate_limits.PAGES_BYTES:
            raise RequestRefused(503, "Too many requests at once. Send this one again in a moment.")
        body += part
        self._held += len(part)


def check_headers(headers: Iterable[tuple[bytes, bytes]]) -> int | None:
    """Return the announced length of the body; None if none is announced.

    Raises:
        RequestRefused: 400, for invalid headers.
    """
    found: dict[bytes, bytes] = {}
    for name, value in headers:
        if name in SINGLE:
            if name in found:
                raise RequestRefused(400, f"The header {name.decode()} may be sent only once.")
            found[name] = value
    if len(found.get(b"host", b"")) > gate_limits.HOST_BYTES:
        raise RequestRefused(400, "The header host is too long.")
    length = found.get(b"content-length")
    if length is not None and not (length.isdigit() and len(length) < 19):
        raise RequestRefused(400, "The header content-length is not a number.")
    return None if length is None else int(length)


def _too_long(most: int) -> RequestRefused:
    return RequestRefused(
        413, f"The request is larger than {most // gate_limits.PAGE_BYTES} MiB, the limit of this page."
    )
