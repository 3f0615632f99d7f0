"""Reads a moment out of what sites write for one. No clock is looked at.

Source: RFC 3339; RFC 5322, section 3.3; ECMA-262, Date.prototype.toString and toUTCString.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, tzinfo
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from properties.catalog.errors import InvalidParameter
from properties.catalog.javascript import is_number

_LONGEST = 100
_PLACES = {"dmy": (2, 1, 0), "mdy": (2, 0, 1)}
_NUMERIC = re.compile(
    r"(\d{1,2})[./-](\d{1,2})[./-](\d{4})"
    r"(?:[ T,]+(\d{1,2}):(\d{2})(?::(\d{2}))?(?:[ \u00a0\u202f]?(?P<half>[AaPp])\.?[Mm]\.?)?)?",
    re.ASCII,
)
_MONTHS = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split()  # noqa: SIM905 - as calendars have them
_MONTH = "|".join(_MONTHS)
_PRINTED = re.compile(
    r"(?:[A-Z][a-z]{2},? )?"
    rf"(?:(?P<day>\d{{1,2}}) (?P<month>{_MONTH})|(?P<month_first>{_MONTH}) (?P<day_after>\d{{1,2}}))"
    r" (?P<year>\d{4}) (?P<time>\d\d:\d\d:\d\d)(?: (?P<utc>GMT|UTC)?(?P<offset>[+-]\d{4})?)?(?: \([^()]*\))?",
    re.ASCII,
)
_UNIX = re.compile(r"[+-]?\d{9,17}(?:\.\d{1,9})?", re.ASCII)
# Seconds, milliseconds and microseconds of the year 5138: whatever is larger counts the next smaller unit.
_UNITS = ((1e14, 1_000_000), (1e11, 1_000), (0, 1))


def read_time(value: Any, zone: tzinfo = UTC, order: str = "iso") -> datetime | None:
    """The moment that a value tells; None when it tells none.

    Args:
        value: Unix seconds, milliseconds or microseconds, as number or text, or a date with or without time.
        zone: Of a text without one.
        order: ``iso``, or how day, month and year follow each other: ``dmy``, ``mdy``.
    """
    if is_number(value):
        return _from_unix(value)
    text = value.strip() if isinstance(value, str) and len(value) <= _LONGEST else ""
    if _UNIX.fullmatch(text):
        return _from_unix(float(text))
    try:
        moment = _written(text, order)
        return (moment if moment.tzinfo else moment.replace(tzinfo=zone)).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def _from_unix(number: float) -> datetime | None:
    parts = next(parts for least, parts in _UNITS if abs(number) >= least)
    try:
        return datetime.fromtimestamp(number / parts, UTC)
    except (ValueError, OverflowError, OSError):
        return None


def _written(text: str, order: str) -> datetime:
    if match := _PRINTED.fullmatch(text):
        return _printed(match)
    if order in _PLACES and (match := _NUMERIC.fullmatch(text)):
        return _numeric(match, order)
    return datetime.fromisoformat(text.upper())  # RFC 3339 allows a small t and z.


def _printed(match: re.Match[str]) -> datetime:
    month = _MONTHS.index(match["month"] or match["month_first"]) + 1
    day = int(match["day"] or match["day_after"])
    offset = match["offset"] or ("Z" if match["utc"] else "")
    return datetime.fromisoformat(f"{match['year']}-{month:02}-{day:02}T{match['time']}{offset}")


def _numeric(match: re.Match[str], order: str) -> datetime:
    year, month, day = (int(match[place + 1]) for place in _PLACES[order])
    hour, minute, second = (int(part or 0) for part in match.groups()[3:6])
    if half := (match["half"] or "").lower():
        if not 1 <= hour <= 12:
            raise ValueError("There is no such hour before or after noon.")
        hour = hour % 12 + (12 if half == "p" else 0)
    return datetime(year, month, day, hour, minute, second)


def zone_of(name: Any) -> tzinfo:
    """The time zone of that name; UTC for none.

    Raises:
        InvalidParameter: There is no such zone.
    """
    if name in (None, "", "UTC"):
        return UTC
    try:
        return ZoneInfo(str(name))
    except (ValueError, OSError, ZoneInfoNotFoundError):
        raise InvalidParameter("The time zone is not known. It looks like Europe/Berlin or UTC.") from None
