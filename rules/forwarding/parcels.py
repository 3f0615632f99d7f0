"""What travels between the edge and the process that commits: requests and what became of them."""

from __future__ import annotations

import msgspec

from .edge_errors import EdgeError
from .visitor_consent import CLOSED, Policy


class Parcel(msgspec.Struct, array_like=True, gc=False):
    """One request with events, as far as its events need it.

    Args:
        body: As sent.
        request: What rules see as ``arc.request``, as JSON.
        request_id: As the sender gave it, empty when there was none.
        received_at: Seconds since 1970.
        address: The visitor's IP address, empty when unknown.
        user_agent: As sent, empty when there was none.
        flags: What was found about the request; each event gets them.
        organization: What the visitor's cookies are named after.
        ecid: The visitor's, empty when it is not known.
        has_refused: Whether the visitor refused consent before.
        consent: What consent strings in events must grant.
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
    """A refusal as it travels."""

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
    """What became of one request.

    Args:
        accepted: How many events are stored, repeats included.
        reasons: Why others are refused.
        ignored: How many are not stored because the visitor refused consent.
    """

    accepted: int
    reasons: list[Reason]
    ignored: int = 0


class CommitReport(msgspec.Struct, array_like=True):
    """What became of some requests, in the order in which they were handed over.

    Args:
        requests: How many; none of them is stored unless ``is_available``.
        results: One for each request that is stored.
        stored: How many events are new; repeats are accepted, but not stored again.
        is_available: Whether the events are stored and the next batch may come.
    """

    requests: int
    results: list[Result]
    stored: int
    is_available: bool
