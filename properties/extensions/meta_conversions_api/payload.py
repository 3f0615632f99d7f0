"""Builds one server event from resolved settings: names, times, hashes, and what Meta would refuse.

A value that cannot be brought to Meta's form is left out with a warning. What Meta would refuse as a whole,
and every other event of the request with it, raises ``Rejected`` before anything is sent.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

from properties.catalog.context import EventContext
from properties.catalog.descriptor import Settings
from properties.catalog.errors import Rejected
from properties.catalog.outbound import Warn

from .cleaning import Hints, Normalizer, UnusableValue, as_text, clean
from .normalize import NORMALIZERS
from .parameters import (
    ACTION_SOURCES,
    CUSTOM_DATA,
    CUSTOMER_INFORMATION,
    DELIVERY_CATEGORIES,
    LDU_STATES,
    SERVER_EVENT,
    Parameter,
)
from .places import country_code
from .requirements import check_requirements
from .values import mapping, members, one_of

DAY_SECONDS = 86_400
WINDOW_SECONDS = 7 * DAY_SECONDS
STORE_WINDOW_SECONDS = 62 * DAY_SECONDS
MILLISECONDS_ABOVE = 10**11
FUTURE_WARNING_SECONDS = 60

# Settings key → Meta's name, label, normalizer.
Steps = Mapping[str, tuple[str, str, Normalizer]]

_EMPTY: tuple[Any, ...] = (None, "", [], {})
_PERSONAL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+|\+[0-9][0-9 ()./-]{6,}")


def _steps(rows: Iterable[Parameter]) -> Steps:
    return {row.key: (row.name, row.label, _normalizer(row)) for row in rows if _is_sent(row)}


def _is_sent(row: Parameter) -> bool:
    return row.place != "setting" and bool(row.normalizer)


def _normalizer(row: Parameter) -> Normalizer:
    if row.closed:
        return one_of(*(value for value, _ in row.options))
    if row.normalizer == "object":
        return _object(row.key, _steps(row.properties))
    return _contents if row.normalizer == "contents" else NORMALIZERS[row.normalizer]


def _collect(steps: Steps, values: Mapping[str, Any], hints: Hints, prefix: str = "") -> dict[str, Any]:
    """Return Meta's names with normalized values; what is unusable becomes a warning."""
    found: dict[str, Any] = {}
    for key, value in values.items():
        step = steps.get(key)
        if step is None or value is None or value == "":
            continue
        name, label, normalize = step
        hints.path, hints.label = prefix + key, label
        try:
            result = normalize(value, hints)
        except UnusableValue as error:
            hints.warnings.append(Warn(prefix + key, label, str(error), error.code))
            continue
        if result is not None:
            found[name] = result
    return found


def _object(key: str, steps: Steps) -> Normalizer:
    """Return a normalizer for an object: known keys by their rules, further keys as they are."""

    def run(value: Any, hints: Hints) -> dict[str, Any] | None:
        values = mapping(value)
        found = _collect(steps, values, hints, f"{key}.")
        found.update({own: v for own, v in values.items() if own not in steps and v not in _EMPTY})
        return found or None

    return run


def _contents(value: Any, hints: Hints) -> list[dict[str, Any]] | None:
    """Return the items of ``contents`` that have what Meta asks of each: ``id`` and ``quantity``.

    Source: Meta, Custom Data Parameters, "contents".
    """
    found = []
    for position, member in enumerate(members(value)):
        path = f"customData.contents[{position}]"
        item = _item(member, hints, path)
        if "id" in item and "quantity" in item:
            found.append(item)
        else:
            message = f"Item {position + 1} needs id and quantity; the item was left out."
            hints.warnings.append(Warn(path, "Contents", message, "incomplete_item"))
    return found or None


_ITEM: Steps = {
    "id": ("id", "Contents", NORMALIZERS["text"]),
    "quantity": ("quantity", "Contents", NORMALIZERS["number"]),
    "item_price": ("item_price", "Contents", NORMALIZERS["number"]),
    "delivery_category": ("delivery_category", "Contents", one_of(*DELIVERY_CATEGORIES)),
}


def _item(member: Any, hints: Hints, path: str) -> dict[str, Any]:
    if not isinstance(member, Mapping):
        return {}
    item = _collect(_ITEM, member, hints, f"{path}.")
    return item | {key: v for key, v in member.items() if key not in _ITEM and v not in _EMPTY}


_EVENT = _steps(row for row in SERVER_EVENT if row.place == "event")
_CUSTOMER = _steps(CUSTOMER_INFORMATION)
# Meta's table lists customer_segmentation beside custom_data, its sample has it inside; we follow the sample.
_CUSTOM: Steps = {
    "customData": ("custom_data", "Custom Data", _object("customData", _steps(CUSTOM_DATA))),
    **_steps(row for row in SERVER_EVENT if row.place == "custom_data"),
}
_ACTION_SOURCE = one_of(*(value for value, _ in ACTION_SOURCES))


def server_event(settings: Settings, context: EventContext) -> tuple[dict[str, Any], tuple[Warn, ...]]:
    """Build one entry of Meta's ``data`` list.

    Args:
        settings: Settings of the action, tokens resolved.
        context: The inbound event.

    Returns:
        The server event with JSON types only, and what was left out or changed.

    Raises:
        Rejected: Meta would refuse the event; ``code`` says why.

    Source: Meta, Server Event Parameters.
    """
    hints = _hints(settings, context)
    source = _action_source(settings)
    event: dict[str, Any] = {
        "event_name": _event_name(settings, hints),
        "event_time": _event_time(settings, source, hints),
        "action_source": source,
    }
    event |= _collect(_EVENT, settings, hints)
    if "event_id" not in event:
        event["event_id"] = _own_event_id(context, hints)
    event["user_data"] = _user_data(settings, hints)
    event |= _data_processing(settings, hints)
    custom_data = _custom_data(settings, hints)
    if custom_data:
        event["custom_data"] = custom_data
    check_requirements(event)
    _warn_missing(event, hints)
    return event, tuple(hints.warnings)


def window_seconds(action_source: str) -> int:
    """How old an event may be. Source: Meta, Using the API; Conversions API for Offline Events."""
    return STORE_WINDOW_SECONDS if action_source == "physical_store" else WINDOW_SECONDS


def _hints(settings: Settings, context: EventContext) -> Hints:
    default = context.default_country.lower()
    country = settings.get("country")
    return Hints(
        received_at=context.received_at,
        country=(country_code(clean(country)) if isinstance(country, str) else "") or default,
        default_country=default,
        date_order=context.extension_settings.get("dateOrder") or "",
        plain_external_id=is_on(settings.get("externalIdPlain")),
    )


def is_on(value: Any) -> bool:
    """Whether a check box is checked, also where a document holds it as text."""
    return value is True or (isinstance(value, str) and value.strip().lower() == "true")


# Name, source and time


def _event_name(settings: Settings, hints: Hints) -> str:
    name = _text(settings.get("eventName"))
    if not name:
        raise Rejected("Event Name is empty. Give it a value, or check its data element.", code="event_name")
    if _PERSONAL.search(name):
        hints.warnings.append(Warn("eventName", "Event Name", _PERSONAL_MESSAGE, "personal_data"))
    return name


def _text(value: Any) -> str:
    try:
        return "" if value is None else clean(as_text(value))
    except UnusableValue:
        return ""


def _action_source(settings: Settings) -> str:
    try:
        source = _ACTION_SOURCE(settings.get("actionSource") or "", Hints(0))
    except UnusableValue:
        source = None
    if not source:
        names = ", ".join(value for value, _ in ACTION_SOURCES)
        raise Rejected(f"Action Source must be one of: {names}.", code="action_source")
    return str(source)


def _event_time(settings: Settings, source: str, hints: Hints) -> int:
    """Return when it happened in Unix seconds, never later than it was received.

    Source: Meta, Server Event Parameters, "event_time"; milliseconds, future and unreadable times are
    product rules.
    """
    received = int(hints.received_at)
    hints.path, hints.label = "eventTime", "Event Time"
    happened = _unix_seconds(settings.get("eventTime"), hints)
    if happened is None:
        return received
    if happened > received:
        if happened > received + FUTURE_WARNING_SECONDS:
            hints.note("It is in the future; the receive time was sent.", "future")
        return received
    if happened < received - window_seconds(source):
        days = window_seconds(source) // DAY_SECONDS
        raise Rejected(f"Event Time is more than {days} days ago; Meta takes it no more.", code="too_old")
    return happened


def _unix_seconds(value: Any, hints: Hints) -> int | None:
    seconds = _number_or_date(value)
    if seconds is None:
        if value not in _EMPTY:
            hints.note("It is no Unix time and no ISO 8601; the receive time was sent.", "unreadable_time")
        return None
    if seconds > MILLISECONDS_ABOVE:
        hints.note("It is in milliseconds; Meta counts in seconds. It was divided by 1000.", "milliseconds")
        seconds /= 1000
    return int(seconds)


def _number_or_date(value: Any) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        seconds = float(value)
    except (ValueError, OverflowError):
        return _iso_seconds(value) if isinstance(value, str) else None
    return seconds if math.isfinite(seconds) else None


def _iso_seconds(text: str) -> float | None:
    try:
        moment = datetime.fromisoformat(text.strip())
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
    except (ValueError, OverflowError):
        return None


def _own_event_id(context: EventContext, hints: Hints) -> str:
    """Return an id made from the stored event, so that retries repeat it.

    Source: Meta, Handling Duplicate Pixel and Conversions API Events.
    """
    message = "It was empty, so one was made. Meta cannot match this event with the browser's copy."
    hints.warnings.append(Warn("eventId", "Event ID", message, "own_event_id"))
    return context.inbound_event_id


# Customer information


def _user_data(settings: Settings, hints: Hints) -> dict[str, Any]:
    user_data = _collect(_CUSTOMER, settings, hints)
    if ("partner_id" in user_data) != ("partner_name" in user_data):
        user_data.pop("partner_id", None)
        user_data.pop("partner_name", None)
        message = "Partner Name and Partner ID go together; both were left out."
        hints.warnings.append(Warn("partnerId", "Partner ID (alpha)", message, "partner"))
    return user_data


# Limited Data Use


def _data_processing(settings: Settings, hints: Hints) -> dict[str, Any]:
    """Return the three parameters of Limited Data Use; off is said as well, as Adobe's extension does.

    Source: Meta, Data Processing Options for US Users.
    """
    if not is_on(settings.get("lduEnabled")):
        return {"data_processing_options": []}
    country, state = _place(settings, hints)
    return {
        "data_processing_options": ["LDU"],
        "data_processing_options_country": country,
        "data_processing_options_state": state,
    }


def _place(settings: Settings, hints: Hints) -> tuple[int, int]:
    country = _text(settings.get("dataProcessingOptionsCountry"))
    state = _text(settings.get("dataProcessingOptionsState"))
    if country in ("", "0") and state in ("", "0"):
        return 0, 0
    if country in ("", "1") and state.isdecimal() and int(state) in LDU_STATES and int(state):
        return 1, int(state)
    message = "Meta knows no such place; it is asked to locate the person instead."
    hints.warnings.append(
        Warn("dataProcessingOptionsState", "Limited Data Use State", message, "data_processing_place")
    )
    return 0, 0


# Custom data

_PERSONAL_MESSAGE = "It looks like an e-mail address or phone number. Meta's terms forbid personal data here."


def _custom_data(settings: Settings, hints: Hints) -> dict[str, Any]:
    found = _collect(_CUSTOM, settings, hints)
    data: dict[str, Any] = found.pop("custom_data", {}) | found
    for key, value in data.items():
        if isinstance(value, str) and _PERSONAL.search(value):
            hints.warnings.append(Warn(f"customData.{key}", key, _PERSONAL_MESSAGE, "personal_data"))
    return data


_EXPECTED_OF_WEBSITES: tuple[tuple[str, str, Callable[[Mapping[str, Any]], bool]], ...] = (
    ("eventSourceUrl", "Event Source URL", lambda event: "event_source_url" in event),
    ("clientUserAgent", "Client User Agent", lambda event: "client_user_agent" in event["user_data"]),
)


def _warn_missing(event: Mapping[str, Any], hints: Hints) -> None:
    """Warn about what Meta asks of website events but takes without (observed), matching worse.

    Source: Meta, Server Event Parameters, "action_source".
    """
    if event["action_source"] != "website":
        return
    for key, label, is_there in _EXPECTED_OF_WEBSITES:
        if not is_there(event):
            message = "Meta asks for it with website events; without it events match worse."
            hints.warnings.append(Warn(key, label, message, "expected"))
