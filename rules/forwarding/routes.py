"""Finds the route of a request to the edge, and reads its query.

Source: docs/reference/contracts.md, "Receiving events"; docs/reference/wire_protocol.md, "Requests" and
"Server API".
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from functools import lru_cache
from urllib.parse import unquote_plus

MOST_PARAMETERS = 50
LONGEST_VALUE = 200
DATASTREAM_PARAMETERS = ("configid", "datastreamid")


@dataclass(frozen=True)
class Route:
    """The meaning of one path of the protocol.

    Args:
        takes_events: Whether the body must hold events.
        answers_handles: Whether a browser waits for handles, with its identity.
        status: Status of a successful answer.
        takes_consent: Whether the body holds a visitor's consent.
        is_server: Whether servers use it: they get handles only if they ask for them.
        starts_media: Whether a player waits for the id of its session.
    """

    takes_events: bool
    answers_handles: bool
    status: int
    takes_consent: bool = False
    is_server: bool = False
    starts_media: bool = False


_ROUTES = {
    "/v1/interact": Route(takes_events=True, answers_handles=True, status=200),
    "/v1/collect": Route(takes_events=True, answers_handles=False, status=204),
    "/v1/privacy/set-consent": Route(False, True, 200, takes_consent=True),
    "/v1/identity/acquire": Route(False, True, 200),
    "/v2/interact": Route(takes_events=True, answers_handles=True, status=200, is_server=True),
    "/v2/collect": Route(takes_events=True, answers_handles=False, status=202),
}
# Source: @adobe/alloy, createMediaRequest: "/va" before the version, the kind of event after it.
_MEDIA = re.compile(r"(?:/.*)?/va/v1/([A-Za-z]{1,40})")
_MEDIA_EVENT = Route(takes_events=True, answers_handles=False, status=204)
_MEDIA_START = Route(takes_events=True, answers_handles=True, status=200, starts_media=True)


@lru_cache(maxsize=256)
def find_route(path: str) -> Route | None:
    """Return the route of ``[/{base}][/{hint}]/v1/…`` or ``…/v2/…``; None if the path is not the edge's."""
    for ending, route in _ROUTES.items():
        if path.endswith(ending):
            return route
    media = _MEDIA.fullmatch(path)
    if media is None:
        return None
    return _MEDIA_START if media[1] == "sessionStart" else _MEDIA_EVENT


@dataclass(frozen=True)
class Query:
    """The parameters of the protocol; ``datastream`` is the id or alias as sent."""

    datastream: str = ""
    request_id: str = ""
    silent: bool = False


@lru_cache(maxsize=256)
def read_query(query_string: bytes) -> Query:
    """Read the query. Letter case of names is ignored; ``configId`` and ``datastreamId`` mean the same."""
    values: dict[str, str] = {}
    for part in query_string.decode("latin-1").split("&")[:MOST_PARAMETERS]:
        name, _, value = part.partition("=")
        values.setdefault(unquote_plus(name).lower(), value)
    named = (values[name] for name in DATASTREAM_PARAMETERS if values.get(name))
    return Query(
        datastream=_text(next(named, "")),
        request_id=_text(values.get("requestid", "")),
        silent=values.get("silent", "").lower() == "true",
    )


def _text(value: str) -> str:
    """Return a parameter as people see it: decoded, without control characters, of limited length.

    A longer one ends with a digest of the whole, so two of them never look the same.
    """
    text = unquote_plus(value).strip()
    if len(text) > LONGEST_VALUE:
        digest = hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()
        text = text[: LONGEST_VALUE - len(digest)] + digest
    return text if text.isprintable() else "".join(filter(str.isprintable, text))
