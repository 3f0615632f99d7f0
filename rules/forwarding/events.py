"""The events of a body: which there are, what is wrong with them, and what the edge adds."""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec

from . import limits
from .cleaning import Cleaning, may_have_too_many_parts
from .errors import Refusal
from .reading import needs_cleaning

NO_FLAGS = "[]"
_DATA_NAMES = ("eventName", "event_name", "event")
_encode = msgspec.json.Encoder().encode


@dataclass(slots=True)
class Surroundings:
    """What the edge knows about a request besides its body.

    Args:
        timestamp: When the request came in, such as ``2026-03-01T12:00:00.123Z``.
        address: The visitor's IP address, empty when unknown.
        user_agent: As sent, empty when there was none.
    """

    timestamp: str
    address: str
    user_agent: str


@dataclass(slots=True)
class ReceivedEvent:
    """One good event, ready to be stored.

    Args:
        body: ``{"xdm": …, "data": …}`` as JSON.
        event_id: ``xdm._id`` as the sender gave it, empty when the edge made one.
        position: Which of the request's events it is, from 0.
    """

    body: str
    name: str
    event_id: str
    position: int
    flags: str


def listed(payload: Any) -> list[Any]:
    """The events of a body: ``{"event": {…}}`` or ``{"events": [{…}, …]}``."""
    if not isinstance(payload, dict):
        raise Refusal(422, "no-event", 'The body must be an object: {"event": {"xdm": {…}, "data": {…}}}.')
    if "event" in payload:
        return [payload["event"]]
    events = payload.get("events", [])
    if not isinstance(events, list):
        raise Refusal(422, "no-event", "“events” must be a list of events.", "$.events")
    if len(events) > limits.REQUEST_EVENTS:
        detail = f"A request may have {limits.REQUEST_EVENTS:,} events, this one has {len(events):,}."
        raise Refusal(413, "too-large", detail, "$.events")
    return events


def received(
    payload: Any, body: bytes, surroundings: Surroundings
) -> tuple[list[ReceivedEvent], list[Refusal]]:
    """Every event of a body, as a row to be or as a refusal that names it by index.

    Raises:
        Refusal: 422 or 413 when the body as a whole holds no events or too many.
    """
    good: list[ReceivedEvent] = []
    bad: list[Refusal] = []
    events = listed(payload)
    is_dirty = needs_cleaning(body)
    sizes = _sizes(body, len(events)) if len(body) > limits.EVENT_BYTES else None
    for position, event in enumerate(events):
        path = "$.event" if "event" in payload else f"$.events[{position}]"
        try:
            if sizes and sizes[position] > limits.EVENT_BYTES:
                raise _too_large(sizes[position], path)
            good.append(_one(event, path, position, is_dirty, surroundings))
        except Refusal as refusal:
            refusal.index = position
            bad.append(refusal)
    return good, bad


def _too_large(size: int, path: str) -> Refusal:
    detail = f"An event may have {limits.EVENT_BYTES // 1024} KiB, this one has {size:,} bytes."
    return Refusal(413, "too-large", detail, path)


class _Slices(msgspec.Struct):
    """The events as sent, to tell their size in bytes."""

    event: msgspec.Raw | None = None
    events: list[msgspec.Raw] | None = None


def _sizes(body: bytes, count: int) -> Sequence[int]:
    """Bytes of each event as sent. A body that only the lenient parser read is counted as evenly spread."""
    try:
        slices = msgspec.json.decode(body, type=_Slices)
    except (msgspec.MsgspecError, UnicodeDecodeError):
        return [len(body) // max(count, 1)] * count
    raw = [slices.event] if slices.event is not None else slices.events
    return [len(part) for part in raw or []]


def _one(event: Any, path: str, position: int, is_dirty: bool, surroundings: Surroundings) -> ReceivedEvent:
    _check_shape(event, path)
    flags = NO_FLAGS
    if is_dirty:
        event, flags = _cleaned(event, path)
    xdm, data = event.get("xdm") or {}, event.get("data")
    event_id = _event_id(xdm, path)
    name = _name(xdm, data)
    _add_automatic_fields(xdm, surroundings)
    encoded = _encode({"xdm": xdm, "data": {} if data is None else data})
    if not is_dirty and may_have_too_many_parts(encoded):
        Cleaning().clean(event, path)
    return ReceivedEvent(encoded.decode(), name, event_id, position, flags)


def _check_shape(event: Any, path: str) -> None:
    if not isinstance(event, dict):
        raise Refusal(422, "no-event", "An event must be an object with “xdm” or “data”.", path)
    parts = [event.get("xdm"), event.get("data")]
    if parts == [None, None]:
        raise Refusal(422, "no-event", "An event needs “xdm” or “data”; both are objects.", path)
    for key, part in zip(("xdm", "data"), parts, strict=True):
        if part is not None and not isinstance(part, dict):
            raise Refusal(422, "no-event", f"“{key}” must be an object.", f"{path}.{key}")


def _cleaned(event: dict[str, Any], path: str) -> tuple[dict[str, Any], str]:
    cleaning = Cleaning()
    cleaned = cleaning.clean({key: event.get(key) for key in ("xdm", "data")}, path)
    return cleaned, _encode(sorted(cleaning.flags)).decode()


def _event_id(xdm: dict[str, Any], path: str) -> str:
    """What the sender calls this event; a number counts as its digits."""
    given = xdm.get("_id")
    if given is None or given == "":
        return ""
    if isinstance(given, bool) or not isinstance(given, str | int):
        raise Refusal(422, "no-event", "“_id” must be text.", f"{path}.xdm._id")
    if len(str(given)) > limits.EVENT_ID_CHARACTERS:
        detail = f"“_id” may have {limits.EVENT_ID_CHARACTERS:,} characters."
        raise Refusal(422, "no-event", detail, f"{path}.xdm._id")
    return str(given)


def _name(xdm: dict[str, Any], data: dict[str, Any] | None) -> str:
    """How lists call the event: ``xdm.eventType``, else the name in its data."""
    for candidate in _candidates(xdm, data or {}):
        if isinstance(candidate, str) and candidate:
            return candidate[: limits.NAME_CHARACTERS]
    return ""


def _candidates(xdm: dict[str, Any], data: dict[str, Any]) -> Iterator[Any]:
    yield xdm.get("eventType")
    for key in _DATA_NAMES:
        yield data.get(key)


def _add_automatic_fields(xdm: dict[str, Any], surroundings: Surroundings) -> None:
    """``_id``, ``timestamp``, IP address and user agent where the sender gave none.

    Source: contracts, "Receiving events"; adobe-event-forwarding, "What a module receives".
    """
    if xdm.get("_id") in (None, ""):
        xdm["_id"] = str(uuid.uuid4())
    if not xdm.get("timestamp"):
        xdm["timestamp"] = surroundings.timestamp
    environment = _object_in(xdm, "environment")
    if environment is None:
        return
    if surroundings.address and not environment.get("ipV4") and not environment.get("ipV6"):
        environment["ipV6" if ":" in surroundings.address else "ipV4"] = surroundings.address
    details = _object_in(environment, "browserDetails") if surroundings.user_agent else None
    if details is not None and not details.get("userAgent"):
        details["userAgent"] = surroundings.user_agent


def _object_in(parent: dict[str, Any], key: str) -> dict[str, Any] | None:
    """The object at ``key``, made when absent; None when the sender put something else there."""
    if parent.get(key) is None:
        parent[key] = {}
    value = parent[key]
    return value if isinstance(value, dict) else None
