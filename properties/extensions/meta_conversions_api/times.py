"""When it happened: in Meta's unit, within Meta's window."""

from __future__ import annotations

import math
from datetime import UTC, datetime
from typing import Any

from properties.catalog.errors import Rejected

from .cleaning import EMPTY, Hints

DAY_SECONDS = 86_400
WINDOW_SECONDS = 7 * DAY_SECONDS
STORE_WINDOW_SECONDS = 62 * DAY_SECONDS
MILLISECONDS_ABOVE = 10**11
FUTURE_WARNING_SECONDS = 60
LARGEST_EXACT = 2**53


def window_seconds(action_source: str) -> int:
    """How old an event may be. Source: Meta, Using the API; Conversions API for Offline Events."""
    return STORE_WINDOW_SECONDS if action_source == "physical_store" else WINDOW_SECONDS


def event_time(value: Any, source: str, hints: Hints) -> int:
    """Return when it happened in Unix seconds, never later than it was received.

    Args:
        value: Unix seconds or milliseconds, ISO 8601, or nothing for the receive time.
        source: Of the action.
        hints: Take the warnings.

    Raises:
        Rejected: It is older than Meta takes.

    Source: Meta, Server Event Parameters, "event_time"; milliseconds, future and unreadable times are
    product rules.
    """
    received = int(hints.received_at)
    hints.place = ("eventTime", "Event Time")
    happened = _unix_seconds(value, hints)
    if happened is None:
        return received
    if happened > received:
        if happened > received + FUTURE_WARNING_SECONDS:
            hints.note("It is in the future; the receive time was sent.", "future")
        return received
    if happened < received - window_seconds(source):
        days = window_seconds(source) // DAY_SECONDS
        raise Rejected(f"Event Time is more than {days} days ago; Meta takes it no more.", code="too_old")
    return happened


def _unix_seconds(value: Any, hints: Hints) -> int | None:
    seconds = _number_or_date(value)
    if seconds is None:
        if value not in EMPTY:
            hints.note("It is no Unix time and no ISO 8601; the receive time was sent.", "unreadable_time")
        return None
    if seconds > MILLISECONDS_ABOVE:
        hints.note("It is in milliseconds; Meta counts in seconds. It was divided by 1000.", "milliseconds")
        seconds /= 1000
    return int(seconds)


def _number_or_date(value: Any) -> float | None:
    if type(value) is int and value < LARGEST_EXACT:
        return value
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        seconds = float(value)
    except (ValueError, OverflowError):
        return _iso_seconds(value) if isinstance(value, str) else None
    return seconds if math.isfinite(seconds) else None


def _iso_seconds(text: str) -> float | None:
    try:
        moment = datetime.fromisoformat(text.strip())
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
    except (ValueError, OverflowError):
        return None
