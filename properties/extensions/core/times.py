"""Date to Unix Time, Timestamp and Date Range. They use only the event's clock."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, time, timedelta, tzinfo
from typing import Any

from properties.catalog.context import EventContext
from properties.catalog.descriptor import ConditionType, DataElementType, Field, Settings
from properties.catalog.errors import InvalidParameter, Problem
from properties.catalog.examples import Example
from properties.catalog.moments import read_time, zone_of
from properties.catalog.tokens import tokens_in

from .paths import follow
from .phrases import plain
from .sources import CLIENT_CORE, XDM_EVENT

RFC_3339 = "https://www.rfc-editor.org/rfc/rfc3339"
UNITS = (
    ("seconds", "Seconds"),
    ("milliseconds", "Milliseconds"),
    ("iso", "Text such as 2026-03-01T12:00:00Z"),
)
ORDERS = (
    ("iso", "2026-03-31, or Unix time"),
    ("dmy", "31.03.2026 or 31/03/2026"),
    ("mdy", "03/31/2026 or 3/31/2026, 1:05 PM"),
)
_TIMESTAMP = ("event", "xdm", "timestamp")
_DAY = timedelta(days=1)


def _in_unit(moment: datetime, unit: Any) -> int | str:
    if unit == "iso":
        return moment.isoformat(timespec="seconds").replace("+00:00", "Z")
    # Only whole numbers: a float would lose the milliseconds of distant years.
    microseconds = (moment - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1)
    return microseconds // (1_000 if unit == "milliseconds" else 1_000_000)


def _zone_problems(settings: Settings) -> Iterator[Problem]:
    name = settings.get("timezone")
    try:
        zone_of("" if tokens_in(name) else name)
    except InvalidParameter as error:
        yield Problem("timezone", "Time Zone", str(error))


def run_date(settings: Settings, context: EventContext) -> int | str | None:
    """Return the Unix time of a date; None if the value is not a date.

    InvalidParameter: A data element returned an unknown time zone.
        InvalidParameter: A data element gave an unknown time zone.
    """
    zone = zone_of(settings.get("timezone"))
    moment = read_time(settings.get("value"), zone, str(settings.get("order", "iso")))
    return None if moment is None else _in_unit(moment, settings.get("unit"))


def run_timestamp(settings: Settings, context: EventContext) -> int | str:
    """Return the time of the event: ``xdm.timestamp``, or its arrival if that is missing or not a time."""
    given = None if settings.get("source") == "received" else follow(context.arc, _TIMESTAMP)
    moment = read_time(given) or datetime.fromtimestamp(context.received_at, UTC)
    return _in_unit(moment, settings.get("unit"))


def summarize_date(settings: Settings) -> str:
    """One line such as: Order Date in seconds."""
    return f"{plain(settings.get('value'))} in {settings.get('unit', 'seconds')}"


def summarize_timestamp(settings: Settings) -> str:
    """One line such as: Arrival of the event in seconds."""
    source = "Arrival" if settings.get("source") == "received" else "Time"
    return f"{source} of the event in {settings.get('unit', 'seconds')}"


def run_range(settings: Settings, context: EventContext) -> bool:
    """Return whether the event arrived between two moments, inclusive.

    Raises:
        InvalidParameter: A data element returned something other than a date, or an unknown time zone.
    """
    zone, now = zone_of(settings.get("timezone")), datetime.fromtimestamp(context.received_at, UTC)
    start, end = _bound(settings, "start", zone), _bound(settings, "end", zone)
    return (start is None or now >= start) and (end is None or now <= end)


def _bound(settings: Settings, key: str, zone: tzinfo) -> datetime | None:
    value = settings.get(key)
    if value in (None, ""):
        return None
    moment = read_time(value, zone)
    if moment is None:
        raise InvalidParameter(f"The {key} is not a date. Write it like 2026-11-27 or 2026-11-27T08:00.")
    return _end_of_day(moment, value, zone) if key == "end" else moment


def _end_of_day(moment: datetime, value: Any, zone: tzinfo) -> datetime:
    """Return an end; without a time, it is the end of the day."""
    if not isinstance(value, str) or len(value.strip()) > len("2026-11-27") or ":" in value:
        return moment
    local = moment.astimezone(zone)
    is_midnight = local.time() == time()
    return local + _DAY - timedelta(microseconds=1) if is_midnight and "-" in value else moment


def check_range(settings: Settings) -> Iterator[Problem]:
    """Yield a problem if both ends are missing or in the wrong order."""
    if problems := [*_zone_problems(settings)]:
        yield from problems
        return
    if not settings.get("start") and not settings.get("end"):
        yield Problem("start", "Start", "Enter a start, an end, or both.")
    bounds = dict(_readable_bounds(settings))
    for key in ("start", "end"):
        if isinstance(bounds.get(key), str):
            yield Problem(key, key.capitalize(), str(bounds[key]))
    moments = [it for it in bounds.values() if isinstance(it, datetime)]
    if len(moments) == 2 and moments[0] > moments[1]:
        yield Problem("end", "End", "The end is before the start.")


def _readable_bounds(settings: Settings) -> Iterator[tuple[str, datetime | str | None]]:
    if tokens_in(settings.get("timezone")):
        return
    for key in ("start", "end"):
        if not tokens_in(settings.get(key)):
            try:
                yield key, _bound(settings, key, zone_of(settings.get("timezone")))
            except InvalidParameter as error:
                yield key, str(error)


def summarize_range(settings: Settings) -> str:
    """One line such as: From 2026-11-27 until 2026-11-30, Europe/Berlin."""
    start, end = plain(settings.get("start")), plain(settings.get("end"))
    text = " ".join(filter(None, [start and f"from {start}", end and f"until {end}"]))
    return f"{text[:1].upper()}{text[1:]}, {plain(settings.get('timezone')) or 'UTC'}"


_TIME_ZONE = Field(
    key="timezone",
    label="Time Zone",
    type="combo",
    default="UTC",
    options=[
        (name, name)
        for name in (
            "UTC",
            "Europe/London",
            "Europe/Berlin",
            "Europe/Paris",
            "America/New_York",
            "America/Los_Angeles",
            "America/Sao_Paulo",
            "Asia/Tokyo",
            "Asia/Kolkata",
            "Australia/Sydney",
        )
    ],
    help="Used for dates without their own time zone.",
)
_UNIT = Field(key="unit", label="Return", type="choice", tokens=False, default="seconds", options=UNITS)

DATE_TO_UNIX_TIME = DataElementType(
    name="date-to-unix-time",
    title="Date to Unix Time",
    description="Converts a date to seconds or milliseconds since 1970, as advertising vendors require.",
    category="Made of other values",
    fields=[
        Field(
            key="value",
            label="Date",
            required=True,
            placeholder="{{Order Date}}",
            help="A date with or without time, also in JavaScript's format, or Unix time.",
            url=RFC_3339,
        ),
        Field(key="order", label="Written as", type="choice", tokens=False, default="iso", options=ORDERS),
        _TIME_ZONE,
        _UNIT,
    ],
    run=run_date,
    check=_zone_problems,
    summary=summarize_date,
    help_url=RFC_3339,
    examples=[
        Example(
            title="A date with its own time zone",
            settings={"value": "{{Order Date}}"},
            data_elements={"Order Date": "1996-12-19T16:39:57-08:00"},
            result=851042397,
            source=RFC_3339,
        ),
        Example(
            title="A date in German format, in local time",
            settings={"value": "{{Order Date}}", "order": "dmy", "timezone": "Europe/Berlin"},
            data_elements={"Order Date": "01.07.2026 12:00"},
            result=1782900000,
            source="https://www.iana.org/time-zones",
        ),
        Example(
            title="A date in JavaScript's format",
            settings={"value": "{{Order Date}}"},
            data_elements={"Order Date": "Tue Feb 01 2022 00:00:00 GMT+0000 (Coordinated Universal Time)"},
            result=1643673600,
            source="https://tc39.es/ecma262/#sec-todatestring",
        ),
        Example(
            title="A value that is not a date returns nothing",
            settings={"value": "{{Order Date}}"},
            data_elements={"Order Date": "tomorrow"},
            result=None,
            source=RFC_3339,
        ),
    ],
)

TIMESTAMP = DataElementType(
    name="timestamp",
    title="Timestamp",
    description="The time of the event, identical in every retry and replay.",
    category="From the event",
    fields=[
        Field(
            key="source",
            label="Time of",
            type="choice",
            tokens=False,
            default="event",
            options=[("event", "The event, xdm.timestamp"), ("received", "Its arrival here")],
            help="If xdm.timestamp is missing, the arrival is used.",
        ),
        _UNIT,
    ],
    run=run_timestamp,
    summary=summarize_timestamp,
    sample_path=lambda settings: "arc.event.xdm.timestamp" if settings.get("source") != "received" else "",
    help_url=XDM_EVENT,
    examples=[
        Example(
            title="Seconds since 1970, as advertising vendors require",
            settings={},
            event={"xdm": {"timestamp": "1996-12-20T00:39:57Z"}},
            result=851042397,
            source=RFC_3339,
        ),
        Example(
            title="An event without a time has its arrival as time",
            settings={"unit": "iso"},
            received_at=851042397.0,
            result="1996-12-20T00:39:57Z",
            source=RFC_3339,
        ),
    ],
)

DATE_RANGE = ConditionType(
    name="date-range",
    title="Date Range",
    description="Met for events that arrive within a period, such as the days of a sale.",
    category="Time and sampling",
    fields=[
        Field(
            key="start",
            label="Start",
            placeholder="2026-11-27T08:00",
            help="If empty, from the beginning.",
        ),
        Field(
            key="end",
            label="End",
            placeholder="2026-11-30",
            help="If empty, without an end. A day without a time includes the whole day.",
        ),
        _TIME_ZONE,
    ],
    run=run_range,
    check=check_range,
    summary=summarize_range,
    help_url=CLIENT_CORE,
    examples=[
        Example(
            title="An event that arrives within the range",
            settings={"start": "2023-11-14", "end": "2023-11-14", "timezone": "UTC"},
            received_at=1_700_000_000.0,
            result=True,
            source=CLIENT_CORE,
        ),
        Example(
            title="An event that arrives after its end",
            settings={"end": "2023-11-14T22:00"},
            received_at=1_700_000_000.0,
            result=False,
            source=CLIENT_CORE,
        ),
    ],
)
