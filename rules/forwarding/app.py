"""The ASGI application of the edge. It handles a request from its route to its answer."""

from __future__ import annotations

import asyncio
import hmac
import logging
import time
from dataclasses import dataclass, replace
from typing import Any

import msgspec
from asgiref.typing import ASGIReceiveCallable, ASGISendCallable, HTTPScope
from django.conf import settings
from django.db import connection
from django.db.backends.base.base import BaseDatabaseWrapper

from properties.http.client_address import client_address
from rules.delivery import doorbell

from . import body_limits, responses
from .access import OPAQUE, check_access, is_allowed_origin, is_known_page
from .body_parser import check_headers, parse, too_long
from .clicks import click_handle, new_cookies, refuses
from .counters import Counters
from .datastreams import DatastreamCache, Destination
from .edge_errors import EdgeError, unavailable
from .event_ids import new_uuid
from .identity import Visitor, consent_handle, identity_handles, new_ecid, visitor_of
from .parcels import Parcel, Result
from .received_events import events_of, ignored_overrides
from .responses import EdgeResponse
from .routes import Query, Route, find_route, read_query
from .store import Database
from .visitor import forwarded_for, kept_cookies, kept_headers, read_cookies
from .visitor_consent import consent_of_events, given, warnings_of
from .writer import Writer

logger = logging.getLogger(__name__)


CONNECTION_PARAMETERS = (
    "host",
    "port",
    "user",
    "password",
    "dbname",
    "service",
    "sslmode",
    "sslrootcert",
    "options",
)

LONGEST_SEPARATOR = 4
ASKING = {"query", "meta"}
NO_EVENTS = Result(0, [])
_encode = msgspec.json.Encoder().encode


@dataclass(slots=True)
class EdgeRequest:
    """One request, with the facts that every step needs.

    Args:
        headers: By lower-case name; the last one if a name repeats. ``scope`` has them all.
        received_at: Seconds since 1970.
        address: The visitor's IP address, empty when unknown.
    """

    scope: HTTPScope
    route: Route
    query: Query
    id: str
    headers: dict[bytes, bytes]
    received_at: float
    origin: bytes
    address: str

    @property
    def is_https(self) -> bool:
        """Whether the visitor's page uses https: cookies of other pages cannot be marked secure."""
        return self.origin.startswith(b"https://")


class Edge:
    """Accepts events. The process that serves it calls ``start`` and ``stop``.

    ``loop`` is its event loop, for other threads of the process; None while it does not run.
    """

    def __init__(self) -> None:
        self.counters = Counters()
        self.datastreams = DatastreamCache()
        self.writer: Writer | None = None
        self.trusted_proxies = settings.TRUSTED_PROXY_COUNT
        self.loop: asyncio.AbstractEventLoop | None = None

    async def start(self) -> None:
        self.loop = asyncio.get_running_loop()
        self.writer = Writer(_database(connection), doorbell.ring, self.counters)
        await self.writer.start()
        await self.datastreams.start()

    async def stop(self) -> None:
        """Store the queued requests, then end the threads."""
        self.loop = None
        try:
            if self.writer:
                await self.writer.stop()
        finally:
            await self.datastreams.stop()

    async def __call__(self, scope: HTTPScope, receive: ASGIReceiveCallable, send: ASGISendCallable) -> None:
        """Answer one HTTP request to a path that ``find_route`` knows."""
        request = _request(scope, self.trusted_proxies)
        try:
            answer = await self._answer(request, receive)
        except EdgeError as refusal:
            answer = responses.problem(refusal, request.id)
        except Exception:
            logger.exception("A request to the edge failed")
            answer = responses.problem(unavailable("Something went wrong here; send this again."), request.id)
        self.counters.answers[answer.status] += 1
        headers = responses.headers_of(answer, request.id, request.origin)
        await send(
            {"type": "http.response.start", "status": answer.status, "headers": headers, "trailers": False}
        )
        await send({"type": "http.response.body", "body": answer.body, "more_body": False})

    async def _answer(self, request: EdgeRequest, receive: ASGIReceiveCallable) -> EdgeResponse:
        method = request.scope["method"]
        if method != "POST" and method != "OPTIONS":
            detail = "Events are sent with POST."
            raise EdgeError(405, "method", detail, headers=[(b"allow", b"POST, OPTIONS")])
        destination = await self._destination(request.query.datastream)
        if not is_allowed_origin(destination, request.origin):
            request.origin = b""
        if method == "OPTIONS":
            return responses.preflight(request.headers.get(b"access-control-request-headers", b""))
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
        raise EdgeError(404, "unknown-datastream", detail)

    async def _accept(self, request: EdgeRequest, destination: Destination, body: bytes) -> EdgeResponse:
        cookies = _cookies(request, destination)
        payload = _payload(request.route, body)
        visitor = _visitor(request, destination, payload, cookies)
        result, written = NO_EVENTS, _written_cookies(request, destination, payload, cookies, visitor)
        if request.route.takes_events and self.writer:
            parcel = _parcel(request, destination, cookies, written, visitor, body)
            result = await self.writer.submit(parcel)
            self.counters.without_consent += result.ignored
            _check_any(payload, result)
        handles = [] if payload is None else _handles(request, destination, payload, visitor, body)
        if written and result.accepted:
            handles.append(click_handle(written))
        return _answer_to(request, payload, result, handles)


def _database(connection: BaseDatabaseWrapper) -> Database:
    """Return the database in which Django keeps its rows."""
    if connection.vendor == "sqlite":
        return Database(file=str(connection.settings_dict["NAME"]))
    parameters = connection.get_connection_params()
    return Database(
        parameters={name: parameters[name] for name in CONNECTION_PARAMETERS if parameters.get(name)}
    )


async def read_body(receive: ASGIReceiveCallable) -> bytes:
    """Return the whole body.

    Raises:
        EdgeError: 413 as soon as it is too long, 408 if it takes too long, 400 if the sender disconnects.
    """
    message = await receive()
    if message["type"] != "http.request":
        raise _ended_early()
    body = message.get("body", b"")
    if message.get("more_body"):
        try:
            async with asyncio.timeout(body_limits.BODY_SECONDS):
                body = await _read_rest(body, receive)
        except TimeoutError:
            raise EdgeError(408, "slow", f"Send the body within {body_limits.BODY_SECONDS:g} s.") from None
    if len(body) > body_limits.REQUEST_BYTES:
        raise too_long()
    return body


async def _read_rest(begun: bytes, receive: ASGIReceiveCallable) -> bytes:
    body = bytearray(begun)
    more = True
    while more and len(body) <= body_limits.REQUEST_BYTES:
        message = await receive()
        if message["type"] != "http.request":
            raise _ended_early()
        body += message.get("body", b"")
        more = message.get("more_body", False)
    return bytes(body)


def _ended_early() -> EdgeError:
    return EdgeError(400, "malformed", "The body ended early.")


def _request(scope: HTTPScope, trusted_proxies: int) -> EdgeRequest:
    route = find_route(scope["path"])
    if route is None:
        raise ValueError("This path is not the edge's.")
    query = read_query(scope["query_string"])
    headers = dict(scope["headers"])
    origin = headers.get(b"origin", b"")
    return EdgeRequest(
        scope=scope,
        route=route,
        query=query,
        id=query.request_id or new_uuid(),
        headers=headers,
        received_at=time.time(),
        origin=b"" if origin == OPAQUE else origin,
        address=client_address(
            forwarded_for(scope["headers"]), (scope.get("client") or ("", 0))[0], trusted_proxies
        ),
    )


def _check_any(payload: Any, result: Result) -> None:
    """Refuse a request without a single good event as a whole. Browsers may ask for an identity only."""
    if result.accepted or (result.ignored and not result.reasons):
        return
    if not result.reasons:
        if isinstance(payload, dict) and ("query" in payload or "meta" in payload):
            return
        detail = 'There is no event in the body: {"event": {"xdm": {…}, "data": {…}}} or {"events": [{…}]}.'
        raise EdgeError(422, "no-event", detail)
    refusals = [reason.refusal() for reason in result.reasons]
    first, statuses = refusals[0], {refusal.status for refusal in refusals}
    detail = first.detail if len(refusals) == 1 else f"None of {len(refusals):,} events can be accepted."
    status = first.status if len(statuses) == 1 else 422
    raise EdgeError(status, first.kind, detail, first.path, errors=refusals)


def _cookies(request: EdgeRequest, destination: Destination) -> dict[str, str]:
    """Return the cookies if the page may know the visitor."""
    header = request.headers.get(b"cookie")
    return read_cookies(header) if header and is_known_page(destination, request.headers) else {}


def _payload(route: Route, body: bytes) -> Any:
    """Return the body of a sender that waits for handles, else None. Servers get handles if they ask."""
    if not route.answers_handles:
        return None
    if not route.is_server:
        return parse(body or b"{}")
    payload = parse(body) if b'"query"' in body or b'"meta"' in body else None
    return payload if isinstance(payload, dict) and not payload.keys().isdisjoint(ASKING) else None


def _visitor(
    request: EdgeRequest, destination: Destination, payload: Any, cookies: dict[str, str]
) -> Visitor:
    """Return the visitor; a new visitor who waits for handles gets a new ECID."""
    visitor = visitor_of(payload, cookies, destination.organization, destination.device_cookie)
    if visitor.ecid or payload is None:
        return visitor
    seed = f"{destination.uid}:{request.query.request_id}" if request.query.request_id else ""
    return replace(visitor, ecid=new_ecid(seed, settings.SECRET_KEY.encode()))


def _written_cookies(
    request: EdgeRequest, destination: Destination, payload: Any, cookies: dict[str, str], visitor: Visitor
) -> dict[str, str]:
    """Return the cookies that the answer sets. The events of the request carry them, too."""
    if not destination.writes_click_cookies or refuses(cookies):
        return {}
    if not (request.route.takes_events and request.route.answers_handles and request.origin):
        return {}
    kept, _ = kept_cookies(cookies)
    return new_cookies(
        kept,
        payload,
        request.headers,
        now=request.received_at,
        seed=_seed(request, destination),
        is_first=not visitor.was_here,
    )


def _seed(request: EdgeRequest, destination: Destination) -> bytes:
    """Return a seed that only a repeat of this request shares; empty for a request without an id."""
    if not request.query.request_id:
        return b""
    identity = f"{destination.uid}:{request.query.request_id}:{request.address}".encode()
    return hmac.digest(settings.SECRET_KEY.encode(), identity, "sha256")


def _parcel(
    request: EdgeRequest,
    destination: Destination,
    cookies: dict[str, str],
    written: dict[str, str],
    visitor: Visitor,
    body: bytes,
) -> Parcel:
    clicks, flags = kept_cookies(cookies) if cookies else ({}, [])
    clicks |= written
    kept, cut = kept_headers(request.headers)
    return Parcel(
        body=body,
        property_id=destination.property_id,
        environment_id=destination.environment_id,
        datastream_id=destination.datastream_id,
        build_id=destination.build_id,
        request=_about(request, destination, kept, clicks),
        request_id=request.query.request_id,
        received_at=request.received_at,
        address=request.address,
        user_agent=_user_agent(request),
        flags=[*flags, *cut, *_about_organization(visitor, destination)],
        organization=visitor.organization,
        ecid=visitor.ecid,
        has_refused=visitor.has_refused,
        consent=destination.consent,
    )


def _user_agent(request: EdgeRequest) -> str:
    sent = request.headers.get(b"user-agent", b"")
    return sent.decode("latin-1")[: body_limits.USER_AGENT_CHARACTERS]


def _about_organization(visitor: Visitor, destination: Destination) -> list[str]:
    """Return a flag if the site's Web SDK uses another organization in its cookies than the datastream."""
    is_other = visitor.organization != destination.organization
    return [f"other_organization:{visitor.organization}"] if is_other else []


def _about(
    request: EdgeRequest, destination: Destination, kept: dict[str, list[str]], clicks: dict[str, str]
) -> str:
    """Return ``arc.request`` as JSON: the header as in Adobe's engine, and the cookies of ad clicks."""
    milliseconds = int(request.received_at * 1000)
    header: dict[str, Any] = {
        "requestId": request.id,
        "receivedAt": milliseconds,
        "dispatchedAt": milliseconds,
        "configId": request.query.datastream,
        "orgId": destination.org_id,
        "httpHeaders": kept,
    }
    if clicks:
        header["cookies"] = clicks
        header["httpHeaders"]["cookie"] = ["; ".join(f"{name}={value}" for name, value in clicks.items())]
    return _encode({"header": header}).decode()


def _handles(
    request: EdgeRequest, destination: Destination, payload: Any, visitor: Visitor, body: bytes
) -> list[dict[str, Any]]:
    consents = None
    if request.route.takes_consent:
        consents = given(payload, destination.consent)
    elif request.route.takes_events and b'"consentStrings"' in body:
        consents = consent_of_events(events_of(payload), destination.consent)
    handles = identity_handles(visitor, is_https=request.is_https)
    if consents is not None:
        handles.append(consent_handle(visitor, consents, is_https=request.is_https))
    if request.route.starts_media:
        handles.append(_media_session(request))
    return handles


def _media_session(request: EdgeRequest) -> dict[str, Any]:
    """Return the handle with the session id that a player sends in its later events."""
    return {"payload": [{"sessionId": request.id}], "type": "media-analytics:new-session"}


def _answer_to(
    request: EdgeRequest, payload: Any, result: Result, handles: list[dict[str, Any]]
) -> EdgeResponse:
    status = request.route.status
    if not result.reasons and (status == 204 or request.query.silent):
        return responses.nothing()
    warnings = [*warnings_of(result.ignored), *_overrides_ignored(payload)]
    if result.reasons:
        refusals = [reason.refusal() for reason in result.reasons]
        answer = responses.partly(refusals, request.id, result.accepted, handles, warnings)
    elif status == 202:
        return responses.taken(request.id, warnings)
    else:
        answer = responses.accepted(request.id, handles, warnings)
    separators = _separators(payload)
    return responses.streamed(answer, *separators) if separators else answer


def _overrides_ignored(payload: Any) -> list[dict[str, Any]]:
    names = ignored_overrides(payload.get("meta")) if isinstance(payload, dict) else []
    if not names:
        return []
    detail = f"This server has nothing to override by {', '.join(names)}. The event was accepted without it."
    return [responses.warning("overrides", "Configuration overrides ignored", detail)]


def _separators(payload: Any) -> tuple[str, str] | None:
    """Return the text that a mobile SDK wants before and after each record; None for a plain answer."""
    streaming: Any = payload
    for key in ("meta", "konductorConfig", "streaming"):
        streaming = streaming.get(key) if isinstance(streaming, dict) else None
    if not isinstance(streaming, dict) or streaming.get("enabled") is not True:
        return None
    before, after = streaming.get("recordSeparator"), streaming.get("lineFeed")
    if (
        isinstance(before, str)
        and isinstance(after, str)
        and max(len(before), len(after)) <= LONGEST_SEPARATOR
    ):
        return before, after
    return None


application = Edge()
