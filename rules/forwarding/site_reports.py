"""Reports of libraries that a person validates on a site. They come with events, and are none.

A report is kept with its session, which a person has started; without one it leaves no trace. So nobody can
fill the database with reports. Source: docs/tags.md, "Validate the site".
"""

from __future__ import annotations

import re
from typing import Any

import msgspec

from . import body_limits
from .edge_errors import EdgeError
from .event_cleaning import Cleaning

EVENT_TYPE = "validation.report"
_TOKEN = re.compile(r"[0-9a-f]{32}")
_encode = msgspec.json.Encoder().encode


class ReportRow(msgspec.Struct, gc=False):
    """A report before it is stored.

    Args:
        token: Of the session.
        content: As JSON; whoever reads it trusts nothing in it.
        received_at: Seconds since 1970.
    """

    token: str
    content: str
    received_at: float


def is_report(event: Any) -> bool:
    """Return whether an event is a report."""
    xdm = event.get("xdm") if isinstance(event, dict) else None
    return isinstance(xdm, dict) and xdm.get("eventType") == EVENT_TYPE


def report_of(event: dict[str, Any], received_at: float, path: str) -> ReportRow:
    """Return the report in an event.

    Raises:
        EdgeError: 422 if it names no session, or has no report; 413 if it is too large.
    """
    data = event.get("data")
    token, report = (data.get("validation"), data.get("report")) if isinstance(data, dict) else (None, None)
    if not isinstance(token, str) or not _TOKEN.fullmatch(token) or not isinstance(report, dict):
        detail = (
            "A report of a library needs “validation”, the token of its session, and “report”, an object."
        )
        raise EdgeError(422, "no-event", detail, f"{path}.data")
    content = _encode(Cleaning().clean(report, f"{path}.data.report"))
    if len(content) > body_limits.REPORT_BYTES:
        detail = f"A report may have at most {body_limits.REPORT_BYTES // 1024} KiB."
        raise EdgeError(413, "too-large", detail, f"{path}.data.report")
    return ReportRow(token, content.decode(), received_at)
