"""The ASGI application of the edge: one request from its route to its answer."""

from __future__ import annotations

import asyncio
import logging
import time
import uuid
from collections.abc import Awaitable, Callable, MutableMapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import msgspec
from django.conf import settings
from django.db import connection

from rules.delivery import doorbell

from . import answers, limits
from .access import check_access, is_allowed_origin
from .answers import Answer
from .counters import Counters
from .datastreams import DatastreamCache, Destination
from .errors import Refusal, unavailable
from .events import ReceivedEvent, Surroundings, received
from .identity import Visitor, consent_handle, identity_handles, new_ecid, visitor_of
from .reading import check_headers, parse, too_long
from .routes import Query, Route, find_route, read_query
from .rows import EventRow, repeat_keys
from .store import store_for
from .visitor import click_cookies, client_address, kept_headers, read_cookies
from .writer import Writer

logger = logging.getLogger(__name__)

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]

_encode = msgspec.json.Encoder().encode


@dataclass(slots=True)
class Request:
    """One request, as far as every step of it needs it.

    Args:
        headers: By lower-case name; of several with one name the last. ``scope`` has them all.
        received_at: Seconds since 1970.
    """

    scope: Scope
    route: Route
    query: Query
    id: str
    headers: dict[bytes, bytes]
    received_at: float
    origin: bytes

    @property
    def is_https(self) -> bool:
        """Whether the visitor's page is: cookies of other pages cannot be marked secure."""
        return self.origin.startswith(b"https://")


class Edge:
    """Accepts events. ``start`` and ``stop`` belong to the process that serves it."""

    def __init__(self) -> None:
        self.counters = Counters()
        self.datastreams = DatastreamCache()
        self.writer: Writer | None = None

    async def start(self) -> None:
        self.writer = Writer(store_for(connection), doorbell.ring, self.counters)
        await self.writer.start()
        await self.datastreams.start()

    async def stop(self) -> None:
        """Store what was accepted into the queue, then end the threads."""
        if self.writer:
            await self.writer.stop()
        await self.datastreams.stop()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one HTTP request to a path for which ``find_route`` gives a route."""
        request = _request(scope)
        try:
            answer = await self._answer(request, receive)
        except Refusal as refusal:
            answer = answers.problem(refusal, request.id)
        except Exception:
            logger.exception("A request to the edge failed")
            answer = answers.problem(unavailable("Something went wrong here; send this again."), request.id)
        self.counters.answers[answer.status] += 1
        headers = answers.headers_of(answer, request.id, request.origin)
        await send({"type": "http.response.start", "status": answer.status, "headers": headers})
        await send({"type": "http.response.body", "body": answer.body})

    async def _answer(self, request: Request, receive: Receive) -> Answer:
        method = request.scope["method"]
        if method != "POST" and method != "OPTIONS":
            detail = "Events are sent with POST."
            raise Refusal(405, "method", detail, headers=[(b"allow", b"POST, OPTIONS")])
        destination = await self._destination(request.query.datastream)
        if not is_allowed_origin(destination, request.origin):
            request.origin = b""
        if method == "OPTIONS":
            return answers.preflight(request.headers.get(b"access-control-request-headers", b""))
        check_access(destination, request.headers)
        check_headers(request.headers)
        body = await read_body(receive)
        return await self._accept(request, destination, body)

    async def _destination(self, name: str) -> Destination:
        found = await self.datastreams.find(name)
        if found:
            return found
        if not self.datastreams.is_loaded:
            raise unavailable("Datastreams cannot be read now; send this again.")
        named = f"There is no datastream “{name}”" if name else "The query names no datastream"
        detail = (
            f"{named}. Use ?configId=… or ?datastreamId=… with an id or alias from the page Environments."
        )
        raise Refusal(404, "unknown-datastream", detail)

    async def _accept(self, request: Request, destination: Destination, body: bytes) -> Answer:
        payload = parse(body) if body or request.route.takes_events else {}
        cookies = read_cookies(request.headers.get(b"cookie", b"")) if b"cookie" in request.headers else {}
        refused: list[Refusal] = []
        accepted = 0
        if request.route.takes_events:
            events, refused = received(payload, body, _surroundings(request))
            _check_any(request, payload, events, refused)
            rows = _rows(request, destination, cookies, events)
            accepted = len(rows)
            if rows and self.writer:
                await self.writer.submit(rows)
        handles = _handles(request, destination, payload, cookies) if request.route.answers_handles else []
        if refused:
            return answers.partly(refused, request.id, accepted, handles)
        return _accepted(request, handles)


async def read_body(receive: Receive) -> bytes:
    """The whole body.

    Raises:
        Refusal: 413 as soon as it is too long, 408 when it takes too long, 400 when the sender went away.
    """
    message = await receive()
    body = message.get("body", b"")
    if message.get("more_body"):
        try:
            async with asyncio.timeout(limits.BODY_SECONDS):
                body = await _read_rest(body, receive)
        except TimeoutError:
            raise Refusal(408, "slow", f"Send the body within {limits.BODY_SECONDS:g} s.") from None
    if len(body) > limits.REQUEST_BYTES:
        raise too_long()
    return bytes(body)


async def _read_rest(begun: bytes, receive: Receive) -> bytearray:
    body = bytearray(begun)
    more = True
    while more and len(body) <= limits.REQUEST_BYTES:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise Refusal(400, "malformed", "The body ended early.")
        body += message.get("body", b"")
        more = message.get("more_body", False)
    return body


def _request(scope: Scope) -> Request:
    route = find_route(scope["path"])
    if route is None:
        raise ValueError("This path is not the edge's.")
    query = read_query(scope["query_string"])
    headers = dict(scope["headers"])
    return Request(
        scope=scope,
        route=route,
        query=query,
        id=query.request_id or str(uuid.uuid4()),
        headers=headers,
        received_at=time.time(),
        origin=headers.get(b"origin", b""),
    )


def _surroundings(request: Request) -> Surroundings:
    peer = request.scope.get("client") or ("", 0)
    return Surroundings(
        timestamp=datetime.fromtimestamp(request.received_at, UTC).isoformat(timespec="milliseconds")[:23]
        + "Z",
        address=client_address(request.scope["headers"], peer[0], settings.TRUSTED_PROXY_COUNT),
        user_agent=request.headers.get(b"user-agent", b"").decode("latin-1")[: limits.HEADER_CHARACTERS],
    )


def _check_any(request: Request, payload: Any, events: list[ReceivedEvent], refused: list[Refusal]) -> None:
    """A request without a single good event is refused as a whole; browsers may ask for an identity alone."""
    if events:
        return
    if not refused:
        if request.route.answers_handles and ("query" in payload or "meta" in payload):
            return
        detail = 'There is no event in the body: {"event": {"xdm": {…}, "data": {…}}} or {"events": [{…}]}.'
        raise Refusal(422, "no-event", detail)
    statuses = {refusal.status for refusal in refused}
    status = statuses.pop() if len(statuses) == 1 else 422
    first = refused[0]
    detail = first.detail if len(refused) == 1 else f"None of {len(refused):,} events can be accepted."
    raise Refusal(status, first.kind, detail, first.path, errors=refused)


def _rows(
    request: Request, destination: Destination, cookies: dict[str, str], events: list[ReceivedEvent]
) -> list[EventRow]:
    clicks, cookie_flags = click_cookies(cookies) if cookies else ({}, [])
    about = _about(request, destination, clicks)
    return [
        EventRow(
            destination=destination,
            name=event.name,
            body=event.body,
            request=about,
            flags=event.flags if not cookie_flags else _with_flags(event.flags, cookie_flags),
            keys=repeat_keys(event, request.query.request_id),
            received_at=request.received_at,
        )
        for event in events
    ]


def _about(request: Request, destination: Destination, clicks: dict[str, str]) -> str:
    """What rules see as ``arc.request``: the header as in Adobe's engine, and cookies of ad clicks."""
    milliseconds = int(request.received_at * 1000)
    header: dict[str, Any] = {
        "requestId": request.id,
        "receivedAt": milliseconds,
        "dispatchedAt": milliseconds,
        "configId": request.query.datastream,
        "orgId": destination.org_id,
        "httpHeaders": kept_headers(request.scope["headers"]),
    }
    if clicks:
        header["cookies"] = clicks
        header["httpHeaders"]["cookie"] = ["; ".join(f"{name}={value}" for name, value in clicks.items())]
    return _encode({"header": header}).decode()


def _with_flags(flags: str, further: list[str]) -> str:
    return _encode([*msgspec.json.decode(flags), *further]).decode()


def _handles(
    request: Request, destination: Destination, payload: Any, cookies: dict[str, str]
) -> list[dict[str, Any]]:
    visitor = visitor_of(payload, cookies, destination.organization)
    if not visitor.ecid:
        seed = f"{destination.uid}:{request.query.request_id}" if request.query.request_id else ""
        visitor = Visitor(visitor.organization, new_ecid(seed, settings.SECRET_KEY.encode()))
    handles = identity_handles(visitor, is_https=request.is_https)
    if request.route.takes_consent:
        handles.append(consent_handle(visitor, payload, is_https=request.is_https))
    return handles


def _accepted(request: Request, handles: list[dict[str, Any]]) -> Answer:
    status = request.route.status
    if status == 204 or request.query.silent:
        return answers.nothing()
    if status == 202:
        return answers.json_answer(202, {"requestId": request.id})
    return answers.json_answer(status, {"requestId": request.id, "handle": handles})


application = Edge()
