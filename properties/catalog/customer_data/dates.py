"""Dates of birth in the form that vendors match."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, timedelta
from functools import lru_cache
from hashlib import sha256

from .cleaning import Hints, UnusableValue, ascii_digits

_EIGHT_DIGITS = re.compile(r"[0-9]{8}")
_THREE_NUMBERS = re.compile(r"([0-9]{1,4})[-/.\s]+([0-9]{1,2})[-/.\s]+([0-9]{1,4})")
_TIME_OF_DAY = re.compile(r"(?<=[0-9])(T|\s+(?=[0-9]{1,2}:)).*", re.IGNORECASE | re.DOTALL)


def birth_date(text: str, hints: Hints) -> str:
    """Return a date of birth as YYYYMMDD.

    Reads dates with the year first. Reads dates with the year last if day and month have only one possible
    order. Ambiguous dates need ``hints.date_order``. A time of day is removed.

    Raises:
        UnusableValue: The date is ambiguous, or not a day between 1900 and the receive time.
    """
    text = ascii_digits(text)
    text = _TIME_OF_DAY.sub("", text) if len(text) > 10 else text
    found = {day for parts in _date_parts(text, hints.date_order) if (day := _day(parts, hints))}
    if len(found) == 1:
        return found.pop().isoformat().replace("-", "")
    if found:
        message = "Day and month could be swapped. Send year first, such as 1997-02-16; left out."
        raise UnusableValue(message, "ambiguous_date")
    raise UnusableValue("It is not a date since 1900 such as 1997-02-16; left out.", "no_date")


def usual_birth_date(text: str) -> str | None:
    """Return the hash of the :func:`birth_date` for most dates up to 2009 with the year first, else None."""
    day = text.replace("-", "") if len(text) == 10 and text[4] == text[7] == "-" else text
    if len(day) != 8 or not day.isascii() or not day.isdigit():
        return None
    if not ("1900" <= day[:4] <= "2009" and "01" <= day[4:6] <= "12" and "01" <= day[6:] <= "28"):
        return None
    return sha256(day.encode()).hexdigest()


def _date_parts(text: str, order: str) -> Iterator[tuple[str, str, str]]:
    if _EIGHT_DIGITS.fullmatch(text):
        first, second, last = text[:2], text[2:4], text[4:]
        yield text[:4], text[4:6], text[6:]
    elif match := _THREE_NUMBERS.fullmatch(text):
        first, second, last = match.groups()
        yield first, second, last
    else:
        return
    if len(last) != 4:
        return
    if order != "mdy":
        yield last, second, first
    if order != "dmy":
        yield last, first, second


def _day(parts: tuple[str, str, str], hints: Hints) -> date | None:
    if len(parts[0]) != 4:
        return None
    try:
        day = date(int(parts[0]), int(parts[1]), int(parts[2]))
    except ValueError:
        return None
    return day if day.year >= 1900 and day <= _day_of(int(hints.received_at) // 86_400) else None


@lru_cache(maxsize=64)
def _day_of(days_since_1970: int) -> date:
    return date(1970, 1, 1) + timedelta(days=days_since_1970)
