"""Click ID and Browser ID: sent unchanged. A Click ID is made only from a click in an address.

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
# A smaller creation time is in seconds.
MILLISECONDS_FROM = 10**11

_SUFFIX = r"(\.[A-Za-z0-9_-]{2}|\.[A-Za-z0-9_-]{8})?"
_FBC = re.compile(rf"fb\.[0-9]\.([0-9]{{10,13}})\.[^.\s]++{_SUFFIX}")
_USUAL_FBC = re.compile(r"fb\.1\.([0-9]{13})\.[A-Za-z0-9_-]+")
_FBP = re.compile(rf"fb\.[0-9]\.[0-9]{{10,13}}\.[0-9]+{_SUFFIX}")
# A suffix of Meta's parameter builder after the last parameter belongs to the whole address.
# Source: facebook/capi-param-builder, param_builder.py (``_construct_event_source_url``).
_CLICK = re.compile(r"([A-Za-z0-9_-]{1,500})(\.(AQ|Ag|Aw|BA|BQ|Bg|[A-Za-z0-9_-]{8}))?")
# Only one click in 30,000 of this length has no capital letter.
_SURELY_MIXED = 20
_PARAMETER = "fbclid="


def fbc(value: Any, hints: Hints) -> str | None:
    """Return a click ID unchanged.

    Raises:
        UnusableValue: It has another form, or it was made more than 90 days before the event was received.

    Source: Meta, fbp and fbc Parameters (ClickID); product rule: drop the bad value, keep the event.
    """
    text = (value if type(value) is str else as_text(value)).strip()
    if not text:
        return None
    found = _USUAL_FBC.fullmatch(text) or _FBC.fullmatch(text)
    if not found:
        raise UnusableValue(
            "It does not look like a click ID such as fb.1.1554763741205.AbCdEf; left out.", "not_fbc"
        )
    made = int(found[1])
    if hints.received_at - (made / 1000 if made >= MILLISECONDS_FROM else made) > LIFE_SECONDS:
        raise UnusableValue(f"The click was more than {LIFE_DAYS} days ago; left out.", "old_fbc")
    if text.islower():
        _warn_if_lowered(text.split(".")[3], hints)
    return text


_LOWERED = (
    "It has no capital letters, but the letter case of a click ID matters. Look for a data element with "
    "Force lower case, or for code on the site that converts it to lower case."
)
_CODE = "lower_cased_click"


def _warn_if_lowered(click: str, hints: Hints) -> None:
    if len(click) >= _SURELY_MIXED and click.islower():
        hints.note(_LOWERED, _CODE)


def fbp(value: Any, hints: Hints) -> str | None:
    """Return a browser ID of any age unchanged: the Pixel renews the cookie with each visit.

    Raises:
        UnusableValue: It has another form.

    Source: Meta, fbp and fbc Parameters (ClickID).
    """
    text = (value if type(value) is str else as_text(value)).strip()
    if text and not _FBP.fullmatch(text):
        shape = "a browser ID such as fb.1.1596403881668.1116446470"
        raise UnusableValue(f"It does not look like {shape}; left out.", "not_fbp")
    return text or None


def click_id(event: Mapping[str, Any], cookie: str | None, hints: Hints) -> str | None:
    """Return the click ID to send: the cookie's, else one made from an address, else None.

    A different click in the page's address replaces the cookie's click. The referrer is used only if there
    is no cookie. A cookie with the same click keeps its creation time, even if one of the two has lost its
    capital letters.

    Args:
        event: The server event with ``event_source_url`` and ``referrer_url``, if known.
        cookie: A click ID in Meta's form.
        hints: The receive time becomes the creation time of a new click ID, the same in every retry.
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
    """Return the cookie, with the address's click if the cookie has lost its capital letters."""
    if known != click.lower():
        hints.place = _PAGE
        message = "Its fbclid differs from the Click ID only by capital letters, so the Click ID was sent."
        hints.note(message, _CODE)
        return cookie
    if not any(warning.code == _CODE for warning in hints.warnings):
        hints.place = ("fbc", "Click ID")
        hints.note(_LOWERED, _CODE)
    return cookie.replace(f".{known}", f".{click}", 1)


def _click_in(address: str | None, path: str, label: str, hints: Hints) -> str:
    """Return the value of ``fbclid`` in an address, decoded once, letter case kept; "" if there is none."""
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
        hints.note("Its fbclid does not look like a click, so no Click ID was made from it.", "not_fbclid")
        return ""
    return found[1]
