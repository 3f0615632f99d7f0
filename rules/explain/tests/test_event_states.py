"""Names of the states of events and deliveries, which the documentation shows too."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from rules.explain.event_states import GROUPS, STATES, Fate, delivery_badge, event_badge
from rules.models import InboundEvent

PAGE = (Path(__file__).parents[3] / "docs" / "states.md").read_text(encoding="utf-8")
REFUSED = Fate("dead", "100/2804010", attempts=1)
NOT_SENT = Fate("dead", "too_old", attempts=0)
RETRYING = Fate("pending", "timeout", attempts=1)
ON_HOLD = Fate("parked", "190", attempts=1)
DELIVERED = Fate("delivered", "", attempts=1)


@pytest.mark.parametrize(
    ("fate", "label"),
    [
        (DELIVERED, "Delivered"),
        (DELIVERED._replace(lost=["Phone"]), "Delivered without Phone"),
        (DELIVERED._replace(lost=["Phone", "City"]), "Delivered without 2 fields"),
        (REFUSED, "Refused"),
        (NOT_SENT, "Not sent"),
        (Fate("dead", "key_lost", attempts=3), "Not sent"),
        (Fate("dead", "unclear", attempts=1), "Outcome unknown"),
        (Fate("dead", "no_answer", attempts=3), "Outcome unknown"),
        (Fate("pending", "accepted", attempts=1, is_accepted=True), "Waiting for the answer"),
        (Fate("parked", "401", attempts=2, is_accepted=True), "On hold"),
        (Fate("dead", "duplicate", attempts=0), "Duplicate"),
        (RETRYING, "Retrying"),
        (Fate("pending", "", attempts=0), "Sending"),
        (Fate("pending", "80004", attempts=0), "On hold"),
        (ON_HOLD, "On hold"),
        (Fate("expired", "expired", attempts=4), "Expired"),
        (Fate("erased", "", attempts=0), "Erased"),
        (Fate("of_a_newer_release", "", attempts=0), "Of a newer release"),
    ],
)
def test_a_delivery_has_the_name_of_its_outcome(fate: Fate, label: str) -> None:
    assert delivery_badge(fate).label == label


@pytest.mark.parametrize(
    ("state", "fates", "label"),
    [
        ("delivered", [DELIVERED, DELIVERED._replace(lost=["Phone"])], "Delivered without Phone"),
        ("open", [DELIVERED, RETRYING, ON_HOLD], "On hold"),
        ("open", [REFUSED, RETRYING], "Retrying"),
        ("dead", [DELIVERED, NOT_SENT, REFUSED], "Refused"),
        ("dead", [DELIVERED], "Not sent"),
        ("no_match", [], "No match"),
    ],
)
def test_an_event_has_the_name_of_its_most_urgent_delivery(state: str, fates: list[Fate], label: str) -> None:
    assert event_badge(state, "", fates).label == label


def test_each_stored_state_can_be_chosen_in_the_log() -> None:
    assert set(GROUPS) == set(InboundEvent.State.values)


def test_the_documentation_shows_the_same_table() -> None:
    rows = re.findall(r"^\| \*\*(.+?)\*\* \| (.+) \| (.+) \| (.+) \|$", PAGE, re.MULTILINE)
    assert rows == [(it.badge.label, it.means, it.then, it.action) for it in STATES]
