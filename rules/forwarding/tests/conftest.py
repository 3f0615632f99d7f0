"""A property with its datastreams, and the edge as a sender sees it, without a server in between."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Self
from urllib.parse import urlsplit

import pytest

from properties.models import Datastream, Environment, Property
from rules.forwarding.app import Edge
from rules.models import InboundEvent


@dataclass
class Answer:
    """The answer that came back."""

    status: int
    headers: dict[str, str]
    body: bytes

    def json(self) -> Any:
        return json.loads(self.body)


class EdgeClient:
    """Calls the ASGI application as a server would."""

    def __init__(self, edge: Edge) -> None:
        self.edge = edge
        self.loop = asyncio.new_event_loop()

    def __enter__(self) -> Self:
        self.loop.run_until_complete(self.edge.start())
        return self

    def __exit__(self, *exception: object) -> None:
        self.loop.run_until_complete(self.edge.stop())
        self.loop.run_until_complete(self.loop.shutdown_default_executor())
        self.loop.close()

    def refresh(self) -> None:
        """Read the datastreams again, so a change that was just saved counts."""
        self.loop.run_until_complete(self.edge.datastreams.refreshed())

    def post(self, url: str, body: Any = b"", headers: dict[str, str] | None = None, **scope: Any) -> Answer:
        """``body``: bytes as they are, anything else as JSON."""
        return self.loop.run_until_complete(self.request(url, body, headers, **scope))

    def post_together(self, url: str, bodies: list[Any]) -> list[Answer]:
        """All at the same time."""

        async def together() -> list[Answer]:
            return await asyncio.gather(*(self.request(url, body) for body in bodies))

        return self.loop.run_until_complete(together())

    async def request(
        self,
        url: str,
        body: Any = b"",
        headers: dict[str, str] | None = None,
        method: str = "POST",
        extra_headers: Sequence[tuple[bytes, bytes]] = (),
        **scope: Any,
    ) -> Answer:
        """``extra_headers`` come after the others, repeats as they are."""
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        parts = urlsplit(url)
        sent = {"user-agent": "Test/1.0", "content-type": "application/json"} | (headers or {})
        full_scope = {
            "type": "http",
            "method": method,
            "path": parts.path,
            "query_string": parts.query.encode(),
            "headers": [
                *((name.encode(), value.encode("latin-1")) for name, value in sent.items()),
                *extra_headers,
            ],
            "client": ("203.0.113.7", 50000),
            **scope,
        }
        messages = iter([{"type": "http.request", "body": content, "more_body": False}])
        answered: list[dict[str, Any]] = []

        async def receive() -> dict[str, Any]:
            return next(messages)

        async def send(message: Any) -> None:
            answered.append(message)

        await self.edge(full_scope, receive, send)
        start, end = answered
        names = {name.decode(): value.decode("latin-1") for name, value in start["headers"]}
        return Answer(start["status"], names, end["body"])


@pytest.fixture
def prop(transactional_db: None) -> Property:
    return Property.objects.create(name="Shop")


@pytest.fixture
def datastream(prop: Property) -> Datastream:
    environment = Environment.objects.create(prop=prop, name="Production", stage="production")
    return Datastream.objects.create(environment=environment)


@pytest.fixture
def client(datastream: Datastream, monkeypatch: pytest.MonkeyPatch) -> Iterator[EdgeClient]:
    """The edge, which has read the datastream; it wakes nobody."""
    monkeypatch.setattr("rules.delivery.doorbell.ring", lambda: None)
    with EdgeClient(Edge()) as running:
        yield running


@pytest.fixture
def collect(client: EdgeClient, datastream: Datastream) -> Callable[..., Answer]:
    """Return a function that sends one body to the server route for many events."""

    def send(body: Any, headers: dict[str, str] | None = None, query: str = "", **scope: Any) -> Answer:
        return client.post(f"/ee/v2/collect?datastreamId={datastream.uid}{query}", body, headers, **scope)

    return send


def stored_events() -> list[dict[str, Any]]:
    """Return the bodies of all stored events, oldest first."""
    return [json.loads(body) for body in InboundEvent.objects.order_by("id").values_list("body", flat=True)]
