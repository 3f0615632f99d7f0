"""The time limit for test events, and the warning while production sends a test event code.

Source: Meta, Using the API: Test Events. Test events count like all others.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

from properties.catalog.descriptor import Settings, TestPeriod
from properties.catalog.errors import Problem
from properties.catalog.outbound import Warn
from properties.catalog.shown_times import in_text

from .payload import is_on

CODE, HOURS, UNTIL = "testEventCode", "testEventHours", "testEventUntil"
HOURS_LABEL, UNTIL_LABEL = "Switch off after (hours)", "Test events until"
MOST_HOURS = 720


def is_test_event(settings: Settings, received_at: float) -> bool:
    """Whether an event carries the test event code.

    Args:
        received_at: Receive time of the stored event in Unix seconds, so that a replay decides the same.
    """
    return is_on(settings.get("isTestEvent")) and not _is_over(settings, received_at)


def late_test_warnings(settings: Settings, received_at: float) -> tuple[Warn, ...]:
    """Return a warning if the event was received after the end of the test."""
    if not is_on(settings.get("isTestEvent")) or not _is_over(settings, received_at):
        return ()
    message = "The time for test events is over, so it was sent without the code. Uncheck Send as Test Event."
    return (Warn(UNTIL, UNTIL_LABEL, message, "test_over"),)


def keep_end(settings: Settings, now: float) -> Settings:
    """Replace the hours with an end time, counted from saving."""
    hours = _number(settings.get(HOURS))
    if hours is None:
        return settings
    kept = {key: value for key, value in settings.items() if key != HOURS}
    return {**kept, UNTIL: _written(datetime.fromtimestamp(now, UTC) + timedelta(hours=hours))}


def production_warnings(settings: Settings, now: float) -> Iterator[str]:
    """Yield a warning for production while events carry a test event code."""
    if not is_test_event(settings, now):
        return
    name = str(settings.get("eventName") or "Events")
    end = _end(settings)
    until = f" until {in_text(end)}" if end else ""
    yield (
        f"{name} is sent as a test event{until}. Meta shows it under Test events and still counts it. "
        "Uncheck Send as Test Event when your test is done."
    )


def test_period(settings: Settings, now: float) -> TestPeriod | None:
    """Return the test event code that an action sends now, and when that ends; None without one."""
    if not is_test_event(settings, now):
        return None
    end = _end(settings)
    return TestPeriod(str(settings.get(CODE) or "").strip(), end.timestamp() if end else None)


def check_testing_period(settings: Settings) -> Iterator[Problem]:
    """Yield the problems of the two settings."""
    hours = settings.get(HOURS)
    if hours not in (None, "") and not 0 < (_number(hours) or 0) <= MOST_HOURS:
        yield Problem(HOURS, HOURS_LABEL, f"Enter hours from 1 to {MOST_HOURS}, or leave it empty.")
    if settings.get(UNTIL) not in (None, "") and _end(settings) is None:
        yield Problem(UNTIL, UNTIL_LABEL, "Write a date with time, such as 2026-11-23T15:00Z.")


def _is_over(settings: Settings, moment: float) -> bool:
    end = _end(settings)
    return end is not None and moment >= end.timestamp()


def _end(settings: Settings) -> datetime | None:
    text = settings.get(UNTIL)
    try:
        end = datetime.fromisoformat(text) if isinstance(text, str) and text else None
    except ValueError:
        return None
    return end.replace(tzinfo=end.tzinfo or UTC).astimezone(UTC) if end else None


def _written(moment: datetime) -> str:
    return f"{moment:%Y-%m-%dT%H:%MZ}"


def _number(value: Any) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        return float(value)
    except (ValueError, OverflowError):
        return None
