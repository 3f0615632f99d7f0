"""Events for dry runs: received, built-in and pasted."""

from __future__ import annotations

import copy
import json
import math
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django.utils import timezone

from properties.catalog.secret_markers import harmless
from properties.catalog.shown_times import in_rows
from properties.http.curl import NOW
from properties.models import Property
from properties.models.identifiers import row_id
from rules.engine import mask_lookalikes
from rules.models import InboundEvent

from .built_in_samples import BUILT_IN

LAST = "last"
PASTED = "pasted"
STORED = "event:"
SAMPLE = "sample:"
SAVED = "saved:"
RECENT = 20
NEWEST = 5
# The limits of the edge: docs/reference/contracts.md, "Receiving events".
LONGEST_PASTED = 64 * 1024
DEEPEST = 32


class NoSample(Exception):
    """The event does not exist, or the pasted text is not an event; the message says what to do."""


@dataclass(frozen=True, slots=True)
class SampleEvent:
    """One event that the engine can run.

    Args:
        key: Identifies the choice: ``event:<id>``, ``saved:<uid>``, ``sample:<name>`` or ``pasted``.
        label: Text for people.
        call: ``{"event": {"xdm", "data"}, "request": {"header", "body"}}``.
        inbound_event_id: Id of the stored event; a fixed text for others.
        received_at: Unix seconds; now for events that were not received.
        event: The stored row; None for others.
    """

    key: str
    label: str
    call: dict[str, Any]
    inbound_event_id: str
    received_at: float
    event: InboundEvent | None = None


def sample_choices(prop: Property) -> list[tuple[str, str]]:
    """Return (key, label) of each choice: last, saved, built-in, pasted and recent events."""
    recent = list(_kept(prop).defer("body", "request", "trace")[:RECENT])
    last = [(LAST, "The last received event")] if recent else []
    stored = [(f"{STORED}{event.pk}", _label(event)) for event in recent]
    built_in = [(f"{SAMPLE}{name}", f"Sample: {label}") for name, (label, _) in BUILT_IN.items()]
    saved = [(f"{SAVED}{it.uid}", f"Saved: {it.name}") for it in prop.saved_events.all()]
    return [*last, *saved, *built_in, (PASTED, "An event that I paste"), *stored]


def sample_event(prop: Property, key: str = LAST, *, pasted: str = "") -> SampleEvent:
    """Return the event that ``key`` names. Without received events, ``last`` is the first built-in one.

    Args:
        prop: Only events of this property are found.
        key: ``last``, ``event:<id>``, ``saved:<uid>``, ``sample:<name>`` or ``pasted``.
        pasted: JSON from a person: an event, or a request body that contains one.

    Raises:
        NoSample: The event does not exist.
    """
    if key == PASTED:
        return _fresh(PASTED, "The pasted event", pasted_event(pasted))
    if key.startswith(SAMPLE):
        return _built_in(key.removeprefix(SAMPLE))
    if key.startswith(SAVED):
        return _saved(prop, key)
    return _stored(prop, key) if key.startswith(STORED) else _last(prop)


def recent_samples(prop: Property) -> Iterator[SampleEvent]:
    """Return the newest received events, then the built-in ones."""
    yield from map(_of_row, _kept(prop)[:RECENT])
    yield from map(_built_in, BUILT_IN)


def newest_samples(prop: Property) -> list[SampleEvent]:
    """Return a few of the newest received events, or the built-in ones if there are no received ones."""
    return [_of_row(event) for event in _kept(prop)[:NEWEST]] or [_built_in(name) for name in BUILT_IN]


def _kept(prop: Property) -> Any:
    """Return events that still have their body, newest first; retention and erasures remove bodies."""
    return InboundEvent.objects.filter(property_id=prop.pk).exclude(body="").order_by("-id")


def _label(event: InboundEvent) -> str:
    name = mask_lookalikes(event.name) or "Event without a name"
    return f"{in_rows(event.received_at)} {name}"


def _last(prop: Property) -> SampleEvent:
    event = _kept(prop).first()
    return _of_row(event) if event else _built_in(next(iter(BUILT_IN)))


def _stored(prop: Property, key: str) -> SampleEvent:
    event = _kept(prop).filter(pk=row_id(key.removeprefix(STORED)) or 0).first()
    if event is None:
        raise NoSample("This event is no longer kept. Choose another one.")
    return _of_row(event)


def _saved(prop: Property, key: str) -> SampleEvent:
    saved = prop.saved_events.filter(uid=key.removeprefix(SAVED)[:40]).first()
    if saved is None:
        raise NoSample("This saved event was deleted. Choose another one.")
    text = json.dumps({"xdm": saved.xdm, "data": saved.data})
    event = json.loads(harmless(text.replace(NOW, str(int(timezone.now().timestamp())))))
    return _fresh(key, f"Saved: {saved.name}", event)


def _of_row(event: InboundEvent) -> SampleEvent:
    return SampleEvent(
        key=f"{STORED}{event.pk}",
        label=_label(event),
        call=event.call(),
        inbound_event_id=str(event.pk),
        received_at=event.received_at.timestamp(),
        event=event,
    )


def _built_in(name: str) -> SampleEvent:
    if name not in BUILT_IN:
        raise NoSample("This sample does not exist. Choose another one.")
    label, event = BUILT_IN[name]
    return _fresh(f"{SAMPLE}{name}", f"Sample: {label}", copy.deepcopy(event))


def _fresh(key: str, label: str, event: dict[str, Any]) -> SampleEvent:
    """Return an event as if it arrived now, with the values that the edge would add."""
    now = timezone.now()
    xdm = event.setdefault("xdm", {})
    xdm.setdefault("_id", "00000000-0000-4000-8000-000000000000")
    xdm.setdefault("timestamp", _iso(now))
    event.setdefault("data", {})
    request = {"header": {"receivedAt": _iso(now), "httpHeaders": {}}, "body": event}
    return SampleEvent(key, label, {"event": event, "request": request}, "1", now.timestamp())


def _iso(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def pasted_event(text: str) -> dict[str, Any]:
    """Return the event in a JSON text: an event, or the first one of a request body.

    Returns:
        ``{"xdm", "data"}``.

    Raises:
        NoSample: The text is not an event; the message says where and what to do.
    """
    if not text.strip():
        raise NoSample('Paste an event, such as {"xdm": {…}, "data": {"event": "Purchase"}}.')
    if len(text.encode("utf-8", "replace")) > LONGEST_PASTED:
        raise NoSample("This event is larger than 64 KiB.")
    event = _event_in(_json(text))
    if _is_deeper(event, DEEPEST):
        raise NoSample(f"This JSON is nested more than {DEEPEST} levels deep.")
    return event


def _json(text: str) -> Any:
    try:
        value = json.loads(text, parse_constant=_refuse_constant, parse_float=_finite)
        # Unpaired surrogates are not valid text: pages and requests cannot contain them.
        text = json.dumps(value, ensure_ascii=False).encode("utf-8", "replace").decode()
        return json.loads(harmless(text))
    except json.JSONDecodeError as error:
        message = f"Line {error.lineno}, column {error.colno}: this is not valid JSON ({error.msg})."
        raise NoSample(message) from None
    except (ValueError, RecursionError) as error:
        raise NoSample(f"This JSON cannot be read ({type(error).__name__}).") from None


def _refuse_constant(name: str) -> None:
    raise NoSample(f"JSON does not allow {name}. Leave the value out.")


def _finite(digits: str) -> float:
    number = float(digits)
    if not math.isfinite(number):
        raise NoSample("A number in this JSON is too large to be stored.")
    return number


def _event_in(value: Any) -> dict[str, Any]:
    """Return the event itself, or the first one of a request body."""
    if isinstance(value, dict) and isinstance(value.get("event"), dict):
        value = value["event"]
    elif isinstance(value, dict) and isinstance(value.get("events"), list) and value["events"]:
        value = value["events"][0]
    if not isinstance(value, dict) or not (value.get("xdm") or value.get("data")):
        raise NoSample('An event needs “xdm” or “data”: {"xdm": {…}, "data": {…}}.')
    parts = {key: {} if value.get(key) is None else value[key] for key in ("xdm", "data")}
    if wrong := next((key for key, part in parts.items() if not isinstance(part, dict)), ""):
        raise NoSample(f"“{wrong}” must be an object.")
    return parts


def _is_deeper(value: Any, levels: int) -> bool:
    below = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return bool(levels == 0 and isinstance(value, dict | list)) or any(
        _is_deeper(part, levels - 1) for part in below
    )
