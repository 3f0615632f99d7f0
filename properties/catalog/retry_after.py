"""The header ``Retry-After`` of an answer."""

from __future__ import annotations

from datetime import datetime
from email.utils import parsedate_to_datetime

from .outbound import Answer

_MOST_DIGITS = 10


def retry_after(answer: Answer) -> float | None:
    """Return the seconds until the server accepts the next request; None if the answer does not say.

    A date is compared with the clock of the server, from its header ``Date``.

    Source: RFC 9110, 10.2.3 (Retry-After).
    """
    said = answer.headers.get("retry-after", "").strip()
    if said.isascii() and said.isdigit():
        return float(said[:_MOST_DIGITS])
    until, now = _moment(said), _moment(answer.headers.get("date", ""))
    return max((until - now).total_seconds(), 0.0) if until and now else None


def _moment(text: str) -> datetime | None:
    try:
        moment = parsedate_to_datetime(text)
    except ValueError:
        return None
    return moment if moment.tzinfo else None
