"""Answers of the edge: JSON, problem+json, and the headers that let a browser read them.

Source: docs/reference/contracts.md, "Receiving events"; docs/reference/wire_protocol.md, "Answers".
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import msgspec

from .edge_errors import TITLES, EdgeError, type_of

EDGE_REGION = b"LOCAL;0"
PREFLIGHT_SECONDS = b"86400"
_SAFE_HEADER_NAMES = frozenset(b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_, ")
_JSON = (b"content-type", b"application/json; charset=utf-8")
_PROBLEM = (b"content-type", b"application/problem+json; charset=utf-8")
# Browsers must neither guess another content type nor keep an answer.
_ALWAYS = [(b"cache-control", b"no-store"), (b"x-content-type-options", b"nosniff")]
_encode = msgspec.json.Encoder().encode


@dataclass(slots=True)
class EdgeResponse:
    """Status, body and headers, without the headers that every answer has."""

    status: int
    body: bytes = b""
    headers: list[tuple[bytes, bytes]] = field(default_factory=list)


def json_answer(status: int, content: dict[str, Any]) -> EdgeResponse:
    return EdgeResponse(status, _encode(content), [_JSON])


def nothing() -> EdgeResponse:
    """Return 204, for beacons: nobody reads the answer."""
    return EdgeResponse(204)


def problem(refusal: EdgeError, request_id: str) -> EdgeResponse:
    """Return the answer to a refused request."""
    return _problem(refusal, request_id, {}, list(refusal.headers))


def partly(
    refusals: list[EdgeError],
    request_id: str,
    accepted: int,
    handles: list[dict[str, Any]],
    warnings: list[dict[str, Any]],
) -> EdgeResponse:
    """Return 207: some events of a request are stored, the others are named by index."""
    total = accepted + len(refusals)
    detail = f"{accepted} of {total} events are accepted; report.errors names the others by index."
    summary = EdgeError(207, refusals[0].kind, detail, errors=refusals)
    further = {"requestId": request_id, "handle": handles, **_warnings(warnings)}
    return _problem(summary, request_id, further, [])


def accepted(request_id: str, handles: list[dict[str, Any]], warnings: list[dict[str, Any]]) -> EdgeResponse:
    """Return 200, for senders that wait for handles."""
    return json_answer(200, {"requestId": request_id, "handle": handles, **_warnings(warnings)})


def taken(request_id: str, warnings: list[dict[str, Any]]) -> EdgeResponse:
    """Return 202, for servers that send many events."""
    return json_answer(202, {"requestId": request_id, **_warnings(warnings)})


def _warnings(warnings: list[dict[str, Any]]) -> dict[str, Any]:
    return {"warnings": warnings} if warnings else {}


def warning(kind: str, title: str, detail: str) -> dict[str, Any]:
    """Return one entry of ``warnings``: nothing failed, but something was left out."""
    return {"type": type_of(kind), "status": 200, "title": title, "detail": detail}


def streamed(answer: EdgeResponse, before: str, after: str) -> EdgeResponse:
    """Return the answer as the one record of a stream, for clients that read records.

    Source: RFC 7464; adobe/aepsdk-edge-android, ``EdgeNetworkService.handleStreamingResponse``.
    """
    answer.body = before.encode() + answer.body + after.encode()
    return answer


def _problem(
    refusal: EdgeError, request_id: str, further: dict[str, Any], headers: list[tuple[bytes, bytes]]
) -> EdgeResponse:
    entries = [error.as_entry() for error in refusal.errors or [refusal]]
    content = {
        "type": type_of(refusal.kind),
        "title": TITLES[refusal.kind],
        "status": refusal.status,
        "detail": refusal.detail,
        "report": {"requestId": request_id, "errors": entries},
        **further,
    }
    return EdgeResponse(refusal.status, _encode(content), [_PROBLEM, *headers])


def headers_of(answer: EdgeResponse, request_id: str, origin: bytes) -> list[tuple[bytes, bytes]]:
    """Return all headers of an answer. ``origin`` is echoed; it is empty if it may not read the answer."""
    headers = answer.headers
    headers += _ALWAYS
    headers.append((b"content-length", b"%d" % len(answer.body)))
    headers.append((b"x-request-id", request_id.encode("ascii", "replace")))
    return headers + _for_browser(origin) if origin else headers


def _for_browser(origin: bytes) -> list[tuple[bytes, bytes]]:
    """Return the CORS headers. Never ``*``: the Web SDK sends cookies, so browsers need the exact origin."""
    return [
        (b"access-control-allow-origin", origin),
        (b"access-control-allow-credentials", b"true"),
        (b"access-control-expose-headers", b"Retry-After, X-Adobe-Edge, X-Request-ID"),
        (b"vary", b"Origin"),
        (b"x-adobe-edge", EDGE_REGION),
    ]


def preflight(wanted_headers: bytes) -> EdgeResponse:
    """Allow a browser to send POST with the headers that it asked for."""
    allowed = wanted_headers if set(wanted_headers) <= _SAFE_HEADER_NAMES else b""
    headers = [
        (b"access-control-allow-methods", b"POST, OPTIONS"),
        (b"access-control-allow-headers", allowed or b"Content-Type"),
        (b"access-control-max-age", PREFLIGHT_SECONDS),
    ]
    return EdgeResponse(204, b"", headers)
