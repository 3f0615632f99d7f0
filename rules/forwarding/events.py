"""The events of a body: which there are, what is wrong with them, and what the edge adds."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

import msgspec

from . import limits
from .cleaning import Cleaning, may_have_too_many_parts
from .errors import Refusal
from .identifiers import new_uuid
from .parcels import Parcel
from .reading import needs_cleaning
from .rows import EventRow

_DATA_NAMES = ("eventName", "event_name", "event")
_encode = msgspec.json.Encoder().encode


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


def received(payload: Any, parcel: Parcel) -> tuple[list[EventRow], list[Refusal]]:
    """Every event of a body, as a row to be or as a refusal that names it by index.

    Args:
        payload: The parsed body of ``parcel``.

    Raises:
        Refusal: 422 or 413 when the body as a whole holds no events or too many.
    """
    good: list[EventRow] = []
    bad: list[Refusal] = []
    events = listed(payload)
    is_dirty = needs_cleaning(parcel.body)
    sizes = _sizes(parcel.body, len(events)) if len(parcel.body) > limits.EVENT_BYTES else None
    for position, event in enumerate(events):
        path = "$.event" if "event" in payload else f"$.events[{position}]"
        try:
            if sizes and sizes[position] > limits.EVENT_BYTES:
                raise _too_large(sizes[position], path)
            good.append(_row(event, path, position, is_dirty, parcel))
        except Refusal as refusal:
            refusal.index = position
            bad.append(refusal)
    return good, bad


def _too_large(size: int, path: str) -> Refusal:
    detail = f"An event may have {limits.EVENT_BYTES // 1024} KiB, this one has {size:,} bytes."
    return Refusal(413, "too-large", detail, path)


class _Slices(msgspec.Struct):
    """The events as sent, to tell their size in bytes."""

    event: msgspec.Raw = msgspec.Raw()
    events: list[msgspec.Raw] | None = None


def _sizes(body: bytes, count: int) -> Sequence[int]:
    """Bytes of each event as sent. A body that only the lenient parser read is counted as evenly spread."""
    try:
        slices = msgspec.json.decode(body, type=_Slices)
    except (msgspec.MsgspecError, UnicodeDecodeError):
        return [len(body) // max(count, 1)] * count
    raw = [slices.event] if len(slices.event) else slices.events
    return [len(part) for part in raw or []]


def _row(event: Any, path: str, position: int, is_dirty: bool, parcel: Parcel) -> EventRow:
    _check_shape(event, path)
    flags = parcel.flags
    if is_dirty:
        event, found = _cleaned(event, path)
        flags = [*found, *flags]
    xdm, data = event.get("xdm") or {}, event.get("data")
    event_id = _event_id(xdm, path)
    name = _name(xdm, data)
    _add_automatic_fields(xdm, parcel)
    encoded = _encode({"xdm": xdm, "data": {} if data is None else data})
    if not is_dirty and may_have_too_many_parts(encoded):
        Cleaning().clean(event, path)
    return EventRow(
        property_id=parcel.property_id,
        environment_id=parcel.environment_id,
        datastream_id=parcel.datastream_id,
        build_id=parcel.build_id,
        name=name,
        body=encoded.decode(),
        request=parcel.request,
        flags=_encode(flags).decode() if flags else "[]",
        received_at=parcel.received_at,
        event_id=event_id,
        request_id=parcel.request_id,
        position=position,
    )


def _check_shape(event: Any, path: str) -> None:
    if not isinstance(event, dict):
        raise Refusal(422, "no-event", "An event must be an object with “xdm” or “data”.", path)
    parts = [event.get("xdm"), event.get("data")]
    if parts == [None, None]:
        raise Refusal(422, "no-event", "An event needs “xdm” or “data”; both are objects.", path)
    for key, part in zip(("xdm", "data"), parts, strict=True):
        if part is not None and not isinstance(part, dict):
            raise Refusal(422, "no-event", f"“{key}” must be an object.", f"{path}.{key}")


def _cleaned(event: dict[str, Any], path: str) -> tuple[dict[str, Any], list[str]]:
    cleaning = Cleaning()
    cleaned = cleaning.clean({key: event.get(key) for key in ("xdm", "data")}, path)
    return cleaned, sorted(cleaning.flags)


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


def _add_automatic_fields(xdm: dict[str, Any], parcel: Parcel) -> None:
    """``_id``, ``timestamp``, IP address and user agent where the sender gave none.

    Source: contracts, "Receiving events"; adobe-event-forwarding, "What a module receives".
    """
    if xdm.get("_id") in (None, ""):
        xdm["_id"] = new_uuid()
    if not xdm.get("timestamp"):
        xdm["timestamp"] = _as_timestamp(parcel.received_at)
    environment = _object_in(xdm, "environment")
    if environment is None:
        return
    if parcel.address and not environment.get("ipV4") and not environment.get("ipV6"):
        environment["ipV6" if ":" in parcel.address else "ipV4"] = parcel.address
    details = _object_in(environment, "browserDetails") if parcel.user_agent else None
    if details is not None and not details.get("userAgent"):
        details["userAgent"] = parcel.user_agent


def _as_timestamp(seconds: float) -> str:
    """Such as ``2026-03-01T12:00:00.123Z``."""
    second, milliseconds = divmod(int(seconds * 1000), 1000)
    return f"{_second_as_text(second)}.{milliseconds:03}Z"


@lru_cache(maxsize=2)
def _second_as_text(second: int) -> str:
    return datetime.fromtimestamp(second, UTC).isoformat()[:19]


def _object_in(parent: dict[str, Any], key: str) -> dict[str, Any] | None:
    """The object at ``key``, made when absent; None when the sender put something else there."""
    if parent.get(key) is None:
        parent[key] = {}
    value = parent[key]
    return value if isinstance(value, dict) else None
