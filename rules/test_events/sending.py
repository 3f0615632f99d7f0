"""Sends one event to the endpoint, as a client of the datastream would."""

from __future__ import annotations

import json
import time
import uuid
from collections.abc import Mapping
from typing import Any

from properties.catalog.references import secret_name
from properties.http.curl import NOW
from properties.models import Datastream
from properties.secrets import credentials
from rules.dry_run.samples import pasted_event
from rules.forwarding import in_process_client

from .following import SentTestEvent

PATH = "/ee/v2/collect"


class EventRefused(Exception):
    """The endpoint refused the event.

    Args:
        status: HTTP status of the answer.
        detail: The reason in the answer, for a person.
    """

    def __init__(self, status: int, detail: str) -> None:
        super().__init__(detail)
        self.status, self.detail = status, detail


def send(datastream: Datastream, text: str, environ: Mapping[str, str]) -> SentTestEvent:
    """Send the event in ``text``.

    Args:
        text: JSON as a person wrote it; ``NOW`` becomes Unix seconds.
        environ: The page's request, by WSGI names: the event gets its browser and address.

    Returns:
        The event to follow.

    Raises:
        NoSample: The text is not an event.
        EdgeAway: This process does not accept events, or does not answer.
        EventRefused: The endpoint refused it.
    """
    now = int(time.time())
    event = pasted_event(text.replace(NOW, str(now)))
    request_id = str(uuid.uuid4())
    body = json.dumps({"events": [event]}, ensure_ascii=False).encode()
    query = f"datastreamId={datastream.uid}&requestId={request_id}"
    answer = in_process_client.post(
        PATH, query, body, _headers(datastream, environ), environ.get("REMOTE_ADDR", "")
    )
    content = _read(answer.body)
    if answer.status >= 300:
        raise EventRefused(
            answer.status, str(content.get("detail") or content.get("title") or "No reason was given.")
        )
    # The only warning about an accepted event is that its visitor refused consent.
    return SentTestEvent(request_id, now, is_kept=not content.get("warnings"))


def _headers(datastream: Datastream, environ: Mapping[str, str]) -> list[tuple[bytes, bytes]]:
    """Return the headers of the page's browser, with an allowed origin and a key if the datastream asks."""
    given = {
        "content-type": "application/json",
        "user-agent": environ.get("HTTP_USER_AGENT", ""),
        "x-forwarded-for": environ.get("HTTP_X_FORWARDED_FOR", ""),
        "origin": next(iter(datastream.allowed_origins), ""),
        "authorization": _key(datastream),
    }
    return [(name.encode(), value.encode("latin-1", "replace")) for name, value in given.items() if value]


def _key(datastream: Datastream) -> str:
    if datastream.access != Datastream.Access.KEY:
        return ""
    environment = datastream.environment
    values = credentials.values_of(environment.prop_id, environment.pk)
    names = (secret_name(key) or "" for key in datastream.keys)
    return next((f"Bearer {values[name]}" for name in names if name in values), "")


def _read(body: bytes) -> dict[str, Any]:
    try:
        content = json.loads(body or b"{}")
    except ValueError:
        return {}
    return content if isinstance(content, dict) else {}
