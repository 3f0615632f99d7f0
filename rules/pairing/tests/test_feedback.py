"""The vendor's figures beside ours. Names and meaning: Meta, Dataset Quality API, ``dedupe_key_feedback``."""

from __future__ import annotations

from collections import defaultdict

import pytest

from properties.catalog.pairing import PairingRules
from rules.pairing.feedback import KeyFeedback, compare
from rules.pairing.findings import NameLine

RULES = PairingRules(
    vendor="Meta",
    browser="Meta Pixel",
    within_seconds=172_800,
    browser_key="fbp",
    person_key="external_id",
    destination="pixel",
)


def line(destination: str = "1", **more: int) -> NameLine:
    with_key = defaultdict(int, {(0, "id"): 90, (1, "id"): 100, (0, "browser"): 50})
    covered = defaultdict(int, {"id": 88})
    return NameLine(destination, "Purchase", 100, 100, 88, 88, with_key=with_key, covered=covered)


def test_figures_that_agree_say_nothing() -> None:
    rows = compare([KeyFeedback("Purchase", "event_id", 90, 95, 88)], [line()], RULES)
    assert [(it.what, it.ours, it.theirs, it.disagreement) for it in rows] == [
        ("Page has it", 90, 90, ""),
        ("Server has it", 100, 95, ""),
        ("Pairs", 88, 88, ""),
    ]


@pytest.mark.parametrize(
    ("given", "why"),
    [
        (
            KeyFeedback("Purchase", "event_id", browser_share=60),
            "Code outside your library sends Purchase to the pixel without event_id.",
        ),
        (
            KeyFeedback("Purchase", "fbp", browser_share=99),
            "Meta Pixel adds fbp after your library has handed Purchase over.",
        ),
        (
            KeyFeedback("Purchase", "event_id", server_share=70),
            "Another system sends Purchase to the pixel without event_id.",
        ),
        (
            KeyFeedback("Purchase", "event_id", overall_share=40),
            "Not all that the page handed over has reached Meta: blockers, or a page left early.",
        ),
    ],
)
def test_where_they_disagree_it_says_why_that_may_be(given: KeyFeedback, why: str) -> None:
    assert [it.disagreement for it in compare([given], [line()], RULES)] == [why]


def test_a_key_or_an_event_that_we_do_not_know_is_shown_as_unknown() -> None:
    given = [KeyFeedback("Purchase", "em", 80), KeyFeedback("Lead", "event_id", 80)]
    rows = compare(given, [line()], RULES)
    assert [(it.ours_in_words, it.theirs_in_words, it.disagreement) for it in rows] == [
        ("unknown", "80 %", ""),
        ("unknown", "80 %", ""),
    ]


def test_the_lines_of_several_pixels_count_together_unless_one_is_named() -> None:
    lines = [line("1"), NameLine("2", "Purchase", 100, 100)]
    both, one = (
        compare([KeyFeedback("Purchase", "event_id", 45, destination=it)], lines, RULES) for it in ("", "1")
    )
    assert (both[0].ours, one[0].ours) == (45, 90)
