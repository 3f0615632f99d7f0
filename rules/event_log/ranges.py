"""The time range of the overview, cut into the steps of its charts."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from math import ceil

from properties.catalog.shown_times import between, in_text, typed
from rules.delivery.minute_folding import HOURS_KEPT_DAYS, MINUTES_KEPT_HOURS

USUAL = "24h"
MOST_BARS = 60
# Minutes of one bar of a range that a person chose, with their words.
STEPS = {
    1: "minute",
    2: "2 minutes",
    5: "5 minutes",
    10: "10 minutes",
    15: "15 minutes",
    30: "half hour",
    60: "hour",
    120: "2 hours",
    240: "4 hours",
    360: "6 hours",
    720: "12 hours",
    1_440: "day",
    2_880: "2 days",
    5_760: "4 days",
    10_080: "week",
}


@dataclass(frozen=True, slots=True)
class RangeKind:
    """How long a range is, and how it is cut.

    Args:
        label: On the button; empty for a range that a person chose.
        words: As a noun, such as ``last hour``.
        step: Minutes of one bar.
        bars: Number of bars; together they are the range.
        before: The same time before, in words.
    """

    label: str
    words: str
    step: int
    bars: int
    step_words: str
    before: str

    @property
    def in_words(self) -> str:
        """The range as the end of a sentence: ``in the last hour``, ``from 9:00 to 12:00``."""
        return f"in the {self.words}" if self.label else f"from {self.words}"


KINDS = {
    "1h": RangeKind("1 h", "last hour", 1, 60, "minute", "the hour before"),
    "24h": RangeKind("24 h", "last 24 hours", 30, 48, "half hour", "the day before"),
    "7d": RangeKind("7 d", "last 7 days", 240, 42, "4 hours", "the 7 days before"),
    "30d": RangeKind("30 d", "last 30 days", 720, 60, "12 hours", "the 30 days before"),
}


class BadRange(ValueError):
    """A range in an address that means nothing; the message says why, for the reader."""


@dataclass(frozen=True, slots=True)
class TimeRange:
    """A range whose first and last bar are whole, so the last one may still be growing.

    Args:
        name: A key of ``KINDS``, or "" for a range that a person chose.
        first: Its first minute since 1970.
    """

    name: str
    kind: RangeKind
    now: datetime
    first: int

    @property
    def minutes(self) -> int:
        """Length of the range."""
        return self.kind.step * self.kind.bars

    @property
    def after(self) -> int:
        """The minute after its last one."""
        return self.first + self.minutes

    @property
    def begin(self) -> datetime:
        return _moment(self.first)

    @property
    def end(self) -> datetime:
        return _moment(self.after)

    @property
    def is_over(self) -> bool:
        return self.end <= self.now

    @property
    def query(self) -> dict[str, str]:
        """What names this range in an address, also in that of the event log."""
        if self.name:
            return {"range": self.name}
        return {"since": self.begin.isoformat(), "until": self.end.isoformat()}

    @property
    def file_name(self) -> str:
        return self.name or f"{self.begin:%Y%m%dT%H%M}-{self.end:%Y%m%dT%H%M}"

    def place_of(self, moment: datetime) -> float:
        """Return where a time is in the range: 0 at its begin, 1 at its end."""
        return (moment - self.begin) / (self.end - self.begin)

    def bounds_of(self, place: int) -> tuple[datetime, datetime]:
        """Return begin and end of one bar; the end belongs to the next bar."""
        begin = _moment(self.first + place * self.kind.step)
        return begin, begin + timedelta(minutes=self.kind.step)


def time_range(name: str, now: datetime) -> TimeRange:
    """Return the range that ends now and has this name; the usual one if there is none."""
    name = name if name in KINDS else USUAL
    kind = KINDS[name]
    last = _minute(now) // kind.step
    return TimeRange(name, kind, now, (last + 1 - kind.bars) * kind.step)


def range_between(since: str, until: str, now: datetime) -> TimeRange:
    """Return the range that a person chose, rounded to whole bars.

    Args:
        since: Time as ``2026-11-28T21:48``, in the reader's zone if it names none.
        until: The same; empty for now.

    Raises:
        BadRange: The texts are no range, or nothing is counted there.
    """
    begin, end = _read(since, "From"), min(_read(until, "To") if until else now, now)
    if begin >= now:
        raise BadRange(f"From is {in_text(begin)}. That is still to come: choose an earlier time.")
    if begin >= end:
        raise BadRange(f"To is {in_text(end)}, which is not after {in_text(begin)}. Choose a later time.")
    oldest = now - timedelta(days=HOURS_KEPT_DAYS)
    if begin < oldest:
        raise BadRange(f"From is {in_text(begin)}. Counts are kept since {in_text(oldest)}.")
    return _cut(begin, end, now)


def _read(text: str, name: str) -> datetime:
    try:
        moment = datetime.fromisoformat(typed(text)).astimezone(UTC)
        # The first and the last day of the calendar do not exist in every zone.
        if 1 < moment.year < 9_999:
            return moment
        raise ValueError(text)
    except (ValueError, OverflowError):
        shown = text if len(text) <= 40 else f"{text[:40]}…"
        given = f"{name} is “{shown}”, which is no time" if text else f"{name} is empty"
        raise BadRange(f"{given}. Write it as 2026-11-28T21:48.") from None


def _cut(begin: datetime, end: datetime, now: datetime) -> TimeRange:
    """Cut a range into the shortest bars that are few enough and that the counts know."""
    only_hours = begin < now - timedelta(hours=MINUTES_KEPT_HOURS)
    for step, step_words in STEPS.items():
        if only_hours and step < 60:
            continue
        # Counts of an hour belong to whole hours of UTC.
        whole = min(step, 60)
        first = _minute(begin) // whole * whole
        bars = max(ceil((end.timestamp() / 60 - first) / step), 1)
        if bars <= MOST_BARS:
            words = between(_moment(first), min(_moment(first + bars * step), now))
            kind = RangeKind("", words, step, bars, step_words, "the same time before")
            return TimeRange("", kind, now, first)
    raise AssertionError("Counts are kept for fewer weeks than there are bars.")


def _minute(moment: datetime) -> int:
    return int(moment.timestamp()) // 60


def _moment(minute: int) -> datetime:
    return datetime.fromtimestamp(minute * 60, UTC)
