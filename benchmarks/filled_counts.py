"""Fills the counts per minute of one environment, as a busy shop would have them."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator
from datetime import datetime
from random import Random

from rules.delivery.counted_outcomes import STATES
from rules.models import CountedAs, MinuteCount

NAMES = {"PageView": 0.62, "AddToCart": 0.2, "InitiateCheckout": 0.1, "Purchase": 0.06, "Lead": 0.02}
PAGE_TARGET = "meta-conversions-api::1234567890"
DELIVERED = 100 * STATES["delivered"] + CountedAs.DELIVERED
WITHOUT = 100 * STATES["delivered"] + CountedAs.WITHOUT
NOT_SENT = 100 * STATES["dead"] + CountedAs.NOT_SENT
BUCKETS = (2, 3, 5, 6, 7, 9, 12), (8, 22, 20, 20, 15, 12, 3)
NO_MATCH = 100 * STATES["no_match"] + CountedAs.NO_MATCH


def fill_counts(
    property_id: int,
    environment_id: int,
    now: datetime,
    *,
    days: int = 2,
    an_hour: int = 380,
    scale: int = 1,
) -> int:
    """Write counts up to ``now``; return the number of events counted.

    ``scale`` multiplies every number. The last two days have a row a minute, older days one an hour, as the
    worker leaves them.
    """
    random, minute = Random(1), int(now.timestamp()) // 60
    rows: list[MinuteCount] = []
    total = 0
    for at in _times(minute, days):
        span = 60 if at < minute - 2 * 1_440 else 1
        number = _number(random, at, an_hour * span / 60)
        total += number
        rows += _rows(random, (property_id, environment_id), at, number, span, is_late=minute - at < 12 * 60)
    for row in rows:
        row.count *= scale
    MinuteCount.objects.bulk_create(rows, batch_size=2_000)
    return total * scale


def _times(minute: int, days: int) -> Iterator[int]:
    fresh = minute - 2 * 1_440
    yield from range((minute - days * 1_440) // 60 * 60, fresh // 60 * 60, 60)
    yield from range(fresh, minute + 1)


def _number(random: Random, minute: int, usual: float) -> int:
    of_day = 0.55 - 0.45 * math.cos((minute % 1_440) / 1_440 * 2 * math.pi)
    mean = usual * of_day * 1.4
    return max(0, round(random.gauss(mean, math.sqrt(mean) + 0.3)))


def _rows(
    random: Random, place: tuple[int, int], minute: int, number: int, span: int, *, is_late: bool
) -> Iterator[MinuteCount]:
    counts: Counter[tuple[bool, str, int, int]] = Counter()
    for _ in range(number):
        name = random.choices(tuple(NAMES), tuple(NAMES.values()))[0]
        outcome = _outcome(random, name, is_late=is_late)
        counts[True, "", outcome, MinuteCount.NO_BUCKET] += 1
        if outcome != NO_MATCH:
            bucket = random.choices(*BUCKETS)[0] if outcome in (DELIVERED, WITHOUT) else MinuteCount.NO_BUCKET
            counts[False, name, outcome, bucket] += 1
    for (is_event, name, outcome, bucket), count in counts.items():
        yield MinuteCount(
            property_id=place[0],
            environment_id=place[1],
            minute=minute,
            is_event=is_event,
            name=name,
            target="" if is_event else PAGE_TARGET,
            outcome=outcome,
            bucket=bucket,
            node=MinuteCount.HOUR if span > 1 else 0,
            count=count,
        )


def _outcome(random: Random, name: str, *, is_late: bool) -> int:
    drawn = random.random()
    if name == "Purchase" and is_late and drawn < 0.12:
        return NOT_SENT
    return NO_MATCH if drawn > 0.995 else WITHOUT if drawn > 0.985 else DELIVERED
