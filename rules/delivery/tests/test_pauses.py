"""How long a destination is paused, to the second.

Source: docs/operating.md, "When a destination has trouble"; docs/reference/failures.md, "Circuit breaker".
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from properties.catalog.outbound import Outcome
from properties.models import Property
from rules.delivery.destinations.gates import (
    due_probes,
    gate_for,
    record_outcomes,
    take_probe,
    troubled_gates,
)
from rules.delivery.in_flight import GateKey
from rules.models import DestinationGate

NOW = datetime(2026, 11, 30, 12, tzinfo=UTC)
FAILED = Outcome("retry", "500", "It broke.")
THROTTLED = Outcome("retry", "429", "Slower.", pause_destination=True)
REFUSED_TOKEN = Outcome("misconfigured", "190", "The token is no longer valid.", "Enter a new one.")
DELIVERED, REJECTED = Outcome("delivered"), Outcome("rejected", "100")


@pytest.fixture
def key(prop: Property) -> GateKey:
    return GateKey(prop.pk, "acme", "1")


def gate_after(key: GateKey, *outcomes: Outcome) -> tuple[str, float | None, int]:
    """Return the gate's state, its seconds, and failures in a row, after these outcomes."""
    record_outcomes({key: list(outcomes)}, NOW)
    gate = DestinationGate.objects.filter(**key._asdict()).first()
    if gate is None:
        return "", None, 0
    return gate.state, (gate.until - NOW).total_seconds() if gate.until else None, gate.failures


@pytest.mark.parametrize(
    ("failures", "expected"),
    [
        (1, ("open", None, 1)),
        (9, ("open", None, 9)),
        (10, ("paused", 30, 10)),
        (11, ("paused", 60, 11)),
        (12, ("paused", 120, 12)),
        (13, ("paused", 240, 13)),
        (14, ("paused", 480, 14)),
        # 960 seconds would be longer than the limit of fifteen minutes.
        (15, ("paused", 900, 15)),
        (200, ("paused", 900, 200)),
    ],
)
def test_ten_failures_in_a_row_pause_for_half_a_minute_doubling_to_fifteen(
    key: GateKey, failures: int, expected: tuple[str, float | None, int]
) -> None:
    assert gate_after(key, *[FAILED] * failures) == expected


@pytest.mark.parametrize("between", [DELIVERED, REJECTED])
def test_an_answer_that_is_no_failure_begins_the_count_anew(key: GateKey, between: Outcome) -> None:
    assert gate_after(key, *[FAILED] * 9, between, *[FAILED] * 9) == ("open", None, 9)
    assert gate_after(key, FAILED) == ("paused", 30, 10)


@pytest.mark.parametrize("outcome", [DELIVERED, REJECTED])
def test_a_destination_without_trouble_costs_no_row(key: GateKey, outcome: Outcome) -> None:
    assert gate_after(key, outcome, outcome) == ("", None, 0)


@pytest.mark.parametrize(
    ("asked", "seconds"),
    [(None, 30), (0, 30), (1, 30), (30, 30), (31, 31), (3_599, 3_599), (3_600, 3_600), (3_601, 3_600)],
)
@pytest.mark.parametrize("kind", ["retry", "delivered"])
def test_throttling_pauses_as_long_as_the_vendor_says_within_half_a_minute_and_an_hour(
    key: GateKey, kind: str, asked: float | None, seconds: float
) -> None:
    outcome = Outcome(kind, "429", retry_after_seconds=asked, pause_destination=True)  # type: ignore[arg-type]
    assert gate_after(key, outcome) == ("paused", seconds, 0)


def test_a_refused_token_parks_for_a_quarter_of_an_hour_and_says_what_to_do(key: GateKey) -> None:
    assert gate_after(key, *[FAILED] * 3, REFUSED_TOKEN) == ("parked", 900, 3)
    gate = DestinationGate.objects.get()
    assert (gate.code, gate.message, gate.advice) == (
        "190",
        "The token is no longer valid.",
        "Enter a new one.",
    )
    assert gate_after(key, DELIVERED) == ("open", None, 0)
    gate.refresh_from_db()
    assert (gate.code, gate.message, gate.advice) == ("", "", "")


def test_failures_do_not_open_a_parked_destination(key: GateKey) -> None:
    assert gate_after(key, REFUSED_TOKEN, *[FAILED] * 12) == ("parked", 900, 12)


def test_one_failed_probe_pauses_again_at_once(key: GateKey) -> None:
    gate_after(key, THROTTLED)
    gate = DestinationGate.objects.get()
    assert take_probe(gate, NOW + timedelta(seconds=30))
    assert gate_after(key, FAILED) == ("paused", 30, 1)


@pytest.mark.parametrize(
    ("outcome", "ends", "state"), [(THROTTLED, 30, "half_open"), (REFUSED_TOKEN, 900, "parked")]
)
def test_when_its_time_is_over_one_may_ask_and_for_a_minute_nobody_else(
    key: GateKey, outcome: Outcome, ends: int, state: str
) -> None:
    gate_after(key, outcome)
    gate, same = DestinationGate.objects.get(), DestinationGate.objects.get()
    end = NOW + timedelta(seconds=ends)
    assert not take_probe(gate, end - timedelta(microseconds=1))
    assert take_probe(gate, end)
    assert not take_probe(same, end)
    gate.refresh_from_db()
    assert (gate.state, gate.until) == (state, end + timedelta(seconds=60))
    assert not take_probe(gate, end + timedelta(seconds=59))
    assert take_probe(gate, end + timedelta(seconds=60))


def test_a_parked_destination_is_due_when_its_time_has_come(key: GateKey) -> None:
    gate_after(key, REFUSED_TOKEN)
    gate_after(key._replace(destination="2"), THROTTLED)
    end = NOW + timedelta(seconds=900)
    assert list(due_probes(end - timedelta(seconds=1))) == []
    assert list(due_probes(end)) == [key]


def test_a_destination_that_only_counts_failures_is_open(key: GateKey) -> None:
    gate_after(key, FAILED)
    gate_after(key._replace(destination="2"), THROTTLED)
    found = troubled_gates()
    assert {it.destination for it in found} == {"1", "2"}
    assert gate_for(found, key) is None
    assert gate_for(found, key._replace(destination="2")) is not None
    assert gate_for(found, key._replace(destination="3")) is None
