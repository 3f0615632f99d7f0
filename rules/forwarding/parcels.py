"""Messages between the edge and the process that commits: requests and their results."""

from __future__ import annotations

import msgspec

from .edge_errors import EdgeError
from .visitor_consent import CLOSED, Policy


class Parcel(msgspec.Struct, array_like=True, gc=False):
    """One request with events, with the facts that its events need.

    Args:
        body: As sent.
        request: ``arc.request`` as JSON.
        request_id: From the sender; empty if it sent none.
        received_at: Seconds since 1970.
        address: The visitor's IP address, empty when unknown.
        user_agent: From the sender; empty if it sent none.
        flags: Flags of the request; each event gets them.
        organization: The organization in the names of the visitor's cookies.
        ecid: The visitor's, empty when it is not known.
        has_refused: Whether the visitor refused consent before.
        consent: The consent that consent strings in events must grant.
    """

    body: bytes
    property_id: int
    environment_id: int
    datastream_id: int
    build_id: int | None
    request: str
    request_id: str
    received_at: float
    address: str
    user_agent: str
    flags: list[str]
    organization: str = ""
    ecid: str = ""
    has_refused: bool = False
    consent: Policy = CLOSED


class Reason(msgspec.Struct, array_like=True):
    """A refusal in a message."""

    status: int
    kind: str
    detail: str
    path: str
    index: int | None

    @classmethod
    def of(cls, refusal: EdgeError) -> Reason:
        return cls(refusal.status, refusal.kind, refusal.detail, refusal.path, refusal.index)

    def refusal(self) -> EdgeError:
        return EdgeError(self.status, self.kind, self.detail, self.path, self.index)


class Result(msgspec.Struct, array_like=True):
    """The result of one request.

    Args:
        accepted: Number of events that are stored, including repeats, and of reports of libraries.
        reasons: Reasons why other events are refused.
        ignored: Number of events that are not stored because the visitor refused consent.
    """

    accepted: int
    reasons: list[Reason]
    ignored: int = 0


class CommitReport(msgspec.Struct, array_like=True):
    """The results of some requests, in the order in which they were handed over.

    Args:
        requests: Number of requests; they are stored only if ``is_available``.
        results: One for each request that is stored.
        stored: Number of new events; repeats are accepted, but not stored again.
        is_available: Whether the events are stored and the next batch may follow.
    """

    requests: int
    results: list[Result]
    stored: int
    is_available: bool
