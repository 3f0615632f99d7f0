"""Click id and browser id: kept as they came, made only from a click that is in an address.

Source: Meta, fbp and fbc Parameters (ClickID).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import unquote

from .cleaning import Hints, UnusableValue, as_text

LIFE_DAYS = 90
LIFE_SECONDS = LIFE_DAYS * 86_400
# A creation time below it counts seconds.
MILLISECONDS_FROM = 10**11

_SUFFIX = r"(\.[A-Za-z0-9_-]{2}|\.[A-Za-z0-9_-]{8})?"
_FBC = re.compile(rf"fb\.[0-9]\.([0-9]{{10,13}})\.[^.\s]++{_SUFFIX}")
_USUAL_FBC = re.compile(r"fb\.1\.([0-9]{13})\.[A-Za-z0-9_-]+")
_FBP = re.compile(rf"fb\.[0-9]\.[0-9]{{10,13}}\.[0-9]+{_SUFFIX}")
_CLICK = re.compile(r"[A-Za-z0-9_-]{1,500}")
_PARAMETER = "fbclid="


def fbc(value: Any, hints: Hints) -> str | None:
    """Return a click id as it came.

    Raises:
        UnusableValue: It has another form, or was made more than 90 days before the event was received.

    Source: Meta, fbp and fbc Parameters (ClickID); product rule: drop the bad value, keep the event.
    """
    text = (value if type(value) is str else as_text(value)).strip()
    if not text:
        return None
    found = _USUAL_FBC.fullmatch(text) or _FBC.fullmatch(text)
    if not found:
        raise UnusableValue(
            "It does not look like a click id such as fb.1.1554763741205.AbCdEf; left out.", "not_fbc"
        )
    made = int(found[1])
    if hints.received_at - (made / 1000 if made >= MILLISECONDS_FROM else made) > LIFE_SECONDS:
        raise UnusableValue(f"The click is more than {LIFE_DAYS} days ago; left out.", "old_fbc")
    return text


def fbp(value: Any, hints: Hints) -> str | None:
    """Return a browser id as it came; of any age, because the Pixel renews the cookie with each visit.

    Raises:
        UnusableValue: It has another form.

    Source: Meta, fbp and fbc Parameters (ClickID).
    """
    text = (value if type(value) is str else as_text(value)).strip()
    if text and not _FBP.fullmatch(text):
        shape = "a browser id such as fb.1.1596403881668.1116446470"
        raise UnusableValue(f"It does not look like {shape}; left out.", "not_fbp")
    return text or None


def click_id(event: Mapping[str, Any], cookie: str | None, hints: Hints) -> str | None:
    """Return the click id to send: the cookie's, else one made from an address, else None.

    The click of the page's address replaces that of the cookie when they differ; that of the referrer only
    serves when there is no cookie. A cookie with the same click keeps its creation time.

    Args:
        event: With ``event_source_url`` and ``referrer_url`` where they are known.
        cookie: A click id in Meta's form.
        hints: The creation time of a new one is the receive time, the same in every retry.
    """
    click = _click_in(event.get("event_source_url"), "eventSourceUrl", "Event Source URL", hints)
    if not click and not cookie:
        click = _click_in(event.get("referrer_url"), "referrerUrl", "Referrer URL", hints)
    if not click or (cookie and cookie.split(".")[3] == click):
        return cookie
    return f"fb.1.{int(hints.received_at * 1000)}.{click}"


def _click_in(address: str | None, path: str, label: str, hints: Hints) -> str:
    """Value of ``fbclid`` in an address, decoded once, letter case kept; "" when there is none."""
    if not address or _PARAMETER not in address:
        return ""
    query = address.partition("#")[0].partition("?")[2]
    values = (unquote(part[len(_PARAMETER) :]) for part in query.split("&") if part.startswith(_PARAMETER))
    click = next(filter(None, values), "")
    if click and not _CLICK.fullmatch(click):
        hints.place = (path, label)
        hints.note("Its fbclid does not look like a click id, so none was made from it.", "not_fbclid")
        return ""
    return click
