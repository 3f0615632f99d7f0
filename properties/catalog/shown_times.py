"""Formats times for pages, in the reader's time zone.

Source: docs/operating.md, "Times on pages".
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

_zone: ContextVar[ZoneInfo | None] = ContextVar("zone of the reader", default=None)


@contextmanager
def read_in(zone: ZoneInfo | None) -> Iterator[None]:
    """Show times in ``zone`` while the block runs; None is UTC."""
    token = _zone.set(zone)
    try:
        yield
    finally:
        _zone.reset(token)


def zone_name() -> str:
    """Return the zone of shown times, such as ``Europe/Stockholm``."""
    zone = _zone.get()
    return zone.key if zone else "UTC"


def in_text(moment: datetime) -> str:
    """Format for sentences: ``21:48`` for today, else ``Nov 28, 21:48``, with the year if it differs."""
    there, day = _there(moment)
    return f"{day}, {there:%H:%M}" if day else f"{there:%H:%M}"


def in_rows(moment: datetime) -> str:
    """Format for lists: ``21:48:55.120`` for today, else ``Nov 28 21:48:55``, with the year if it differs."""
    there, day = _there(moment)
    clock = f"{there:%H:%M:%S}"
    return f"{day} {clock}" if day else f"{clock}.{there.microsecond // 1000:03}"


def in_utc(moment: datetime) -> str:
    """Format the exact time, such as ``2026-11-28 20:48:55.120 UTC``."""
    at = moment.astimezone(UTC)
    return f"{at:%Y-%m-%d %H:%M:%S}.{at.microsecond // 1000:03} UTC"


def _there(moment: datetime) -> tuple[datetime, str]:
    """Return the time in the reader's zone, and its day unless it is today."""
    zone = _zone.get() or UTC
    there, today = moment.astimezone(zone), datetime.now(zone)
    if there.date() == today.date():
        return there, ""
    year = "" if there.year == today.year else f" {there.year}"
    return there, f"{there:%b} {there.day}{year}"
