"""The schedule of retries."""

from __future__ import annotations

import random
from datetime import datetime, timedelta

STEPS_SECONDS = (5, 30, 120, 600, 1_800, 3_600, 7_200, 14_400)
LATER_SECONDS = 6 * 3_600
LONGEST_RETRY_AFTER_SECONDS = 3_600
JITTER = 0.2


def delay_seconds(attempts: int, retry_after_seconds: float | None = None) -> float:
    """Return the seconds until the next attempt.

    Args:
        attempts: How many attempts there were, from 1.
        retry_after_seconds: The pause that the vendor asked for; it counts if it is longer than the schedule.

    Returns:
        The step of the schedule, ± 20 % so that many deliveries do not return at once. Never less than the
        vendor asked for, up to an hour.
    """
    step = _step(attempts)
    asked = min(retry_after_seconds or 0.0, LONGEST_RETRY_AFTER_SECONDS)
    longer = max(step, asked)
    earliest = max(asked, longer * (1.0 - JITTER))
    return random.uniform(earliest, longer * (1.0 + JITTER))  # noqa: S311 - spreads load, guards nothing


def attempts_until(attempts: int, next_at: datetime, end: datetime) -> int:
    """Return how many attempts there will be in all before ``end``, if every one ends in a retry.

    Args:
        attempts: How many attempts there were.
        next_at: When the next one is.
    """
    count, at = attempts, next_at
    while at < end:
        count += 1
        at += timedelta(seconds=_step(count))
    return max(count, attempts + 1)


def _step(attempts: int) -> int:
    return STEPS_SECONDS[attempts - 1] if attempts <= len(STEPS_SECONDS) else LATER_SECONDS
