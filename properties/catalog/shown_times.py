"""Formats times for pages, in the reader's time zone.

Source: docs/operating.md, "Times on pages".
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime, tzinfo
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


def zone() -> tzinfo:
    """Return the zone of shown times."""
    return _zone.get() or UTC


def zone_name() -> str:
    """Return the zone of shown times, such as ``Europe/Stockholm``."""
    zone = _zone.get()
    return zone.key if zone else "UTC"


def in_text(moment: datetime) -> str:
    """Format for sentences: ``21:48`` for today, else ``Nov 28, 21:48``, with the year if it differs."""
    there, day = _there(moment)
    return f"{day}, {there:%H:%M}" if day else f"{there:%H:%M}"


def between(begin: datetime, end: datetime) -> str:
    """Format a range: ``21:00 to 23:00`` for today, else ``Nov 28, 21:00 to 23:00``, or with two days."""
    there, day = _there(begin)
    last, last_day = _there(end)
    if there.date() == last.date():
        return f"{in_text(begin)} to {last:%H:%M}"
    return f"{day or _day(there)}, {there:%H:%M} to {last_day or _day(last)}, {last:%H:%M}"


def in_rows(moment: datetime) -> str:
    """Format for lists: ``21:48:55.120`` for today, else ``Nov 28 21:48:55``, with the year if it differs."""
    there, day = _there(moment)
    clock = f"{there:%H:%M:%S}"
    return f"{day} {clock}" if day else f"{clock}.{there.microsecond // 1000:03}"


def ago(moment: datetime) -> str:
    """Format the time of last use: ``just now``, ``40 s ago``, ``3 min ago``, ``2 h ago``, ``5 days ago``."""
    seconds = (datetime.now(UTC) - moment).total_seconds()
    return f"{lasting(seconds)} ago" if seconds >= 1 else "just now"


def until(moment: datetime) -> str:
    """Format a time soon: ``now``, ``in 8 s``, ``in 3 min``, ``in 2 h``, ``in 5 days``."""
    seconds = (moment - datetime.now(UTC)).total_seconds()
    return f"in {lasting(seconds)}" if seconds >= 1 else "now"


def in_utc(moment: datetime) -> str:
    """Format the exact time for machines and titles, such as ``2026-11-28T20:48:55.120Z``."""
    at = moment.astimezone(UTC)
    return f"{at:%Y-%m-%dT%H:%M:%S}.{at.microsecond // 1000:03}Z"


def typed(text: str) -> str:
    """Return a time as a person typed it, ``2026-11-28T21:48``, with the reader's zone; else the text."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return text
    return moment.replace(tzinfo=_zone.get() or UTC).isoformat() if moment.tzinfo is None else text


def for_input(text: str) -> str:
    """Return a time for an input of the type ``datetime-local``, in the reader's zone; "" if it is none."""
    try:
        moment = datetime.fromisoformat(typed(text))
    except ValueError:
        return ""
    return f"{moment.astimezone(_zone.get() or UTC):%Y-%m-%dT%H:%M}"


def lasting(seconds: float) -> str:
    """Format a time span: ``40 s``, ``3 min``, ``2 h``, ``5 days``."""
    for size, name in ((86_400, "day"), (3_600, "h"), (60, "min")):
        count = int(seconds // size)
        if count:
            plural = "s" if name == "day" and count > 1 else ""
            return f"{count} {name}{plural}"
    return f"{int(seconds)} s"


def _there(moment: datetime) -> tuple[datetime, str]:
    """Return the time in the reader's zone, and its day unless it is today."""
    zone = _zone.get() or UTC
    there, today = moment.astimezone(zone), datetime.now(zone)
    if there.date() == today.date():
        return there, ""
    return there, _day(there) if there.year == today.year else f"{_day(there)} {there.year}"


def _day(there: datetime) -> str:
    return f"{there:%b} {there.day}"
