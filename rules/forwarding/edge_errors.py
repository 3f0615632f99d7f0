"""Refusals of the edge, as data for a problem+json answer."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

TITLES = {
    "malformed": "The request cannot be read",
    "key": "A key is needed",
    "origin": "This site may not send here",
    "disabled": "The property is disabled",
    "unknown-datastream": "Invalid datastream ID",
    "consent-unknown": "Invalid consent",
    "consent-missing": "Consent without a value",
    "consent-empty": "Consent that cannot be read",
    "method": "Only POST",
    "slow": "The body took too long",
    "too-large": "Too large",
    "content-type": "Content type not accepted",
    "no-event": "Not an event",
    "unavailable": "Not available for the moment",
}


# Kinds for which senders with Adobe's libraries expect Adobe's code.
# Source: Adobe, Edge Network API, "Error codes"; @adobe/alloy, integration tests C13819, C14410, C224675.
ADOBE_CODES = {
    "unknown-datastream": "EXEG-0003-400",
    "consent-unknown": "EXEG-0102-400",
    "consent-missing": "EXEG-0103-400",
    "consent-empty": "EXEG-0104-422",
}


def type_of(kind: str) -> str:
    """Return the ``type`` of a problem: Adobe's if there is one."""
    code = ADOBE_CODES.get(kind)
    return f"https://ns.adobe.com/aep/errors/{code}" if code else f"urn:capi-admin:problem:{kind}"


@dataclass
class EdgeError(Exception):
    """A request, or one event of it, that is refused.

    Args:
        status: HTTP status of the answer.
        kind: A key of ``TITLES``; it determines the problem's ``type``.
        detail: The problem, and how to correct it.
        path: JSON path of the wrong part of the body.
        index: Index of the event in the request, if the error is about one.
        errors: The errors of a request's events, if there are several.
        headers: Further headers of the answer.
    """

    status: int
    kind: str
    detail: str
    path: str = "$"
    index: int | None = None
    errors: list[EdgeError] = field(default_factory=list)
    headers: list[tuple[bytes, bytes]] = field(default_factory=list)

    def as_entry(self) -> dict[str, Any]:
        """Return one entry of ``report.errors``."""
        return {
            "path": self.path,
            "index": self.index,
            "title": TITLES[self.kind],
            "detail": self.detail,
            "status": self.status,
        }


def unavailable(detail: str, retry_after: int = 2) -> EdgeError:
    """Return a 503 with ``Retry-After``: senders, the Web SDK among them, try again by themselves."""
    return EdgeError(503, "unavailable", detail, headers=[(b"retry-after", b"%d" % retry_after)])
