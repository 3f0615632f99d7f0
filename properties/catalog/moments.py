"""Reads a moment from the many spellings that sites use. Does not use a clock.

Source: RFC 3339; RFC 5322, section 3.3; RFC 9110, 5.6.7; ECMA-262, Date.prototype.toString and toUTCString.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from email.utils import parsedate_tz
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
_MONTHS = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split()  # noqa: SIM905 - as calendars write them
_MONTH = "|".join(_MONTHS)
_NAMES_MONTH = re.compile(rf"\b(?:{_MONTH})", re.IGNORECASE)
_PRINTED = re.compile(
    r"(?:[A-Z][a-z]{2},? )?"
    rf"(?:(?P<day>\d{{1,2}}) (?P<month>{_MONTH})|(?P<month_first>{_MONTH}) (?P<day_after>\d{{1,2}}))"
    r" (?P<year>\d{4}) (?P<time>\d\d:\d\d:\d\d)(?: (?P<utc>GMT|UTC)?(?P<offset>[+-]\d{4})?)?(?: \([^()]*\))?",
    re.ASCII,
)
# A power of ten needs at least seven digits: with fewer, it would not include the hour.
_UNIX = re.compile(r"[+-]?(?:\d{9,20}(?:\.\d{1,9})?|\d\.\d{7,19}[eE]\+?\d{1,2})", re.ASCII)
# Seconds, milli- and microseconds of the year 5138. A larger number counts the next smaller unit.
_UNITS = ((1e17, 1_000_000_000), (1e14, 1_000_000), (1e11, 1_000), (0, 1))
# Databases and Ruby write a blank before the zone.
_ZONE = re.compile(r"(?<=[0-9]) (?:(UTC|GMT|Z)|(?=[+-][0-9]{2}:?[0-9]{2}$))", re.IGNORECASE)


def read_time(value: Any, zone: tzinfo = UTC, order: str = "iso") -> datetime | None:
    """Return the moment that a value represents; None if it does not represent one.

    Args:
        value: Unix seconds, milliseconds, microseconds or nanoseconds, as number or text, or a date with or
            without time.
        zone: The zone of a text without one.
        order: ``iso``, or the order of day, month and year: ``dmy``, ``mdy``.
    """
    number = unix_number(value)
    if number is not None:
        return _from_unix(number)
    text = value.strip() if isinstance(value, str) and len(value) <= _LONGEST else ""
    try:
        moment = _written(text, order)
        return (moment if moment.tzinfo else moment.replace(tzinfo=zone)).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def unix_number(value: Any) -> int | float | None:
    """Return Unix time as a number, in the given unit; None for any other value.

    Args:
        value: A number, or text of a number with at least nine digits.
    """
    if is_number(value):
        return int(value) if isinstance(value, int) else float(value)
    text = value.strip() if isinstance(value, str) and len(value) <= _LONGEST else ""
    if not _UNIX.fullmatch(text):
        return None
    return int(text) if text.lstrip("+-").isdigit() else float(text)


def units_per_second(number: float) -> int:
    """Return the units of a Unix time that make a second: 1, 1,000 (milliseconds) and so on."""
    return next(parts for least, parts in _UNITS if abs(number) >= least)


def _from_unix(number: float) -> datetime | None:
    try:
        return datetime.fromtimestamp(number / units_per_second(number), UTC)
    except (ValueError, OverflowError, OSError):
        return None


def _written(text: str, order: str) -> datetime:
    if match := _PRINTED.fullmatch(text):
        return _printed(match)
    if order in _PLACES and (match := _NUMERIC.fullmatch(text)):
        return _numeric(match, order)
    if text[:3].isalpha():
        return _of_a_header(text)
    text = _ZONE.sub(lambda found: "Z" if found[1] else "", text)
    return datetime.fromisoformat(text.upper())  # RFC 3339 allows t and z in lower case.


def _of_a_header(text: str) -> datetime:
    """Read the two older forms of HTTP dates, and other texts that begin with the day of the week."""
    parts = parsedate_tz(text) if ":" in text and _NAMES_MONTH.search(text) else None
    if parts is None:
        raise ValueError("This is not a date.")
    moment = datetime(*parts[:6])
    return moment if parts[9] is None else moment.replace(tzinfo=timezone(timedelta(seconds=parts[9])))


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
            raise ValueError("A 12-hour clock does not have this hour.")
        hour = hour % 12 + (12 if half == "p" else 0)
    return datetime(year, month, day, hour, minute, second)


def zone_of(name: Any) -> tzinfo:
    """Return the time zone of that name; UTC without a name.

    Raises:
        InvalidParameter: The time zone is unknown.
    """
    if name in (None, "", "UTC"):
        return UTC
    try:
        return ZoneInfo(str(name))
    except (ValueError, OSError, ZoneInfoNotFoundError):
        raise InvalidParameter("The time zone is unknown. Write it like Europe/Berlin or UTC.") from None
