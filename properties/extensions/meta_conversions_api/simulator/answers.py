"""Answers in the form of the Graph API."""

import secrets
from dataclasses import dataclass
from typing import Any

from .problems import GraphError, status_of

Headers = tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class GraphResponse:
    """One HTTP answer: a JSON object, or text that is not JSON."""

    status: int
    body: dict[str, Any] | str
    headers: Headers = ()


def accepted(events: int) -> GraphResponse:
    """Return the answer to a request whose events are all accepted.

    Source: Meta, Using the API (Conversions API).
    """
    return GraphResponse(200, {"events_received": events, "messages": [], "fbtrace_id": trace_id()})


def refused(error: GraphError, status: int | None = None, headers: Headers = ()) -> GraphResponse:
    """Return the answer with an error. Without ``status``, the error's code determines the HTTP status."""
    body = {"error": error | {"fbtrace_id": trace_id()}}
    return GraphResponse(status or status_of(error), body, headers)


def trace_id() -> str:
    """Return a new fbtrace_id."""
    return "A" + secrets.token_urlsafe(16)
