"""What a page says of the copies that it gave to vendors' scripts itself.

The library of a tags property adds it to the next event that it sends anyway: ``data.capiCopies``, a list of
[destination, event name, event id]. Rules do not see it. It comes from a browser, so every part is checked
and bounded.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

MOST = 5
LONGEST = 255


class PageCopy(NamedTuple):
    """One event that a page gave to a vendor's script; ``id`` is "" if it has none."""

    destination: str
    name: str
    id: str


class PageMarks(NamedTuple):
    """Where an event comes from.

    Args:
        is_from_page: A browser sent it, not a server.
        copies: What the page gave to vendors' scripts since its last event.
        cookies: The visitor's cookies that came with the event.
    """

    is_from_page: bool = False
    copies: Sequence[PageCopy] = ()
    cookies: Mapping[str, Any] = {}


FROM_A_SERVER = PageMarks()


def page_marks_of(call: Mapping[str, Any], given: Any) -> PageMarks:
    """Return where an event comes from.

    Browsers name the site in the header ``origin``, and the Web SDK says that it runs in a browser.

    Args:
        call: ``{"event": {"xdm", "data"}, "request": {"header"}}``.
        given: What the page says of its own copies, as it came; None if nothing.
    """
    event, header = call["event"], call["request"].get("header") or {}
    copies = tuple(_copies(given)) if given else ()
    if not copies and "origin" not in header.get("httpHeaders", ()) and not _is_in_browser(event):
        return FROM_A_SERVER
    cookies = header.get("cookies")
    return PageMarks(True, copies, cookies if type(cookies) is dict else {})


def _is_in_browser(event: Any) -> bool:
    xdm = event.get("xdm") if type(event) is dict else None
    details = xdm.get("implementationDetails") if type(xdm) is dict else None
    return type(details) is dict and details.get("environment") == "browser"


def _copies(given: Any) -> Iterator[PageCopy]:
    for row in given[:MOST] if isinstance(given, list) else ():
        if isinstance(row, list) and len(row) == 3 and _text(row[0]) and _text(row[1]):
            yield PageCopy(*map(_text, row))


def _text(value: Any) -> str:
    return str(value)[:LONGEST] if isinstance(value, str | int) and not isinstance(value, bool) else ""
