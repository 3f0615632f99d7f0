"""Says in a sentence what a fault is, what the vendor does with it, and what to change."""

from __future__ import annotations

from collections.abc import Mapping

from properties.catalog.pairing import PairingRules
from properties.catalog.shown_times import lasting

from .findings import PairFinding
from .pair_faults import PairFault

# What is wrong, and what to change.
_TEXTS: Mapping[PairFault, tuple[str, str]] = {
    PairFault.CASE: (
        "{name}: page and server write the ID in different letter case",
        "{vendor} compares IDs exactly. Take the ID from one place, and leave its letters as they are.",
    ),
    PairFault.SPACE: (
        "{name}: the ID has a blank on one side",
        "{vendor} compares IDs exactly. Remove the blank where the ID is made.",
    ),
    PairFault.TYPE: (
        "{name}: the ID is a number on one side and text on the other",
        "1001.0 and 01001 are not 1001 for {vendor}. Write the ID as text on both sides.",
    ),
    PairFault.OWN_IDS: (
        "{name}: page and server each make their own ID",
        "Make the ID once, and give it to both.",
    ),
    PairFault.NO_BROWSER_ID: (
        "{name}: the copy of the page has no ID",
        "Give the page the ID that the server sends.",
    ),
    PairFault.NO_SERVER_ID: (
        "{name}: the copy of the server has no ID",
        "Give the server the ID that the page has used.",
    ),
    PairFault.NO_IDS: (
        "{name}: neither copy has an ID",
        "{vendor} may still pair them by {browser_key}, while the page comes first. Set an ID on both sides.",
    ),
    PairFault.SERVER_FIRST: (
        "{name}: the server comes first, and the IDs are missing",
        "By {browser_key} alone, {vendor} pairs copies only if the page is first. Set an ID on both sides.",
    ),
    PairFault.NAME_CASE: (
        "{name} is {other_name} at the server",
        "{vendor} compares names exactly, with their letter case. Use one spelling.",
    ),
    PairFault.NAME: (
        "{name} is {other_name} at the server",
        "The ID is the same, the name is not: {vendor} counts both. Use one name.",
    ),
    PairFault.DESTINATION: (
        "{name}: page and server use different {destination}s",
        "The page uses {mine}, the server {theirs}. {vendor} pairs copies only at one {destination}.",
    ),
    PairFault.LATE: (
        "{name}: the second copy comes after {hours} hours",
        "{vendor} then counts it again. Here it took {gap}. Send it sooner.",
    ),
    PairFault.REUSED: (
        "{name}: one ID stands for several conversions",
        "{vendor} drops all but the first. Give each its own ID, such as the order ID.",
    ),
    PairFault.BROWSER_ONLY: (
        "{name} comes from the page alone",
        "The server sent no copy. Check the conditions of its rule.",
    ),
    PairFault.SERVER_ONLY: (
        "{name} comes from the server alone",
        "The page sent no copy: it was left early, its rule did not run, or the visitor was not there.",
    ),
}


def title_of(finding: PairFinding, rules: PairingRules) -> str:
    """Return what is wrong, as the headline of a finding."""
    return _TEXTS[finding.fault][0].format_map(_words(finding, rules))


def cure_of(finding: PairFinding, rules: PairingRules) -> str:
    """Return why it matters and what to change."""
    return _TEXTS[finding.fault][1].format_map(_words(finding, rules))


def effect_of(finding: PairFinding, rules: PairingRules) -> str:
    """Return what the vendor does with these events; "" if it does nothing wrong."""
    if finding.fault == PairFault.REUSED:
        return f"{finding.count} dropped"
    if finding.twice:
        return f"{finding.twice} counted twice"
    if finding.fault in (
        PairFault.OWN_IDS,
        PairFault.NO_BROWSER_ID,
        PairFault.NO_SERVER_ID,
        PairFault.NO_IDS,
    ):
        return f"Paired by {rules.browser_key} or {rules.person_key}"
    return ""


def _words(finding: PairFinding, rules: PairingRules) -> dict[str, str]:
    partner = finding.partner
    gap = abs(partner.at - finding.example.at) / 1000 if partner else 0
    return {
        "name": finding.name,
        "other_name": finding.other_name,
        "vendor": rules.vendor,
        "browser_key": rules.browser_key,
        "destination": rules.destination,
        "mine": finding.destination,
        "theirs": partner.destination if partner else "",
        "hours": str(rules.within_seconds // 3600),
        "gap": lasting(gap),
    }


def percent(share: float) -> str:
    """Format a share from 0 to 1: ``12 %``, ``under 1 %``."""
    return "under 1 %" if 0 < share < 0.01 else f"{int(share * 100 + 0.5)} %"


def span(milliseconds: int) -> str:
    """Format the time from the page's copy to the server's: ``4 s``, ``250 ms``, ``2 h before``, ``at once``.

    Both copies of one inbound event reached us at once.
    """
    size = abs(milliseconds)
    if not size:
        return "at once"
    text = f"{size} ms" if size < 1_000 else lasting(size / 1000)
    return f"{text} before" if milliseconds < 0 else text
