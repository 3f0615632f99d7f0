"""What came of each event of the demo's shop: the browser's call, and the server event with its fate."""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Iterable, Mapping
from typing import Any

from django.db import connection
from django.urls import reverse
from django.utils import timezone

from properties.models import Property
from rules.event_log.rows import EventLogRow, rows_of
from rules.models import InboundEvent

MOST_EVENTS = 40
MOST_CALLS = 200
BOTH, BROWSER_ONLY, SERVER_ONLY = "Counted once", "Browser only", "Server only"
_KEYS = ("name", "id", "parameters")
Entry = dict[str, Any]


class ShopLog:
    """The calls that browsers made to the shop instead of to a vendor, beside the events that the edge has.

    Args:
        forwarding: Name of the property that gets the server events.
        pages: Address of the product's pages.
    """

    def __init__(self, forwarding: str, pages: str) -> None:
        self._forwarding, self._pages = forwarding, pages
        self.calls: deque[Entry] = deque(maxlen=MOST_CALLS)
        self.clear()

    def clear(self) -> None:
        """Remove all calls, and hide the events that have arrived."""
        self.calls.clear()
        self._since = InboundEvent.first_id_at(timezone.now())

    def note(self, call: Mapping[str, Any]) -> None:
        """Keep a call of a browser."""
        self.calls.append({"at": timezone.now().timestamp(), **{key: call.get(key) for key in _KEYS}})

    def entries(self) -> list[Entry]:
        """Return each event once, newest first: ``{id, name, verdict, tone, browser, server}``."""
        found: dict[str, Entry] = {}
        for at, side, event_id, part in sorted(self._parts(), key=lambda it: (it[0], it[1])):
            entry = found.setdefault(event_id or f"{side} {at}", {"at": at, "id": event_id})
            entry |= {"name": part.pop("name") or entry.get("name", ""), side: part}
        newest = sorted(found.values(), key=lambda it: it["at"], reverse=True)[:MOST_EVENTS]
        return [_judged(entry) for entry in newest]

    def _parts(self) -> Iterable[tuple[float, str, str, Entry]]:
        for call in list(self.calls):
            part = {"name": call["name"], "parameters": call["parameters"] or {}}
            yield call["at"], "browser", str(call["id"] or ""), part
        yield from self._server_parts()

    def _server_parts(self) -> Iterable[tuple[float, str, str, Entry]]:
        prop = Property.objects.filter(name=self._forwarding).first()
        if prop is None:
            return
        events = InboundEvent.objects.filter(property_id=prop.pk, id__gte=self._since).order_by("-id")
        for row in rows_of(prop, list(events[:MOST_EVENTS])):
            data = _data_of(row.event)
            part = {"name": data.get("event"), **self._fate(prop, row)}
            yield row.event.received_at.timestamp(), "server", str(data.get("event_id") or ""), part

    def _fate(self, prop: Property, row: EventLogRow) -> Entry:
        path = reverse("rules:event_detail", args=[prop.uid, row.event.pk])
        outcome = row.outcome
        return {
            "word": outcome.word,
            "reason": outcome.said,
            "tone": outcome.tone,
            "url": f"{self._pages}{path}",
        }


def disconnect() -> None:
    """Close the database connection of the thread that calls this."""
    connection.close()


def _data_of(event: InboundEvent) -> dict[str, Any]:
    try:
        data = json.loads(event.body).get("data")
    except ValueError:
        return {}
    return data if isinstance(data, dict) else {}


def _judged(entry: Entry) -> Entry:
    """Add what both sides together mean: a vendor counts two events with one name and one id once."""
    has_both = "browser" in entry and "server" in entry
    verdict = BOTH if has_both else BROWSER_ONLY if "browser" in entry else SERVER_ONLY
    rest = {"browser": entry.get("browser"), "server": entry.get("server")}
    return {**entry, **rest, "verdict": verdict, "tone": "ok" if has_both else "warn"}
