"""Sends a request to the edge from a thread of its own process, as a client would."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from concurrent.futures import TimeoutError as TooLate
from dataclasses import dataclass
from typing import Any

from asgiref.typing import ASGISendEvent, HTTPRequestEvent, HTTPScope

from .app import Edge, application

LONGEST_SECONDS = 15.0
Headers = Sequence[tuple[bytes, bytes]]


class EdgeAway(Exception):
    """The edge does not run in this process or does not answer. The message says how to continue."""


@dataclass(frozen=True, slots=True)
class EdgeAnswer:
    """The answer of the edge."""

    status: int
    body: bytes


def post(path: str, query: str, body: bytes, headers: Headers, client: str) -> EdgeAnswer:
    """Send one request through the whole edge, with the datastreams as they are stored now.

    Args:
        path: Path of the protocol, such as ``/ee/v2/collect``.
        client: IP address that the request came from, as the server saw it.

    Raises:
        EdgeAway: This process does not accept events, or does not answer.
    """
    edge = application
    if edge.loop is None:
        detail = "This process does not accept events. Use the curl command on the Environments page instead."
        raise EdgeAway(detail)
    scope: HTTPScope = {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.3"},
        "http_version": "1.1",
        "method": "POST",
        "scheme": "http",
        "path": path,
        "raw_path": path.encode(),
        "query_string": query.encode(),
        "root_path": "",
        "headers": list(headers),
        "client": (client, 0),
        "server": None,
        "extensions": None,
    }
    asked = asyncio.run_coroutine_threadsafe(_call(edge, scope, body), edge.loop)
    try:
        return asked.result(LONGEST_SECONDS)
    except TooLate:
        asked.cancel()
        raise EdgeAway("The endpoint did not answer within 15 seconds. Send it again.") from None


async def _call(edge: Edge, scope: HTTPScope, body: bytes) -> EdgeAnswer:
    answered: list[Any] = []

    async def receive() -> HTTPRequestEvent:
        return {"type": "http.request", "body": body, "more_body": False}

    async def send(message: ASGISendEvent) -> None:
        answered.append(message)

    await edge.datastreams.refreshed()
    await edge(scope, receive, send)
    start, end = answered
    return EdgeAnswer(start["status"], end["body"])
