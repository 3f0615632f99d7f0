"""When a delivery is retried, and when retries end.

Source: docs/operating.md, "When a destination has trouble"; docs/reference/failures.md, "Retry schedule".
"""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.utils import timezone

from rules.delivery.schedule import delay_seconds
from rules.delivery.work import deliver_due

from .conftest import FakeVendor, in_seconds, only_delivery

Accept = Callable[..., Any]
Bound = Callable[[float, float], float]
OPERATING = Path(__file__).parents[3] / "docs" / "operating.md"
SECOND, MINUTE, HOUR = 1, 60, 3_600
WAITS = [
    ("5 s", 5 * SECOND),
    ("30 s", 30 * SECOND),
    ("2 min", 2 * MINUTE),
    ("10 min", 10 * MINUTE),
    ("30 min", 30 * MINUTE),
    ("1 h", HOUR),
    ("2 h", 2 * HOUR),
    ("4 h", 4 * HOUR),
]
LATER = 6 * HOUR
# Number of attempts, and the delay after them without jitter.
STEPS = [(number, seconds) for number, (_, seconds) in enumerate(WAITS, 1)] + [
    (number, LATER) for number in (9, 10, 33, 1_000)
]


@pytest.fixture
def spread(monkeypatch: pytest.MonkeyPatch) -> Callable[[Bound], None]:
    """Replace the random jitter: its lowest value, its highest, or the middle."""
    return lambda bound: monkeypatch.setattr(random, "uniform", bound)


def lowest(low: float, high: float) -> float:
    return low


def highest(low: float, high: float) -> float:
    return high


def middle(low: float, high: float) -> float:
    return (low + high) / 2


def test_the_steps_are_those_that_the_documentation_names() -> None:
    waits = ", ".join(words for words, _ in WAITS)
    assert f"tried again after {waits}, then every 6 h, ± 20 %, until" in OPERATING.read_text("utf-8")


@pytest.mark.parametrize(("attempts", "step"), STEPS)
def test_every_step_has_a_jitter_of_a_fifth_in_both_directions(
    spread: Callable[[Bound], None], attempts: int, step: int
) -> None:
    spread(lowest)
    assert delay_seconds(attempts) == pytest.approx(0.8 * step)
    spread(highest)
    assert delay_seconds(attempts) == pytest.approx(1.2 * step)


def test_many_do_not_come_back_at_once() -> None:
    found = [delay_seconds(6) for _ in range(400)]
    assert min(found) >= 0.8 * HOUR
    assert max(found) <= 1.2 * HOUR
    assert {round(seconds / 360) for seconds in found} >= {8, 9, 10, 11, 12}


@pytest.mark.parametrize(
    ("attempts", "asked", "shortest", "longest"),
    [
        (1, None, 4, 6),
        (1, 0, 4, 6),
        # Shorter than the step: the step counts, and never less than what the vendor asked for.
        (1, 3, 4, 6),
        (2, 28, 28, 36),
        (2, 30, 30, 36),
        # Longer than the step.
        (1, 6, 6, 7.2),
        (2, 31, 31, 37.2),
        (5, 2_000, 2_000, 2_400),
        (1, 3_600, 3_600, 4_320),
        # No vendor can hold an event back for longer than an hour.
        (1, 3_601, 3_600, 4_320),
        (1, 86_400, 3_600, 4_320),
        (6, 86_400, 3_600, 4_320),
        (7, 86_400, 5_760, 8_640),
        (9, 86_400, 17_280, 25_920),
    ],
)
def test_what_the_vendor_asks_for_counts_up_to_an_hour(
    spread: Callable[[Bound], None], attempts: int, asked: float | None, shortest: float, longest: float
) -> None:
    spread(lowest)
    assert delay_seconds(attempts, asked) == pytest.approx(shortest)
    spread(highest)
    assert delay_seconds(attempts, asked) == pytest.approx(longest)


def test_an_event_climbs_the_steps_one_by_one(
    accept: Accept, vendor: FakeVendor, spread: Callable[[Bound], None]
) -> None:
    """Nine failures: the tenth would pause the destination."""
    spread(middle)
    vendor.answer(500)
    accept()
    moment, waits = timezone.now(), []
    for _ in range(9):
        with time_machine.travel(moment, tick=False):
            assert deliver_due() == 1
            next_at = only_delivery().next_at
            waits.append(in_seconds(next_at, moment))
        assert next_at is not None
        moment = next_at
    assert waits == pytest.approx([*(seconds for _, seconds in WAITS), LATER])


@pytest.mark.parametrize(
    ("data", "seconds"),
    [
        ({}, 7 * 24 * HOUR),
        ({"expires_at": 50_000}, 50_000),
        ({"expires_at": 62 * 24 * HOUR}, 62 * 24 * HOUR),
        ({"test": True}, 10 * MINUTE),
        ({"test": True, "expires_at": 50_000}, 10 * MINUTE),
        ({"test": True, "expires_at": 599}, 599),
    ],
    ids=["no limit", "limit", "longer limit", "test", "test with limit", "test with shorter limit"],
)
def test_it_is_tried_until_the_vendor_would_refuse_it_or_for_seven_days(
    accept: Accept, vendor: FakeVendor, data: dict[str, Any], seconds: int
) -> None:
    """Limits are seconds after the event was received."""
    received_at = timezone.now()
    if "expires_at" in data:
        data = data | {"expires_at": received_at.timestamp() + data["expires_at"]}
    vendor.answer(500)
    accept(data, received_at=received_at)
    deliver_due()
    expires_at = only_delivery().expires_at
    assert in_seconds(expires_at, received_at) == pytest.approx(seconds, abs=0.001)


@pytest.mark.parametrize(("seconds_before", "state", "sent"), [(1, "open", 2), (0, "expired", 1)])
def test_at_the_very_end_it_is_not_sent_any_more(
    accept: Accept, vendor: FakeVendor, seconds_before: int, state: str, sent: int
) -> None:
    event = accept({"expires_at": timezone.now().timestamp() + 1_000})
    vendor.answer(500)
    deliver_due()
    end = only_delivery().expires_at
    assert end is not None
    with time_machine.travel(end - timedelta(seconds=seconds_before), tick=False):
        assert deliver_due() == 1
    event.refresh_from_db()
    assert (event.state, len(vendor.requests)) == (state, sent)
