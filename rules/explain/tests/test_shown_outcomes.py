"""Outcomes of events and deliveries: the words of the product, which the documentation shows too."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.template import Context, Template
from django.utils import timezone

from rules.delivery.outcome_kinds import OutcomeKind
from rules.explain.outcome_meanings import MEANINGS
from rules.explain.outcome_words import GROUPS, WORDS, ShownOutcome
from rules.explain.shown_outcomes import delivery_outcome, event_outcome
from rules.models import Delivery, InboundEvent

ROOT = Path(__file__).parents[3]
PAGE = (ROOT / "docs" / "states.md").read_text(encoding="utf-8")
ICONS = (ROOT / "properties" / "static" / "capi" / "icons.svg").read_text(encoding="utf-8")
ACTION = "meta-conversions-api::actions::send-conversions-api-event"


def delivery(state: str, code: str = "", attempts: int = 0, **more: Any) -> Delivery:
    return Delivery(state=state, code=code, attempts=attempts, delegate=ACTION, **more)


def lost(*labels: str) -> list[dict[str, str]]:
    return [{"code": "left_out", "label": label, "message": "", "path": ""} for label in labels]


def in_seconds(seconds: float) -> Any:
    return timezone.now() + timedelta(seconds=seconds + 0.5)


REFUSED = delivery("dead", "100/2804010", 1)
NOT_SENT = delivery("dead", "too_old")
RETRYING = delivery("pending", "timeout", 1)
ON_HOLD = delivery("parked", "190", 1)
DELIVERED = delivery("delivered", attempts=1)
WITHOUT = delivery("delivered", attempts=1, warnings=lost("Phone"))


@pytest.mark.parametrize(
    ("found", "label"),
    [
        (DELIVERED, "Delivered"),
        (WITHOUT, "Delivered without Phone"),
        (delivery("delivered", warnings=[{"label": "Event ID", "code": "own_event_id"}]), "Delivered"),
        (delivery("delivered", warnings=[{"label": "Email", "is_lost": True}]), "Delivered without Email"),
        (delivery("delivered", warnings=lost("Phone", "City", "ZIP")), "Delivered without Phone and 2 more"),
        (REFUSED, "Refused Currency"),
        (NOT_SENT, "Not sent too old"),
        (delivery("dead", "purchase_incomplete", blamed_field="custom_data.currency"), "Not sent Currency"),
        (delivery("dead", "key_lost", 3, message="Its key is gone."), "Not sent Its key is gone"),
        (delivery("dead", "unclear", 1), "Not sent again, it may have arrived"),
        (delivery("dead", "no_answer", 3), "Not sent again, it may have arrived"),
        (delivery("pending", "accepted", 1, receipt={"id": "7"}), "Sending waiting for the answer"),
        (delivery("parked", "401", 2, receipt={"id": "7"}), "On hold"),
        (delivery("dead", "duplicate"), "Duplicate"),
        (delivery("dead", "duplicate", server_event_id="order-1"), "Duplicate of order-1"),
        (delivery("delivered", duplicate_of=7, server_event_id="order-1"), "Duplicate of order-1"),
        (delivery("pending", "first_under_way"), "Duplicate of an event that is being sent"),
        (RETRYING, "Retrying"),
        (delivery("pending"), "Sending"),
        (delivery("pending", "80004"), "Retrying"),
        (ON_HOLD, "On hold"),
        (delivery("expired", "expired", 4), "Not sent too old for Meta Conversions API"),
        (delivery("erased"), "Not sent property deleted"),
        (delivery("of_a_newer_release"), "Of a newer release"),
    ],
)
def test_a_delivery_has_the_word_of_its_outcome_and_the_reason(found: Delivery, label: str) -> None:
    assert delivery_outcome(found).label == label


def test_a_retry_says_when_and_which_try_it_will_be() -> None:
    found = delivery("pending", "503", 1, next_at=in_seconds(8), expires_at=in_seconds(8 + 3600))
    # Steps after the first try: 5, 30, 120, 600, 1800 and 3600 seconds.
    assert delivery_outcome(found).label == "Retrying in 8 s, try 2 of 6"
    found.expires_at = None
    assert delivery_outcome(found).label == "Retrying in 8 s, try 2"


def test_an_event_on_hold_says_until_when_it_is_kept() -> None:
    outcome = delivery_outcome(delivery("parked", "190", 1, expires_at=in_seconds(5 * 86_400)))
    assert re.fullmatch(r"On hold until [A-Z][a-z]{2} \d{1,2}( \d{4})?, \d\d:\d\d", outcome.label)


@pytest.mark.parametrize(
    ("state", "reason", "found", "label"),
    [
        ("delivered", "", [DELIVERED, WITHOUT], "Delivered without Phone +1"),
        ("open", "", [DELIVERED, RETRYING, ON_HOLD], "On hold +2"),
        ("open", "", [NOT_SENT, RETRYING], "Not sent too old +1"),
        ("open", "", [DELIVERED], "Sending +1"),
        ("received", "", [], "Sending"),
        ("dead", "rule_failed", [DELIVERED], "Not sent a rule failed +1"),
        ("dead", "rule_failed", [], "Not sent a rule failed"),
        ("dead", "of_a_newer_release", [], "Not sent of a newer release"),
        ("dead", "duplicate", [DELIVERED, delivery("dead", "duplicate")], "Duplicate +1"),
        ("no_match", "conditions_not_met", [], "No match"),
        ("no_match", "no_build", [], "No match no build was live"),
        ("erased", "property_deleted", [], "Not sent property deleted"),
        ("of_a_newer_release", "", [], "Of a newer release"),
    ],
)
def test_an_event_shows_the_worst_of_its_deliveries_and_counts_the_others(
    state: str, reason: str, found: list[Delivery], label: str
) -> None:
    assert event_outcome(state, reason, found).label == label


def test_each_outcome_has_a_word_and_a_sign_of_its_own() -> None:
    assert set(WORDS) == set(OutcomeKind)
    assert [it.outcome.word for it in MEANINGS] == [
        *("Delivered", "Delivered without", "Refused", "Not sent"),
        *("Retrying", "On hold", "No match", "Duplicate", "Sending"),
    ]
    signs = {it.sign for it in WORDS.values()}
    assert len(signs) == 8
    assert {sign for sign in signs if f'id="{sign}"' not in ICONS} == set()


def test_each_stored_state_can_be_chosen_in_the_log() -> None:
    assert set(GROUPS) == set(InboundEvent.State.values)


def test_a_page_shows_sign_word_and_reason_and_escapes_the_reason() -> None:
    outcome = ShownOutcome("Not sent", "notsent", "bad", "currency “<b>{x}</b>”", more=1)
    html = Template("{% load capi %}{% status outcome %}").render(Context({"outcome": outcome}))
    assert '<span class="st bad" title="Not sent currency “&lt;b&gt;{x}&lt;/b&gt;” +1">' in html
    assert "#notsent" in html
    assert '<span class="x">currency “&lt;b&gt;{x}&lt;/b&gt;”</span>' in html


def test_a_time_in_a_reason_is_a_time_of_the_page() -> None:
    outcome = delivery_outcome(delivery("pending", "503", 1, next_at=in_seconds(8)))
    html = Template("{% load capi %}{% status outcome %}").render(Context({"outcome": outcome}))
    assert re.search(
        r'<span class="x"><time datetime="[^"]+Z" title="[^"]+Z">in 8 s</time>, try 2</span>', html
    )


def test_the_documentation_shows_the_same_table() -> None:
    rows = re.findall(r"^\| \*\*(.+?)\*\* \| (.+) \| (.+) \| (.+) \|$", PAGE, re.MULTILINE)
    assert rows == [(it.outcome.label, it.means, it.then, it.action) for it in MEANINGS]
