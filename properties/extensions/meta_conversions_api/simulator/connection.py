"""One request and its connection: reads requests, sends answers, and breaks connections on purpose."""

import asyncio
import json
import socket
import struct
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs

from asgiref.typing import ASGIReceiveCallable, ASGISendCallable, HTTPScope

from .answers import GraphResponse

TRANSPORT = "graph_simulator.transport"
# Linger for zero seconds: closing sends a TCP reset instead of a normal end.
RESET = struct.pack("ii", 1, 0)


@dataclass(frozen=True)
class GraphRequest:
    """One request from a client."""

    method: str
    path: str
    query: str
    headers: dict[str, str]
    content: bytes

    @property
    def target(self) -> str:
        """Return the path with its query string, as sent."""
        return f"{self.path}?{self.query}" if self.query else self.path

    @property
    def is_form(self) -> bool:
        """Whether the body contains form fields."""
        return "form-urlencoded" in self.headers.get("content-type", "")

    def query_value(self, name: str) -> str | None:
        """Return the last value of a query parameter."""
        return parse_qs(self.query).get(name, [None])[-1]

    def json(self) -> Any:
        """Return the body as strict JSON.

        Raises:
            ValueError: The body is not strict JSON.
        """
        return read_json(self.content)


def read_json(content: str | bytes) -> Any:
    """Parse strict JSON: UTF-8, no NaN or Infinity, nested no deeper than Python can follow.

    Raises:
        ValueError: The content is not strict JSON.
    """
    try:
        text = content.decode("utf-8") if isinstance(content, bytes) else content
        return json.loads(text, parse_constant=_refuse_constant)
    except RecursionError as error:
        raise ValueError("nested too deeply") from error


def _refuse_constant(name: str) -> None:
    raise ValueError(f"{name} is not JSON")


async def read_request(scope: HTTPScope, receive: ASGIReceiveCallable) -> GraphRequest | None:
    """Return the whole request, or None if the client disconnected before its end."""
    parts: list[bytes] = []
    more = True
    while more:
        message = await receive()
        if message["type"] != "http.request":
            return None
        parts.append(message.get("body", b""))
        more = message.get("more_body", False)
    headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
    query = scope["query_string"].decode("latin-1")
    return GraphRequest(scope["method"], scope["path"], query, headers, b"".join(parts))


class Connection:
    """The connection to the client, for sending the answer."""

    def __init__(self, scope: HTTPScope, receive: ASGIReceiveCallable, send: ASGISendCallable) -> None:
        self._transport: asyncio.Transport = scope["extensions"][TRANSPORT]  # type: ignore[index, assignment]
        self._receive = receive
        self._send = send

    async def answer(self, answer: GraphResponse) -> None:
        """Send the whole answer."""
        content = _encode(answer)
        await self._start(answer, len(content))
        await self._send({"type": "http.response.body", "body": content, "more_body": False})

    async def answer_late(self, answer: GraphResponse, seconds: float) -> None:
        """Send the answer after a number of seconds, unless the client disconnects first."""
        if not await self._closed_within(seconds):
            await self.answer(answer)

    async def answer_slowly(self, answer: GraphResponse, seconds: float) -> None:
        """Send the answer byte by byte, spread evenly over a number of seconds."""
        content = _encode(answer)
        await self._start(answer, len(content))
        for position in range(len(content)):
            if await self._closed_within(seconds / len(content)):
                return
            last = position == len(content) - 1
            body = content[position : position + 1]
            await self._send({"type": "http.response.body", "body": body, "more_body": not last})

    async def answer_half(self, answer: GraphResponse) -> None:
        """Announce the whole answer, send half of it, and close the connection."""
        content = _encode(answer)
        await self._start(answer, len(content))
        await self._send(
            {"type": "http.response.body", "body": content[: len(content) // 2], "more_body": True}
        )
        self._transport.close()
        await self.wait_until_closed()

    async def reset(self) -> None:
        """Close the connection with a TCP reset and no answer."""
        self._transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
        self._transport.abort()
        await self.wait_until_closed()

    async def wait_until_closed(self) -> None:
        """Wait until the client disconnects."""
        while (await self._receive())["type"] != "http.disconnect":
            pass

    async def _closed_within(self, seconds: float) -> bool:
        try:
            await asyncio.wait_for(self.wait_until_closed(), seconds)
        except TimeoutError:
            return False
        return True

    async def _start(self, answer: GraphResponse, length: int) -> None:
        kind = "text/html" if isinstance(answer.body, str) else "application/json"
        headers = (
            ("content-type", f"{kind}; charset=UTF-8"),
            ("content-length", str(length)),
            *answer.headers,
        )
        encoded = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in headers]
        await self._send(
            {"type": "http.response.start", "status": answer.status, "headers": encoded, "trailers": False}
        )


def _encode(answer: GraphResponse) -> bytes:
    body = answer.body if isinstance(answer.body, str) else json.dumps(answer.body)
    return body.encode()
