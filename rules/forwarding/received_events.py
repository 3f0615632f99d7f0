"""Reads the events of a body, checks them, and adds the fields of the edge."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

import msgspec

from . import body_limits
from .body_parser import doubled_events, needs_cleaning, raw_events
from .edge_errors import EdgeError
from .event_cleaning import Cleaning, may_have_too_many_parts
from .event_ids import new_uuid
from .event_rows import EventRow
from .identity import ecid_of_device_id, request_identities, visitor_of
from .parcels import Parcel
from .site_reports import ReportRow, is_report, report_of
from .visitor_consent import consent_of

_DATA_NAMES = ("eventName", "event_name", "event")
_encode = msgspec.json.Encoder().encode


def events_of(payload: Any) -> list[Any]:
    """Return the events of a body: ``{"event": {…}}`` or ``{"events": [{…}, …]}``."""
    if not isinstance(payload, dict):
        raise EdgeError(422, "no-event", 'The body must be an object: {"event": {"xdm": {…}, "data": {…}}}.')
    if "event" in payload:
        return [payload["event"]]
    events = payload.get("events", [])
    if not isinstance(events, list):
        raise EdgeError(422, "no-event", "“events” must be a list of events.", "$.events")
    if len(events) > body_limits.REQUEST_EVENTS:
        detail = (
            f"A request may have at most {body_limits.REQUEST_EVENTS:,} events. This one has {len(events):,}."
        )
        raise EdgeError(413, "too-large", detail, "$.events")
    return events


@dataclass(slots=True)
class Received:
    """The events of one request.

    Args:
        rows: The good events.
        refusals: Errors of the other events.
        ignored: Number of events whose visitor refused consent.
        reports: Reports of libraries, which are no events.
    """

    rows: list[EventRow]
    refusals: list[EdgeError]
    ignored: int = 0
    reports: list[ReportRow] = field(default_factory=list)


@dataclass(slots=True)
class Shared:
    """Facts that all events of a request share.

    Args:
        ecid: The visitor's; empty if it is not known.
        identities: ``xdm.identityMap`` of the request.
        has_refused: Whether the visitor refused consent before.
        flags: Flags of the request.
    """

    ecid: str
    identities: dict[str, Any]
    has_refused: bool
    flags: list[str]


def received(payload: Any, parcel: Parcel) -> Received:
    """Return every event of a body, as a row or as a refusal with its index.

    Args:
        payload: The parsed body of ``parcel``.

    Raises:
        EdgeError: 422 or 413 if the body as a whole holds no events or too many.
    """
    found = Received([], [])
    events = events_of(payload)
    doubled = doubled_events(parcel.body, payload, len(events))
    is_dirty = needs_cleaning(parcel.body)
    shared = _shared_by(payload, len(events), is_dirty, parcel)
    sizes = _sizes(parcel.body, len(events)) if len(parcel.body) > body_limits.EVENT_BYTES else None
    for position, event in enumerate(events):
        path = "$.event" if "event" in payload else f"$.events[{position}]"
        try:
            if sizes and sizes[position] > body_limits.EVENT_BYTES:
                raise _too_large(sizes[position], path)
            if is_report(event):
                found.reports.append(report_of(event, parcel.received_at, path))
            elif _is_unwanted(event, path, shared, parcel):
                found.ignored += 1
            else:
                is_doubled = bool(doubled and doubled[position])
                found.rows.append(_row(event, path, position, is_dirty, is_doubled, shared, parcel))
        except EdgeError as refusal:
            refusal.index = position
            found.refusals.append(refusal)
    return found


def _shared_by(payload: dict[str, Any], count: int, is_dirty: bool, parcel: Parcel) -> Shared:
    shared = Shared(parcel.ecid, {}, parcel.has_refused, parcel.flags)
    if "meta" in payload:
        _read_meta(payload["meta"], shared, parcel)
    if "xdm" in payload or "identityMap" in payload:
        _read_identities(payload, count, is_dirty, shared)
    return shared


def _read_identities(payload: dict[str, Any], count: int, is_dirty: bool, shared: Shared) -> None:
    """Read the identities of the request. Each event gets a copy, so all copies together are limited."""
    identities = request_identities(payload)
    if is_dirty:
        identities = Cleaning().clean(identities, "$.xdm.identityMap")
    size = len(_encode(identities))
    if size <= body_limits.IDENTITIES_BYTES and size * count <= body_limits.SHARED_IDENTITIES_BYTES:
        shared.identities = identities
    else:
        shared.flags = [*shared.flags, "identities_dropped"]


def _read_meta(meta: Any, shared: Shared, parcel: Parcel) -> None:
    """Read the cookies that a client put into the body, and flag overrides that do not exist here."""
    if not parcel.ecid:  # Otherwise, the edge has read them.
        visitor = visitor_of({"meta": meta}, {}, parcel.organization)
        shared.ecid = visitor.ecid
        shared.has_refused |= visitor.has_refused
    if names := ignored_overrides(meta):
        shared.flags = [*shared.flags, f"overrides_ignored:{', '.join(names)}"]


def ignored_overrides(meta: Any) -> list[str]:
    """Return the names in ``configOverrides``: this server has nothing that they could override."""
    overrides = meta.get("configOverrides") if isinstance(meta, dict) else None
    names = sorted(map(str, overrides)) if isinstance(overrides, dict) else []
    return [name[:40] for name in names[:5] if name.isprintable() and name.isascii()]


def _is_unwanted(event: Any, path: str, shared: Shared, parcel: Parcel) -> bool:
    """Return whether the visitor refused consent: in the event itself, else before."""
    xdm = event.get("xdm") if isinstance(event, dict) else None
    if isinstance(xdm, dict) and "consentStrings" in xdm:
        consents = consent_of(xdm, path, parcel.consent)
        if consents is not None:
            return not consents
    return shared.has_refused


def _too_large(size: int, path: str) -> EdgeError:
    detail = f"An event may have at most {body_limits.EVENT_BYTES // 1024} KiB. This one has {size:,} bytes."
    return EdgeError(413, "too-large", detail, path)


def _sizes(body: bytes, count: int) -> Sequence[int]:
    """Return the bytes of each event as sent; for a body only for the lenient parser, an even share."""
    events = raw_events(body)
    return [len(body) // max(count, 1)] * count if events is None else [len(part) for part in events]


def _row(
    event: Any,
    path: str,
    position: int,
    is_dirty: bool,
    is_doubled: bool,
    shared: Shared,
    parcel: Parcel,
) -> EventRow:
    _check_shape(event, path)
    flags = ["duplicate_keys", *shared.flags] if is_doubled else shared.flags
    if is_dirty:
        event, found = _cleaned(event, path)
        flags = [*found, *flags]
    xdm, data = event.get("xdm") or {}, event.get("data")
    event_id = _event_id(xdm, path)
    name = _name(xdm, data)
    _add_automatic_fields(xdm, parcel)
    _add_identities(xdm, shared, parcel.organization)
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
        raise EdgeError(422, "no-event", "An event must be an object with “xdm” or “data”.", path)
    parts = [event.get("xdm"), event.get("data")]
    if parts == [None, None]:
        raise EdgeError(422, "no-event", "An event needs “xdm” or “data”; both are objects.", path)
    for key, part in zip(("xdm", "data"), parts, strict=True):
        if part is not None and not isinstance(part, dict):
            raise EdgeError(422, "no-event", f"“{key}” must be an object.", f"{path}.{key}")


def _cleaned(event: dict[str, Any], path: str) -> tuple[dict[str, Any], list[str]]:
    cleaning = Cleaning()
    cleaned = cleaning.clean({key: event.get(key) for key in ("xdm", "data")}, path)
    return cleaned, sorted(cleaning.flags)


def _event_id(xdm: dict[str, Any], path: str) -> str:
    """Return the sender's id of this event; a number counts as its digits."""
    given = xdm.get("_id")
    if given is None or given == "":
        return ""
    if isinstance(given, bool) or not isinstance(given, str | int):
        raise EdgeError(422, "no-event", "“_id” must be text.", f"{path}.xdm._id")
    if len(str(given)) > body_limits.EVENT_ID_CHARACTERS:
        detail = f"“_id” may have at most {body_limits.EVENT_ID_CHARACTERS:,} characters."
        raise EdgeError(422, "no-event", detail, f"{path}.xdm._id")
    return str(given)


def _name(xdm: dict[str, Any], data: dict[str, Any] | None) -> str:
    """Return the name of the event in lists: ``xdm.eventType``, else the name in its data."""
    for candidate in _candidates(xdm, data or {}):
        if isinstance(candidate, str) and candidate:
            return candidate[: body_limits.NAME_CHARACTERS]
    return ""


def _candidates(xdm: dict[str, Any], data: dict[str, Any]) -> Iterator[Any]:
    yield xdm.get("eventType")
    for key in _DATA_NAMES:
        yield data.get(key)


def _add_automatic_fields(xdm: dict[str, Any], parcel: Parcel) -> None:
    """Add ``_id``, ``timestamp``, IP address and user agent if the sender sent none.

    Source: docs/reference/contracts.md, "Receiving events";
        docs/reference/adobe.md, "What a module receives".
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


def _add_identities(xdm: dict[str, Any], shared: Shared, organization: str) -> None:
    """Add the request's identities that the event lacks, and the visitor's ECID.

    Source: Adobe, Event forwarding tutorial: ``arc.event.xdm.identityMap.ECID.0.id``.
    """
    if not (shared.ecid or shared.identities or "identityMap" in xdm):
        return
    known = _object_in(xdm, "identityMap")
    if known is None:
        return
    for namespace, identities in shared.identities.items():
        known.setdefault(namespace, identities)
    if not known.get("ECID"):
        ecid = shared.ecid or ecid_of_device_id(known.get("FPID"), organization)
        if ecid:
            known["ECID"] = [{"id": ecid, "authenticatedState": "ambiguous"}]


def _as_timestamp(seconds: float) -> str:
    """Return a time such as ``2026-03-01T12:00:00.123Z``."""
    second, milliseconds = divmod(int(seconds * 1000), 1000)
    return f"{_second_as_text(second)}.{milliseconds:03}Z"


@lru_cache(maxsize=2)
def _second_as_text(second: int) -> str:
    return datetime.fromtimestamp(second, UTC).isoformat()[:19]


def _object_in(parent: dict[str, Any], key: str) -> dict[str, Any] | None:
    """Return the object at ``key``, created if absent; None if the sender put something else there."""
    if parent.get(key) is None:
        parent[key] = {}
    value = parent[key]
    return value if isinstance(value, dict) else None
