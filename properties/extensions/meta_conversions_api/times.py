"""The time of an event, in Meta's unit and within Meta's window."""

from __future__ import annotations

from typing import Any

from properties.catalog.customer_data.cleaning import EMPTY, Hints, UnusableValue
from properties.catalog.customer_data.nothing import only_member
from properties.catalog.errors import TOO_OLD, Rejected
from properties.catalog.moments import read_time, units_per_second, unix_number

DAY_SECONDS = 86_400
WINDOW_SECONDS = 7 * DAY_SECONDS
STORE_WINDOW_SECONDS = 62 * DAY_SECONDS
MILLISECONDS_FROM = 10**11
FUTURE_WARNING_SECONDS = 60
# Units of Unix time, by their number per second.
_UNITS = {1000: "milliseconds", 1_000_000: "microseconds", 1_000_000_000: "nanoseconds"}
_UNREADABLE = "It is not a time such as 1700000000 or 2026-11-23T15:00Z; the receive time was sent."


def window_seconds(action_source: str) -> int:
    """Return the maximum age of an event. Source: Meta, Using the API; Conversions API for Offline Events."""
    return STORE_WINDOW_SECONDS if action_source == "physical_store" else WINDOW_SECONDS


def event_time(value: Any, source: str, hints: Hints) -> int:
    """Return the time of the event in Unix seconds, never later than its receive time.

    Args:
        value: Any form that ``properties.catalog.moments`` reads; empty for the receive time.
        source: The action source.
        hints: Collect the warnings.

    Raises:
        Rejected: The event is older than Meta accepts.

    Source: Meta, Server Event Parameters, "event_time"; milliseconds, future and unreadable times are
    product rules.
    """
    received = int(hints.received_at)
    hints.place = ("eventTime", "Event Time")
    happened = (
        value
        if type(value) is int and 0 <= value < MILLISECONDS_FROM
        else _unix_seconds(only_member(value), hints)
    )
    if happened is None:
        return received
    if happened > received:
        if happened > received + FUTURE_WARNING_SECONDS:
            hints.note("It is in the future; the receive time was sent.", "future")
        return received
    if happened < received - window_seconds(source):
        days = window_seconds(source) // DAY_SECONDS
        raise Rejected(f"Event Time is more than {days} days ago; Meta no longer accepts it.", code=TOO_OLD)
    return happened


def _unix_seconds(value: Any, hints: Hints) -> int | None:
    moment = read_time(value)
    if moment is None:
        if value not in EMPTY:
            hints.note(_UNREADABLE, "unreadable_time")
        return None
    parts = units_per_second(unix_number(value) or 0)
    if unit := _UNITS.get(parts):
        message = f"It is in {unit}; Meta counts in seconds. It was divided by {parts:,}."
        hints.note(message, unit)
    return int(moment.timestamp() // 1)


def unix_time(value: Any, hints: Hints) -> int | None:
    """Return a time in Unix seconds, from any known form.

    Raises:
        UnusableValue: The value is not a time.

    Source: Meta, Original Event Data Parameters, "event_time".
    """
    noted = len(hints.warnings)
    seconds = _unix_seconds(value, hints)
    if seconds is None and len(hints.warnings) > noted:
        hints.warnings.pop()
        raise UnusableValue(
            "It is not a time such as 1700000000 or 2026-11-23T15:00Z; left out.", "not_a_time"
        )
    return seconds
