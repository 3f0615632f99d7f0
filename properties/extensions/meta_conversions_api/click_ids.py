"""Click id and browser id: kept as they came, made only from a click that is in an address.

Source: Meta, fbp and fbc Parameters (ClickID).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import unquote

from properties.catalog.customer_data.cleaning import Hints, UnusableValue, as_text
from properties.catalog.customer_data.nothing import says_nothing

LIFE_DAYS = 90
LIFE_SECONDS = LIFE_DAYS * 86_400
# A creation time below it counts seconds.
MILLISECONDS_FROM = 10**11

_SUFFIX = r"(\.[A-Za-z0-9_-]{2}|\.[A-Za-z0-9_-]{8})?"
_FBC = re.compile(rf"fb\.[0-9]\.([0-9]{{10,13}})\.[^.\s]++{_SUFFIX}")
_USUAL_FBC = re.compile(r"fb\.1\.([0-9]{13})\.[A-Za-z0-9_-]+")
_FBP = re.compile(rf"fb\.[0-9]\.[0-9]{{10,13}}\.[0-9]+{_SUFFIX}")
# Behind the last parameter of an address the suffix of Meta's parameter builder belongs to the whole address.
# Source: facebook/capi-param-builder, param_builder.py (``_construct_event_source_url``).
_CLICK = re.compile(r"([A-Za-z0-9_-]{1,500})(\.(AQ|Ag|Aw|BA|BQ|Bg|[A-Za-z0-9_-]{8}))?")
# Of so many letters one is a capital, but for one click in 30,000.
_SURELY_MIXED = 20
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
    if text.islower():
        _warn_if_lowered(text.split(".")[3], hints)
    return text


_LOWERED = (
    "It has no capital letters, but the letter case of a click id counts. Look for a data element with Force "
    "lower case, or for the place on the site that makes small letters."
)
_CODE = "lower_cased_click"


def _warn_if_lowered(click: str, hints: Hints) -> None:
    if len(click) >= _SURELY_MIXED and click.islower():
        hints.note(_LOWERED, _CODE)


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
    serves when there is no cookie. A cookie with the same click keeps its creation time, also where one of
    both lost its capital letters.

    Args:
        event: With ``event_source_url`` and ``referrer_url`` where they are known.
        cookie: A click id in Meta's form.
        hints: The creation time of a new one is the receive time, the same in every retry.
    """
    page = event.get("event_source_url")
    if cookie and (not page or _PARAMETER not in page):
        return cookie
    click, place = _click_in(page, *_PAGE, hints), _PAGE
    if not click and not cookie:
        click, place = _click_in(event.get("referrer_url"), *_REFERRER, hints), _REFERRER
    if not click:
        return cookie
    known = cookie.split(".")[3] if cookie else ""
    if cookie and known == click:
        return cookie
    if cookie and known.lower() == click.lower():
        return _with_capitals(cookie, known, click, hints)
    hints.place = place
    _warn_if_lowered(click, hints)
    return f"fb.1.{int(hints.received_at * 1000)}.{click}"


_PAGE = ("eventSourceUrl", "Event Source URL")
_REFERRER = ("referrerUrl", "Referrer URL")


def _with_capitals(cookie: str, known: str, click: str, hints: Hints) -> str:
    """The cookie, with the click of the address only where the cookie has lost its capital letters."""
    if known != click.lower():
        hints.place = _PAGE
        message = "Its fbclid differs from the Click ID by capital letters only, so the Click ID was sent."
        hints.note(message, _CODE)
        return cookie
    if not any(warning.code == _CODE for warning in hints.warnings):
        hints.place = ("fbc", "Click ID")
        hints.note(_LOWERED, _CODE)
    return cookie.replace(f".{known}", f".{click}", 1)


def _click_in(address: str | None, path: str, label: str, hints: Hints) -> str:
    """Value of ``fbclid`` in an address, decoded once, letter case kept; "" when there is none."""
    if not address or _PARAMETER not in address:
        return ""
    query = address.partition("#")[0].partition("?")[2]
    values = (unquote(part[len(_PARAMETER) :]) for part in query.split("&") if part.startswith(_PARAMETER))
    click = next(filter(None, values), "")
    if not click or says_nothing(click):
        return ""
    found = _CLICK.fullmatch(click)
    if not found:
        hints.place = (path, label)
        hints.note("Its fbclid does not look like a click id, so none was made from it.", "not_fbclid")
        return ""
    return found[1]
