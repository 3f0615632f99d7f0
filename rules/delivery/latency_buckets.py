"""Classes of the time from acceptance to delivery, for percentiles from counts.

Class 0 ends at 50 ms; each further class ends at the end of the one before times the square root of two. So
a percentile is wrong by a fifth at most.
"""

from __future__ import annotations

import math
from collections.abc import Mapping

FIRST_SECONDS = 0.05
LAST = 42
CLASSES_PER_DOUBLING = 2


def bucket_of(seconds: float) -> int:
    """Return the class of a time; everything beyond 29 hours is in the last one."""
    if seconds <= FIRST_SECONDS:
        return 0
    return min(LAST, math.ceil(CLASSES_PER_DOUBLING * math.log2(seconds / FIRST_SECONDS)))


def end_of(bucket: int) -> float:
    """Return the longest time of a class, in seconds."""
    return float(FIRST_SECONDS * 2 ** (bucket / CLASSES_PER_DOUBLING))


def percentile(counts: Mapping[int, int], share: float) -> float | None:
    """Return the time within which this share was delivered, interpolated within its class.

    Args:
        counts: Number of deliveries by class.
        share: Between 0 and 1.

    Returns:
        Seconds; None if nothing was delivered.
    """
    total = sum(number for number in counts.values() if number > 0)
    if total <= 0:
        return None
    wanted, passed = share * total, 0
    for bucket in sorted(counts):
        number = max(counts[bucket], 0)
        if number and passed + number >= wanted:
            begin = end_of(bucket - 1) if bucket else 0.0
            return begin + (end_of(bucket) - begin) * max(wanted - passed, 0) / number
        passed += number
    return end_of(LAST)
